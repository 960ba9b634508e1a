"""The second process ends with its work or its parent, and nothing depends on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.errors import Cancelled
from cachetui.refresh import Progress, helper, open_catalog
from cachetui.refresh.compiling import BeginAncestry, WriteAncestry
from cachetui.refresh.helper import Helper, Task, helper_process
from cachetui.refresh.parts import ReadParts
from cachetui.refresh.progress import READING, WRITING
from tests.builders.homes import temporary_files
from tests.builders.mirrors import mirror
from tests.conftest import dag_hash
from tests.refresh.files import catalog_file, files, hashes
from tests.refresh.parts import content, cut_into, share, unpacked, watch

Started = list[subprocess.Popen[bytes]]


@pytest.fixture(autouse=True)
def shared_work(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Share the smallest work with a helper."""
    cut_into(monkeypatch, 400)
    share(monkeypatch, shared=True)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """The processes of all helpers."""
    found: Started = []

    class Noted(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)  # type: ignore[call-overload]
            found.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    return found


class Length:
    """A task."""

    def __init__(self, text: str) -> None:
        self.text = text

    def run(self) -> tuple[int, int]:
        if not self.text:
            raise ValueError("no text")
        return len(self.text), os.getpid()


def nothing() -> None:
    """Is called meanwhile."""


def test_helper_runs_tasks_in_order_in_another_process() -> None:
    with helper_process() as one:
        assert one is not None
        found = [task.result(nothing) for task in [one.submit(Length("x" * n)) for n in (1, 100_000, 3)]]
    assert [length for length, _ in found] == [1, 100_000, 3]
    assert len({process for _, process in found} - {os.getpid()}) == 1


def test_failing_task_runs_here_and_raises() -> None:
    with helper_process() as one:
        assert one is not None
        failing, other = one.submit(Length("")), one.submit(Length("x"))
        with pytest.raises(ValueError, match="no text"):
            failing.result(nothing)
        assert other.result(nothing)[1] != os.getpid()


def test_one_helper_serves_reading_and_writing_and_ends(tmp_path: Path, started: Started) -> None:
    assert len(hashes(open_catalog([str(unpacked("mirror-v2-spack0.23", tmp_path))]))) > 100
    (process,) = started
    assert process.returncode is not None


def test_helper_works_from_a_thread(tmp_path: Path, started: Started) -> None:
    found: list[set[str]] = []
    location = mirror(tmp_path / "m", *range(40))
    thread = threading.Thread(target=lambda: found.append(hashes(open_catalog([location]))))
    thread.start()
    thread.join()
    assert found == [{dag_hash(number) for number in range(40)}]
    assert len(started) == 1


@pytest.mark.parametrize("phase", [READING, WRITING])
def test_cancel_ends_the_helper_and_leaves_no_files(phase: str, tmp_path: Path, started: Started) -> None:
    def cancel(progress: Progress) -> None:
        if progress.phase == phase and started and (phase == READING or progress.done > 3):
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        open_catalog([str(unpacked("mirror-v2-spack0.23", tmp_path))], cancel)
    (process,) = started
    assert process.returncode is not None
    assert files(paths.cache_dir()) == temporary_files() == []


def test_work_goes_on_after_the_helper_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: Started, request: pytest.FixtureRequest
) -> None:
    # as after a command that wrote to standard output
    pipe = signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    request.addfinalizer(lambda: signal.signal(signal.SIGPIPE, pipe))
    location = str(unpacked("mirror-v2-spack0.23", tmp_path))
    whole = content(open_catalog([location]))
    for deadly in (ReadParts, BeginAncestry, WriteAncestry):
        catalog_file().unlink()

        def kill(one: Helper, task: Task[object], deadly: type = deadly) -> None:
            if isinstance(task, deadly) and started[-1].poll() is None:
                started[-1].kill()
                started[-1].wait()

        with monkeypatch.context() as patched:
            watch(patched, kill)
            assert content(open_catalog([location])) == whole


def test_work_goes_on_without_a_helper_that_cannot_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    assert len(hashes(open_catalog([mirror(tmp_path / "m", *range(40))]))) == 40


def test_helper_ends_with_its_parent() -> None:
    command = [sys.executable, "-c", helper.START_CODE, *sys.path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0


def test_progress_of_reading_and_writing(tmp_path: Path) -> None:
    seen: list[Progress] = []
    hashes(open_catalog([mirror(tmp_path / "m", *range(40))], seen.append))
    reading = [progress for progress in seen if progress.phase == READING]
    writing = [progress for progress in seen if progress.phase == WRITING]
    assert seen == reading + writing
    for phase in (reading, writing):
        done = [progress.done for progress in phase]
        assert done == sorted(done)
        assert phase[-1].share == 1.0
    assert reading[-1].specs == writing[-1].specs == 40
    assert "40 specs, " in reading[-1].numbers and reading[-1].numbers.endswith("/s, almost done")
    assert writing[-1].numbers == "40 specs, almost done"
