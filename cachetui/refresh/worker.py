"""The loop of the helper process: run one task after the other."""

from __future__ import annotations

import gc
import os
import pickle
import sqlite3
import sys
from queue import SimpleQueue
from threading import Thread
from typing import Any

from cachetui.errors import CachetuiError

SWITCH_INTERVAL = 0.0005
"""Seconds after which the thread that receives tasks may run: the sender waits until it has."""


def serve() -> None:
    """Run the tasks that arrive on standard input until it ends."""
    gc.disable()
    sys.setswitchinterval(SWITCH_INTERVAL)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a task prints must not get between the answers
    tasks: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_read, args=(tasks,), daemon=True).start()
    while True:
        pickle.dump(_answer(tasks.get()), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


def _read(tasks: SimpleQueue[Any]) -> None:
    """Queue the tasks; exit at the end of the pipe, as the process that sent them is gone."""
    try:
        while True:
            tasks.put(pickle.load(sys.stdin.buffer))
    finally:
        os._exit(0)


def _answer(task: Any) -> list[Any]:
    """Run a task: a list of its result, or an empty list if it fails.

    The sender then runs it again and meets the error itself, as it does if this process dies.
    """
    try:
        return [task.run()]
    except (CachetuiError, OSError, ValueError, sqlite3.Error):
        return []
