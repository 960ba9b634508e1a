"""Files that are replaced in one step: nobody sees half of one, and nothing remains of a failure."""

from __future__ import annotations

import grp
import os
import pwd
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cachetui import files
from cachetui.files import (
    ABANDONED_SECONDS,
    LARGEST_KEPT,
    folder_distrust,
    is_own,
    make_folder,
    new_file,
    open_own,
    read_own,
    remove_unfinished,
    replace_file,
    replacing,
    unfinished,
)


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


def test_an_empty_folder_is_removed_at_the_end_and_no_other(tmp_path: Path) -> None:
    empty, full = tmp_path / "empty", tmp_path / "full"
    empty.mkdir()
    full.mkdir()
    (full / "file").touch()
    with unfinished(empty), unfinished(full):
        remove_unfinished()
        assert names(tmp_path) == ["full"]
    assert names(full) == ["file"]


def test_what_is_half_written_at_the_end_is_removed_and_replaces_nothing(tmp_path: Path) -> None:
    file = tmp_path / "state"
    file.write_bytes(b"old")
    with pytest.raises(FileNotFoundError), replacing(file) as aside:
        aside.write_bytes(b"ne")
        remove_unfinished()
        assert names(tmp_path) == ["state"]
    assert file.read_bytes() == b"old"
    with replacing(file) as aside:
        aside.write_bytes(b"new")
    remove_unfinished()
    assert file.read_bytes() == b"new"


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


# files and folders that another user may have written


OTHER = 12345
"""The number of another user."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.mark.parametrize(
    ("mode", "is_trusted"),
    [(0o700, True), (0o755, True), (0o770, False), (0o777, False), (0o702, False), (0o1777, True)],
)
def test_a_folder_that_others_may_write_is_not_written_to(
    tmp_path: Path, mode: int, is_trusted: bool
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    os.chown(folder, -1, OTHER if os.geteuid() == 0 else -1)
    folder.chmod(mode)
    assert bool(folder_distrust(folder)) is not is_trusted
    if is_trusted:
        replace_file(folder / "state", b"")
        return
    with pytest.raises(PermissionError, match="other users may write to it"):
        replace_file(folder / "state", b"")
    assert names(folder) == []


def test_the_group_of_a_user_alone_may_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = pwd.getpwuid(os.geteuid())
    tmp_path.chmod(0o770)
    os.chown(tmp_path, -1, user.pw_gid)
    for members, is_private in (([], True), ([user.pw_name], True), (["somebody"], False)):
        group = grp.struct_group((user.pw_name, "x", user.pw_gid, members))
        monkeypatch.setattr(grp, "getgrgid", lambda gid, group=group: group)
        files._is_private_group.cache_clear()
        assert bool(folder_distrust(tmp_path)) is not is_private
    files._is_private_group.cache_clear()


@as_root
@pytest.mark.parametrize("mode", [0o700, 0o777])
def test_a_folder_of_another_user_is_not_written_to(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(mode)
    os.chown(folder, OTHER, -1)
    with pytest.raises(PermissionError, match="another user"):
        replace_file(folder / "state", b"")
    (tmp_path / "link").symlink_to(folder)
    assert "another user" in folder_distrust(tmp_path / "link")
    os.chown(folder, 0, -1)
    folder.chmod(0o700)
    assert not folder_distrust(tmp_path / "link")
    os.lchown(tmp_path / "link", OTHER, -1)
    assert "another user" in folder_distrust(tmp_path / "link")


def test_folders_are_created_for_one_user_alone(tmp_path: Path) -> None:
    os.umask(0)
    make_folder(tmp_path / "a" / "b")
    assert [mode_of(tmp_path / name) for name in ("a", "a/b")] == [0o700, 0o700]


@pytest.mark.parametrize("mode", ["rb", "ab", "wb", "r+b", "xb"])
def test_a_link_is_not_followed(tmp_path: Path, mode: str) -> None:
    victim, link = tmp_path / "victim", tmp_path / "state"
    victim.write_bytes(b"mine")
    link.symlink_to(victim)
    with pytest.raises(OSError):
        open_own(link, mode)
    assert (victim.read_bytes(), is_own(link), is_own(victim)) == (b"mine", False, True)
    link.unlink()
    link.symlink_to(tmp_path / "missing")
    with pytest.raises(OSError):
        open_own(link, mode)
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize("mode", ["rb", "ab", "wb", "r+b"])
def test_what_is_no_file_is_not_opened(tmp_path: Path, mode: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder", "missing"):
        with pytest.raises(OSError):
            open_own(tmp_path / name, mode)
        assert not is_own(tmp_path / name)


def test_a_file_that_others_may_write_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "state"
    file.write_bytes(b"content")
    assert (read_own(file), is_own(file)) == (b"content", True)
    file.chmod(0o666)
    with pytest.raises(PermissionError, match="other users may write to it"):
        open_own(file, "wb")
    assert (file.read_bytes(), is_own(file)) == (b"content", False)


@pytest.mark.parametrize("size", [0, 9, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_a_file_is_read_whole(tmp_path: Path, size: int) -> None:
    file = tmp_path / "state"
    file.write_bytes(b"x" * size)
    assert len(read_own(file)) == size


def test_of_a_huge_file_the_beginning_is_read(tmp_path: Path) -> None:
    file = tmp_path / "state"
    file.write_bytes(b"content")
    os.truncate(file, 1 << 40)
    assert len(read_own(file)) <= LARGEST_KEPT + (1 << 20)


@as_root
def test_a_file_of_another_user_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "state"
    file.write_bytes(b"content")
    os.chown(file, OTHER, -1)
    with pytest.raises(PermissionError, match="another user"):
        read_own(file)


def test_each_mode_does_what_it_says(tmp_path: Path) -> None:
    file = tmp_path / "state"
    for mode, written, content in (
        ("xb", b"12", b"12"),
        ("ab", b"34", b"1234"),
        ("r+b", b"5", b"5234"),
        ("wb", b"6", b"6"),
    ):
        with open_own(file, mode) as stream:
            stream.write(written)
        assert (file.read_bytes(), mode_of(file)) == (content, 0o600)


def test_a_shared_file_is_written_where_others_may_put_links(tmp_path: Path) -> None:
    """A catalog of a site: written by path in a private folder, and copied to a file that is open."""
    os.umask(0)
    tmp_path.chmod(0o777)
    file = tmp_path / "site.sqlite"
    with replacing(file, 0o666) as aside:
        assert aside.parent != tmp_path
        aside.write_bytes(b"content")
    assert (file.read_bytes(), mode_of(file), names(tmp_path)) == (b"content", 0o666, ["site.sqlite"])
    replace_file(file, b"new", 0o666)
    assert file.read_bytes() == b"new"


def test_the_age_of_a_link_counts_and_not_that_of_what_it_leads_to(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.touch()
    os.utime(victim, (0, 0))
    (tmp_path / ".state.new").symlink_to(victim)
    replace_file(tmp_path / "state", b"")
    assert names(tmp_path) == [".state.new", "state", "victim"]
