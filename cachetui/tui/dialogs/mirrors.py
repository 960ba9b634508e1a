"""All mirrors: where they are configured, and the state of what is kept of them; the way to public ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.binding import BindingType

from cachetui.locate import MirrorStatus, SpackReport, mirrors_report
from cachetui.render import mirror_summary, notes_heading, spack_facts, where_text
from cachetui.sources import SAMPLE
from cachetui.tui.commands import MIRROR_COMMANDS, bindings
from cachetui.tui.dialogs.choosing import ChoosingScreen
from cachetui.tui.state import Context
from cachetui.tui.widgets.lines import Line

INDENT = " " * 5


class MirrorsScreen(ChoosingScreen):
    """Spack's mirrors and the locations that are open."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(MIRROR_COMMANDS)

    heading = "Mirrors"
    hints = "Enter opens   Space marks   p public   r refreshes   Esc closes"

    def __init__(self, context: Context) -> None:
        super().__init__()
        named = [name for name in context.locations if name != SAMPLE]
        policy = context.policy
        self.report: SpackReport = mirrors_report(named, policy.public, policy.max_age)

    def lines(self) -> Sequence[Line]:
        """Some lines for each mirror, then what else was found of Spack, and what was not understood."""
        listed: list[tuple[Line, str]] = []
        for mirror in self.report.mirrors:
            target = self._target(mirror)
            listed += [(line, target) for line in self._mirror_lines(mirror, target)]
        if not listed:
            text = "no mirror is configured in Spack here; p lists the public build caches"
            listed = [(line, "") for line in self.wrapped(text, "muted")]
        listed += [(line, "") for line in self._spack_lines()]
        self.targets = [target for _, target in listed]
        return [line for line, _ in listed]

    def _target(self, mirror: MirrorStatus) -> str:
        if not mirror.binary:
            return ""
        return mirror.name if mirror.scope else mirror.location

    def _mirror_lines(self, mirror: MirrorStatus, target: str) -> Iterator[Line]:
        box = self.box(target) if target else ((INDENT, ""),)
        style = "warning" if mirror.state == "failed" else "accent"
        first: Line = (
            (mirror.name, "strong"),
            (f"   {mirror.state}", style),
            ("   " + "   ".join(mirror_summary(mirror)), ""),
        )
        yield (*box, *first)
        yield from self.wrapped(f"{INDENT[1:]}{mirror.url}", "muted")
        if where := where_text(mirror):
            yield from self.wrapped(f"{INDENT[1:]}{where}", "muted")
        if mirror.reason:
            yield from self.wrapped(f"{INDENT[1:]}{mirror.reason}", style)

    def _spack_lines(self) -> Iterator[Line]:
        yield ()
        for fact in spack_facts(self.report):
            yield from self.wrapped(fact, "muted")
        if heading := notes_heading(self.report):
            yield ()
            yield ((f" {heading}", "warning"),)
        for note in self.report.notes:
            yield from self.wrapped(note, "warning")

    def action_mark(self) -> None:
        """Mark a mirror, to open several together."""
        self.toggle_mark()
