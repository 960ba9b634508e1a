"""What could not be read, line by line."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from cachetui.refresh import Opened
from cachetui.tui.screens.dialog import Dialog
from cachetui.tui.widgets.line_list import Line

WIDEST, AROUND = 110, 6
"""The widest box, and the columns that its border and padding take."""


class ProblemsScreen(Dialog[None]):
    """Sources that failed, records that were skipped, and other notes."""

    heading = "What could not be read"

    def __init__(self, opened: Opened) -> None:
        super().__init__()
        self.opened = opened

    def lines(self) -> Sequence[Line]:
        """A line each; the records beyond those that are kept are counted."""
        opened = self.opened
        lines = [
            line for text in (*opened.failures, *opened.notes) for line in self._wrapped(text, "warning")
        ]
        lines += [line for text in opened.problems for line in self._wrapped(text, "")]
        if opened.skipped > len(opened.problems):
            lines.append(((f" and {opened.skipped - len(opened.problems):,} records more", "dim"),))
        return lines or [((" everything was read", "dim"),)]

    def _wrapped(self, text: str, style: str) -> list[Line]:
        """A text over as many lines as it takes in a box of this screen."""
        room = max(min(WIDEST, self.app.size.width * 9 // 10) - AROUND, 20)
        parts = textwrap.wrap(text, room, break_on_hyphens=False, subsequent_indent="   ")
        return [((f" {part}", style),) for part in parts]
