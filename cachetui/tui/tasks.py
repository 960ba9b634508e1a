"""Work in the background: a task posts `Progressed`, then `Done` or `Failed`; `cancel` ends it.

Messages go to the node that started the task and bubble from there, so a screen or the app handles them like
any other. A task that is cancelled posts nothing more, except what is in a queue already: handlers of `Done`
call `take`, which returns nothing for a result that is not wanted any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from threading import Thread
from time import monotonic
from typing import Any, Generic, TypeVar

from textual.dom import DOMNode
from textual.message import Message
from textual.worker import Worker, get_current_worker

from cachetui.errors import CachetuiError, Cancelled
from cachetui.files import remove_unfinished
from cachetui.refresh import OnProgress, Progress

T = TypeVar("T")

MOMENT = 0.08
"""Seconds without an answer to a key: what takes longer is said to be under way."""

Work = Callable[[OnProgress], T]
"""Runs in a thread; calls its argument as it advances, which raises Cancelled once the task is cancelled."""


def _keep(result: object) -> None:
    """Most results need not be closed."""


class Task(Generic[T]):
    """Work that was started.

    Attributes:
        name: what the work is, for whoever handles its messages.
        is_cancelled: the result is not wanted any more.
        is_finished: the work has ended, and its outcome was handled.
        has_to_save: what it does now may leave something to save, so the end of the browser waits.
    """

    def __init__(self, name: str, discard: Callable[[T], object]) -> None:
        self.name = name
        self.is_cancelled = False
        self.is_finished = False
        self.has_to_save = True
        self.done: Done | None = None
        """Tells the result, once there is one."""
        self.ended = asyncio.Event()
        """Set once the messages of the task are posted."""
        self._discard = discard

    @property
    def is_running(self) -> bool:
        """Whether a result is still to come."""
        return not self.is_cancelled and not self.is_finished

    def cancel(self) -> bool:
        """Cancel the work; False if it had ended."""
        was_running = self.is_running
        self.is_cancelled = True
        return was_running

    async def soon(self) -> T | None:
        """The result for a screen that is not shown yet, if it comes soon; else `Done` tells it."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.ended.wait(), MOMENT)
        return self.done.take() if self.done is not None else None

    def discard(self, result: T) -> None:
        """Release a result that came too late."""
        self._discard(result)


class TaskMessage(Message):
    """Something about a task."""

    def __init__(self, task: Task[Any]) -> None:
        super().__init__()
        self.task = task


class Progressed(TaskMessage):
    """The work has advanced."""

    def __init__(self, task: Task[Any], progress: Progress) -> None:
        super().__init__(task)
        self.progress = progress

    def can_replace(self, message: Message) -> bool:
        """Only the newest of a task counts."""
        return isinstance(message, Progressed) and message.task is self.task


class Done(TaskMessage):
    """The work has a result."""

    def __init__(self, task: Task[Any], result: Any) -> None:
        super().__init__(task)
        self._result = result

    def take(self) -> Any:
        """The result, once; None if the task was cancelled meanwhile, and then the result is discarded."""
        result, self._result = self._result, None
        self.task.is_finished, self.task.done = True, None
        if self.task.is_cancelled and result is not None:
            self.task.discard(result)
            return None
        return result


class Failed(TaskMessage):
    """The work ended with an error."""

    def __init__(self, task: Task[Any], error: CachetuiError) -> None:
        super().__init__(task)
        self.error = error


def run_task(
    owner: DOMNode,
    name: str,
    work: Work[T],
    discard: Callable[[T], object] = _keep,
    pace: float = 0.0,
) -> Task[T]:
    """Start work in a thread.

    Args:
        owner: the screen or the app that gets the messages.
        name: see `Task`.
        discard: releases a result that is not wanted any more.
        pace: seconds between two messages about progress; the first comes at once.
    """
    task = Task(name, discard)

    async def ended() -> None:
        worker = get_current_worker()  # cancelled when the app ends
        try:
            await _in_thread(task, partial(_perform, task, owner, work, pace, worker))
        finally:
            task.ended.set()

    # Not the coroutine itself: of a worker that is cancelled at once, it would never be awaited.
    owner.run_worker(ended, group=name)  # type: ignore[arg-type]  # mypy does not infer its result
    return task


def _perform(task: Task[T], owner: DOMNode, work: Work[T], pace: float, worker: Worker[Any]) -> None:
    """Do the work and post what comes of it."""
    posted = -pace

    def advance(progress: Progress) -> None:
        nonlocal posted
        task.has_to_save = progress.has_to_save
        if task.is_cancelled or worker.is_cancelled:
            raise Cancelled("cancelled")
        now = monotonic()
        if now - posted >= pace:
            posted = now
            owner.post_message(Progressed(task, progress))

    try:
        result = work(advance)
    except Cancelled:
        task.is_finished = True
    except CachetuiError as error:
        task.is_finished = True
        if not task.is_cancelled:
            owner.post_message(Failed(task, error))
    else:
        task.done = Done(task, result)
        if task.is_cancelled or not owner.post_message(task.done):
            task.done = None
            task.discard(result)


_threads: dict[Thread, Task[Any] | None] = {}
"""Those that run, with their tasks; None: it was detached."""


async def _in_thread(task: Task[Any], work: Callable[[], None]) -> None:
    """Wait for some work in a thread of its own.

    Not in one of the event loop: Python would wait for it in the end, and a read of a file on a network that
    is gone, or of a pipe, never ends.
    """
    loop = asyncio.get_running_loop()
    ended = loop.create_future()
    context = copy_context()  # it knows the app and the worker

    def end(error: Exception | None) -> None:
        if not ended.done():
            ended.set_result(None) if error is None else ended.set_exception(error)

    def run() -> None:
        error: Exception | None = None
        try:
            context.run(work)
        except Exception as raised:  # noqa: BLE001 - raised again by the event loop
            error = raised
        except SystemExit as raised:  # in a thread it would end nothing, and the task would wait
            error = RuntimeError(f"a task called sys.exit({raised.code!r})")
        _threads.pop(thread, None)
        with suppress(RuntimeError):  # the event loop is closed: the browser has ended
            loop.call_soon_threadsafe(end, error)

    thread = Thread(target=run, name="task", daemon=True)
    _threads[thread] = task
    thread.start()
    await ended


def run_detached(work: Callable[[], object]) -> None:
    """Do in a thread what the app, which has ended, cannot start any more; no errors are told."""

    def run() -> None:
        with suppress(CachetuiError):
            work()
        _threads.pop(thread, None)

    thread = Thread(target=run, name="task", daemon=True)
    _threads[thread] = None
    thread.start()


def leave_tasks(seconds: float) -> None:
    """Let the tasks save what they have, once the app has ended and cancelled them.

    Not waited for are those that have nothing to save, or that cannot end; what these write is removed.
    """
    end = monotonic() + seconds
    for thread, task in list(_threads.items()):
        if task is None or task.has_to_save:
            thread.join(max(end - monotonic(), 0.0))
    remove_unfinished()
