"""Mirrors of one index in every layout, as files and as tables of a server."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cachetui.sources import Problem, Source
from cachetui.spec import Spec
from tests.conftest import MIRROR_12
from tests.servers.faults import Behaviour, Content

INDEX = gzip.decompress((MIRROR_12 / "build_cache/index.json.gz").read_bytes())
"""A real index."""

OTHER = b'{"database": {"version": "8", "installs": {}}}'
"""An empty index."""

V2 = "build_cache/index.json"
V3 = "v3/manifests/index/index.manifest.json"
VIEW = "v3/manifests/index/mine/index.manifest.json"


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


def blob_path(stored: bytes) -> str:
    name = digest(stored)
    return f"blobs/sha256/{name[:2]}/{name}"


def v3_files(stored: bytes, at: str = V3, **changes: Any) -> dict[str, bytes]:
    """The files of a mirror of layout v3: path to content."""
    return {at: manifest(entry(stored, **changes)), blob_path(stored): stored}


def v2_files(index: bytes) -> dict[str, bytes]:
    """The files of a mirror of layout v2: path to content."""
    return {V2: index, f"{V2}.hash": digest(index).encode()}


def write_files(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return root


def served(files: Mapping[str, bytes]) -> dict[str, Behaviour]:
    """The table of a server that has the files of a mirror at `/m`, with strong ETags."""
    return {f"/m/{name}": Content(data, f'"{digest(data)[:8]}"') for name, data in files.items()}


def no_problem(problem: Problem) -> None:
    """Fail on any problem."""
    raise AssertionError(problem)


def specs_of(source: Source) -> list[Spec]:
    """Read a source without problems."""
    return [spec for batch in source.batches(no_problem) for spec in batch.specs]
