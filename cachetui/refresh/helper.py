"""A second process that takes over work: no more than two work at once, as login nodes are shared.

It is a new interpreter and not a fork, because a fork of a process with threads, such as the browser, may
deadlock. Tasks go to its standard input and their results come back on its standard output, both pickled.
A pipe needs no name on disk and no port, and when it is closed the helper exits, even if this process is
killed.
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

POLL_INTERVAL = 0.05
"""Seconds between two calls of `meanwhile` during a wait."""

GRACE = 5.0
"""Seconds in which a process that is ended can remove what it was writing, on a busy machine too."""

START_CODE = "import sys; sys.path[:] = sys.argv[1:]; from cachetui.refresh.worker import serve; serve()"


# Without it, writing to a helper that died would end this process where SIGPIPE is not ignored.
_NO_SIGNAL = getattr(socket, "MSG_NOSIGNAL", 0)


class Task(Protocol[Result]):
    """Work for the helper; it can be pickled."""

    def run(self) -> Result:
        """Do the work and return its result."""


class PendingTask(Generic[Result]):
    """A task that was submitted to the helper."""

    def __init__(self, helper: Helper, task: Task[Result]) -> None:
        self._helper = helper
        self._task = task
        self._result: list[Any] = []

    def is_done(self) -> bool:
        """Whether `result` returns without waiting."""
        return bool(self._result) or not self._helper.is_pending(self)

    def finish(self, result: list[Any]) -> None:
        """Store the answer of the helper: a list of the result, or an empty one if the task failed."""
        self._result = result

    def result(self, meanwhile: Callable[[], None]) -> Result:
        """Wait for the result of the task; if the helper failed, run the task in this process.

        Args:
            meanwhile: called every POLL_INTERVAL during the wait.
        """
        if not self.answer(meanwhile):
            self._result = [self._task.run()]
        return self._result[0]  # type: ignore[no-any-return]

    def answer(self, meanwhile: Callable[[], None]) -> list[Result]:
        """Wait for the answer of the helper: a list of the result, or an empty one if it failed."""
        while not self.is_done():
            meanwhile()
            self._helper.wait(POLL_INTERVAL)
        return self._result


class _Sender:
    """Sends what is written: a large task in parts, so that other threads have their turn in between."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def write(self, data: bytes) -> None:
        """Send all of it. Raises OSError."""
        self._connection.sendall(data, _NO_SIGNAL)


class Helper:
    """The second process and the tasks submitted to it.

    Args:
        on_message: gets what a task tells while it runs, in the thread that waits for it.
    """

    def __init__(self, on_message: Callable[[Any], None] = lambda message: None) -> None:
        self._on_message = on_message
        self._process: subprocess.Popen[bytes] | None = None
        self._pending: list[PendingTask[Any]] = []
        self._answers: SimpleQueue[Any] = SimpleQueue()
        self._failed = False

    def submit(self, task: Task[Result]) -> PendingTask[Result]:
        """Queue a task behind those submitted before; the process starts with the first one."""
        pending = PendingTask(self, task)
        try:
            self._start()
            pickle.dump(task, _Sender(self._tasks), pickle.HIGHEST_PROTOCOL)
            self._pending.append(pending)
        except OSError:
            self._fail()
        return pending

    def is_pending(self, task: PendingTask[Any]) -> bool:
        """Whether the helper may still answer."""
        self._take_answers()
        return task in self._pending

    def wait(self, seconds: float) -> None:
        """Wait for the next answer, for some seconds at most."""
        with suppress(Empty):
            self._take(self._answers.get(timeout=seconds))

    def signal(self) -> int:
        """The signal that ended the process; 0 if none did."""
        if not self._failed or self._process is None:
            return 0
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)
        return max(-(self._process.poll() or 0), 0)

    def close(self) -> None:
        """End the process, also in the midst of a task."""
        self._fail()
        if self._process is not None:
            with suppress(OSError):
                self._process.terminate()
            try:
                self._process.wait(GRACE)
            except subprocess.TimeoutExpired:
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
            command = [sys.executable, "-c", START_CODE, *sys.path]
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
            while self._pending:
                self._take(self._answers.get_nowait())

    def _take(self, answer: Any) -> None:
        if answer is None:
            self._fail()
        elif isinstance(answer, list):
            self._pending.pop(0).finish(answer)
        else:
            self._on_message(answer)

    def _fail(self) -> None:
        self._failed = True
        self._pending.clear()


def _read(stream: IO[bytes], answers: SimpleQueue[Any]) -> None:
    """Queue the answers and messages of the process; None follows the last."""
    try:
        with suppress(
            EOFError, OSError, ValueError, pickle.UnpicklingError
        ):  # the process may be killed at any byte
            while True:
                answers.put(pickle.load(stream))
    finally:
        answers.put(None)


@contextmanager
def helper_process() -> Iterator[Helper | None]:
    """Provide a helper and end it; None if there is only one core."""
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
