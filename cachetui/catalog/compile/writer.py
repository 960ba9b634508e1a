"""Writes a catalog file except for its ancestry: columns, dictionaries, facets, edges and hashes."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from itertools import compress, count
from typing import Any

import msgspec
from pyroaring import BitMap

from cachetui.catalog import schema
from cachetui.catalog.compile.dependents import write_dependents
from cachetui.catalog.compile.edge_table import EdgeTable
from cachetui.catalog.compile.rows import Rows
from cachetui.catalog.compile.staging import NO_HASH, Staging
from cachetui.catalog.facets import INDEXES, Facet
from cachetui.catalog.schema import (
    EDGE_CHUNK,
    HASH_BYTES,
    NO_ROW,
    ROW_CHUNK,
    RUNTIME_DEPTYPES,
    VALUE_CHUNK,
    EdgeKind,
    facet_dictionary,
    pack,
    pack_bitmap,
    pack_hash,
    pack_self_described,
)


class Writer:
    """Writes one staging into an empty database.

    Args:
        entries: see `Staging.entries_by_number`.

    Attributes:
        edges: all edges from row to row; ends from the number of rows on are dependencies without a row.
        edge_kinds: the edge kinds by number.
    """

    def __init__(self, db: sqlite3.Connection, staging: Staging, rows: Rows, entries: Sequence[int]) -> None:
        self.db = db
        self.staging = staging
        self.rows = rows
        starts, numbers, kinds = staging.packed_edges(self.rows.order)
        self.edge_kinds, kinds = _ranked_kinds(staging.edge_kinds.values, kinds)
        self._unlisted: dict[str, int] = {}
        self.edges = EdgeTable(starts, self._targets(numbers, entries), kinds)

    def steps(self, meta: dict[str, str]) -> Iterator[None]:
        """Write everything, and report each step."""
        self._write_columns()
        yield
        for name, starts in (
            ("package_start", self.rows.package_starts),
            ("kind_start", self.rows.lookalike_starts),
        ):
            self._write_column(name, starts, len(self.rows) + 1)
        self._write_bitmaps()
        yield
        for facet in INDEXES:
            self._write_facet(facet)
            yield
        self._write_edges()
        yield
        write_dependents(self.db, self.edges, len(self.edge_kinds))
        yield
        self._write_hashes()
        self._write_sizes()
        self._write_meta(meta)

    def _targets(self, numbers: array[int], entries: Sequence[int]) -> array[int]:
        """Convert numbers of hashes to rows; those without an entry get the numbers after the last row."""
        row_of = [0] * len(self.rows) + [NO_ROW]
        for row, entry in enumerate(self.rows.order):
            row_of[entry] = row
        target_of = list(map(row_of.__getitem__, entries))
        unlisted = {number for number, row in enumerate(target_of) if row == NO_ROW} - {NO_HASH}
        for number in filter(unlisted.__contains__, numbers) if unlisted else ():
            place = self._unlisted.setdefault(self.staging.hashes[number], len(self._unlisted))
            target_of[number] = len(self.rows) + place
        return array("I", list(map(target_of.__getitem__, numbers)))

    def _write_columns(self) -> None:
        for name, ids in self.rows.columns.items():
            self._write_pieces(name, *pack(ids, len(self.rows.values[name])))
            self._write_dictionary(name, self.rows.values[name])

    def _write_pieces(self, name: str, typecode: str, data: bytes, each: int = 0) -> None:
        """Write numbers of rows in chunks; of `each` bytes, if it is not one number of the typecode."""
        size = ROW_CHUNK * (each or array(typecode).itemsize)
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        rows = [(name, chunk, typecode, piece) for chunk, piece in enumerate(pieces)]
        self.db.executemany("INSERT INTO piece VALUES (?, ?, ?, ?)", rows)

    def _write_column(self, name: str, ids: list[int] | array[int], limit: int) -> None:
        self.db.execute("INSERT INTO col VALUES (?, ?, ?)", (name, *pack(ids, limit)))

    def _write_dictionary(self, name: str, values: list[Any]) -> None:
        chunks = [values[start : start + VALUE_CHUNK] for start in range(0, len(values), VALUE_CHUNK)] or [[]]
        rows = [(name, chunk, msgspec.json.encode(some)) for chunk, some in enumerate(chunks)]
        self.db.executemany("INSERT INTO dictionary VALUES (?, ?, ?)", rows)

    def _write_bitmaps(self) -> None:
        is_cached = self.staging.in_buildcache
        cached = BitMap([row for row, entry in enumerate(self.rows.order) if is_cached[entry]])
        external_ids = self.rows.values["external"]
        external = BitMap([row for row, i in enumerate(self.rows.columns["external"]) if external_ids[i]])
        found = {"in_buildcache": cached, "listed": cached | external, "lacking": self._lacking()}
        for name, bitmap in found.items():
            self.db.execute("INSERT INTO bitmap VALUES (?, ?)", (name, pack_bitmap(bitmap)))

    def _lacking(self) -> BitMap:
        """The rows with a link or run edge to a dependency without a row."""
        specs, edges = len(self.rows), self.edges
        if max(edges.ends, default=0) < specs:
            return BitMap()
        is_runtime = [not RUNTIME_DEPTYPES.isdisjoint(kind.deptypes) for kind in self.edge_kinds]
        unlisted = compress(zip(edges.rows(), edges.kinds, strict=True), map(specs.__le__, edges.ends))
        return BitMap([row for row, kind in unlisted if is_runtime[kind]])

    def _write_facet(self, facet: Facet) -> None:
        values = self.rows.values[facet.column]
        rows_of: list[list[int]] = [[] for _ in values]
        for row, i in enumerate(self.rows.columns[facet.column]):
            rows_of[i].append(row)
        parts: dict[str, list[BitMap]] = {}
        for value, rows in zip(values, rows_of, strict=True):
            bitmap = BitMap(rows)
            for facet_value in facet.values_of(value):
                parts.setdefault(facet_value, []).append(bitmap)
        in_order = sorted(parts, key=lambda value: (facet.sort_key(value), value))
        self._write_dictionary(facet_dictionary(facet.name), in_order)
        self.db.executemany(
            "INSERT INTO facet VALUES (?, ?, ?)",
            [
                (facet.name, position, pack_bitmap(BitMap.union(*parts[value])))
                for position, value in enumerate(in_order)
            ],
        )

    def _write_edges(self) -> None:
        """The edges, by chunks of rows."""
        self._write_dictionary("edge_kind", self.edge_kinds)
        for chunk in range(0, len(self.rows), EDGE_CHUNK):
            edges = self.edges.part(chunk, chunk + EDGE_CHUNK)
            blobs = [pack_self_described(numbers) for numbers in (edges.starts, edges.ends, edges.kinds)]
            self.db.execute("INSERT INTO edges VALUES (?, ?, ?, ?)", (chunk // EDGE_CHUNK, *blobs))

    def _write_hashes(self) -> None:
        """The hashes of all rows and, after them, of unlisted dependencies."""
        packed = list(map(pack_hash, self.rows.hashes))
        by_hash = sorted(range(len(packed)), key=packed.__getitem__)
        self._write_column("by_hash", by_hash, len(packed))
        data = b"".join([*packed, *map(pack_hash, self._unlisted)])
        self._write_pieces("hash", "B", data, HASH_BYTES)

    def _write_sizes(self) -> None:
        sizes = self.staging.sizes
        if sizes:
            found = [(row, size) for row, entry in enumerate(self.rows.order) if (size := sizes.get(entry))]
            self.db.executemany("INSERT INTO extra VALUES (?, ?)", found)

    def _write_meta(self, meta: dict[str, str]) -> None:
        parents = msgspec.json.encode(self.staging.target_parents, order="sorted").decode()
        rows = {**meta, "schema": schema.SCHEMA, "specs": str(len(self.rows)), "target_parents": parents}
        self.db.executemany("INSERT INTO meta VALUES (?, ?)", list(rows.items()))


def _ranked_kinds(values: list[EdgeKind], kinds: array[int]) -> tuple[list[EdgeKind], array[int]]:
    """The edge kinds that are used, in their order, and each edge's number among them."""
    used = sorted(set(kinds), key=lambda i: msgspec.structs.astuple(values[i]))
    rank = dict(zip(used, count(), strict=False))
    return [values[i] for i in used], array("I", list(map(rank.__getitem__, kinds)))
