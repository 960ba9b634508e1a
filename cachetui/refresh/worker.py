"""The helper's side: do one task after the other."""

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

SWITCH = 0.0005
"""Seconds until the next task is taken in meanwhile; who gives it waits for that."""


def serve() -> None:
    """Do the tasks that come on standard input; end with it."""
    gc.disable()
    sys.setswitchinterval(SWITCH)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may stand between the answers
    tasks: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_read, args=(tasks,), daemon=True).start()
    while True:
        pickle.dump(_answer(tasks.get()), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


def _read(tasks: SimpleQueue[Any]) -> None:
    """Queue the tasks; at the end of the pipe the one who gave them is gone."""
    try:
        while True:
            tasks.put(pickle.load(sys.stdin.buffer))
    finally:
        os._exit(0)


def _answer(task: Any) -> list[Any]:
    """What a task returns, as the only item; no item if it fails.

    Who gave it then does it again and meets the error there, as after an error that ends this process.
    """
    try:
        return [task.run()]
    except (CachetuiError, OSError, ValueError, sqlite3.Error):
        return []
