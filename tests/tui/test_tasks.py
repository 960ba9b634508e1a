"""Tasks post what happens, and nothing more once they are cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from textual import on
from textual.app import App
from textual.screen import Screen

from cachetui.errors import CatalogError
from cachetui.refresh import OnProgress, Progress
from cachetui.refresh.progress import FETCHING, READING, WRITING
from cachetui.tui.tasks import Done, Failed, Progressed, TaskMessage, leave_tasks, run_task

STEP = Progress("m", 0, 1, 2)


class Owner(App[None]):
    """Keeps the messages that it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[tuple[str, object]] = []

    @on(Progressed)
    @on(Done)
    @on(Failed)
    def _message(self, event: TaskMessage) -> None:
        if isinstance(event, Progressed):
            self.got.append(("progressed", event.progress))
        elif isinstance(event, Failed):
            self.got.append(("failed", str(event.error)))
        elif isinstance(event, Done):
            self.got.append(("done", event.take()))


async def until(met: Callable[[], bool]) -> None:
    for _ in range(3000):
        if met():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("waited in vain")


async def test_a_task_posts_progress_and_its_result() -> None:
    def work(on_progress: OnProgress) -> int:
        on_progress(STEP)
        return 7

    owner = Owner()
    async with owner.run_test():
        task = run_task(owner, "work", work)
        await until(lambda: len(owner.got) == 2)
        assert owner.got == [("progressed", STEP), ("done", 7)]
        assert not task.is_running and not task.cancel()


async def test_a_task_posts_what_went_wrong() -> None:
    def work(on_progress: OnProgress) -> None:
        raise CatalogError("no catalog")

    owner = Owner()
    async with owner.run_test():
        task = run_task(owner, "work", work)
        await until(lambda: bool(owner.got))
        assert owner.got == [("failed", "no catalog")]
        assert not task.is_running


async def test_a_cancelled_task_stops_at_its_next_step_and_posts_nothing() -> None:
    started, go_on, stopped = threading.Event(), threading.Event(), threading.Event()

    def work(on_progress: OnProgress) -> None:
        started.set()
        go_on.wait(30)
        try:
            on_progress(STEP)
        finally:
            stopped.set()

    owner = Owner()
    async with owner.run_test():
        task = run_task(owner, "work", work)
        await until(started.is_set)
        assert task.is_running and task.cancel() and not task.cancel()
        go_on.set()
        await until(stopped.is_set)
        await owner.workers.wait_for_complete()
        assert owner.got == []


async def test_a_result_that_nobody_waits_for_is_discarded() -> None:
    started, go_on = threading.Event(), threading.Event()
    discarded: list[str] = []

    def work(on_progress: OnProgress) -> str:
        started.set()
        go_on.wait(30)
        return "late"

    owner = Owner()
    async with owner.run_test():
        task = run_task(owner, "work", work, discard=discarded.append)
        await until(started.is_set)
        task.cancel()
        go_on.set()
        await until(lambda: discarded == ["late"])
        assert owner.got == []


async def test_a_result_in_the_queue_of_a_cancelled_task_is_discarded() -> None:
    discarded: list[str] = []
    owner = Owner()
    async with owner.run_test():
        task = run_task(owner, "work", lambda on_progress: "late", discard=discarded.append)
        task.cancel()
        done = Done(task, "late")
        assert done.take() is None
        assert discarded[:1] == ["late"]


async def test_a_screen_that_is_not_shown_yet_gets_a_result_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cachetui.tui.tasks.MOMENT", 30.0)
    owner, screen = Owner(), Screen[None]()
    async with owner.run_test():
        assert await run_task(screen, "work", lambda on_progress: "early").soon() == "early"
        await owner.push_screen(screen)
        await until(lambda: bool(owner.got))
        assert owner.got == [("done", None)]


async def test_a_result_that_comes_late_is_told_by_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cachetui.tui.tasks.MOMENT", 0.0)
    go_on, owner = threading.Event(), Owner()

    def work(on_progress: OnProgress) -> str:
        go_on.wait(30)
        return "late"

    async with owner.run_test():
        assert await run_task(owner, "work", work).soon() is None
        go_on.set()
        await until(lambda: owner.got == [("done", "late")])


async def test_progress_comes_at_a_pace() -> None:
    def work(on_progress: OnProgress) -> None:
        for _ in range(50):
            on_progress(STEP)

    owner = Owner()
    async with owner.run_test():
        run_task(owner, "work", work, pace=1000.0)
        await until(lambda: ("done", None) in owner.got)
        assert owner.got == [("progressed", STEP), ("done", None)]


@pytest.mark.parametrize("phase", [READING, WRITING])
async def test_the_end_does_not_wait_for_a_compile(phase: str) -> None:
    compiling, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work(on_progress: OnProgress) -> None:
        on_progress(Progress("m", 0, 1, 2, phase))
        compiling.set()
        go_on.wait(5)
        ended.set()

    owner = Owner()
    async with owner.run_test():
        run_task(owner, "work", work)
        await until(compiling.is_set)
    leave_tasks(30)
    assert not ended.is_set()
    go_on.set()


async def test_the_end_waits_for_what_a_download_saves() -> None:
    downloading, leaving, saved = threading.Event(), threading.Event(), threading.Event()

    def work(on_progress: OnProgress) -> None:
        on_progress(Progress("m", 0, 1, 2, READING))
        on_progress(Progress("m", 0, 1, 2, FETCHING))
        downloading.set()
        leaving.wait(30)
        for _ in range(1000):
            threading.Event().wait(0)  # others have their turn
        saved.set()

    owner = Owner()
    async with owner.run_test():
        run_task(owner, "work", work)
        await until(downloading.is_set)
    leaving.set()
    leave_tasks(30)
    assert saved.is_set()
