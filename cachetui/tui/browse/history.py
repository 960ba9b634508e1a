"""What was selected and marked before: Esc goes back through the selections, `u` undoes any step."""

from __future__ import annotations

from msgspec import Struct

from cachetui.search import Selection
from cachetui.tui.state import Marks

LONGEST = 1000
"""Steps that are remembered."""


class State(Struct, frozen=True):
    """What a step changes."""

    selection: Selection
    marks: Marks

    def differs(self, shown: State) -> bool:
        """Whether something else is selected or marked than now.

        Args:
            shown: the present, its selection with the package that it led to.
        """
        return self.selects_other(shown) or self.marks != shown.marks

    def selects_other(self, shown: State) -> bool:
        """Whether something else is selected."""
        package = self.selection.package
        if package is None:  # it led to the one that is shown
            package = shown.selection.package
        return self.selection.with_package(package) != shown.selection


class History:
    """Past states, newest last; what is typed in one go is one step."""

    def __init__(self) -> None:
        self._past: list[State] = []
        self._undone: list[State] = []
        self._is_typing = False

    def stepped(self, before: State) -> None:
        """Remember the state before a choice or a mark."""
        self._remember(before)
        self._is_typing = False

    def typed(self, before: State) -> None:
        """Remember the state before the first of several typed characters."""
        if not self._is_typing:
            self._remember(before)
            self._is_typing = True

    def _remember(self, before: State) -> None:
        self._past.append(before)
        del self._past[:-LONGEST]
        self._undone.clear()

    def end_typing(self) -> None:
        """What is typed from now on is another step."""
        self._is_typing = False

    def undo(self, shown: State) -> State | None:
        """The state before the last step; None if there is none."""
        while self._past:
            before = self._past.pop()
            if before.differs(shown):
                self._undone.append(shown)
                self._is_typing = False
                return before
        return None

    def redo(self, shown: State) -> State | None:
        """The state that the last undo left; None if there is none."""
        if not self._undone:
            return None
        self._past.append(shown)
        self._is_typing = False
        return self._undone.pop()

    def back(self, shown: State) -> Selection | None:
        """The selection before the last one; None if there is none. Marks and their steps stay."""
        passed: list[State] = []
        while self._past:
            before = self._past.pop()
            if before.selects_other(shown):
                marked = [step.marks for step in reversed(passed) if step.marks != shown.marks]
                self._past += [State(before.selection, marks) for marks in marked]
                self._undone.append(shown)
                self._is_typing = False
                return before.selection
            passed.append(before)
        self._past = passed[::-1]  # `u` undoes them
        return None

    def clear(self) -> None:
        """Forget all steps."""
        self._past.clear()
        self._undone.clear()
        self._is_typing = False
