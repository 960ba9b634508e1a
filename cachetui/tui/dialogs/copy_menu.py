"""The forms in which builds can be copied, with the text that each would give."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events

from cachetui.install import COPY_FORMS, CachedBuild, CopyForm
from cachetui.text import counted
from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.requests import CopyBuilds
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line
from cachetui.tui.widgets.text_lines import TextLines

NAME_WIDTH = 20


class CopyMenu(Dialog):
    """Copies in the chosen form."""

    hints = "Enter or the letter copies   Esc closes"

    def __init__(self, builds: Sequence[CachedBuild]) -> None:
        super().__init__(TextLines(id="lines"))
        self.builds = builds
        self.heading = f"Copy {counted(len(builds), 'build')} as"

    def lines(self) -> Sequence[Line]:
        """A form each, with the beginning of its text."""
        return [
            (
                (f" {form.key} ", "accent"),
                (f" {form.name:{NAME_WIDTH}}", "strong"),
                (self._preview(form), "muted"),
            )
            for form in COPY_FORMS
        ]

    def _preview(self, form: CopyForm) -> str:
        return " ".join(form.render(self.builds[:3]).split())

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """Take the form under the cursor."""
        event.stop()
        self._copy(COPY_FORMS[self.text_lines.cursor])

    def on_key(self, event: events.Key) -> None:
        """A form's letter takes it."""
        for form in COPY_FORMS:
            if event.character == form.key:
                event.stop()
                event.prevent_default()
                self._copy(form)

    def _copy(self, form: CopyForm) -> None:
        self.app.post_message(CopyBuilds(self.builds, form))
        self.dismiss()
