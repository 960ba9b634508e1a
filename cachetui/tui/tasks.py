"""Work in the background: a task posts `Progressed`, then `Done` or `Failed`; `cancel` ends it.

Messages go to the node that started the task and bubble from there, so a screen or the app handles them like
any other. A task that is cancelled posts nothing more, except what is in a queue already: handlers of `Done`
call `take`, which returns nothing for a result that is not wanted any more.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any, Generic, TypeVar

from textual.dom import DOMNode
from textual.message import Message
from textual.worker import get_current_worker

from cachetui.errors import CachetuiError, Cancelled
from cachetui.refresh import OnProgress, Progress

T = TypeVar("T")

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
    """

    def __init__(self, name: str, discard: Callable[[T], object]) -> None:
        self.name = name
        self.is_cancelled = False
        self.is_finished = False
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
        """The result; None if the task was cancelled meanwhile, and then the result is discarded."""
        self.task.is_finished = True
        if self.task.is_cancelled:
            self.task.discard(self._result)
            return None
        return self._result


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

    def run() -> None:
        posted = -pace
        worker = get_current_worker()  # cancelled when the app ends

        def advance(progress: Progress) -> None:
            nonlocal posted
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
            if task.is_cancelled or not owner.post_message(Done(task, result)):
                task.discard(result)

    owner.run_worker(run, thread=True, group=name)
    return task
