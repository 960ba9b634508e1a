"""How the query was read, and what of the sources could not be, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.state import Context
from cachetui.tui.widgets.lines import Line


class ProblemsScreen(Dialog):
    """Sources that failed, records that were skipped, and other notes."""

    heading = "Query and problems"

    def __init__(self, context: Context) -> None:
        super().__init__()
        opened = context.view.opened
        # Not `opened` itself: a closed screen is a reference cycle, which would keep the catalog.
        self.warnings = (*opened.failures, *opened.stale, *opened.notes)
        self.problems = opened.problems
        self.skipped = opened.skipped
        self.reading = context.result.reading() if context.result is not None else ""

    def lines(self) -> Sequence[Line]:
        """A line each; the records beyond those that are kept are counted."""
        lines = [line for text in self.warnings for line in self.wrapped(text, "warning")]
        lines += [line for text in self.problems for line in self.wrapped(text)]
        if self.skipped > len(self.problems):
            lines.append(((f" and {self.skipped - len(self.problems):,} more records", "muted"),))
        lines = lines or [((" every record was read", "muted"),)]
        return [*self.wrapped(f"the query: {self.reading}"), (), *lines] if self.reading else lines
