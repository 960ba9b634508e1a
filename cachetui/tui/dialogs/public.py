"""The public build caches, filtered as you type."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, work
from textual.message import Message
from textual.worker import get_current_worker

from cachetui.errors import CachetuiError, Cancelled
from cachetui.locate import PublicMirror
from cachetui.refresh import Policy, Progress, list_public
from cachetui.text import redacted
from cachetui.tui.dialogs.choosing import ChoosingScreen
from cachetui.tui.widgets.line_list import Line
from cachetui.tui.widgets.text_lines import TextLines


class PublicScreen(ChoosingScreen):
    """Each ref and each stack of it; the list is fetched when it is first asked for."""

    class Arrived(Message):
        """The list is here, or why it is not."""

        def __init__(self, mirrors: Sequence[PublicMirror], note: str) -> None:
            super().__init__()
            self.mirrors = mirrors
            self.note = note

    heading = "Public build caches"
    hints = "type to filter   Enter opens   Space marks several   Esc closes"

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self.policy = policy
        self.mirrors: Sequence[PublicMirror] = ()
        self.note = "asking for the list ..."
        self.wanted = ""

    def on_mount(self) -> None:
        """Ask for the list."""
        super().on_mount()
        self._fetch()

    @work(thread=True, exclusive=True, group="public")
    def _fetch(self) -> None:
        worker = get_current_worker()

        def advance(progress: Progress) -> None:
            if worker.is_cancelled:
                raise Cancelled("stopped")

        try:
            self.post_message(self.Arrived(*list_public(self.policy, advance)))
        except Cancelled:
            return
        except CachetuiError as error:
            self.post_message(self.Arrived((), str(error)))

    def on_public_screen_arrived(self, event: Arrived) -> None:
        """Show it."""
        self.mirrors, self.note = event.mirrors, event.note
        lines = self.query_one(TextLines)
        lines.show(self.lines())
        lines.refresh(layout=True)  # the box grows with it

    def lines(self) -> Sequence[Line]:
        """Those whose name has each typed word in it, newest refs last."""
        words = self.wanted.split("/")
        found = [mirror for mirror in self.mirrors if all(word in mirror.name for word in words)]
        noted = self.wrapped(self.note, "warning") if self.note else []
        self.targets = [*[""] * len(noted), *(mirror.name for mirror in found)]
        width = max((len(mirror.name) for mirror in found), default=0) + 2
        rows: list[Line] = [
            (*self.box(mirror.name), (f"{mirror.name:{width}}", ""), (redacted(mirror.url), "dim"))
            for mirror in found
        ]
        if self.mirrors and not found:
            rows = [((" no name has this in it", "dim"),)]
        return [*noted, *rows]

    def on_key(self, event: events.Key) -> None:
        """Typed characters filter; Space marks."""
        if event.key == "space":
            self.toggle_mark()
        elif event.key == "backspace":
            self._filter(self.wanted[:-1])
        elif event.is_printable and event.character:
            self._filter(self.wanted + event.character.lower())
        else:
            return
        event.stop()
        event.prevent_default()

    def _filter(self, wanted: str) -> None:
        self.wanted = wanted
        self.show_heading(f"{self.heading}  {wanted}" if wanted else self.heading)
        self.query_one(TextLines).show(self.lines())
