"""Builds indexes, and mirrors of every layout: as files, in a folder, and as tables of a server.

`tests.builders.pages` builds pages.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cachetui.sources import Problem, Source
from cachetui.spec import Spec
from tests.conftest import MIRROR_12, dag_hash
from tests.servers.faults import Behaviour, Content

INDEX = gzip.decompress((MIRROR_12 / "build_cache/index.json.gz").read_bytes())
"""A real index."""

V2 = "build_cache/index.json"
V3 = "v3/manifests/index/index.manifest.json"
VIEW = "v3/manifests/index/mine/index.manifest.json"

Record = tuple[str, Mapping[str, object]]
"""A hash and the record of an index below it."""


# Records and indexes


def record(number: int = 1, name: str = "zlib", needs: Iterable[int] = (), **fields: object) -> Record:
    """A build with the hash of the number, which needs builds of `cmake` with the hashes of other numbers."""
    edges = [{"name": "cmake", "hash": dag_hash(to), "parameters": {"deptypes": ["build"]}} for to in needs]
    node = {
        "name": name,
        "version": "1.3",
        "arch": {"platform": "linux", "platform_os": "debian12", "target": "x86_64_v3"},
        "compiler": {"name": "gcc", "version": "13.2.0"},
        "namespace": "builtin",
        "annotations": {"original_specfile_version": 4},
        "hash": dag_hash(number),
        "dependencies": edges,
        **fields,
    }
    return dag_hash(number), {"spec": node, "in_buildcache": True}


def small_record(number: int) -> Record:
    """A build of zlib 1.`number` of which nothing else is known."""
    return dag_hash(number), {"spec": {"name": "zlib", "version": f"1.{number}", "hash": dag_hash(number)}}


def lookalikes(count: int) -> list[Record]:
    """Builds of zlib that differ only in the build of cmake that each needs."""
    tools = [record(10_000 + i, "cmake", version="3.31") for i in range(count)]
    return [*tools, *(record(i, needs=[10_000 + i]) for i in range(count))]


def database(records: object, version: object = "8") -> bytes:
    """The JSON of an index or of installed packages, whatever the records are."""
    return json.dumps({"database": {"version": version, "installs": records}}).encode()


def index(*builds: int | Record, version: str = "8") -> bytes:
    """An index of records; a number stands for its `small_record`."""
    return database(dict(_records(builds)), version)


def records_of(index: bytes) -> dict[str, Any]:
    """The records of an index, by hash."""
    records: dict[str, Any] = json.loads(index)["database"]["installs"]
    return records


def _records(builds: Iterable[int | Record]) -> Iterable[Record]:
    return (small_record(build) if isinstance(build, int) else build for build in builds)


OTHER = index()
"""An empty index."""


# Files of a mirror: path to content


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def entry(stored: bytes, **changes: object) -> dict[str, object]:
    """An entry of a manifest; a change to None removes the key."""
    fields: dict[str, object] = {
        "contentLength": len(stored),
        "mediaType": "application/vnd.spack.db.v8+json",
        "compression": "none",
        "checksumAlgorithm": "sha256",
        "checksum": digest(stored),
    }
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


def manifest(*entries: Mapping[str, object], version: object = 3) -> bytes:
    return json.dumps({"version": version, "data": entries}, indent=0).encode()


def view_path(view: str) -> str:
    """Where layout v3 has the manifest of a view."""
    return f"v3/manifests/index/{view}/index.manifest.json"


def blob_path(stored: bytes) -> str:
    return _path_of_digest(digest(stored))


def _path_of_digest(name: str) -> str:
    return f"blobs/sha256/{name[:2]}/{name}"


def v3_files(stored: bytes, at: str = V3, **changes: Any) -> dict[str, bytes]:
    """The files of a mirror of layout v3."""
    return {at: manifest(entry(stored, **changes)), blob_path(stored): stored}


def v2_files(index: bytes) -> dict[str, bytes]:
    """The files of a mirror of layout v2."""
    return {V2: index, f"{V2}.hash": digest(index).encode()}


# Mirrors in a folder


def write_files(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return root


def mirror(folder: Path, *builds: int | Record, version: str = "8") -> str:
    """Write a mirror of layout v2, or another index into one; return its location."""
    return str(write_files(folder, {V2: index(*builds, version=version)}))


def damaged(folder: Path) -> str:
    """Write a mirror whose index is cut in half; return its location."""
    whole = index(1, 2, 3)
    return str(write_files(folder, {V2: whole[: len(whole) // 2]}))


# Mirrors of a server


def etag_of(content: bytes) -> str:
    """A strong ETag."""
    return f'"{digest(content)[:12]}"'


def served(files: Mapping[str, bytes], at: str = "/m") -> dict[str, Behaviour]:
    """The table of a server that has the files of a mirror below a path."""
    return {f"{at}/{name}": Content(data, etag_of(data)) for name, data in files.items()}


def v2(at: str, index: bytes) -> dict[str, Behaviour]:
    """The table of a server with a mirror of layout v2 at a path."""
    return served({V2: index}, at)


def v3(at: str, index: bytes, view: str = "", checksum: str = "") -> dict[str, Behaviour]:
    """The table of a server with a mirror of layout v3, or with one view of it; the checksum may be wrong."""
    name = checksum or digest(index)
    listed = manifest(entry(index, checksum=name))
    return served({view_path(view) if view else V3: listed, _path_of_digest(name): index}, at)


# Reading back


def no_problem(problem: Problem) -> None:
    """Fail on any problem."""
    raise AssertionError(problem)


def specs_of(source: Source) -> list[Spec]:
    """Read a source without problems."""
    return [spec for batch in source.batches(no_problem) for spec in batch.specs]
