"""Files that are replaced in one step: nobody sees half of one, and nothing remains of a failure."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cachetui.files import ABANDONED_SECONDS, new_file, replace_file, replacing


@pytest.fixture(autouse=True)
def own_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_file_and_its_folder_are_created(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "state"
    replace_file(file, b"one")
    assert (file.read_bytes(), names(file.parent)) == (b"one", ["state"])


def test_readers_see_the_old_content_until_the_new_one_is_complete(tmp_path: Path) -> None:
    file = tmp_path / "state"
    file.write_bytes(b"old")
    with file.open("rb") as reader:
        with replacing(file) as aside:
            aside.write_bytes(b"new")
            assert file.read_bytes() == b"old"
            assert aside.parent == tmp_path and aside.name.startswith(".state.")
        assert (reader.read(), file.read_bytes()) == (b"old", b"new")
    assert names(tmp_path) == ["state"]


@pytest.mark.parametrize("error", [OSError, ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    file = tmp_path / "state"
    file.write_bytes(b"old")
    with pytest.raises(error), replacing(file) as aside:
        aside.write_bytes(b"half")
        raise error
    assert (file.read_bytes(), names(tmp_path)) == (b"old", ["state"])


def test_a_failed_move_leaves_nothing_aside(tmp_path: Path) -> None:
    file = tmp_path / "state"
    file.mkdir()
    with pytest.raises(OSError):
        replace_file(file, b"new")
    assert names(tmp_path) == ["state"]


@pytest.mark.parametrize(
    ("mode", "mask", "found"), [(0o600, 0o022, 0o600), (0o666, 0o022, 0o644), (0o666, 0o077, 0o600)]
)
def test_mode_respects_the_umask(tmp_path: Path, mode: int, mask: int, found: int) -> None:
    os.umask(mask)
    file = tmp_path / "state"
    replace_file(file, b"", mode)
    assert mode_of(file) == found


def test_other_users_cannot_read_a_file_by_default(tmp_path: Path) -> None:
    os.umask(0)
    file = tmp_path / "state"
    file.touch(0o666)
    replace_file(file, b"https://host/?signature")
    assert mode_of(file) == 0o600


def test_durable_content_is_on_disk_before_it_is_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def noting_fsync(handle: int) -> None:
        steps.append("fsync")
        fsync(handle)

    def noting_replace(old: Path, new: Path) -> None:
        steps.append("replace")
        replace(old, new)

    monkeypatch.setattr(os, "fsync", noting_fsync)
    monkeypatch.setattr(os, "replace", noting_replace)
    replace_file(tmp_path / "state", b"")
    with replacing(tmp_path / "catalog", durable=True):
        pass
    assert steps == ["replace", "fsync", "replace"]


def test_files_of_killed_writers_are_removed(tmp_path: Path) -> None:
    ages = {".state.old": 60, ".state.new": -60, ".other.old": 60, "state.old": 60}
    for name, age in ages.items():
        (tmp_path / name).touch()
        written = time.time() - ABANDONED_SECONDS - age
        os.utime(tmp_path / name, (written, written))
    replace_file(tmp_path / "state", b"")
    assert names(tmp_path) == [".other.old", ".state.new", "state", "state.old"]


def test_each_writer_has_its_own_temporary_file(tmp_path: Path) -> None:
    assert len({new_file(tmp_path / "state") for _ in range(20)}) == 20
