"""What could not be read and what to do about it, by mirror; how the query was read."""

from __future__ import annotations

from collections.abc import Sequence

from cachetui.render import Paragraph, problem_paragraphs
from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.state import Context
from cachetui.tui.widgets.lines import Line


class ProblemsScreen(Dialog):
    """Mirrors that failed, records that were skipped, other notes, and the query."""

    heading = "Query and problems"
    hints = "↑ ↓ scroll   Esc closes"

    def __init__(self, context: Context) -> None:
        super().__init__()
        opened = context.view.reported
        # Not `opened` itself: a closed screen is a reference cycle, which would keep the catalog.
        stale = (*opened.unanswered, *opened.stale)
        notes = (*opened.damaged, *(note for note in opened.notes if note not in opened.unread))
        found = problem_paragraphs(
            opened.failed_mirrors, stale, opened.problems, opened.skipped, notes, opened.unread
        )
        self.paragraphs = list(found) or [Paragraph("every record was read", "muted")]
        if reading := context.result.reading() if context.result is not None else "":
            self.paragraphs += [Paragraph("The query", "strong"), Paragraph(reading, "", 2)]

    def lines(self) -> Sequence[Line]:
        """Paragraphs, those without indentation as headings below a blank line."""
        lines: list[Line] = []
        for paragraph in self.paragraphs:
            if lines and not paragraph.indent:
                lines.append(())
            lines += self._paragraph(paragraph)
        return lines

    def _paragraph(self, paragraph: Paragraph) -> list[Line]:
        label: Line = ((" " * paragraph.indent, ""),) if paragraph.indent else ()
        if paragraph.label:
            label += ((f"{paragraph.label}  ", "strong"),)
        return self.wrapped(paragraph.text, paragraph.role, label)
