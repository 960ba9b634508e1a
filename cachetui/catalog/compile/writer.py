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
from cachetui.catalog.chunks import join_blobs, write_chunk, write_chunks, write_meta
from cachetui.catalog.compile.dependents import write_dependents
from cachetui.catalog.compile.edge_table import EdgeTable
from cachetui.catalog.compile.rows import Rows
from cachetui.catalog.compile.rows_by_value import RowsByValue, rows_by_value
from cachetui.catalog.compile.staging import NO_HASH, Staging
from cachetui.catalog.compile.turns import (
    distinct,
    in_order,
    largest,
    picked,
    picked_numbers,
    pieces,
    places_in_order,
)
from cachetui.catalog.facets import INDEXES, Facet
from cachetui.catalog.schema import (
    EDGE_CHUNK,
    HASH_BYTES,
    NO_ROW,
    ROW_CHUNK,
    RUNTIME_DEPTYPES,
    VALUE_CHUNK,
    EdgeKind,
    column_name,
    facet_dictionary,
    facet_rows,
    pack,
    pack_bitmap,
    pack_hashes,
    pack_tight,
    values_name,
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
        self._values: dict[str, int] = {}
        self._rows_of: dict[str, RowsByValue] = {}
        self.edges = EdgeTable(starts, self._targets(numbers, entries), kinds)

    def steps(self) -> Iterator[None]:
        """Write everything but the meta, and report each step."""
        self._write_columns()
        yield
        for name, starts in (
            ("package_start", self.rows.package_starts),
            ("lookalike_start", self.rows.lookalike_starts),
        ):
            write_chunk(self.db, name, pack(starts, len(self.rows) + 1))
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

    def _targets(self, numbers: array[int], entries: Sequence[int]) -> array[int]:
        """Convert numbers of hashes to rows; those without an entry get the numbers after the last row."""
        row_of = [0] * len(self.rows) + [NO_ROW]
        for row, entry in enumerate(self.rows.order):
            row_of[entry] = row
        target_of = picked(row_of, entries)
        unlisted = {number for number, row in enumerate(target_of) if row == NO_ROW} - {NO_HASH}
        for number in filter(unlisted.__contains__, numbers) if unlisted else ():
            place = self._unlisted.setdefault(self.staging.hashes[number], len(self._unlisted))
            target_of[number] = len(self.rows) + place
        return picked_numbers(target_of, numbers)

    def _write_columns(self) -> None:
        for name, ids in self.rows.columns.items():
            self._write_column(name, ids, len(self.rows.values[name]))
            self._write_values(name, self.rows.values[name])

    def _write_column(self, name: str, ids: Sequence[int], limit: int) -> None:
        starts = range(0, len(ids), ROW_CHUNK)
        packed = (pack(ids[start : start + ROW_CHUNK], limit) for start in starts)
        write_chunks(self.db, column_name(name), enumerate(packed))

    def _write_values(self, name: str, values: list[Any]) -> None:
        chunks = [values[start : start + VALUE_CHUNK] for start in range(0, len(values), VALUE_CHUNK)] or [[]]
        write_chunks(self.db, values_name(name), enumerate(map(msgspec.json.encode, chunks)))
        self._values[name] = len(values)

    def _write_bitmaps(self) -> None:
        is_cached = self.staging.in_buildcache
        cached = BitMap([row for row, entry in enumerate(self.rows.order) if is_cached[entry]])
        external_ids = self.rows.values["external"]
        external = BitMap([row for row, i in enumerate(self.rows.columns["external"]) if external_ids[i]])
        found = {"in_buildcache": cached, "listed": cached | external, "lacking": self._lacking()}
        for name, bitmap in found.items():
            write_chunk(self.db, name, pack_bitmap(bitmap))

    def _lacking(self) -> BitMap:
        """The rows with a link or run edge to a dependency without a row."""
        specs, edges = len(self.rows), self.edges
        if largest(edges.ends) < specs:
            return BitMap()
        is_runtime = [not RUNTIME_DEPTYPES.isdisjoint(kind.deptypes) for kind in self.edge_kinds]
        unlisted = compress(zip(edges.rows(), edges.kinds, strict=True), map(specs.__le__, edges.ends))
        return BitMap([row for row, kind in unlisted if is_runtime[kind]])

    def _write_facet(self, facet: Facet) -> None:
        parts: dict[str, list[int]] = {}
        for number, value in enumerate(self.rows.values[facet.column]):
            for facet_value in facet.values_of(value):
                parts.setdefault(facet_value, []).append(number)
        # In pieces: the keys of all values at once would take more memory than anything else.
        names = in_order(list(parts), key=lambda value: (facet.sort_key(value), value))
        self._write_values(facet_dictionary(facet.name), names)
        rows = self._rows_by_value(facet.column)
        bitmaps = (pack_bitmap(rows.having(parts[value])) for value in names)
        write_chunks(self.db, facet_rows(facet.name), enumerate(bitmaps))

    def _rows_by_value(self, column: str) -> RowsByValue:
        """The rows of each value of a column; several facets come from one."""
        found = self._rows_of.get(column)
        if found is None:
            found = rows_by_value(self.rows.columns[column], len(self.rows.values[column]))
            self._rows_of[column] = found
        return found

    def _write_edges(self) -> None:
        """The edges, by chunks of rows."""
        self._write_values("edge_kind", self.edge_kinds)
        for chunk in range(0, len(self.rows), EDGE_CHUNK):
            edges = self.edges.part(chunk, chunk + EDGE_CHUNK)
            blobs = join_blobs(map(pack_tight, (edges.starts, edges.ends, edges.kinds)))
            write_chunks(self.db, "edges", [(chunk // EDGE_CHUNK, blobs)])

    def _write_hashes(self) -> None:
        """The hashes of all rows and, after them, of unlisted dependencies."""
        data = b"".join(map(pack_hashes, pieces(self.rows.hashes, ROW_CHUNK)))
        packed = [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]
        by_hash = places_in_order(data[::HASH_BYTES], packed.__getitem__)
        del packed
        write_chunk(self.db, "by_hash", pack(by_hash, len(by_hash)))
        data += pack_hashes(list(self._unlisted))
        size = ROW_CHUNK * HASH_BYTES
        chunks = (data[start : start + size] for start in range(0, len(data), size))
        write_chunks(self.db, "hash", enumerate(chunks))

    def _write_sizes(self) -> None:
        """The rows that have a size, and the sizes."""
        sizes = self.staging.sizes
        found = [(row, size) for row, entry in enumerate(self.rows.order) if (size := sizes.get(entry))]
        if found:
            rows, known = zip(*found, strict=True)
            write_chunk(self.db, "size", join_blobs([pack_tight(rows), pack_tight(known)]))

    def seal(self, meta: dict[str, str]) -> None:
        """Write the meta: last, as it says what else there is."""
        parents = msgspec.json.encode(self.staging.target_parents, order="sorted").decode()
        entries = {**meta, "schema": schema.SCHEMA, "specs": str(len(self.rows)), "target_parents": parents}
        write_meta(self.db, entries, self._values)


def _ranked_kinds(values: list[EdgeKind], kinds: array[int]) -> tuple[list[EdgeKind], array[int]]:
    """The edge kinds that are used, in their order, and each edge's number among them."""
    used = sorted(distinct(kinds), key=lambda i: msgspec.structs.astuple(values[i]))
    rank = dict(zip(used, count(), strict=False))
    return [values[i] for i in used], picked_numbers(rank, kinds)
