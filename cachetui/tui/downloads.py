"""Asks mirrors in the background for the binary of the build that is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace
from textual.worker import get_current_worker

from cachetui.errors import Cancelled
from cachetui.refresh import OnProgress, Policy
from cachetui.tui.tasks import Task, Work, run_task

if TYPE_CHECKING:
    from textual.app import App

    from cachetui.catalog import Catalog
    from cachetui.install import Download, Wanted

DOWNLOAD = "download"
"""The name of the tasks."""

WAIT = 10.0
"""Seconds that the mirrors of a build are waited for before the next build is asked for."""


class Asked(Struct, frozen=True):
    """What the mirrors of a build say of its binary."""

    dag_hash: str
    download: Download


class Downloads:
    """Asks in tasks named DOWNLOAD, one at a time, whose results are `Asked`.

    Args:
        app: gets the messages of the tasks.
    """

    def __init__(self, app: App[str]) -> None:
        self._app = app
        self._task: Task[Asked] | None = None
        self._next: Work[Asked] | None = None

    def ask(self, catalog: Catalog, dag_hash: str, locations: Sequence[str], policy: Policy) -> None:
        """Ask for a build; while an answer is awaited, only the last build that was asked for is next."""
        from cachetui.install import wanted_builds

        # Read here: the catalog may be closed before the task begins.
        wanted = wanted_builds(catalog, catalog.row_of(dag_hash))
        self._next = partial(_asked, wanted, locations, replace(policy, wait=WAIT))
        if self._task is None or not self._task.is_running:
            self.go_on()

    def go_on(self) -> None:
        """Ask for the build that is next, if any."""
        if self._next is not None:
            self._task, self._next = run_task(self._app, DOWNLOAD, self._next), None


def _asked(wanted: Wanted, locations: Sequence[str], policy: Policy, on_progress: OnProgress) -> Asked:
    from cachetui.install import find_download
    from cachetui.refresh import BinaryFinder

    worker = get_current_worker()

    def tick() -> None:
        if worker.is_cancelled:
            raise Cancelled("cancelled")

    return Asked(wanted.build.spec.dag_hash, find_download(wanted, BinaryFinder(locations, policy, tick)))
