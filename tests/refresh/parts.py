"""Small parts, a helper for little work, and the content of a catalog, to test compiling in parts."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cachetui.catalog.compile import compiler
from cachetui.refresh import Opened, helper, parts
from cachetui.refresh.helper import Helper, Task
from cachetui.sources.index import parts as index_parts
from tests.conftest import DATA

Content = dict[str, list[tuple[object, ...]]]


def unpacked(name: str, folder: Path) -> Path:
    """A mirror of the test data with a plain index; the index."""
    file = folder / "m" / "build_cache" / "index.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.decompress((DATA / name / "build_cache" / "index.json.gz").read_bytes()))
    return file


def cut_into(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Read an index in parts of so many bytes."""
    monkeypatch.setattr(index_parts, "PART_BYTES", size)
    monkeypatch.setattr(parts, "RUN_BYTES", size)


def share(monkeypatch: pytest.MonkeyPatch, shared: bool) -> None:
    """Give some of the smallest work to a helper, or nothing of any."""
    monkeypatch.setattr(parts, "SHARING_THRESHOLD", 0)
    monkeypatch.setattr(compiler, "EDGES_TO_SHARE", 0)
    monkeypatch.setattr(helper, "_cores", lambda: 2 if shared else 1)


def watch(monkeypatch: pytest.MonkeyPatch, submitted: Callable[[Helper, Task[object]], None]) -> None:
    """Call `submitted` with each task that a helper was given."""
    submit = Helper.submit

    def watched(self: Helper, task: Task[object]) -> object:
        pending = submit(self, task)
        submitted(self, task)
        return pending

    monkeypatch.setattr(Helper, "submit", watched)


def content(opened: Opened) -> Content:
    """All that stands in a catalog, but when its sources were written."""
    with closing(sqlite3.connect(opened.catalog.path)) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {name: sorted(db.execute(f"SELECT * FROM {name}")) for name in names}
    opened.catalog.close()
    found["meta"] = [row for row in found["meta"] if row[0] not in ("fingerprint", "checksum")]
    return found
