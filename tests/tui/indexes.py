"""Small indexes on disk, for what the sample does not have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.conftest import dag_hash

Record = tuple[str, Mapping[str, object]]
"""A hash with what stands under it."""


def record(number: int = 1, name: str = "zlib", needs: Iterable[int] = (), **fields: object) -> Record:
    """A build whose hash is that of the number; `needs` are the numbers of the builds of `cmake` it uses."""
    edges = [{"name": "cmake", "hash": dag_hash(to), "parameters": {"deptypes": ["build"]}} for to in needs]
    node = {
        "name": name,
        "version": "1.3",
        "arch": {"platform": "linux", "platform_os": "debian12", "target": "x86_64_v3"},
        "compiler": {"name": "gcc", "version": "13.2.0"},
        "namespace": "builtin",
        "hash": dag_hash(number),
        "dependencies": edges,
        **fields,
    }
    return dag_hash(number), {"spec": node, "in_buildcache": True}


def mirror(folder: Path, *records: Record) -> str:
    """A mirror that holds these records; its location."""
    file = folder / "build_cache" / "index.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"database": {"version": "7", "installs": dict(records)}}))
    return str(folder)


def lookalikes(count: int) -> list[Record]:
    """Builds of zlib that look the same: each needs another build of cmake."""
    tools = [record(10_000 + i, "cmake", version="3.31") for i in range(count)]
    return [*tools, *(record(i, needs=[10_000 + i]) for i in range(count))]
