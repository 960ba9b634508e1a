"""Open a catalog: when it is compiled again, and what happens if a source cannot be read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pytest

from cachetui import bounded, paths
from cachetui.errors import Cancelled, LocationError, SourceError
from cachetui.locate import locations
from cachetui.refresh import MAX_PROBLEMS, Policy, Progress, open_cached, open_catalog
from cachetui.refresh.reading import SourcesReader
from cachetui.sources import Problem, Source, open_path
from cachetui.sources.base import Batch, Report
from cachetui.spec import Place
from tests.builders.damage import executed
from tests.builders.homes import temporary_files
from tests.builders.mirrors import Record, damaged, mirror
from tests.conftest import dag_hash
from tests.refresh.files import catalog_file, files, hashes

Damage = Callable[[Path], object]


pytestmark = pytest.mark.usefixtures("home")


# When it is compiled


def test_unchanged_content_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    location = mirror(tmp_path / "m", 1, 2)
    first = open_catalog([location])
    assert first.compiled
    assert hashes(first) == {dag_hash(1), dag_hash(2)}
    written = catalog_file().stat()

    def never(*_: object) -> None:
        pytest.fail("it was compiled again")

    monkeypatch.setattr(SourcesReader, "read", never)
    second = open_catalog([location])
    assert not second.compiled
    assert hashes(second) == {dag_hash(1), dag_hash(2)}
    assert catalog_file().stat() == written


def test_changed_content_is_compiled_again(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", 1)
    hashes(open_catalog([location]))
    mirror(tmp_path / "m", 1, 2)
    opened = open_catalog([location])
    assert opened.compiled
    assert hashes(opened) == {dag_hash(1), dag_hash(2)}
    assert len(os.listdir(paths.catalog_dir())) == 1


def test_changed_content_of_the_same_size_is_compiled_again(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", 1)
    hashes(open_catalog([location]))
    mirror(tmp_path / "m", 2)
    os.utime(tmp_path / "m" / "build_cache" / "index.json", ns=(1, 1))
    assert hashes(open_catalog([location])) == {dag_hash(2)}


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(executed("UPDATE meta SET value = '0' WHERE key = 'schema'"), id="another schema"),
        pytest.param(executed("DELETE FROM meta WHERE key = 'problems'"), id="no problems"),
        pytest.param(executed("UPDATE meta SET value = '[1]' WHERE key = 'problems'"), id="other problems"),
        pytest.param(lambda file: file.write_bytes(file.read_bytes()[:30_000]), id="cut"),
        pytest.param(lambda file: file.write_bytes(b"\0garbage" * 1000), id="garbage"),
        pytest.param(lambda file: file.write_bytes(b""), id="empty"),
    ],
)
def test_unusable_catalog_is_compiled_again(tmp_path: Path, damage: Damage) -> None:
    location = mirror(tmp_path / "m", 1)
    hashes(open_catalog([location]))
    damage(catalog_file())
    assert open_cached([location], Policy()) is None
    opened = open_catalog([location])
    assert opened.compiled
    assert hashes(opened) == {dag_hash(1)}
    again = open_catalog([location])
    assert not again.compiled
    assert hashes(again) == {dag_hash(1)}


def test_opening_the_cached_catalog_reads_no_sources(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", 1)
    assert open_cached([location], Policy()) is None
    assert files(paths.cache_dir()) == []
    hashes(open_catalog([location]))
    opened = open_cached([location], Policy())
    assert opened is not None and not opened.compiled and not opened.is_outdated
    assert hashes(opened) == {dag_hash(1)}
    assert open_cached([str(tmp_path / "nowhere")], Policy()) is None


@pytest.mark.parametrize(("folder", "spelling"), [(".", "m"), (".", "./m/"), ("m", "../m"), (".", "~/m")])
def test_all_spellings_of_a_location_share_one_catalog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, spelling: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    hashes(open_catalog([mirror(tmp_path / "m", 1)]))
    monkeypatch.chdir(tmp_path / folder)
    opened = open_cached([spelling], Policy())
    assert opened is not None and not opened.is_outdated
    assert hashes(opened) == {dag_hash(1)}


def test_sample_has_one_catalog_in_every_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    hashes(open_catalog(["sample"]))
    monkeypatch.chdir("/")
    opened = open_cached(["sample"], Policy())
    assert opened is not None and not opened.is_outdated
    assert len(hashes(opened)) > 100


# Sources that cannot be read


def test_bad_source_does_not_hide_others_and_is_reported_every_time(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    locations = [damaged(tmp_path / "bad"), mirror(tmp_path / "good", 7), nowhere]
    for compiled in (True, False):
        opened = open_catalog(locations)
        assert opened.compiled is compiled
        assert hashes(opened) == {dag_hash(7)}
        failures = sorted(opened.failures)
        assert [str(tmp_path / "bad") in failures[0], nowhere in failures[1]] == [True, True]


def test_repaired_source_is_read(tmp_path: Path) -> None:
    locations = [mirror(tmp_path / "good", 7), str(tmp_path / "late")]
    assert hashes(open_catalog(locations)) == {dag_hash(7)}
    mirror(tmp_path / "late", 8)
    opened = open_catalog(locations)
    assert opened.failures == ()
    assert hashes(opened) == {dag_hash(7), dag_hash(8)}


def test_source_that_vanishes_during_opening_does_not_hide_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Vanished:
        name = "vanished"
        batches = open_path("sample")[0].batches

        def fingerprint(self) -> str:
            raise SourceError("vanished", "No such file or directory")

    vanished = mirror(tmp_path / "vanished", 1)

    def opener(path: str, place: Place) -> Sequence[Source]:
        return [Vanished()] if path == vanished else open_path(path, place)

    monkeypatch.setattr(locations, "open_path", opener)
    opened = open_catalog([vanished, mirror(tmp_path / "good", 7)])
    assert opened.failures == ("vanished: No such file or directory",)
    assert hashes(opened) == {dag_hash(7)}


def test_error_if_no_source_can_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="truncated or damaged"):
        open_catalog([damaged(tmp_path / "bad")])
    with pytest.raises(LocationError, match="no such file or folder"):
        open_catalog([str(tmp_path / "nowhere"), str(tmp_path / "nor there")])
    assert files(paths.catalog_dir()) == files(paths.downloads_dir()) == []


def test_previous_catalog_is_shown_when_its_source_breaks(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", 1)
    hashes(open_catalog([location]))
    before = catalog_file().read_bytes()
    damaged(tmp_path / "m")
    opened = open_catalog([location])
    assert hashes(opened) == {dag_hash(1)}
    assert "truncated" in opened.failures[0]
    assert "earlier start" in opened.notes[-1]
    assert catalog_file().read_bytes() == before


def test_complete_catalog_survives_a_failed_source(tmp_path: Path) -> None:
    locations = [mirror(tmp_path / "a", 1), mirror(tmp_path / "b", 2)]
    hashes(open_catalog(locations))
    damaged(tmp_path / "a")
    opened = open_catalog(locations)
    assert hashes(opened) == {dag_hash(1), dag_hash(2)}
    assert len(opened.failures) == 1
    mirror(tmp_path / "a", 3)
    opened = open_catalog(locations)
    assert hashes(opened) == {dag_hash(3), dag_hash(2)}
    assert opened.failures == ()


def test_transient_error_is_tried_again_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locations = [mirror(tmp_path / "a", 1), mirror(tmp_path / "b", 2)]
    open_regular = bounded.open_regular

    def sick(file: Path | str) -> BinaryIO:
        if "a" in Path(file).parts:
            raise OSError(5, "Input/output error")
        return open_regular(file)

    with monkeypatch.context() as patched:
        patched.setattr(bounded, "open_regular", sick)
        opened = open_catalog(locations)
        assert "Input/output error" in opened.failures[0]
        assert hashes(opened) == {dag_hash(2)}
    opened = open_catalog(locations)
    assert opened.failures == ()
    assert hashes(opened) == {dag_hash(1), dag_hash(2)}


def test_unskipped_problem_is_a_note_every_time(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", 1, version="10")
    for _ in range(2):
        opened = open_catalog([location])
        file = tmp_path / "m" / "build_cache" / "index.json"
        assert opened.notes == (f"{file}: database version 10 is newer than 9; read as 9",)
        assert (opened.skipped, opened.problems, opened.failures) == (0, (), ())
        assert hashes(opened) == {dag_hash(1)}


def test_number_of_notes_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Odd:
        name = "odd"

        def fingerprint(self) -> str:
            return ""

        def batches(self, report: Report) -> Iterator[Batch]:
            for number in range(MAX_PROBLEMS + 20):
                report(Problem(f"place {number}", "odd", skipped=False))
            yield Batch([], 1, 1)

    monkeypatch.setattr(locations, "open_path", lambda path, place: [Odd()])
    opened = open_catalog([str(tmp_path)])
    assert opened.notes == tuple(f"place {number}: odd" for number in range(MAX_PROBLEMS))
    assert (opened.skipped, hashes(opened)) == (0, set())


def test_skipped_records_are_reported_every_time(tmp_path: Path) -> None:
    bad: list[Record] = [(f"bad{number}", {"spec": {}}) for number in range(MAX_PROBLEMS + 20)]
    location = mirror(tmp_path / "m", 1, *bad)
    for _ in range(2):
        opened = open_catalog([location])
        assert opened.skipped == MAX_PROBLEMS + 20
        assert len(opened.problems) == MAX_PROBLEMS
        assert "record bad0" in opened.problems[0]
        assert hashes(opened) == {dag_hash(1)}


# Stopping


def test_cancel_keeps_the_catalog_and_leaves_no_files(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", 1)
    hashes(open_catalog([location]))
    before = files(paths.cache_dir()), catalog_file().read_bytes()
    mirror(tmp_path / "m", 1, 2)
    seen: list[Progress] = []

    def cancel(progress: Progress) -> None:
        seen.append(progress)
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        open_catalog([location], cancel)
    assert [(progress.source, progress.specs) for progress in seen] == [("m", 2)]
    assert seen[0].done == seen[0].total > 0
    assert (files(paths.cache_dir()), catalog_file().read_bytes()) == before
    assert temporary_files() == []


def test_interrupt_while_writing_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        open_catalog([mirror(tmp_path / "m", 1)])
    assert files(paths.cache_dir()) == temporary_files() == []


# Two at once

COMPILE = """
import sys
from cachetui.refresh import open_catalog
print("ready", flush=True)
sys.stdin.readline()
for _ in range(20):
    opened = open_catalog(sys.argv[1:])
    assert len(opened.catalog) == 300, len(opened.catalog)
    opened.catalog.path.unlink(missing_ok=True)
    opened.catalog.close()
"""


def test_two_processes_compile_the_same_catalog(tmp_path: Path) -> None:
    """Each also removes the catalog under the other's feet."""
    location = mirror(tmp_path / "m", *range(300))
    command = [sys.executable, "-c", COMPILE, location]
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe, stderr=pipe) for _ in range(2)]
    for process in running:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    errors = [process.communicate()[1] for process in running]
    assert errors == ["", ""]
    assert [process.returncode for process in running] == [0, 0]
    assert files(paths.catalog_dir()) == []
