"""The loop of the helper process: run one task after the other."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Event, Thread
from typing import IO, Any

from cachetui.errors import CachetuiError, Cancelled

SWITCH_INTERVAL = 0.0005
"""Seconds after which the thread that receives tasks may run: the sender waits until it has."""

_ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals of the sender, and of a terminal that is gone."""

_output: list[IO[bytes]] = []
"""What the sender reads."""

_stopping: list[Event] = []
"""Set once the task that runs is to end, if it is one that ends by itself."""


def serve() -> None:
    """Run the tasks that arrive on standard input until it ends."""
    gc.disable()
    sys.setswitchinterval(SWITCH_INTERVAL)
    _output[:] = [os.fdopen(os.dup(1), "wb")]
    os.dup2(2, 1)  # whatever a task prints must not get between the answers
    tasks: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_read, args=(tasks,), daemon=True).start()
    while True:
        _send(_answer(tasks.get()))


def tell(message: object) -> None:
    """Send a message, which is no list, while a task runs. Raises Cancelled once the task is to end."""
    if any(stopping.is_set() for stopping in _stopping):
        raise Cancelled("stopped")
    _send(message)


@contextmanager
def stoppable() -> Iterator[None]:
    """Let a task that calls `tell` often end there, once it is not wanted or the sender is gone.

    So it can remove what it has begun to write; then the process exits. During other tasks, which write
    nothing, it does so at once.
    """
    stopping = Event()
    _stopping.append(stopping)
    before = {each: signal.signal(each, lambda number, frame: stopping.set()) for each in _ENDING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        _stopping.remove(stopping)
        if stopping.is_set():
            sys.exit()


def _send(message: object) -> None:
    pickle.dump(message, _output[0], pickle.HIGHEST_PROTOCOL)
    _output[0].flush()


def _read(tasks: SimpleQueue[Any]) -> None:
    """Queue the tasks; end at the end of the pipe, as the process that sent them is gone."""
    try:
        while True:
            tasks.put(pickle.load(sys.stdin.buffer))
    finally:
        if not _stopping:
            os._exit(0)
        for stopping in _stopping:
            stopping.set()


def _answer(task: Any) -> list[Any]:
    """Run a task: a list of its result, or an empty list if it fails.

    The sender then runs it again and meets the error itself, as it does if this process dies.
    """
    try:
        return [task.run()]
    except (CachetuiError, OSError, ValueError, sqlite3.Error):
        return []
