"""Writes what is to be remembered in the background, in the order in which it was chosen."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

from cachetui.errors import CachetuiError
from cachetui.refresh import OnProgress
from cachetui.tui.remembered import Change, Remembered, remember
from cachetui.tui.tasks import run_detached, run_task

if TYPE_CHECKING:
    from textual.app import App

REMEMBER = "remember"
"""The name of the tasks."""


class Remembering:
    """Writes in tasks named REMEMBER, which have no result.

    Args:
        app: gets the messages of the tasks.
    """

    def __init__(self, app: App[str]) -> None:
        self._app = app
        self._changes: deque[Change] = deque()
        self._writing = Lock()

    def remember(self, change: Change) -> None:
        """Remember something from the next start on."""
        self._changes.append(change)
        run_task(self._app, REMEMBER, self._write)

    def finish(self) -> None:
        """Write what no task has begun with, as the app has ended meanwhile; `leave_tasks` waits for it."""
        if self._changes:
            run_detached(self._write)

    def _write(self, on_progress: OnProgress | None = None) -> None:
        with self._writing:  # a later task never overtakes: whoever writes takes all that there is
            changes = [self._changes.popleft() for _ in range(len(self._changes))]
            if changes and not remember(lambda before: _changed(before, changes)):
                raise CachetuiError("this cannot be remembered: the state folder is not writable")


def _changed(before: Remembered, changes: list[Change]) -> Remembered:
    for change in changes:
        before = change(before)
    return before
