"""What is kept of mirrors: read, replaced, and what is not believed."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from cachetui.errors import SourceError
from cachetui.fetch import Address, IndexState, Store, address_of
from cachetui.sources import MirrorSource
from cachetui.spec import Place
from tests.servers.faults import faulty
from tests.sources.mirrors import INDEX, OTHER, Reader, digest, no_problem, served, specs_of, v3_files

ADDRESS = address_of("https://host/mirror")
STATE = f"{ADDRESS.key}.state"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "downloads")


def keep(store: Store, content: bytes, address: Address = ADDRESS) -> IndexState:
    """Keeps an index as a download does."""
    store.folder.mkdir(exist_ok=True)
    file = store.index_file(address, digest(content))
    file.write_bytes(content)
    kept = IndexState(url=address.url, layout="v2", file=str(file), sha256=digest(content), size=len(content))
    store.write(address, kept)
    return kept


def left(store: Store) -> set[str]:
    return {file.name for file in store.folder.iterdir()}


def test_nothing_is_kept_at_first(store: Store) -> None:
    kept = store.read(ADDRESS)
    assert kept == IndexState(url="https://host/mirror")
    assert not kept.has_index and kept.age() > 1e9
    assert not store.folder.exists()


def test_what_is_kept_is_read(store: Store) -> None:
    kept = keep(store, INDEX)
    assert store.read(ADDRESS) == kept and kept.has_index
    assert left(store) == {STATE, Path(kept.file).name}


def test_the_file_before_is_let_go_of(store: Store) -> None:
    keep(store, INDEX)
    kept = keep(store, OTHER)
    assert left(store) == {STATE, Path(kept.file).name}
    assert keep(store, OTHER).has_index


def test_files_elsewhere_are_left_alone(store: Store, tmp_path: Path) -> None:
    others = [tmp_path / "spack.json", tmp_path / "downloads" / ".." / "x.json"]
    for other in others:
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_bytes(INDEX)
        store.update(ADDRESS, file=str(other), by_spack=other.name == "spack.json")
        keep(store, OTHER)
        assert other.exists()


def test_two_mirrors_do_not_meet(store: Store) -> None:
    other = address_of("https://host/mirror", Place(view="mine"))
    first, second = keep(store, INDEX), keep(store, INDEX, other)
    assert first.file != second.file
    keep(store, OTHER)
    assert store.read(other) == second and second.has_index


def test_changes(store: Store) -> None:
    keep(store, INDEX)
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
def test_state_that_is_none(store: Store, state: bytes) -> None:
    keep(store, INDEX)
    (store.folder / STATE).write_bytes(state)
    assert store.read(ADDRESS) == IndexState(url=ADDRESS.url)
    keep(store, OTHER)
    assert store.read(ADDRESS).sha256 == digest(OTHER)


@pytest.mark.parametrize("file", ["", "/", "/nowhere", "x\0y", "\u00e9" * 5000])
def test_file_that_is_not_there(store: Store, file: str) -> None:
    kept = store.update(ADDRESS, file=file, sha256="0" * 64)
    assert not kept.has_index
    with pytest.raises(SourceError, match="never downloaded"):
        list(MirrorSource(ADDRESS, store).batches(no_problem))


@pytest.mark.parametrize("content", [INDEX[:-1], INDEX + b"x", b""])
def test_file_that_something_wrote_to(store: Store, content: bytes) -> None:
    kept = keep(store, INDEX)
    Path(kept.file).write_bytes(content)
    assert not kept.has_index


def test_state_is_replaced_as_a_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = keep(store, INDEX)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert store.update(ADDRESS, failure="no").failure == "no"
    assert store.read(ADDRESS) == kept
    assert left(store) == {STATE, Path(kept.file).name}


def test_folder_that_cannot_be(store: Store) -> None:
    store.folder.write_text("a file")
    assert store.update(ADDRESS, failure="no").failure == "no"
    assert store.read(ADDRESS) == IndexState(url=ADDRESS.url)
    with pytest.raises(OSError):
        store.write(ADDRESS, IndexState())


def test_download_into_a_folder_that_cannot_be(reader: Reader) -> None:
    reader.store.folder.write_text("a file")
    with faulty(served(v3_files(INDEX))) as server, pytest.raises(SourceError) as caught:
        reader.update(f"{server.url}/m")
    assert caught.value.place == str(reader.store.folder)
    assert str(caught.value).isprintable()


def test_disk_that_is_full_at_the_end(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
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


# a mirror as a source


def test_source(store: Store) -> None:
    source = MirrorSource(address_of("https://me:s3cret@host/mirror?sig=abc", Place(view="mine")), store)
    assert (source.name, source.label) == ("mirror", "mirror (https://host/mirror?\u2026 view mine)")
    for ask in (source.fingerprint, lambda: source.parts(no_problem), lambda: source.index):
        with pytest.raises(SourceError, match="never downloaded"):
            ask()
    keep(store, INDEX, source.address)
    assert specs_of(MirrorSource(source.address, store))
    with pytest.raises(SourceError):
        source.fingerprint()  # a catalog is of one state
    assert source.reload().has_index
    assert specs_of(source)[0].places == (Place(mirror="mirror", view="mine"),)


def test_fingerprint_is_that_of_the_index(store: Store) -> None:
    source = MirrorSource(ADDRESS, store)
    prints = set()
    for content in (INDEX, OTHER, INDEX):
        keep(store, content)
        source.reload()
        prints.add(source.fingerprint())
    assert len(prints) == 2
    store.update(ADDRESS, checked=1.0, etag="x", note="y")
    source.reload()
    assert source.fingerprint() in prints
    named = MirrorSource(address_of(ADDRESS.url, Place(mirror="named")), store)
    assert named.fingerprint() not in prints


def test_reason_why_it_is_not_there(store: Store) -> None:
    store.update(ADDRESS, failure="it rains")
    with pytest.raises(SourceError, match="it rains"):
        MirrorSource(ADDRESS, store).fingerprint()


def test_index_of_spack_is_checked(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "spack.json"
    file.write_bytes(INDEX)
    told = {"file": str(file), "size": len(INDEX), "sha256": digest(INDEX), "by_spack": True}
    store.update(ADDRESS, **told)
    assert specs_of(MirrorSource(ADDRESS, store))
    store.update(ADDRESS, **{**told, "sha256": digest(OTHER)})
    with pytest.raises(SourceError, match="checksum"):
        MirrorSource(ADDRESS, store).parts(no_problem)


def test_what_a_killed_process_left_is_swept_after_a_day(tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    for name in ("a.part.x1", "a.part.x2", "a.state.x3", "a.part", "a.part.json", "a.state", "a-00.json"):
        (folder / name).touch()
        if name != "a.part.x2":
            os.utime(folder / name, (0, 0))
    Store(folder).sweep()
    left = {file.name for file in folder.iterdir()}
    assert left == {"a.part.x2", "a.part", "a.part.json", "a.state", "a-00.json"}
