"""The public build caches, which can be filtered."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from textual import events

from cachetui.locate import PublicMirror
from cachetui.refresh import Policy, list_public
from cachetui.text import cut_middle, redacted
from cachetui.tui.dialogs.choosing import BOX_WIDTH, ChoosingScreen
from cachetui.tui.dialogs.filtering import Filter
from cachetui.tui.tasks import Done, Failed, Progressed, Task, run_task
from cachetui.tui.widgets.lines import Line

HINTS = "Enter opens   Space marks   / filters   Esc closes"
TYPING = "Enter opens   ↑ ↓ move   Space marks   Esc ends the filter"


class WithPolicy(Protocol):
    """What knows where the list of public build caches is."""

    @property
    def policy(self) -> Policy:
        """When mirrors are asked, and where public ones are."""


class PublicScreen(ChoosingScreen):
    """Each ref and each stack of it; the list is fetched when it is first asked for."""

    heading = "Public build caches"
    hints = HINTS

    def __init__(self, context: WithPolicy) -> None:
        super().__init__()
        self.policy = context.policy
        self.mirrors: Sequence[PublicMirror] = ()
        self.note = "fetching the list ..."
        self.filter = Filter()
        self.headed.heading = ((" " * BOX_WIDTH, ""), ("name", "muted"))
        self._fetching: Task[tuple[Sequence[PublicMirror], str]] | None = None

    async def prepare(self) -> None:
        """Fetch the list."""
        self._fetching = run_task(self, "public", partial(list_public, self.policy))
        if listed := await self._fetching.soon():
            self.mirrors, self.note = listed

    def on_unmount(self) -> None:
        """Stop fetching the list."""
        if self._fetching is not None:
            self._fetching.cancel()

    def on_progressed(self, event: Progressed) -> None:
        """The note says all along that the list is fetched."""
        event.stop()

    def on_done(self, event: Done) -> None:
        """Show the list."""
        event.stop()
        if listed := event.take():
            self._show(*listed)

    def on_failed(self, event: Failed) -> None:
        """Say why there is no list."""
        event.stop()
        self._show((), str(event.error))

    def _show(self, mirrors: Sequence[PublicMirror], note: str) -> None:
        self.mirrors, self.note = mirrors, note
        self._show_filtered()

    def _show_filtered(self) -> None:
        self.text_lines.show(self.lines())
        self.show_heading(self.heading)
        self.show_hints(TYPING if self.filter.is_typed else HINTS)
        self.on_headed_lines_moved()

    def show_heading(self, heading: str) -> None:
        """Say also how many there are, and what is typed."""
        count = f"  {len(self.found)} of {len(self.mirrors)}" if self.mirrors else ""
        super().show_heading(f"{heading}{count}{self.filter.shown}")

    @property
    def found(self) -> Sequence[PublicMirror]:
        """Those whose names have each typed word in them."""
        return [mirror for mirror in self.mirrors if self.filter.accepts(mirror.name)]

    def lines(self) -> Sequence[Line]:
        """A line for each of them."""
        found = self.found
        self.targets = [mirror.name for mirror in found]
        width = max((len(mirror.name) for mirror in self.mirrors), default=0) + 2
        left = max(self.room - BOX_WIDTH - width, 1)
        self._divide_room()
        return [
            (self.box(m.name), (f"{m.name:{width}}", "strong"), (cut_middle(redacted(m.url), left), "muted"))
            for m in found
        ]

    def detail_lines(self) -> Sequence[Line]:
        """The whole URL; what is wrong with the list."""
        noted = self.wrapped(self.note, "warning") if self.note else []
        if found := self.found:
            url = redacted(found[min(self.text_lines.cursor, len(found) - 1)].url)
            return [(), *self.wrapped(url), *noted]
        if self.mirrors:
            noted += [((" no name contains this", "muted"),)]
        return [(), *noted]

    def _divide_room(self) -> None:
        """Keep the size of the box while the list is filtered."""
        longest = max([len(self.wrapped(redacted(mirror.url))) for mirror in self.mirrors], default=0)
        details = 1 + max(longest, 1) + len(self.wrapped(self.note) if self.note else ())
        self.details.styles.height = min(details, max(self.rows // 2, 1))
        listed = max(self.rows - min(details, self.rows // 2), 2)
        self.text_lines.styles.height = min(len(self.mirrors) + 1, listed)

    def on_key(self, event: events.Key) -> None:
        """Filter once `/` was pressed; Space marks."""
        if event.key == "space":
            self.toggle_mark()
        elif self.filter.takes(event):
            self._show_filtered()
        else:
            return
        event.stop()
        event.prevent_default()
