"""Looks for updates in the background while the old catalog is browsed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from cachetui.refresh import OnProgress, Opened, Policy, Progress, open_catalog
from cachetui.tui.browse import lines
from cachetui.tui.tasks import Task, run_detached, run_task

if TYPE_CHECKING:
    from textual.app import App

    from cachetui.refresh import Asking
    from cachetui.tui.browse.screen import BrowseScreen

REFRESH = "refresh"
"""The name of the tasks."""

WAIT = 2.0
"""Seconds in which the answers of mirrors are gathered, once one is new, before they are shown."""

PACE = 0.5
"""Seconds between two messages about a refresh: each is sent over a link that may be slow."""


class Refreshing:
    """At most one task named REFRESH, whose result is an `Opened`.

    Args:
        app: gets the messages of the tasks.
        browse_screen: the main screen; None while there is none.
    """

    def __init__(self, app: App[str], browse_screen: Callable[[], BrowseScreen | None]) -> None:
        self._app = app
        self._browse_screen = browse_screen
        self._task: Task[Opened] | None = None
        self._was_asked = False
        self._asking: Asking | None = None
        self._next: Callable[[], None] | None = None

    def ask(self) -> None:
        """Remember that somebody wants to know how it ends."""
        self._was_asked = True
        if screen := self._browse_screen():
            screen.show_activity(lines.activity("checking for updates"))

    def begin(self, locations: Sequence[str], policy: Policy, force: bool) -> None:
        """Ask all mirrors (`force`), or those that are due; nothing if they are being asked."""
        if self._task is not None and self._task.is_running:
            return
        # Imported late: most starts have nothing to ask.
        from cachetui.refresh import Asking

        self.go_on(locations, replace(policy, force=force), Asking(is_shown=True))

    def go_on(self, locations: Sequence[str], policy: Policy, asking: Asking) -> None:
        """Show what mirrors answer that are being asked."""
        self._asking = asking
        self._next = partial(self.go_on, locations, policy, asking)
        work = partial(_opened_again, locations, replace(policy, wait=WAIT), asking)
        self._task = run_task(
            self._app, REFRESH, work, discard=lambda opened: opened.catalog.close(), pace=PACE
        )
        if screen := self._browse_screen():
            screen.is_refreshing = True

    def show(self, progress: Progress) -> None:
        """Show how far it is."""
        if screen := self._browse_screen():
            screen.show_activity(lines.activity(progress.activity, progress.share))

    def finish(self, opened: Opened) -> str:
        """End, or go on with mirrors that have not answered; say what is new if somebody wants to know."""
        screen = self._browse_screen()
        wants_to_know = self._was_asked or (screen is not None and bool(screen.view.opened.unanswered))
        news = lines.news(screen.view, opened) if wants_to_know and screen is not None else ""
        if opened.is_partial and self._next is not None:
            self._next()
        else:
            self.end()
        return news

    def stop(self) -> bool:
        """Stop; False if nothing is running."""
        was_running = self._task is not None and self._task.cancel()
        if self._asking is not None:
            run_detached(self._asking.close)  # if this is the end, it waits for what is saved
        self.end()
        return was_running

    def end(self) -> None:
        """Show that nothing is done any more."""
        self._was_asked = False
        self._next = None
        if self._asking is not None:
            self._asking.stop()
            self._asking = None
        if screen := self._browse_screen():
            screen.is_refreshing = False
            screen.show_activity(())


def _opened_again(
    locations: Sequence[str], policy: Policy, asking: Asking, on_progress: OnProgress
) -> Opened:
    return open_catalog(locations, on_progress, policy, asking=asking)
