"""Specs on their way into a catalog: interned, merged by hash, not yet ordered."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable, Iterator
from itertools import accumulate
from typing import Any

from cachetui.catalog.schema import COLUMNS, NO_ROW, EdgeKind, Parameters
from cachetui.spec import COMPILER_VIRTUALS, Dependency, Place, Spec

_PLACES = tuple(COLUMNS).index("places")
_COMPILERS = tuple(COLUMNS).index("compilers")
_PACKAGE = tuple(COLUMNS).index("package")
_VERSION = tuple(COLUMNS).index("version")

_UNKNOWN: dict[Any, Any] = {str: "", int: 0, Parameters: Parameters()}

_FROM_EDGES = None
"""The compilers of a spec whose compiler edges have not been followed yet."""

IdRow = tuple[int, ...]
"""One value id for each of COLUMNS; 0 stands for: not known."""


class Interner:
    """Values to small numbers, in order of appearance; the unknown value is number 0."""

    def __init__(self, unknown: Hashable) -> None:
        self.values: list[Any] = [unknown]
        self._ids: dict[Any, int] = {unknown: 0}

    def id(self, value: Any) -> int:
        """The number of a value, a new one if it was never seen."""
        found = self._ids.get(value)
        if found is None:
            found = self._ids[value] = len(self.values)
            self.values.append(value)
        return found


class Staging:
    """All specs so far, one entry for each hash."""

    def __init__(self) -> None:
        self.interners = {name: Interner(_UNKNOWN.get(kind, ())) for name, kind in COLUMNS.items()}
        self.edge_kinds = Interner(EdgeKind("", (), ()))
        self.hashes: list[str] = []
        self.target_parents: dict[str, tuple[str, ...]] = {}
        self.sizes: dict[int, int] = {}
        self.in_buildcache = bytearray()
        self.rows: list[IdRow] = []
        self._edges: list[bytes] = []
        self._numbers: dict[str, int] = {}
        self._entries: dict[int, int] = {}
        self._aliases: dict[str, int] = {}

    def add(self, spec: Spec) -> None:
        """Take a spec in; one whose hash is known already is merged, and the fuller record wins."""
        row = self._row(spec)
        edges = self._pack_edges(spec.dependencies)
        number = self._number(spec.dag_hash)
        entry = self._entries.get(number)
        if entry is None:
            entry = self._entries[number] = len(self.rows)
            self.rows.append(row)
            self._edges.append(edges)
            self.in_buildcache.append(spec.in_buildcache)
        else:
            self._merge(entry, row, edges, spec.in_buildcache)
        if spec.size:
            self.sizes[entry] = max(spec.size, self.sizes.get(entry, 0))
        for other in spec.other_hashes:
            known = self._aliases.setdefault(other, number)
            if spec.dag_hash < self.hashes[known]:
                self._aliases[other] = number
        if spec.target_parents:
            parents = self.target_parents.get(spec.target, ())
            self.target_parents[spec.target] = max(parents, spec.target_parents)

    def _row(self, spec: Spec) -> IdRow:
        intern = self.interners
        return (
            intern["package"].id(spec.name),
            intern["version"].id(spec.version),
            intern["platform"].id(spec.platform),
            intern["os"].id(spec.os),
            intern["target"].id(spec.target),
            intern["compilers"].id(spec.compilers),
            intern["namespace"].id(spec.namespace),
            intern["parameters"].id(Parameters(spec.variants, spec.flags, spec.patches)),
            intern["external"].id(spec.external),
            intern["places"].id(spec.places),
            intern["package_hash"].id(spec.package_hash),
            intern["provided_virtuals"].id(spec.provided_virtuals),
            intern["spec_format"].id(spec.spec_format),
        )

    def _merge(self, entry: int, row: IdRow, edges: bytes, in_buildcache: bool) -> None:
        old, old_edges = self.rows[entry], self._edges[entry]
        fuller, other = (row, old) if self._is_fuller(row, edges, old, old_edges) else (old, row)
        merged = [a or b for a, b in zip(fuller, other, strict=True)]
        places = self.interners["places"]
        together: set[Place] = {*places.values[old[_PLACES]], *places.values[row[_PLACES]]}
        merged[_PLACES] = places.id(tuple(sorted(together)))
        self.rows[entry] = tuple(merged)
        self._edges[entry] = (edges or old_edges) if fuller is row else (old_edges or edges)
        self.in_buildcache[entry] |= in_buildcache

    def _is_fuller(self, row: IdRow, edges: bytes, old: IdRow, old_edges: bytes) -> bool:
        """Whether a record tells more than the old one; between equals the content decides, not the order."""
        new_fullness, old_fullness = _fullness(row, edges), _fullness(old, old_edges)
        if new_fullness != old_fullness or (row, edges) == (old, old_edges):
            return new_fullness > old_fullness
        return self._content(row, edges) > self._content(old, old_edges)

    def _content(self, row: IdRow, edges: bytes) -> tuple[str, str]:
        values = {n: self.interners[n].values[i] for n, i in zip(COLUMNS, row, strict=True) if n != "places"}
        named = [(self.hashes[h] if h != NO_ROW else "", self.edge_kinds.values[k]) for h, k in _pairs(edges)]
        return repr(values), repr(named)

    def _number(self, dag_hash: str) -> int:
        number = self._numbers.get(dag_hash)
        if number is None:
            number = self._numbers[dag_hash] = len(self.hashes)
            self.hashes.append(dag_hash)
        return number

    def _pack_edges(self, dependencies: tuple[Dependency, ...]) -> bytes:
        packed = array("I")
        for edge in dependencies:
            packed.append(self._number(edge.dag_hash) if edge.dag_hash else NO_ROW)
            packed.append(self.edge_kinds.id(EdgeKind(edge.name, edge.deptypes, edge.virtuals)))
        return packed.tobytes()

    def entry_hashes(self) -> list[str]:
        """The hash of each entry, in order of entries."""
        return [self.hashes[number] for number in self._entries]

    def entry_of(self, number: int) -> int | None:
        """The entry that a hash number stands for; old formats name a spec by another of its hashes."""
        entry = self._entries.get(number)
        if entry is None and self._aliases and number != NO_ROW:
            alias = self._aliases.get(self.hashes[number])
            entry = None if alias is None else self._entries.get(alias)
        return entry

    def edges(self, entry: int) -> Iterator[tuple[int, int]]:
        """(hash number, edge kind) of each dependency of an entry, in the record's order."""
        return _pairs(self._edges[entry])

    def packed_edges(self, entries: Iterable[int]) -> tuple[array[int], array[int], array[int]]:
        """The edges of entries, one after the other: where each begins, hash numbers, edge kinds."""
        blobs = [self._edges[entry] for entry in entries]
        packed = array("I", b"".join(blobs))
        edge = 2 * packed.itemsize
        starts = array("I", accumulate((len(blob) // edge for blob in blobs), initial=0))
        return starts, packed[::2], packed[1::2]

    def follow_compiler_edges(self) -> None:
        """Give a compiler to each spec that names it by edges only."""
        compilers = self.interners["compilers"]
        unresolved = compilers.id(_FROM_EDGES)
        for entry, row in enumerate(self.rows):
            if row[_COMPILERS] == unresolved:
                found = compilers.id(self._compilers(entry))
                self.rows[entry] = (*row[:_COMPILERS], found, *row[_COMPILERS + 1 :])
        compilers.values[unresolved] = ()

    def _compilers(self, entry: int) -> tuple[str, ...]:
        kinds = self.edge_kinds.values
        names = {
            self._compiler(number, kinds[kind].name)
            for number, kind in self.edges(entry)
            if not COMPILER_VIRTUALS.isdisjoint(kinds[kind].virtuals)
        }
        return tuple(sorted(names))

    def _compiler(self, number: int, name: str) -> str:
        entry = self.entry_of(number)
        if entry is None:
            return name
        row = self.rows[entry]
        version = self.interners["version"].values[row[_VERSION]]
        return f"{self.interners['package'].values[row[_PACKAGE]]}@{version}"


def _pairs(edges: bytes) -> Iterator[tuple[int, int]]:
    packed: array[int] = array("I")
    packed.frombytes(edges)
    return zip(packed[::2], packed[1::2], strict=True)


def _fullness(row: IdRow, edges: bytes) -> tuple[bool, int]:
    """An index with dependencies tells more than a page; then the number of known columns counts."""
    return bool(edges), sum(1 for column, value in enumerate(row) if value and column != _PLACES)
