"""Looks for something new while somebody browses; what was compiled before stays usable meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic

from textual.app import App
from textual.worker import Worker, get_current_worker

from cachetui.errors import CachetuiError, Cancelled
from cachetui.refresh import Opened, Policy, Progress, open_catalog

TELLING = 0.5
"""Seconds between two tellings: each is sent over a link that may be slow."""


class Refresher:
    """One refresh at a time, in a thread.

    Args:
        told: called with how far it is.
        done: called with the catalog that was opened.
        failed: called with what went wrong.
    """

    def __init__(
        self,
        app: App[str],
        told: Callable[[Progress], None],
        done: Callable[[Opened], None],
        failed: Callable[[CachetuiError], None],
    ) -> None:
        self._app = app
        self._told = told
        self._done = done
        self._failed = failed
        self._worker: Worker[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether there is one."""
        return self._worker is not None and not self._worker.is_finished

    def begin(self, locations: Sequence[str], policy: Policy) -> None:
        """Begin, unless there is one already."""
        if not self.is_running:
            work = partial(self._refresh, locations, policy)
            self._worker = self._app.run_worker(work, thread=True, group="refresh", exit_on_error=True)

    def stop(self) -> bool:
        """Stop; False if there is none."""
        if self._worker is None or not self.is_running or self._worker.is_cancelled:
            return False
        self._worker.cancel()
        return True

    def _refresh(self, locations: Sequence[str], policy: Policy) -> None:
        worker, told_at = get_current_worker(), 0.0

        def advance(progress: Progress) -> None:
            nonlocal told_at
            if worker.is_cancelled:
                raise Cancelled("stopped")
            if monotonic() - told_at >= TELLING:
                told_at = monotonic()
                self._app.call_from_thread(self._tell, worker, progress)

        try:
            opened = open_catalog(locations, advance, policy)
        except Cancelled:
            return
        except CachetuiError as error:
            self._app.call_from_thread(self._end, worker, error)
        else:
            self._app.call_from_thread(self._end, worker, opened)

    def _tell(self, worker: Worker[None], progress: Progress) -> None:
        if not worker.is_cancelled:
            self._told(progress)

    def _end(self, worker: Worker[None], outcome: Opened | CachetuiError) -> None:
        """Hand on what came of it, unless something else is open by now."""
        if isinstance(outcome, CachetuiError):
            if not worker.is_cancelled:
                self._failed(outcome)
        elif worker.is_cancelled:
            outcome.catalog.close()
        else:
            self._done(outcome)
