"""What could not be read, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from cachetui.refresh import Opened
from cachetui.tui.screens.dialog import Dialog
from cachetui.tui.widgets.line_list import Line


class ProblemsScreen(Dialog[None]):
    """Sources that failed, records that were skipped, and other notes."""

    heading = "What could not be read"

    def __init__(self, opened: Opened) -> None:
        super().__init__()
        self.opened = opened

    def lines(self) -> Sequence[Line]:
        """A line each; the records beyond those that are kept are counted."""
        opened = self.opened
        lines = [line for text in (*opened.failures, *opened.notes) for line in self.wrapped(text, "warning")]
        lines += [line for text in opened.problems for line in self.wrapped(text)]
        if opened.skipped > len(opened.problems):
            lines.append(((f" and {opened.skipped - len(opened.problems):,} records more", "dim"),))
        return lines or [((" everything was read", "dim"),)]
