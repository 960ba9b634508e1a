"""The loop of the helper process: run one task after the other."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sqlite3
import sys
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any, NoReturn

from cachetui.errors import CachetuiError
from cachetui.files import remove_unfinished

SWITCH_INTERVAL = 0.0005
"""Seconds after which the thread that receives tasks may run: the sender waits until it has."""

_ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals of the sender, and of a terminal that is gone."""

REMOVING = 4.0
"""Seconds in which what is half written is removed: nobody waits for it, or `Helper.close` alone."""

_output: list[IO[bytes]] = []
"""What the sender reads."""


def serve() -> None:
    """Run the tasks that arrive on standard input until it ends."""
    gc.disable()
    sys.setswitchinterval(SWITCH_INTERVAL)
    _output[:] = [os.fdopen(os.dup(1), "wb")]
    os.dup2(2, 1)  # whatever a task prints must not get between the answers
    tasks: SimpleQueue[Any] = SimpleQueue()
    for number in _ENDING:
        signal.signal(number, _end)
    Thread(target=_read, args=(tasks,), daemon=True).start()
    while True:
        _send(_answer(tasks.get()))


def tell(message: object) -> None:
    """Send a message, which is no list, while a task runs."""
    try:
        _send(message)
    except OSError:  # the process that sent the task is gone
        _end()


def _end(*_: object) -> NoReturn:
    """End at once, whatever is being done: it is not wanted any more."""
    remove_unfinished(REMOVING)
    os._exit(0)


def _send(message: object) -> None:
    pickle.dump(message, _output[0], pickle.HIGHEST_PROTOCOL)
    _output[0].flush()


def _read(tasks: SimpleQueue[Any]) -> None:
    """Queue the tasks; end at the end of the pipe, as the process that sent them is gone."""
    try:
        while True:
            tasks.put(pickle.load(sys.stdin.buffer))
    finally:
        _end()


def _answer(task: Any) -> list[Any]:
    """Run a task: a list of its result, or an empty list if it fails.

    The sender then runs it again and meets the error itself, as it does if this process dies.
    """
    try:
        return [task.run()]
    except (CachetuiError, OSError, ValueError, sqlite3.Error):
        return []
