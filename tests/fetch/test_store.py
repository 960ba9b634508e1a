"""The store of local copies: reading, replacing, and ignoring malformed state."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import msgspec
import pytest

from cachetui.errors import SourceError
from cachetui.fetch import IndexState, Store, address_of
from cachetui.sources import MirrorSource
from cachetui.spec import Place
from tests.builders.mirrors import INDEX, OTHER, digest, no_problem, served, v3_files
from tests.fetch.reader import ADDRESS, Reader, store_copy
from tests.servers.faults import faulty

STATE = f"{ADDRESS.key}.state"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "downloads")


def left(store: Store) -> set[str]:
    return {file.name for file in store.folder.iterdir()}


def test_empty_store(store: Store) -> None:
    state = store.read(ADDRESS)
    assert state == IndexState(url="https://host/mirror")
    assert not state.has_index and state.age() > 1e9
    assert not store.folder.exists()


def test_state_is_read_back(store: Store) -> None:
    state = store_copy(store, INDEX)
    assert store.read(ADDRESS) == state and state.has_index
    assert left(store) == {STATE, Path(state.file).name}


def test_old_file_is_removed(store: Store) -> None:
    store_copy(store, INDEX)
    state = store_copy(store, OTHER)
    assert left(store) == {STATE, Path(state.file).name}
    assert store_copy(store, OTHER).has_index


def test_files_outside_the_store_are_not_removed(store: Store, tmp_path: Path) -> None:
    others = [tmp_path / "spack.json", tmp_path / "downloads" / ".." / "x.json"]
    for other in others:
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_bytes(INDEX)
        store.update(ADDRESS, file=str(other), by_spack=other.name == "spack.json")
        store_copy(store, OTHER)
        assert other.exists()


def test_mirrors_do_not_share_files(store: Store) -> None:
    other = address_of("https://host/mirror", Place(view="mine"))
    first, second = store_copy(store, INDEX), store_copy(store, INDEX, other)
    assert first.file != second.file
    store_copy(store, OTHER)
    assert store.read(other) == second and second.has_index


def test_update(store: Store) -> None:
    store_copy(store, INDEX)
    changed = store.update(ADDRESS, failure="no", failed=5.0)
    assert (changed.failure, changed.sha256) == ("no", digest(INDEX))
    assert store.read(ADDRESS) == changed


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"null",
        b'{"file": 7}',
        b'{"more": ' + b"[" * 100_000,
        msgspec.json.encode(IndexState(url="x", sha256="0" * 64, format=0)),
        msgspec.json.encode(IndexState(url="x", sha256="0" * 64, format=99)),
    ],
)
def test_malformed_state(store: Store, state: bytes) -> None:
    store_copy(store, INDEX)
    (store.folder / STATE).write_bytes(state)
    assert store.read(ADDRESS) == IndexState(url=ADDRESS.url)
    store_copy(store, OTHER)
    assert store.read(ADDRESS).sha256 == digest(OTHER)


@pytest.mark.parametrize("file", ["", "/", "/nowhere", "x\0y", "\u00e9" * 5000])
def test_missing_file_of_a_state(store: Store, file: str) -> None:
    state = store.update(ADDRESS, file=file, sha256="0" * 64)
    assert not state.has_index
    with pytest.raises(SourceError, match="never downloaded"):
        list(MirrorSource(ADDRESS, store).batches(no_problem))


@pytest.mark.parametrize("content", [INDEX[:-1], INDEX + b"x", b""])
def test_modified_file(store: Store, content: bytes) -> None:
    state = store_copy(store, INDEX)
    Path(state.file).write_bytes(content)
    assert not state.has_index


def test_a_full_disk_leaves_the_old_state(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    state = store_copy(store, INDEX)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert store.update(ADDRESS, failure="no").failure == "no"
    assert store.read(ADDRESS) == state
    assert left(store) == {STATE, Path(state.file).name}


def test_store_at_a_file(store: Store) -> None:
    store.folder.write_text("a file")
    assert store.update(ADDRESS, failure="no").failure == "no"
    assert store.read(ADDRESS) == IndexState(url=ADDRESS.url)
    with pytest.raises(OSError):
        store.write(ADDRESS, IndexState())


def test_download_into_a_store_at_a_file(reader: Reader) -> None:
    reader.store.folder.write_text("a file")
    with faulty(served(v3_files(INDEX))) as server, pytest.raises(SourceError) as caught:
        reader.update(f"{server.url}/m")
    assert caught.value.place == str(reader.store.folder)
    assert str(caught.value).isprintable()


def test_disk_full_after_the_download(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = os.replace

    def full(source: str, target: Path) -> None:
        if str(target).endswith(".state"):
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    with faulty(served(v3_files(INDEX))) as server:
        with pytest.raises(SourceError, match="No space left"):
            reader.update(f"{server.url}/m")
        monkeypatch.undo()
        assert reader.update(f"{server.url}/m").has_index


def test_files_of_killed_processes_are_removed_after_a_day(tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    for name in ("a.part.x1", "a.part.x2", "a.state.x3", "a.part", "a.part.json", "a.state", "a-00.json"):
        (folder / name).touch()
        if name != "a.part.x2":
            os.utime(folder / name, (0, 0))
    Store(folder).sweep()
    left = {file.name for file in folder.iterdir()}
    assert left == {"a.part.x2", "a.part", "a.part.json", "a.state", "a-00.json"}


def test_a_state_that_cannot_be_read_just_now_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    store.write(ADDRESS, IndexState(file="/index", sha256="00"))

    def failing(*arguments: object) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("cachetui.fetch.store.read_own", failing)
        assert store.update(ADDRESS, records=3).records == 3
    assert store.read(ADDRESS).file == "/index"
    assert store.update(ADDRESS, records=3).sha256 == "00"
