"""Specs to a catalog file: order the rows, write columns, facets and edges aside, move into place."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
from pyroaring import BitMap

from cachetui.catalog import schema
from cachetui.catalog.ancestry import EdgeTable, write_ancestry
from cachetui.catalog.facets import INDEXES, Facet, compiler_key
from cachetui.catalog.schema import (
    COLUMNS,
    EDGE_CHUNK,
    KIND_COLUMNS,
    NO_ROW,
    TABLES,
    pack,
    pack_bitmap,
    pack_hash,
    pack_self_described,
)
from cachetui.catalog.staging import Staging
from cachetui.errors import CatalogError
from cachetui.spec import Spec
from cachetui.version import version_key

ABANDONED_SECONDS = 3600
"""A writer that has not touched its file for so long is gone."""

_SORT_KEYS: dict[str, Callable[[Any], Any]] = {
    "version": lambda value: (version_key(value), value),
    "compilers": lambda value: [(compiler_key(compiler), compiler) for compiler in value],
    "parameters": msgspec.json.encode,
}
_NEWEST_FIRST = frozenset({"version"})


def compile_catalog(specs: Iterable[Spec], path: Path, meta: dict[str, str] | None = None) -> None:
    """Compile specs into a catalog file, replacing what is at `path` in one step.

    Args:
        specs: in any order; those of one hash are merged.
        meta: texts to keep with the catalog (title, fingerprints).

    Raises:
        CatalogError: the file cannot be written (read-only or full folder).
    """
    write_catalog(stage(specs), path, meta)


def stage(specs: Iterable[Spec]) -> Staging:
    """Take in all specs; the iterable is consumed once and nothing of it is kept."""
    staging = Staging()
    for spec in specs:
        staging.add(spec)
    staging.follow_compiler_edges()
    return staging


def write_catalog(staging: Staging, path: Path, meta: dict[str, str] | None = None) -> None:
    """Write what was staged as a catalog file. Raises CatalogError."""
    _write_aside(path, lambda db: _Writer(db, staging).write(meta or {}))


def _write_aside(path: Path, write: Callable[[sqlite3.Connection], None]) -> None:
    """Write a database beside `path` and move it there when it is whole. Raises CatalogError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise CatalogError(f"{path.parent}: cannot be written ({error.strerror})") from error
    try:
        with closing(sqlite3.connect(aside)) as db:
            db.executescript(
                f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size={schema.PAGE_SIZE};"
            )
            db.executescript(TABLES)
            write(db)
            db.commit()
        _flush_to_disk(aside)
        os.replace(aside, path)
    except (OSError, sqlite3.Error) as error:
        raise CatalogError(f"{path}: cannot be written ({error})") from error
    finally:
        with suppress(OSError):
            os.unlink(aside)


def _flush_to_disk(file: str) -> None:
    """A machine that goes down later finds the old catalog or the whole new one."""
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_abandoned(path: Path) -> None:
    """Remove what writers of this catalog left that were killed."""
    for aside in path.parent.glob(f".{path.name}.*"):
        with suppress(OSError):
            if time.time() - aside.stat().st_mtime > ABANDONED_SECONDS:
                aside.unlink()


class _Writer:
    """Writes one staging into an empty database."""

    def __init__(self, db: sqlite3.Connection, staging: Staging) -> None:
        self.db = db
        self.staging = staging
        self.values: dict[str, list[Any]] = {}
        self.columns: dict[str, list[int]] = {}
        self.order: list[int] = []

    def write(self, meta: dict[str, str]) -> None:
        """The whole catalog."""
        hashes = self.staging.entry_hashes()
        self._rank_values()
        self._order_rows(hashes)
        self._write_columns()
        self._write_starts("package", ["package"])
        self._write_starts("kind", KIND_COLUMNS)
        self._write_bitmaps()
        for facet in INDEXES:
            self._write_facet(facet)
        self._write_edges_and_hashes(hashes)
        self.db.executemany(
            "INSERT INTO extra VALUES (?, ?)",
            [(row, size) for row, entry in enumerate(self.order) if (size := self.staging.sizes.get(entry))],
        )
        self._write_meta(meta)

    def _rank_values(self) -> None:
        """Number the values of each column in their sort order, and the entries accordingly."""
        entries = list(zip(*self.staging.rows, strict=True)) or [()] * len(COLUMNS)
        for name, ids in zip(COLUMNS, entries, strict=True):
            interned = self.staging.interners[name].values
            used = sorted(set(ids), key=lambda i: _SORT_KEYS.get(name, _itself)(interned[i]))
            rank = dict(zip(used, range(len(used)), strict=True))
            self.values[name] = [interned[i] for i in used]
            self.columns[name] = [rank[i] for i in ids]

    def _order_rows(self, hashes: list[str]) -> None:
        keys: list[Sequence[Any]] = [
            [-i for i in self.columns[name]] if name in _NEWEST_FIRST else self.columns[name]
            for name in KIND_COLUMNS
        ]
        sort_keys = list(zip(*keys, hashes, strict=True))
        self.order = sorted(range(len(hashes)), key=sort_keys.__getitem__)
        for name, ids in self.columns.items():
            self.columns[name] = [ids[entry] for entry in self.order]

    def _write_columns(self) -> None:
        for name, ids in self.columns.items():
            self._write_column(name, ids, len(self.values[name]))
            self._write_dictionary(name, self.values[name])

    def _write_column(self, name: str, ids: list[int] | array[int], limit: int) -> None:
        self.db.execute("INSERT INTO col VALUES (?, ?, ?)", (name, *pack(ids, limit)))

    def _write_dictionary(self, name: str, values: list[Any]) -> None:
        self.db.execute("INSERT INTO dictionary VALUES (?, ?)", (name, msgspec.json.encode(values)))

    def _write_starts(self, name: str, columns: Sequence[str]) -> None:
        """The first row of each run of rows that are equal in some columns, then the number of rows."""
        looks = list(zip(*(self.columns[column] for column in columns), strict=True))
        starts = [0] * bool(looks) + [row for row, (a, b) in enumerate(pairwise(looks), 1) if a != b]
        self._write_column(f"{name}_start", [*starts, len(looks)], len(looks) + 1)

    def _write_bitmaps(self) -> None:
        cached = BitMap(row for row, entry in enumerate(self.order) if self.staging.in_buildcache[entry])
        external_ids = self.values["external"]
        external = BitMap(row for row, i in enumerate(self.columns["external"]) if external_ids[i])
        for name, bitmap in (("in_buildcache", cached), ("listed", cached | external)):
            self.db.execute("INSERT INTO bitmap VALUES (?, ?)", (name, pack_bitmap(bitmap)))

    def _write_facet(self, facet: Facet) -> None:
        values = self.values[facet.column]
        rows_of: list[list[int]] = [[] for _ in values]
        for row, i in enumerate(self.columns[facet.column]):
            rows_of[i].append(row)
        parts: dict[str, list[BitMap]] = {}
        for value, rows in zip(values, rows_of, strict=True):
            bitmap = BitMap(rows)
            for facet_value in facet.values_of(value):
                parts.setdefault(facet_value, []).append(bitmap)
        self.db.executemany(
            "INSERT INTO facet VALUES (?, ?, ?, ?)",
            [
                (facet.name, position, value, pack_bitmap(BitMap.union(*parts[value])))
                for position, value in enumerate(
                    sorted(parts, key=lambda value: (facet.sort_key(value), value))
                )
            ],
        )

    def _write_edges_and_hashes(self, hashes: list[str]) -> None:
        """Edges by chunks of rows; hashes of all rows and, after them, of unlisted dependencies."""
        edges, unlisted = self._edges()
        for chunk in range(0, len(self.order), EDGE_CHUNK):
            self._write_edge_chunk(chunk // EDGE_CHUNK, edges.part(chunk, chunk + EDGE_CHUNK))
        self._write_dictionary("edge_kind", self.staging.edge_kinds.values)
        write_ancestry(self.db, edges, self.staging.edge_kinds.values)
        packed = [pack_hash(hashes[entry]) for entry in self.order]
        by_hash = sorted(range(len(packed)), key=packed.__getitem__)
        self._write_column("by_hash", by_hash, len(packed))
        data = b"".join([*packed, *map(pack_hash, unlisted)])
        self.db.execute("INSERT INTO col VALUES (?, ?, ?)", ("hash", "B", data))

    def _edges(self) -> tuple[EdgeTable, list[str]]:
        """All edges from row to row, and the hashes of those that lead to no row."""
        row_of = [0] * len(self.order)
        for row, entry in enumerate(self.order):
            row_of[entry] = row
        starts, numbers, kinds = self.staging.packed_edges(self.order)
        unlisted: dict[str, int] = {}
        target_of = {number: self._edge_target(number, row_of, unlisted) for number in dict.fromkeys(numbers)}
        targets = array("I", list(map(target_of.__getitem__, numbers)))
        return EdgeTable(starts, targets, kinds), list(unlisted)

    def _write_edge_chunk(self, chunk: int, edges: EdgeTable) -> None:
        parts = (edges.starts, edges.ends, edges.kinds)
        blobs = [pack_self_described(numbers) for numbers in parts]
        self.db.execute("INSERT INTO edges VALUES (?, ?, ?, ?)", (chunk, *blobs))

    def _edge_target(self, number: int, row_of: list[int], unlisted: dict[str, int]) -> int:
        entry = self.staging.entry_of(number)
        if entry is not None:
            return row_of[entry]
        if number == NO_ROW:
            return NO_ROW
        return len(row_of) + unlisted.setdefault(self.staging.hashes[number], len(unlisted))

    def _write_meta(self, meta: dict[str, str]) -> None:
        parents = msgspec.json.encode(self.staging.target_parents, order="sorted").decode()
        rows = {**meta, "schema": schema.SCHEMA, "specs": str(len(self.order)), "target_parents": parents}
        self.db.executemany("INSERT INTO meta VALUES (?, ?)", list(rows.items()))


def _itself(value: Any) -> Any:
    return value
