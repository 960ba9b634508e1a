"""The public build caches, filtered as you type."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual import events

from cachetui.locate import PublicMirror
from cachetui.refresh import list_public
from cachetui.text import redacted
from cachetui.tui.dialogs.choosing import ChoosingScreen
from cachetui.tui.line_edit import LineEdit
from cachetui.tui.state import Context
from cachetui.tui.tasks import Done, Failed, Progressed, run_task
from cachetui.tui.widgets.lines import Line


class PublicScreen(ChoosingScreen):
    """Each ref and each stack of it; the list is fetched when it is first asked for."""

    heading = "Public build caches"
    hints = "type to filter   Enter opens   Space marks several   Esc closes"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.policy = context.policy
        self.mirrors: Sequence[PublicMirror] = ()
        self.note = "asking for the list ..."
        self.filter = LineEdit()

    def on_mount(self) -> None:
        """Ask for the list."""
        super().on_mount()
        self.fetching = run_task(self, "public", partial(list_public, self.policy))

    def on_unmount(self) -> None:
        """Nobody waits for the list any more."""
        self.fetching.cancel()

    def on_progressed(self, event: Progressed) -> None:
        """It says all along that it is asking."""
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
        self.text_lines.show(self.lines())
        self.text_lines.refresh(layout=True)  # the box grows with it

    def lines(self) -> Sequence[Line]:
        """Those whose name has each typed word in it, newest refs last."""
        words = self.filter.text.lower().split("/")
        found = [mirror for mirror in self.mirrors if all(word in mirror.name for word in words)]
        noted = self.wrapped(self.note, "warning") if self.note else []
        self.targets = [*[""] * len(noted), *(mirror.name for mirror in found)]
        width = max((len(mirror.name) for mirror in found), default=0) + 2
        rows: list[Line] = [
            (*self.box(mirror.name), (f"{mirror.name:{width}}", ""), (redacted(mirror.url), "muted"))
            for mirror in found
        ]
        if self.mirrors and not found:
            rows = [((" no name has this in it", "muted"),)]
        return [*noted, *rows]

    def on_key(self, event: events.Key) -> None:
        """Typed characters filter; Space marks."""
        if event.key == "space":
            self.toggle_mark()
        elif edited := self.filter.typed(event):
            self.filter = edited
            self.show_heading(f"{self.heading}  {edited.text}".rstrip())
            self.text_lines.show(self.lines())
        else:
            return
        event.stop()
        event.prevent_default()
