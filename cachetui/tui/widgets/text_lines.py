"""Lines of text that a screen gives: a bar of some rows, a list."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from cachetui.tui.requests import RunCommand
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line, line_width


class Hint(Struct, frozen=True):
    """A key and a word for what it does.

    Args:
        priority: hints with the highest number are left out first; 0: never.
        action: what a click runs; empty: nothing.
        pane: the pane that it is an action of; empty: of the screen.
    """

    keys: str
    word: str
    priority: int
    action: str = ""
    pane: str = ""

    @property
    def line(self) -> Line:
        """As it stands in the hint line."""
        return ((f" {self.keys}", "accent"), (f" {self.word} ", ""))


def fitting(given: Sequence[Hint], width: int) -> Sequence[Hint]:
    """The hints that there is room for, in their order; those of priority 0 in any case."""
    chosen: set[int] = set()
    for place in sorted(range(len(given)), key=lambda place: given[place].priority):
        needed = line_width(given[place].line)
        if needed <= width or not given[place].priority:
            chosen.add(place)
            width -= needed
    return [given[place] for place in sorted(chosen)]


class Bar(LineList, can_focus=False):
    """Some rows that each show a line."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.contents: dict[int, Line] = {}

    def show(self, line: Line, row: int = 0) -> None:
        """Show another line in a row."""
        self.contents[row] = line
        self.header_lines = max(self.contents) + 1
        self.update_lines()

    def show_all(self, lines: Sequence[Line]) -> None:
        """Show other lines in place of all rows."""
        self.contents = dict(enumerate(lines))
        self.header_lines = len(lines)
        self.update_lines()

    def line_count(self) -> int:
        """None: the row is a header."""
        return 0

    def header(self, row: int) -> Line:
        """The line."""
        return self.contents.get(row, ())


class HintBar(Bar):
    """A bar of hints; a click on one runs its command."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.hints: Sequence[Hint] = ()

    def show_hints(self, hints: Sequence[Hint]) -> None:
        """Show other hints."""
        self.show(tuple(span for hint in hints for span in hint.line))
        self.hints = hints

    def show(self, line: Line, row: int = 0) -> None:
        """Show a line in which there is nothing to click."""
        self.hints = ()
        super().show(line, row)

    def header_clicked(self, row: int, column: int) -> None:
        """Run the command of the hint that was clicked."""
        end = 0
        for hint in self.hints:
            end += line_width(hint.line)
            if column < end:
                if hint.action:
                    self.post_message(RunCommand(hint.action, hint.pane))
                return


class TextLines(LineList):
    """A list of given lines, without a header."""

    header_lines = 0

    def __init__(self, lines: Sequence[Line] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines = lines

    def show(self, lines: Sequence[Line]) -> None:
        """Show other lines, from the first."""
        self.lines = lines
        self.cursor = self.top = 0
        self.update_lines()

    def line_count(self) -> int:
        """How many were given."""
        return len(self.lines)

    def line(self, index: int) -> Line:
        """One of them."""
        return self.lines[index]
