"""The catalog that a start finds on disk, opened in a thread: no file system can hold up the first screen."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from cachetui.config import Config
from cachetui.errors import Cancelled
from cachetui.host import Host
from cachetui.refresh import OPENING, OnProgress, Opened, Policy, Progress, open_cached
from cachetui.tui.judgement import Kept, read_kept

PATIENCE = 1.0
"""Seconds without a picture; a file system that is busy answers within them."""

PACE = 0.1
"""Seconds between two looks at whether it is still waited for."""


class FirstCatalog:
    """Opens the catalog of some locations that is on disk, current or not.

    A file on a network that is gone is waited for without end, in the thread alone.

    Args:
        host: that builds are to run on; None: the one of the configuration.
    """

    def __init__(self, locations: Sequence[str], policy: Policy, config: Config, host: Host | None) -> None:
        self._locations = locations
        self._policy = policy
        self._config = config
        self._host = host
        self._opened: Opened | None = None
        self.kept: Kept | None = None
        """What an earlier start has computed about it, once it has come."""
        self._bug: Exception | None = None
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._is_given_up = False
        # A daemon: the program does not wait for a thread that may be stuck.
        threading.Thread(target=self._open, name="first-catalog", daemon=True).start()

    def _open(self) -> None:
        try:
            opened = open_cached(self._locations, self._policy)
            if opened is not None:
                self.kept = read_kept(opened.catalog.path, self._config, self._host)
        except Exception as error:  # noqa: BLE001 - raised again by `take`
            self._bug = error
        else:
            with self._lock:
                if not self._is_given_up:
                    self._opened = opened
                elif opened is not None:
                    opened.catalog.close()
        self._ended.set()

    def has_come(self) -> bool:
        """Wait a moment; False if the file system has not answered."""
        return self._ended.wait(PATIENCE)

    def take(self) -> Opened | None:
        """What was found once it has come; None: nothing, or it was taken before."""
        if self._bug is not None:
            raise self._bug
        opened, self._opened = self._opened, None
        return opened

    def wait(self, on_progress: OnProgress) -> Opened | None:
        """Wait for it without end, unless `on_progress` raises Cancelled; what comes after that is closed."""
        try:
            while not self._ended.wait(PACE):
                on_progress(Progress("the file system", 0, 0, 1, OPENING))
        except Cancelled:
            self._give_up()
            raise
        return self.take()

    def _give_up(self) -> None:
        with self._lock:
            self._is_given_up = True
            opened = self._opened
        if opened is not None:
            opened.catalog.close()
