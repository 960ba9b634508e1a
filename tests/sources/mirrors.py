"""Mirrors of one index in every layout, and a reader of them."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cachetui.errors import SourceError
from cachetui.fetch import Access, IndexState, Network, Session, Store, address_of
from cachetui.sources import Problem, Source, update_index
from cachetui.spec import Place, Spec
from tests.conftest import MIRROR_12
from tests.servers.faults import Behaviour, Content, Exchange

INDEX = gzip.decompress((MIRROR_12 / "build_cache/index.json.gz").read_bytes())
"""A real one."""

OTHER = b'{"database": {"version": "8", "installs": {}}}'
"""Another one."""

V2 = "build_cache/index.json"
V3 = "v3/manifests/index/index.manifest.json"
VIEW = "v3/manifests/index/mine/index.manifest.json"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def entry(stored: bytes, **changes: object) -> dict[str, object]:
    """What a manifest says of a blob."""
    told: dict[str, object] = {
        "contentLength": len(stored),
        "mediaType": "application/vnd.spack.db.v8+json",
        "compression": "none",
        "checksumAlgorithm": "sha256",
        "checksum": digest(stored),
    }
    return {name: value for name, value in {**told, **changes}.items() if value is not None}


def manifest(*entries: Mapping[str, object], version: object = 3) -> bytes:
    return json.dumps({"version": version, "data": entries}, indent=0).encode()


def blob_path(stored: bytes) -> str:
    name = digest(stored)
    return f"blobs/sha256/{name[:2]}/{name}"


def v3_files(stored: bytes, at: str = V3, **changes: Any) -> dict[str, bytes]:
    """A mirror of layout v3: path to content."""
    return {at: manifest(entry(stored, **changes)), blob_path(stored): stored}


def v2_files(index: bytes) -> dict[str, bytes]:
    """A mirror of layout v2, likewise."""
    return {V2: index, f"{V2}.hash": digest(index).encode()}


def write_files(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return root


def served(files: Mapping[str, bytes]) -> dict[str, Behaviour]:
    """The files of a mirror `/m` as a table, with strong ETags."""
    return {f"/m/{name}": Content(data, f'"{digest(data)[:8]}"') for name, data in files.items()}


@dataclass(frozen=True)
class Raw:
    """Bytes as they go over the line; then the connection ends."""

    data: bytes

    def __call__(self, exchange: Exchange) -> None:
        exchange.write(self.data)
        exchange.cut()


def nothing() -> None:
    """What is called during waits."""


class Stopped(Exception):
    """Somebody wants no more."""


@dataclass
class Reader:
    """Brings mirrors up to date, each time in a session of its own."""

    store: Store
    network: Network
    told: list[tuple[int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def update(
        self,
        url: str,
        access: Access | None = None,
        place: Place | None = None,
        tick: Callable[[], None] = nothing,
    ) -> IndexState:
        self.told.clear()
        self.store.sweep()
        with Session(self.network, tick) as session:
            address = address_of(url, place, access)
            self.notes = session.notes
            kept = update_index(
                session, self.store, address, lambda done, total: self.told.append((done, total))
            )
        assert kept == self.store.read(address_of(url, place, access))
        return kept

    def refusal(self, url: str, access: Access | None = None, place: Place | None = None) -> SourceError:
        """Why a mirror cannot be read, as one line that is kept too."""
        with pytest.raises(SourceError) as caught:
            self.update(url, access, place)
        assert str(caught.value).isprintable()
        kept = self.store.read(address_of(url, place, access))
        assert kept.failure == caught.value.reason and kept.failed
        return caught.value

    def left(self) -> list[str]:
        """The names of all files that are kept."""
        folder = self.store.folder
        return sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []

    def part(self) -> bytes:
        """The beginning that waits for another try."""
        (name,) = [name for name in self.left() if name.endswith(".part")]
        return (self.store.folder / name).read_bytes()


def text(kept: IndexState) -> bytes:
    return Path(kept.file).read_bytes()


def no_problem(problem: Problem) -> None:
    """Takes up no problem."""
    raise AssertionError(problem)


def specs_of(source: Source) -> list[Spec]:
    """All specs of a source, which has no problems."""
    return [spec for batch in source.batches(no_problem) for spec in batch.specs]
