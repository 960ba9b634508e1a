"""A compiled catalog, opened read-only: nothing is decoded before it is asked for."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain, compress, count
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from pyroaring import BitMap

from cachetui.caching import cached_method, lru_cached_method, sized_cached_method
from cachetui.catalog.dag import Dag
from cachetui.catalog.facets import INDEXES
from cachetui.catalog.mirror_info import MirrorInfo, mirrors_of
from cachetui.catalog.pieces import Ids, values_of
from cachetui.catalog.row_ranges import RowRanges
from cachetui.catalog.schema import (
    COLUMNS,
    EDGE_CHUNK,
    HASH_BYTES,
    NO_ROW,
    ROW_CHUNK,
    WALKED,
    Parameters,
    facet_dictionary,
    facet_rows,
    pack_hash,
    unpack_hash,
)
from cachetui.catalog.storage import Storage
from cachetui.errors import HashError, UnknownHashError
from cachetui.spec import HASH_LENGTH, INSTALLED, Dependency, Spec, is_dag_hash
from cachetui.text import redacted

_HASH_PREFIX = re.compile(rf"[a-z2-7]{{1,{HASH_LENGTH}}}")


EDGE_BYTES = 8_000_000
"""Of the edges kept in memory: all of a chain of 400,000 builds, along which a walk meets any of them."""

MOST_DIGITS = 10
"""Digits of a number among texts."""


def _bytes_of(arrays: Iterable[array[int]]) -> int:
    return sum(len(each) * each.itemsize for each in arrays)


class Column(Struct, frozen=True):
    """One column: `values[ids[row]]` is the value of a row, and ids sort as the values do."""

    ids: Ids
    values: Sequence[Any]

    def __getitem__(self, row: int) -> Any:
        return self.values[self.ids[row]]


class FacetIndex:
    """The values of a facet in their own order, and the rows of each, read when they are asked for."""

    def __init__(self, name: str, storage: Storage) -> None:
        self.name = name
        self.facet = next(facet for facet in INDEXES if facet.name == name)
        self._storage = storage
        self.values = storage.values(facet_dictionary(name), str)
        if COLUMNS[self.facet.column] is int and not all(map(_is_number, self.values)):
            raise storage.damaged(f"the values of {name} are no numbers")
        self._positions = dict(zip(self.values, count(), strict=False))
        self._rows: dict[str, BitMap] = {}

    @cached_property
    def bitmaps(self) -> list[BitMap]:
        """The rows of each value."""
        found = self._storage.bitmaps(facet_rows(self.name))
        if len(found) != len(self.values):
            raise self._storage.damaged("a facet does not fit")
        return found

    @cached_property
    def by_size(self) -> list[tuple[int, int]]:
        """(rows, position) of each value, the largest first."""
        sizes = [(len(rows), position) for position, rows in enumerate(self.bitmaps)]
        return sorted(sizes, key=lambda size: -size[0])

    def rows(self, value: str) -> BitMap:
        """The rows of a value; none for a value that the catalog does not have."""
        rows = self._rows.get(value)
        if rows is None:
            rows = self._rows[value] = self._read(value)
        return rows

    def _read(self, value: str) -> BitMap:
        position = self._positions.get(value)
        return BitMap() if position is None else self._storage.bitmap(facet_rows(self.name), position)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < MOST_DIGITS


class Edge(Struct, frozen=True):
    """A dependency of a row, or a dependent of one.

    Args:
        row: the other end; None if no source lists it.
    """

    row: int | None
    dependency: Dependency


class Catalog:
    """A catalog file of the current schema.

    Raises:
        CatalogError: the file is missing, damaged or of another schema: compile it again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._storage = Storage(path)
        self.meta = self._storage.meta

    @property
    def identity(self) -> tuple[int, ...]:
        """That of the file, to know whether another one took its place."""
        return self._storage.identity

    def close(self) -> None:
        """Close the file."""
        self._storage.close()

    def __len__(self) -> int:
        return self._storage.count

    def verify(self) -> None:
        """Read everything, and decode nothing. Raises DamagedError."""
        self._storage.verify()

    @cached_property
    def mirrors(self) -> tuple[MirrorInfo, ...]:
        """The mirrors that the builds come from. Raises CatalogError for a damaged file."""
        with self._storage.intact():
            return mirrors_of(self.meta)

    @cached_property
    def walked(self) -> int:
        """How many rows have dependents that are found by walking up: slower. Raises CatalogError."""
        with self._storage.intact():
            return int(self.meta.get(WALKED, "0"))

    # packages

    @cached_property
    def packages(self) -> list[str]:
        """Package names, in the order of their rows."""
        return self._storage.values("package", str)

    @cached_property
    def package_ranges(self) -> RowRanges:
        """The rows of each package."""
        return RowRanges(self._storage.starts("package_start", len(self.packages), len(self)))

    @cached_property
    def package_counts(self) -> list[int]:
        """The number of listed builds of each package."""
        starts = self.package_ranges.starts
        return list(map(self.listed.range_cardinality, starts, starts[1:]))

    @cached_property
    def listed_packages(self) -> int:
        """The number of packages with a listed build."""
        return len(self.package_ranges.firsts(self.listed))

    def package_number(self, name: str) -> int | None:
        """The index of a package in `packages`; None for an unknown name."""
        i = bisect_left(self.packages, name)
        return i if i < len(self.packages) and self.packages[i] == name else None

    def package_rows(self, name: str) -> range:
        """The rows of a package; empty for an unknown name."""
        i = self.package_number(name)
        return range(0) if i is None else self.package_ranges[i]

    # rows

    @cached_method
    def column(self, name: str) -> Column:
        """A column of COLUMNS."""
        return Column(Ids(self._storage, name), self.values(name))

    @cached_method
    def values(self, name: str) -> Sequence[Any]:
        """The values of a column alone, without reading which row has which."""
        return values_of(self._storage, name, COLUMNS[name])

    @cached_property
    def lookalikes(self) -> RowRanges:
        """The rows of all look-alikes: builds that are equal in each of LOOKALIKE_COLUMNS."""
        starts = self._storage.numbers("lookalike_start")
        return RowRanges(self._storage.starts("lookalike_start", len(starts) - 1, len(self)))

    @cached_property
    def listed(self) -> BitMap:
        """The rows that Spack lists: in the build cache, or external."""
        return self._storage.bitmap("listed")

    @cached_property
    def in_buildcache(self) -> BitMap:
        """The rows that have a binary."""
        return self._storage.bitmap("in_buildcache")

    @cached_property
    def with_binary(self) -> BitMap:
        """The rows that a mirror has a binary of; those that are installed where there is no mirror."""
        trees = sum(mirror.layout == INSTALLED for mirror in self.mirrors)
        if trees in (0, len(self.mirrors)):
            return self.in_buildcache
        places = self.column("places")
        has_binary = [any(place.has_binary for place in each) for each in places.values]
        found = map(has_binary.__getitem__, places.ids.whole)
        return self.in_buildcache & BitMap(compress(range(len(self)), found))

    @cached_property
    def lacking(self) -> BitMap:
        """The rows with a link or run dependency that no source lists."""
        return self._storage.bitmap("lacking")

    @cached_method
    def facet(self, name: str) -> FacetIndex:
        """The values and rows of one of INDEXES: a facet, `namespace` or `patch`."""
        return FacetIndex(name, self._storage)

    def spec(self, row: int) -> Spec:
        """The whole spec of a row."""
        value = {name: self.column(name)[row] for name in COLUMNS}
        parameters: Parameters = value["parameters"]
        return Spec(
            name=value["package"],
            dag_hash=self.dag_hash(row),
            version=value["version"],
            namespace=value["namespace"],
            platform=value["platform"],
            os=value["os"],
            target=value["target"],
            target_parents=self.target_parents.get(value["target"], ()),
            compilers=value["compilers"],
            variants=parameters.variants,
            flags=parameters.flags,
            patches=parameters.patches,
            dependencies=tuple(edge.dependency for edge in self.edges(row)),
            provided_virtuals=value["provided_virtuals"],
            package_hash=value["package_hash"],
            external=value["external"],
            in_buildcache=row in self.in_buildcache,
            spec_format=value["spec_format"],
            places=value["places"],
            size=self._sizes.get(row, 0),
        )

    @cached_property
    def target_parents(self) -> dict[str, tuple[str, ...]]:
        """The parents that the sources name for targets that are not generic."""
        with self._storage.intact():
            return msgspec.json.decode(self.meta["target_parents"], type=dict[str, tuple[str, ...]])

    @cached_property
    def _sizes(self) -> dict[int, int]:
        """The bytes of the binaries of the rows where they are known."""
        if not self._storage.chunk_count("size"):
            return {}
        rows, sizes = self._storage.arrays("size", 0, 2)
        with self._storage.intact():
            return dict(zip(rows, sizes, strict=True))

    # hashes

    def dag_hash(self, row: int) -> str:
        """The hash of a row, or of an unlisted dependency."""
        return unpack_hash(self._packed(row))

    def rows_with_prefix(self, prefix: str) -> array[int]:
        """The rows whose hash begins with a text, in base32 order. Raises HashError for a malformed one."""
        digits = prefix.removeprefix("/").lower()
        if not _HASH_PREFIX.fullmatch(digits):
            raise HashError(
                f"{redacted(prefix)!r} is not a DAG hash: up to {HASH_LENGTH} characters of a-z2-7"
            )
        low = pack_hash(digits.ljust(HASH_LENGTH, "a"))
        high = pack_hash(digits.ljust(HASH_LENGTH, "7"))
        by_hash = self._by_hash
        return by_hash[
            bisect_left(by_hash, low, key=self._packed) : bisect_right(by_hash, high, key=self._packed)
        ]

    def rows_with_hashes(self, hashes: Iterable[str]) -> BitMap:
        """The rows of full hashes, for questions about thousands; unknown hashes have none."""
        from struct import iter_unpack  # few starts ask this, and it is one more library to load

        wanted = {pack_hash(dag_hash) for dag_hash in hashes if is_dag_hash(dag_hash)}
        if not wanted or not len(self):
            return BitMap()
        packed = self.packed_hashes()
        found = map(wanted.__contains__, chain.from_iterable(iter_unpack(f"{HASH_BYTES}s", packed)))
        return BitMap(compress(range(len(self)), found))

    def row_of(self, dag_hash: str) -> int:
        """The only row whose hash begins with a text. Raises HashError: malformed, unknown or ambiguous."""
        if "://" in dag_hash:  # a location in its place
            raise HashError(f"{redacted(dag_hash)!r} is not a DAG hash")
        name, _, digits = dag_hash.rpartition("/")
        rows = [row for row in self.rows_with_prefix(digits) if name in ("", self.column("package")[row])]
        if not rows:
            raise UnknownHashError(f"no build has a hash that begins with {redacted(dag_hash)!r}")
        if len(rows) > 1:
            some = ", ".join(f"{self.column('package')[row]}/{self.dag_hash(row)[:12]}" for row in rows[:5])
            more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
            many = f"{redacted(dag_hash)!r} is ambiguous: {len(rows):,} builds"
            raise HashError(f"{many}, {some}{more}; type more characters")
        return rows[0]

    def packed_hashes(self) -> bytes:
        """The hashes of all rows, HASH_BYTES each, to compare catalogs; nothing of it is kept."""
        chunks = -(-len(self) // ROW_CHUNK)
        return b"".join(map(self._read_hashes, range(chunks)))[: len(self) * HASH_BYTES]

    def _packed(self, row: int) -> bytes:
        chunk, place = divmod(row, ROW_CHUNK)
        packed = self._hashes(chunk)[place * HASH_BYTES : (place + 1) * HASH_BYTES]
        if len(packed) != HASH_BYTES:
            raise self._storage.damaged("a hash is missing")
        return packed

    @cached_method
    def _hashes(self, chunk: int) -> bytes:
        return self._read_hashes(chunk)

    def _read_hashes(self, chunk: int) -> bytes:
        data = self._storage.chunk("hash", chunk)
        if len(data) < min(ROW_CHUNK, len(self) - chunk * ROW_CHUNK) * HASH_BYTES:
            raise self._storage.damaged("hashes are missing")
        return data

    @cached_property
    def _by_hash(self) -> array[int]:
        """The rows in the order of their hashes."""
        rows = self._storage.numbers("by_hash")
        if len(rows) != len(self) or max(rows, default=-1) >= len(self):
            raise self._storage.damaged("by_hash does not fit")
        return rows

    # edges

    @cached_property
    def dag(self) -> Dag:
        """The dependency graph of all rows."""
        return Dag(self._storage)

    def edges(self, row: int) -> list[Edge]:
        """The direct dependencies of a row, in the record's order."""
        return list(map(self.edge, zip(*self.edge_numbers(row), strict=True)))

    def edge_numbers(self, row: int) -> tuple[array[int], array[int]]:
        """(the dependencies of a row, the numbers of their edge kinds), for questions about many rows.

        A dependency that no source lists has a number beyond the rows; see `dependency_hash`.
        """
        starts, targets, kinds = self._edge_chunk(row // EDGE_CHUNK)
        start, end = starts[row % EDGE_CHUNK], starts[row % EDGE_CHUNK + 1]
        return targets[start:end], kinds[start:end]

    def dependency_hash(self, target: int) -> str:
        """The hash of a dependency by its number; empty if its edge names none."""
        return "" if target == NO_ROW else self.dag_hash(target)

    @lru_cached_method(maxsize=4096)
    def edge(self, numbers: tuple[int, int]) -> Edge:
        """An edge by the numbers of its dependency and kind; many builds share one."""
        target, kind = numbers
        attributes = self.dag.edge_kinds[kind]
        dag_hash = self.dependency_hash(target)
        dependency = Dependency(attributes.name, dag_hash, attributes.deptypes, attributes.virtuals)
        return Edge(target if target < len(self) else None, dependency)

    @sized_cached_method(EDGE_BYTES, _bytes_of)
    def _edge_chunk(self, chunk: int) -> tuple[array[int], array[int], array[int]]:
        starts, targets, kinds = self._storage.arrays("edges", chunk, 3)
        rows = min(EDGE_CHUNK, len(self) - chunk * EDGE_CHUNK)
        edges = len(targets)
        is_whole = len(starts) == rows + 1 and starts[-1] == edges == len(kinds) and max(starts) == edges
        if not is_whole or max(kinds, default=-1) >= len(self.dag.edge_kinds):
            raise self._storage.damaged("edges do not fit")
        return starts, targets, kinds
