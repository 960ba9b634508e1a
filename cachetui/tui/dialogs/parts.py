"""The lists that a box is made of: one to read, and one to choose from below a heading."""

from __future__ import annotations

from textual.message import Message

from cachetui.tui.widgets.lines import Line
from cachetui.tui.widgets.text_lines import TextLines


class ReadingLines(TextLines):
    """Lines to read: the arrows scroll."""

    @property
    def has_cursor(self) -> bool:
        """No line is chosen."""
        return False


class HeadedLines(TextLines):
    """Lines to choose from, below a heading that stays where it is."""

    class Moved(Message):
        """The cursor is on another line."""

    header_lines = 1

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.heading: Line = ()
        self._last_cursor = -1

    def header(self, row: int) -> Line:
        """The heading."""
        return self.heading

    def update_lines(self) -> None:
        """Paint what has changed."""
        super().update_lines()
        if self.cursor != self._last_cursor:
            self._last_cursor = self.cursor
            self.post_message(self.Moved())
