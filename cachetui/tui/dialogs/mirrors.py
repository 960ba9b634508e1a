"""All mirrors in columns, what is known of the one under the cursor, and the way to public build caches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from cachetui.locate import MirrorStatus, SpackReport, mirrors_report
from cachetui.render import (
    mirror_advice,
    mirror_columns,
    notes_heading,
    spack_facts,
    state_line,
    state_role,
    where_text,
)
from cachetui.sources import SAMPLE
from cachetui.tui.commands import MIRROR_COMMANDS, bindings
from cachetui.tui.dialogs.choosing import BOX_WIDTH, ChoosingScreen
from cachetui.tui.dialogs.parts import ReadingLines
from cachetui.tui.state import Context
from cachetui.tui.tasks import Done, Task, run_task
from cachetui.tui.widgets.lines import Line

LABEL = 7
"""Columns for the names of facts."""

LEAST_FACTS = 2
"""Lines about Spack that are shown where there is hardly room."""


class MirrorsScreen(ChoosingScreen):
    """Spack's mirrors and the locations that are open."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(MIRROR_COMMANDS)

    heading = "Mirrors"
    hints = "Enter opens   Space marks   p public   r refreshes   Esc closes"
    widest = 150

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._locations = [name for name in context.locations if name != SAMPLE]
        self._policy = context.policy
        self.report = SpackReport()
        self.is_read = False
        self.facts = ReadingLines(id="facts")
        self.facts.can_focus = False
        self._reading: Task[SpackReport] | None = None

    async def prepare(self) -> None:
        """Read Spack's configuration, which may be far away."""
        named, policy = self._locations, self._policy
        self._reading = run_task(
            self, "mirrors", lambda on_progress: mirrors_report(named, policy.public, policy.max_age)
        )
        self._take(await self._reading.soon())

    def on_unmount(self) -> None:
        """What is read is not wanted any more."""
        if self._reading is not None:
            self._reading.cancel()

    def _take(self, report: SpackReport | None) -> bool:
        if report is None:
            return False
        self.report, self.is_read = report, True
        failed = sum(mirror.state == "failed" for mirror in report.mirrors)
        self.heading = f"Mirrors  {failed} of {len(report.mirrors)} failed" if failed else "Mirrors"
        return True

    def on_done(self, event: Done) -> None:
        """Show the mirrors, which took longer than a moment."""
        event.stop()
        if self._take(event.take()):
            self.show_heading(self.heading)
            self.show_again()
            self.on_headed_lines_moved()

    def parts(self) -> Iterable[Widget]:
        """The list, the mirror under the cursor, and Spack's configuration."""
        return (*super().parts(), self.facts)

    def lines(self) -> Sequence[Line]:
        """A line for each mirror."""
        mirrors = self.report.mirrors
        self.targets = [_target(mirror) for mirror in mirrors]
        heading, *lines = mirror_columns(mirrors, self.room - BOX_WIDTH) or [()]
        self.headed.heading = ((" " * BOX_WIDTH, ""), *heading)
        self._divide_room()
        return [(self.box(target), *line) for target, line in zip(self.targets, lines, strict=True)]

    def detail_lines(self) -> Sequence[Line]:
        """All that is known of the mirror under the cursor, and what to do about it."""
        mirrors = self.report.mirrors
        if not self.is_read:
            return [(), *self.wrapped("reading Spack's configuration ...")]
        if not mirrors:
            return [
                (),
                *self.wrapped("no mirror is configured in Spack here; p lists the public build caches"),
            ]
        return self._about(mirrors[min(self.text_lines.cursor, len(mirrors) - 1)])

    def _about(self, mirror: MirrorStatus) -> list[Line]:
        (name, _, state) = state_line(mirror)
        lines = [(), *self.wrapped(state[0], state[1], (name, ("  ", "")))]
        for label, text in (("url", mirror.url), ("where", where_text(mirror)), ("view", mirror.view)):
            if text:
                lines += self.wrapped(text, "", ((f"{label:{LABEL}}", "muted"),))
        return lines + self.wrapped(
            mirror_advice(mirror), "accent" if state_role(mirror) == "bad" else "muted"
        )

    def _fact_lines(self) -> list[Line]:
        """What was not understood of the configuration, and what else was found of Spack."""
        lines: list[Line] = [()]
        if heading := notes_heading(self.report):
            lines.append(((f" {heading}", "warning"),))
            lines += [line for note in self.report.notes for line in self.wrapped(note, "muted")]
        return lines + [line for fact in spack_facts(self.report) for line in self.wrapped(fact, "muted")]

    def _divide_room(self) -> None:
        """Give the mirrors the room they need, and the rest to what stands below."""
        mirrors = self.report.mirrors
        details = max([len(self._about(mirror)) for mirror in mirrors], default=2)
        details = min(details, max(self.rows // 2, 1))
        facts = self._fact_lines()
        most = self.rows - details - (len(mirrors) + 1)
        shown = min(len(facts), max(most, LEAST_FACTS + 1 if self.rows > 20 else 0))
        if 0 < shown < len(facts):
            more = len(facts) - shown + 1
            facts[shown - 1 :] = [((f" {more} more lines: cachetui mirrors --format json", "muted"),)]
        self.details.styles.height = details
        self.facts.styles.height = shown
        self.facts.display = shown > 0
        self.facts.show(facts)
        self.text_lines.styles.height = min(len(mirrors) + 1, max(self.rows - details - shown, 2))

    def action_mark(self) -> None:
        """Mark a mirror, to open several together."""
        self.toggle_mark()


def _target(mirror: MirrorStatus) -> str:
    if not mirror.binary:
        return ""
    return mirror.name if mirror.scope else mirror.location
