"""Opening locations: how far reading and compiling are, and a way to stop them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from cachetui.refresh import OnProgress, Opened, Policy, open_catalog
from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.tasks import Progressed, run_task
from cachetui.tui.widgets.text_lines import Bar

BAR = 24
"""Leaves room for the numbers at 80 columns."""


class OpenedLocations(Struct, frozen=True):
    """A catalog that was opened, and what it was opened from."""

    opened: Opened
    locations: Sequence[str]

    def close(self) -> None:
        """Let go of the catalog."""
        self.opened.catalog.close()


class LoadingScreen(QuietScreen[None]):
    """Reads the locations in a task named `open`, whose outcome goes up to the app."""

    class Stopped(Message):
        """The user does not want to wait any longer."""

    STOPPING = "escape,ctrl+c,ctrl+q"
    BINDINGS: ClassVar[list[BindingType]] = [Binding(STOPPING, "stop", "stop", show=False)]
    urgent_keys = frozenset(STOPPING.split(","))

    def __init__(self, locations: Sequence[str], policy: Policy) -> None:
        super().__init__()
        self.locations = locations
        self.policy = policy
        self.source = Bar(id="source")
        self.progress = Bar(id="progress")
        self.hints = Bar(id="loading-hints")

    def compose(self) -> ComposeResult:
        """What is read, a bar, the keys."""
        yield self.source
        yield self.progress
        yield self.hints

    def on_mount(self) -> None:
        """Begin."""
        self.source.show(((" reading the build cache", "strong"),))
        self.hints.show(((" Esc stops", "muted"),))
        self.opening = run_task(
            self, "open", self._open, discard=lambda result: result.opened.catalog.close()
        )

    def _open(self, on_progress: OnProgress) -> OpenedLocations:
        return OpenedLocations(open_catalog(self.locations, on_progress, self.policy), self.locations)

    def ready(self) -> None:
        """Take no keys but those that stop: what else is typed is meant for what is opened."""

    def action_stop(self) -> None:
        """Stop reading, and go back or quit."""
        self.opening.cancel()
        self.post_message(self.Stopped())

    def on_progressed(self, event: Progressed) -> None:
        """Show how far it is."""
        event.stop()
        progress = event.progress
        filled = round(progress.share * BAR)
        self.source.show(((f" {progress.phase} {progress.source}", "strong"),))
        self.progress.show(
            (
                (" " + "█" * filled, "accent"),
                ("░" * (BAR - filled), "muted"),
                (f" {progress.share:4.0%}  {progress.numbers}", ""),
            )
        )
