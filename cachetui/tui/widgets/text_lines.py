"""Lines of text that a screen gives: a bar of some rows, a list."""

from __future__ import annotations

from collections.abc import Sequence

from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line


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

    def line_count(self) -> int:
        """None: the row is a header."""
        return 0

    def header(self, row: int) -> Line:
        """The line."""
        return self.contents.get(row, ())


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
