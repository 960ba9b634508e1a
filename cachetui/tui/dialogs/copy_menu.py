"""The forms in which builds can be copied, with the text that each would give."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from textual import events

from cachetui.install import COPY_FORMS, RELEASES, CachedBuild, CopyForm, TargetSpack
from cachetui.text import counted
from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.requests import CopyBuilds
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line
from cachetui.tui.widgets.text_lines import TextLines

NAME_WIDTH = 20


class CopyMenu(Dialog):
    """Copies in the chosen form."""

    hints = "Enter or the letter copies   v another Spack   Esc closes"

    def __init__(self, builds: Sequence[CachedBuild], spack: TargetSpack) -> None:
        super().__init__(TextLines(id="lines"))
        self.builds = builds
        self._spacks = _with_others(spack)
        self.heading = self._heading()

    @property
    def spack(self) -> TargetSpack:
        """The Spack that install lines are for."""
        return self._spacks[0]

    def _heading(self) -> str:
        here = ", as here" if self.spack.is_here else ""
        return f"Copy {counted(len(self.builds), 'build')} as (install lines for {self.spack.name}{here})"

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
        first = self.builds[:3]
        if len(refused := form.refused(first)) == len(first):
            return refused[0]
        lines = form.render(first, self.spack).splitlines()
        told = [line for line in lines if not line.startswith("#")]
        return " ".join(" ".join(told or lines).split())

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """Take the form under the cursor."""
        event.stop()
        self._copy(COPY_FORMS[self.text_lines.cursor])

    def on_key(self, event: events.Key) -> None:
        """A form's letter takes it; `v` goes on to the next release of Spack."""
        if event.character == "v":
            event.stop()
            event.prevent_default()
            self._spacks = [*self._spacks[1:], self._spacks[0]]
            self.show_heading(self._heading())
            self.show_again()
        for form in COPY_FORMS:
            if event.character == form.key:
                event.stop()
                event.prevent_default()
                self._copy(form)

    def _copy(self, form: CopyForm) -> None:
        self.app.post_message(CopyBuilds(self.builds, form, self.spack))
        self.dismiss()


def _with_others(spack: TargetSpack) -> list[TargetSpack]:
    """A Spack, and others of each form that install lines can have."""
    others = [release for release in RELEASES if release != spack.release]
    return [spack, *(replace(spack, release=release, is_here=False) for release in others)]
