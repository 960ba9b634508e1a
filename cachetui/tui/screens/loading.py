"""Compiling a catalog: how far it is, and a way to stop it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.worker import get_current_worker

from cachetui.errors import CachetuiError, Cancelled
from cachetui.refresh import Opened, Policy, Progress, open_catalog
from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.widgets.text_lines import Bar

BAR = 40


class LoadingScreen(QuietScreen[Opened]):
    """Reads the locations in a thread, and hands the catalog to the app."""

    class Advanced(Message):
        """Some more records were read."""

        def __init__(self, progress: Progress) -> None:
            super().__init__()
            self.progress = progress

        def can_replace(self, message: Message) -> bool:
            """Only the last one counts."""
            return isinstance(message, LoadingScreen.Advanced)

    class Ready(Message):
        """The catalog is open."""

        def __init__(self, opened: Opened, locations: Sequence[str]) -> None:
            super().__init__()
            self.opened = opened
            self.locations = locations

    class Stopped(Message):
        """Nobody wants to wait any longer."""

    class Failed(Message):
        """Nothing could be read."""

        def __init__(self, error: CachetuiError) -> None:
            super().__init__()
            self.error = error

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,ctrl+c,ctrl+q", "stop", "stop", show=False)]

    def __init__(self, locations: Sequence[str], policy: Policy) -> None:
        super().__init__()
        self.locations = locations
        self.policy = policy
        self._stopping = False

    def compose(self) -> ComposeResult:
        """What is read, a bar, the keys."""
        yield Bar(id="source")
        yield Bar(id="progress")
        yield Bar(id="loading-hints")

    def on_mount(self) -> None:
        """Begin."""
        self.query_one("#source", Bar).show(((" reading the build cache", "strong"),))
        self.query_one("#loading-hints", Bar).show(((" Esc stops; nothing is lost by it", "dim"),))
        self._read()

    def action_stop(self) -> None:
        """Stop reading, and go back or leave."""
        self._stopping = True
        self.post_message(self.Stopped())

    @work(thread=True, exclusive=True, group="compile", exit_on_error=True)
    def _read(self) -> None:
        worker = get_current_worker()

        def advance(progress: Progress) -> None:
            if self._stopping or worker.is_cancelled:
                raise Cancelled("stopped")
            self.post_message(self.Advanced(progress))

        try:
            opened = open_catalog(self.locations, advance, self.policy)
        except Cancelled:
            return
        except CachetuiError as error:
            self.post_message(self.Failed(error))
        else:
            if self._stopping:
                opened.catalog.close()
            else:
                self.post_message(self.Ready(opened, self.locations))

    def on_loading_screen_advanced(self, event: Advanced) -> None:
        """Draw how far it is."""
        progress = event.progress
        filled = round(progress.share * BAR)
        self.query_one("#source", Bar).show(((f" {progress.phase} {progress.source}", "strong"),))
        self.query_one("#progress", Bar).show(
            (
                (" " + "█" * filled, "accent"),
                ("░" * (BAR - filled), "dim"),
                (f" {progress.share:4.0%}  {progress.numbers}", ""),
            )
        )
