"""A second process, for a part of the work: at most one, as login nodes are shared.

It is a new interpreter and no fork: the browser has threads. Tasks go to its standard input, what they return
comes back on its standard output, both pickled. It ends when its standard input does, whatever it does then.
"""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any, Generic, Protocol, TypeVar

Result = TypeVar("Result", covariant=True)

PACE = 0.05
"""Seconds between looks at whether to go on waiting."""

START = "import sys; sys.path[:] = sys.argv[1:]; from cachetui.refresh.worker import serve; serve()"


# A pipe that nobody reads would end this process where SIGPIPE is not ignored.
_NO_SIGNAL = getattr(socket, "MSG_NOSIGNAL", 0)


class Task(Protocol[Result]):
    """Work that can be pickled."""

    def run(self) -> Result:
        """Do it."""


class PendingTask(Generic[Result]):
    """A task that was given to the helper."""

    def __init__(self, helper: Helper, task: Task[Result]) -> None:
        self._helper = helper
        self._task = task
        self._result: list[Any] = []

    def is_done(self) -> bool:
        """Whether `result` returns at once."""
        return bool(self._result) or self._helper.has_lost(self)

    def finish(self, result: list[Any]) -> None:
        """Take what the helper sent: the result, or nothing if it failed."""
        self._result = result

    def result(self, meanwhile: Callable[[], None]) -> Result:
        """What the task returned; where the helper could not do it, it is done here.

        Args:
            meanwhile: called now and then during the wait.
        """
        while not self.is_done():
            meanwhile()
            self._helper.wait(PACE)
        if not self._result:
            self._result = [self._task.run()]
        return self._result[0]  # type: ignore[no-any-return]


class Helper:
    """The process, and what it has been given."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._errands: list[PendingTask[Any]] = []
        self._answers: SimpleQueue[list[Any] | None] = SimpleQueue()
        self._failed = False

    def give(self, task: Task[Result]) -> PendingTask[Result]:
        """Have a task done, after those given before."""
        errand = PendingTask(self, task)
        try:
            self._start()
            self._tasks.sendall(pickle.dumps(task, pickle.HIGHEST_PROTOCOL), _NO_SIGNAL)
            self._errands.append(errand)
        except OSError:
            self._lose()
        return errand

    def has_lost(self, errand: PendingTask[Any]) -> bool:
        """Whether nothing will come of it any more, or has not been asked."""
        self._take_answers()
        return errand not in self._errands

    def wait(self, seconds: float) -> None:
        """Return when an errand is finished, or after some time."""
        with suppress(Empty):
            self._take(self._answers.get(timeout=seconds))

    def close(self) -> None:
        """End the process at once."""
        self._lose()
        if self._process is not None:
            with suppress(OSError):
                self._process.kill()
            self._process.wait()
            self._reader.join()
            self._tasks.close()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None

    def _start(self) -> None:
        if self._failed:
            raise BrokenPipeError
        if self._process is None:
            command = [sys.executable, "-c", START, *sys.path]
            tasks, stdin = socket.socketpair()
            with stdin:
                try:
                    self._process = subprocess.Popen(
                        command, stdin=stdin.fileno(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
                    )
                except OSError:
                    tasks.close()
                    raise
            self._tasks = tasks
            assert self._process.stdout is not None
            self._reader = Thread(target=_read, args=(self._process.stdout, self._answers), daemon=True)
            self._reader.start()

    def _take_answers(self) -> None:
        with suppress(Empty):
            while self._errands:
                self._take(self._answers.get_nowait())

    def _take(self, answer: list[Any] | None) -> None:
        if answer is None:
            self._lose()
        else:
            self._errands.pop(0).finish(answer)

    def _lose(self) -> None:
        self._failed = True
        self._errands.clear()


def _read(stream: IO[bytes], answers: SimpleQueue[list[Any] | None]) -> None:
    """Queue what comes back; None: nothing more will."""
    try:
        with suppress(EOFError, OSError, ValueError, pickle.UnpicklingError):  # it may end anywhere
            while True:
                answers.put(pickle.load(stream))
    finally:
        answers.put(None)


@contextmanager
def helper_process() -> Iterator[Helper | None]:
    """A helper, which starts with its first task; None if there is one core only."""
    helper = Helper() if sys.executable and _cores() > 1 else None
    try:
        yield helper
    finally:
        if helper is not None:
            helper.close()


def _cores() -> int:
    with suppress(AttributeError, OSError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
