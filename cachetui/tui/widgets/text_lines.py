"""Lines of text that somebody else decides on: a bar of one line, a list of some."""

from __future__ import annotations

from collections.abc import Sequence

from cachetui.tui.widgets.line_list import Line, LineList


class Bar(LineList, can_focus=False):
    """One row that shows a line."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.content: Line = ()

    def show(self, line: Line) -> None:
        """Show another line."""
        self.content = line
        self.update_lines()

    def line_count(self) -> int:
        """None: the row is a header."""
        return 0

    def header(self, row: int) -> Line:
        """The line."""
        return self.content


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
