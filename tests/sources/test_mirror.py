"""A mirror behind a network as a source: its fingerprint, its index, and errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachetui.errors import SourceError
from cachetui.fetch import Store, address_of
from cachetui.sources import MirrorSource
from cachetui.spec import Place
from tests.builders.mirrors import INDEX, OTHER, digest, no_problem, specs_of
from tests.fetch.reader import ADDRESS, store_copy


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "downloads")


def test_source(store: Store) -> None:
    source = MirrorSource(address_of("https://me:s3cret@host/mirror?sig=abc", Place(view="mine")), store)
    assert (source.name, source.label) == ("mirror", "mirror (https://host/mirror?\u2026 view mine)")
    for ask in (source.fingerprint, lambda: source.parts(no_problem), lambda: source.index):
        with pytest.raises(SourceError, match="never downloaded"):
            ask()
    store_copy(store, INDEX, source.address)
    assert specs_of(MirrorSource(source.address, store))
    with pytest.raises(SourceError):
        source.fingerprint()  # the state was read before the download
    assert source.reload().has_index
    assert specs_of(source)[0].places == (Place(mirror="mirror", view="mine"),)


def test_fingerprint_is_that_of_the_index(store: Store) -> None:
    source = MirrorSource(ADDRESS, store)
    prints = set()
    for content in (INDEX, OTHER, INDEX):
        store_copy(store, content)
        source.reload()
        prints.add(source.fingerprint())
    assert len(prints) == 2
    store.update(ADDRESS, checked=1.0, etag="x", note="y")
    source.reload()
    assert source.fingerprint() in prints
    named = MirrorSource(address_of(ADDRESS.url, Place(mirror="named")), store)
    assert named.fingerprint() not in prints


def test_error_of_the_last_check(store: Store) -> None:
    store.update(ADDRESS, failure="it rains")
    with pytest.raises(SourceError, match="it rains"):
        MirrorSource(ADDRESS, store).fingerprint()


def test_checksum_of_an_index_of_spack(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "spack.json"
    file.write_bytes(INDEX)
    given = {"file": str(file), "size": len(INDEX), "sha256": digest(INDEX), "by_spack": True}
    store.update(ADDRESS, **given)
    assert specs_of(MirrorSource(ADDRESS, store))
    store.update(ADDRESS, **{**given, "sha256": digest(OTHER)})
    with pytest.raises(SourceError, match="checksum"):
        MirrorSource(ADDRESS, store).parts(no_problem)
