"""The forms in which builds can be copied, with the text that each would give."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from textual import events

from cachetui.install import COPY_FORMS, NEWEST, RELEASES, CachedBuild, CopyForm, TargetSpack
from cachetui.text import counted
from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.requests import CopyBuilds
from cachetui.tui.spack_looking import LOOKING, SpackLooking
from cachetui.tui.tasks import Done
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line
from cachetui.tui.widgets.text_lines import TextLines

NAME_WIDTH = 20


class CopyMenu(Dialog):
    """Copies in the chosen form."""

    hints = "Enter or the letter copies   v another Spack   Esc closes"

    def __init__(self, builds: Sequence[CachedBuild]) -> None:
        super().__init__(TextLines(id="lines"))
        self.builds = builds
        self._looking = SpackLooking(self)
        self._found: TargetSpack | None = None
        self._turns = 0

    async def prepare(self) -> None:
        """Look for Spack; what needs none is offered in any case."""
        self._found = await self._looking.look_soon()
        self.heading = self._heading()

    def on_done(self, event: Done) -> None:
        """Offer install lines for the Spack that was found."""
        event.stop()
        found = event.take()
        if found is not None and found != self._found:
            self._found = found
            self._show_spack()

    @property
    def spack(self) -> TargetSpack | None:
        """The Spack that install lines are for; None: that of this machine, which is not found yet."""
        spacks = [self._found, *_others(self._found or NEWEST)]
        return spacks[self._turns % len(spacks)]

    def _heading(self) -> str:
        builds = f"Copy {counted(len(self.builds), 'build')} as"
        if self.spack is None:
            return builds
        return f"{builds} (install lines for {self.spack.name}{', as here' if self.spack.is_here else ''})"

    def _show_spack(self) -> None:
        self.heading = self._heading()
        self.show_heading(self.heading)
        self.show_again()

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
        if form.installs and self.spack is None:
            return LOOKING
        lines = form.render(first, self.spack or NEWEST).splitlines()
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
            self._turns += 1
            self._show_spack()
        for form in COPY_FORMS:
            if event.character == form.key:
                event.stop()
                event.prevent_default()
                self._copy(form)

    def _copy(self, form: CopyForm) -> None:
        self.app.post_message(CopyBuilds(self.builds, form, self.spack))
        self.dismiss()


def _others(spack: TargetSpack) -> list[TargetSpack]:
    """A Spack of each other form that install lines can have."""
    others = (release for release in RELEASES if release != spack.release)
    return [replace(spack, release=release, is_here=False) for release in others]
