"""A browser compiles big sources in another process: with the same result, and nothing stays of it."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import asdict

from cachetui import paths, text
from cachetui.catalog import Catalog
from cachetui.errors import Cancelled, SourceError
from cachetui.refresh import Asking, Opened, Policy, Progress, apart, compiling, helper, open_catalog, worker
from cachetui.refresh.apart import CompileApart
from cachetui.refresh.compilation import Compilation
from cachetui.refresh.found import find_sources
from cachetui.refresh.progress import READING, WRITING
from cachetui.refresh.read_report import ReadReport
from tests.builders.homes import temporary_files
from tests.builders.mirrors import Record, mirror
from tests.conftest import DATA, MIRROR_023, dag_hash
from tests.refresh.files import catalog_file, files, hashes
from tests.refresh.parts import content

HERE: list[int] = []
"""How often this process has compiled."""


@pytest.fixture(autouse=True)
def smallest(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the smallest sources compiled by another process, and count what is compiled here."""
    compile_sources = compiling.compile_sources

    def counted(compilation: Compilation, on_progress: Callable[[Progress], None]) -> Opened:
        HERE.append(1)
        return compile_sources(compilation, on_progress)

    HERE.clear()
    monkeypatch.setattr(compiling, "compile_sources", counted)
    monkeypatch.setattr(apart, "BIG", 1)


def browse(*locations: str | Path, on_progress: Callable[[Progress], None] = lambda progress: None) -> Opened:
    """Open as a browser does."""
    return open_catalog([str(each) for each in locations], on_progress, asking=Asking())


def unfinished() -> list[str]:
    """What a process has begun to write."""
    return [*temporary_files(), *(name for name in files(paths.cache_dir()) if name.startswith("."))]


def said(opened: Opened) -> dict[str, object]:
    return {name: value for name, value in asdict(opened).items() if name != "catalog"}


def test_browser_compiles_in_another_process_with_the_same_result(tmp_path: Path) -> None:
    bad: Record = ("bad", {"spec": {}})
    locations: list[str | Path] = [
        MIRROR_023,
        mirror(tmp_path / "m", 1, 2, bad, version="10"),
        tmp_path / "gone",
    ]
    found = browse(*locations)
    assert not HERE
    seen, catalog = said(found), content(found)
    assert (seen["compiled"], seen["skipped"]) == (True, 1)
    catalog_file().unlink()
    here = open_catalog([str(each) for each in locations])
    assert HERE
    assert (said(here), content(here)) == (seen, catalog)
    assert temporary_files() == []


def test_a_temporary_folder_is_made_only_where_the_cache_folder_does_not_do(tmp_path: Path) -> None:
    """A process that is killed would leave it."""
    seen: list[str] = []
    browse(mirror(tmp_path / "m", 1), on_progress=lambda progress: seen.extend(temporary_files()))
    assert (HERE, seen) == ([], [])


def test_pages_count_as_what_they_hold() -> None:
    browse(DATA / "pages").catalog.close()
    assert not HERE


def test_small_sources_are_compiled_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "BIG", 1 << 20)
    browse(mirror(tmp_path / "m", 1)).catalog.close()
    assert HERE


def test_progress_comes_from_the_other_process(tmp_path: Path) -> None:
    seen: list[Progress] = []
    assert len(hashes(browse(mirror(tmp_path / "m", *range(40)), on_progress=seen.append))) == 40
    assert [phase for phase in (READING, WRITING) if phase in {each.phase for each in seen}] == [
        READING,
        WRITING,
    ]
    assert (seen[0].source, seen[0].share) == ("m", 0.0)
    assert (seen[-1].specs, seen[-1].share) == (40, 1.0)


@pytest.mark.parametrize("phase", [READING, WRITING])
def test_cancel_leaves_a_whole_catalog_and_nothing_else(phase: str, tmp_path: Path) -> None:
    """The other process may have replaced the catalog before it hears of it."""
    location = mirror(tmp_path / "m", 1)
    assert hashes(browse(location)) == {dag_hash(1)}
    mirror(tmp_path / "m", *range(3000))

    def cancel(progress: Progress) -> None:
        if progress.phase == phase and progress.done > 3:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        browse(location, on_progress=cancel)
    assert len(Catalog(catalog_file())) in (1, 3000)
    assert unfinished() == []


def test_error_is_raised_and_not_met_again_here(tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "build_cache" / "index.json"
    broken.parent.mkdir(parents=True)
    broken.write_text("[" * 10)
    with pytest.raises(SourceError, match="broken"):
        browse(broken.parent.parent)
    assert not HERE


def test_killed_process_takes_no_catalog_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the system is out of memory, where compiling here would end the browser."""
    location = mirror(tmp_path / "m", 1)
    browse(location).catalog.close()
    mirror(tmp_path / "m", 1, 2)
    popen = subprocess.Popen

    def killed(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        process = popen(*arguments, **options)  # type: ignore[call-overload]
        process.kill()
        return process  # type: ignore[no-any-return]

    monkeypatch.setattr(subprocess, "Popen", killed)
    found = browse(location)
    (failure,) = found.failures
    assert failure == f"the process that compiles was ended by signal {signal.SIGKILL}"
    assert hashes(found) == {dag_hash(1)}
    assert not HERE


@pytest.mark.parametrize("code", ["raise SystemExit", "import cachetui.not_there"])
def test_process_that_does_not_work_is_done_without(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper, "START_CODE", code)
    assert hashes(browse(mirror(tmp_path / "m", 1))) == {dag_hash(1)}
    assert HERE


def test_process_that_cannot_start_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    assert hashes(browse(mirror(tmp_path / "m", 1))) == {dag_hash(1)}


def test_no_temporary_folder_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    assert hashes(browse(mirror(tmp_path / "m", 1))) == {dag_hash(1)}
    assert not HERE


def test_catalog_that_is_gone_at_once_is_compiled_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def removed(path: Path) -> Catalog:
        path.unlink()
        return Catalog(path)

    monkeypatch.setattr(apart, "opened_sound", removed)
    assert hashes(browse(mirror(tmp_path / "m", 1))) == {dag_hash(1)}
    assert HERE


def test_catalog_without_a_place_stays_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    found = browse(mirror(tmp_path / "m", 1))
    (note,) = found.notes
    assert note.endswith("working from a temporary catalog, the next start compiles again")
    assert not found.catalog.path.exists()
    assert temporary_files() == []
    assert hashes(found) == {dag_hash(1)}
    assert not HERE


@pytest.fixture
def seen_afresh() -> Iterator[None]:
    """Nothing is known of the user's folders."""
    paths.look_again()
    yield
    paths.look_again()


@pytest.mark.usefixtures("seen_afresh")
def test_distrusted_cache_folder_is_replaced_by_one_of_this_process(tmp_path: Path) -> None:
    paths.cache_dir().mkdir(parents=True)
    paths.cache_dir().chmod(0o777)
    paths.look_again()
    found = browse(mirror(tmp_path / "m", 1))
    assert HERE and found.catalog.path.parent == paths.catalog_dir()
    assert hashes(found) == {dag_hash(1)}


def compilation(location: str) -> Compilation:
    found, report = find_sources([location], Policy()), ReadReport()
    return Compilation(found, found.fingerprint(report), report)


def test_url_made_of_variables_is_shown_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "_written", {})
    monkeypatch.setattr(worker, "tell", lambda message: None)
    task = CompileApart(compilation(mirror(tmp_path / "m", 1)), {"https://secret.test": "https://$HOST"})
    assert pickle.loads(pickle.dumps(task)).run().error is None
    assert text.redacted("https://secret.test/mirror") == "https://$HOST/mirror"


@pytest.mark.parametrize("number", [None, signal.SIGTERM, signal.SIGHUP])
def test_process_ends_when_it_is_told_or_alone_and_leaves_no_files(
    number: signal.Signals | None, tmp_path: Path
) -> None:
    """A terminal that is gone tells all its processes."""
    task = CompileApart(compilation(mirror(tmp_path / "m", *range(3000))), {})
    command = [sys.executable, "-c", helper.START_CODE, *sys.path]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(pickle.dumps(task))
        process.stdin.flush()
        while (progress := pickle.load(process.stdout)).phase == READING or progress.done < 4:
            pass  # until it writes
        if number is None:
            process.stdin.close()
            process.stdout.close()
        else:
            process.send_signal(number)
        process.wait(60)
    assert unfinished() == []
