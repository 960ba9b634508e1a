"""The steps of a screen: what is selected and marked, remembered, undone and done again."""

from __future__ import annotations

from cachetui.tui.browse.history import History, State
from cachetui.tui.browse.host import Host


class Steps:
    """Goes through the history of a screen."""

    def __init__(self, screen: Host) -> None:
        self._screen = screen
        self._history = History()

    def remember(self) -> None:
        """Remember what is selected and marked before it changes."""
        self._history.stepped(self._screen.state)

    def typed(self) -> None:
        """Remember it before the first of several typed characters."""
        self._history.typed(self._screen.state)

    def end_typing(self) -> None:
        """What is typed from now on is another step."""
        self._history.end_typing()

    def clear(self) -> None:
        """Forget all steps."""
        self._history.clear()

    def back(self) -> bool:
        """Select what was selected before; False if nothing was. Marks stay."""
        selection = self._history.back(self._shown)
        if selection is not None:
            self._screen.show_state(State(selection, self._screen.state.marks))
        return selection is not None

    def undo(self) -> None:
        """Undo the last step: of what is selected, or of what is marked."""
        self._show(self._history.undo(self._shown), "nothing to undo")

    def redo(self) -> None:
        """Do again what was undone."""
        self._show(self._history.redo(self._shown), "nothing to do again")

    @property
    def _shown(self) -> State:
        return State(self._screen.settled(), self._screen.state.marks)

    def _show(self, state: State | None, otherwise: str) -> None:
        if state is None:
            self._screen.bars.show_message(otherwise)
        else:
            self._screen.show_state(state)
