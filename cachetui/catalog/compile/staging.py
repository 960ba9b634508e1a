"""Specs on their way into a catalog: interned, merged by hash, not yet ordered."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import accumulate, islice
from struct import Struct
from typing import Any

from cachetui.catalog.compile.room import Room, values_in
from cachetui.catalog.compile.turns import PIECE, listed, pieces
from cachetui.catalog.schema import COLUMNS, EdgeKind, Parameters
from cachetui.spec import COMPILER_VIRTUALS, Dependency, Place, Spec

WIDTH = len(COLUMNS)

EDGE_BYTES = 8
"""An edge is the number of a hash and the number of an edge kind."""

_EDGE = Struct("=II")

NO_HASH = 0
"""The number of the empty hash: an edge that names none."""

MOST_CACHED = 1 << 15
"""Cached edges and parameter sets; neighbours in an index share most of them."""

MOST_KEPT = 1 << 16
"""Values of the parameter sets that are cached; the same set may be read again and again as other objects."""

MOST_VIRTUALS = 16
"""Virtuals of an edge that is cached."""

FROM_EDGES = None
"""The compilers of a spec whose compiler edges have not been followed yet."""

_PLACES = tuple(COLUMNS).index("places")
_COMPILERS = tuple(COLUMNS).index("compilers")
_PACKAGE = tuple(COLUMNS).index("package")
_VERSION = tuple(COLUMNS).index("version")

_UNKNOWN: dict[Any, Any] = {str: "", int: 0, Parameters: Parameters()}

IdRow = tuple[int, ...]
"""One value id for each of COLUMNS; 0 stands for: not known."""


class _Numbers(dict[Any, int]):
    """Numbers a value when it is first asked for."""

    def __init__(self, values: list[Any], room: Room | None) -> None:
        super().__init__()
        self._values = values
        self._room = room

    def __missing__(self, value: Any) -> int:
        if self._room:
            self._room.take(value)
        number = self[value] = len(self._values)
        self._values.append(value)
        return number


class Interner:
    """Values to small numbers, in order of appearance; the unknown value is number 0.

    Args:
        room: for new values; None: there are no more of them than records and edges.
    """

    def __init__(self, unknown: Hashable, room: Room | None = None) -> None:
        self.values: list[Any] = []
        self._numbers = _Numbers(self.values, room)
        self.id: Callable[[Any], int] = self._numbers.__getitem__
        """The number of a value, a new one if it was never seen. Raises NoRoomError."""
        self.id(unknown)

    def close(self) -> None:
        """Forget the numbers; a dictionary takes more memory than the values."""
        self._numbers.clear()


class _PackedEdges(dict[Dependency, bytes]):
    """The bytes of an edge, of those that were seen lately and are not large."""

    def __init__(self, number: Callable[[str], int], kind: Callable[[EdgeKind], int]) -> None:
        super().__init__()
        self._number = number
        self._kind = kind

    def __missing__(self, edge: Dependency) -> bytes:
        if len(self) == MOST_CACHED:
            self.clear()
        kind = self._kind(EdgeKind(edge.name, edge.deptypes, edge.virtuals))
        packed = _EDGE.pack(self._number(edge.dag_hash), kind)
        if len(edge.virtuals) <= MOST_VIRTUALS:
            self[edge] = packed
        return packed


class Staging:
    """All specs so far, one entry for each hash.

    Args:
        room: for the values of their columns.
    """

    def __init__(self, room: Room | None = None) -> None:
        self.room = room = room or Room()
        self.interners = {name: Interner(_UNKNOWN.get(kind, ()), room) for name, kind in COLUMNS.items()}
        self._ids = [interner.id for interner in self.interners.values()]
        self.edge_kinds = Interner(EdgeKind("", (), ()), room)
        self.target_parents: dict[str, tuple[str, ...]] = {}
        self._parents = Interner((), room)
        self.sizes: dict[int, int] = {}
        self.in_buildcache = bytearray()
        self.merged = 0
        """The number of records whose hash was staged already."""
        self.cells = array("I")
        """The value ids of all entries, WIDTH for each."""
        self.edge_blobs: list[bytes] = []
        self.aliases: dict[str, int] = {}
        self._hashes = Interner("")
        self.hashes: list[str] = self._hashes.values
        self.number = self._hashes.id
        """The number of a hash."""
        self.entries: dict[int, int] = {}
        """Number of a hash to the entry of its record, in order of entries."""
        self._packed_edge = _PackedEdges(self.number, self.edge_kinds.id).__getitem__
        self._parameter_ids: dict[tuple[int, int, int], tuple[int, object, object, object]] = {}
        self._kept = 0

    def __len__(self) -> int:
        return len(self.edge_blobs)

    def add(self, spec: Spec) -> None:
        """Take a spec in; one whose hash is known already is merged, and the fuller record wins.

        Raises:
            NoRoomError: its values are too many; it is not taken in.
        """
        row = self._row(spec)
        edges = b"".join(map(self._packed_edge, spec.dependencies))
        parents = spec.target_parents
        has_new_parents = bool(parents) and self.target_parents.get(spec.target) is not parents
        if has_new_parents:
            self._parents.id(parents)
        number = self.number(spec.dag_hash)
        entry = self.put(number, row, edges, spec.in_buildcache)
        if spec.size:
            self.put_size(entry, spec.size)
        if spec.legacy_hashes:
            for other in spec.legacy_hashes:
                self.put_alias(other, number)
        if has_new_parents:
            self.put_target_parents(spec.target, parents)

    def put(self, number: int, row: IdRow, edges: bytes, in_buildcache: bool) -> int:
        """Take in a record as ids and packed edges; its entry. Raises NoRoomError for the places of both."""
        entry = self.entries.get(number)
        if entry is None:
            entry = self.entries[number] = len(self.edge_blobs)
            self.cells.extend(row)
            self.edge_blobs.append(edges)
            self.in_buildcache.append(in_buildcache)
        else:
            self.merged += 1
            self._merge(entry, row, edges, in_buildcache)
        return entry

    def put_new(
        self, numbers: Sequence[int], cells: array[int], edges: Sequence[bytes], in_buildcache: bytes
    ) -> range:
        """Take in records none of which is known: the numbers of their hashes, and the rest as for `put`."""
        found = range(len(self), len(self) + len(numbers))
        self.entries.update(zip(numbers, found, strict=True))
        self.cells.extend(cells)
        self.edge_blobs.extend(edges)
        self.in_buildcache.extend(in_buildcache)
        return found

    def put_size(self, entry: int, size: int) -> None:
        """Keep the larger size."""
        self.sizes[entry] = max(size, self.sizes.get(entry, 0))

    def put_alias(self, alias: str, number: int) -> None:
        """Keep another hash of a spec; of two specs that have it, the first by hash counts."""
        known = self.aliases.setdefault(alias, number)
        if self.hashes[number] < self.hashes[known]:
            self.aliases[alias] = number

    def put_target_parents(self, target: str, parents: tuple[str, ...]) -> None:
        """Keep the parents of a target; of different ones the last in their order."""
        self.target_parents[target] = max(self.target_parents.get(target, ()), parents)

    def _row(self, spec: Spec) -> IdRow:
        (
            package, version, platform, os, target, compilers, namespace, _, external, places,
            package_hash, provided_virtuals, spec_format,
        ) = self._ids  # fmt: skip
        return (
            package(spec.name),
            version(spec.version),
            platform(spec.platform),
            os(spec.os),
            target(spec.target),
            compilers(spec.compilers),
            namespace(spec.namespace),
            self._parameters(spec),
            external(spec.external),
            places(spec.places),
            package_hash(spec.package_hash),
            provided_virtuals(spec.provided_virtuals),
            spec_format(spec.spec_format),
        )

    def _parameters(self, spec: Spec) -> int:
        """The id of the parameters; hashing them takes long, and sources hand out the same objects again."""
        same = id(spec.variants), id(spec.flags), id(spec.patches)
        seen = self._parameter_ids.get(same)
        if seen is not None:
            return seen[0]
        parameters = Parameters(spec.variants, spec.flags, spec.patches)
        found = self.interners["parameters"].id(parameters)
        self._kept += values_in(parameters)
        if len(self._parameter_ids) == MOST_CACHED or self._kept > MOST_KEPT:
            self._parameter_ids.clear()
            self._kept = 0
        # The objects stay alive, so that no other object gets the same id.
        self._parameter_ids[same] = found, spec.variants, spec.flags, spec.patches
        return found

    def row(self, entry: int) -> IdRow:
        """The value ids of an entry."""
        return tuple(self.cells[entry * WIDTH : (entry + 1) * WIDTH])

    def column(self, name: str) -> array[int]:
        """The value id of each entry in one column."""
        return self.cells[tuple(COLUMNS).index(name) :: WIDTH]

    def _merge(self, entry: int, row: IdRow, edges: bytes, in_buildcache: bool) -> None:
        old, old_edges = self.row(entry), self.edge_blobs[entry]
        fuller, other = (row, old) if self._is_fuller(row, edges, old, old_edges) else (old, row)
        merged = [a or b for a, b in zip(fuller, other, strict=True)]
        places = self.interners["places"]
        together: set[Place] = {*places.values[old[_PLACES]], *places.values[row[_PLACES]]}
        merged[_PLACES] = places.id(tuple(sorted(together)))
        self.cells[entry * WIDTH : (entry + 1) * WIDTH] = array("I", merged)
        self.edge_blobs[entry] = (edges or old_edges) if fuller is row else (old_edges or edges)
        self.in_buildcache[entry] |= in_buildcache

    def _is_fuller(self, row: IdRow, edges: bytes, old: IdRow, old_edges: bytes) -> bool:
        """Whether a record is fuller than the old one; ties are broken by content, not by order."""
        new_fullness, old_fullness = _fullness(row, edges), _fullness(old, old_edges)
        if new_fullness != old_fullness or (row, edges) == (old, old_edges):
            return new_fullness > old_fullness
        return self._content(row, edges) > self._content(old, old_edges)

    def _content(self, row: IdRow, edges: bytes) -> tuple[str, str]:
        values = {n: self.interners[n].values[i] for n, i in zip(COLUMNS, row, strict=True) if n != "places"}
        named = [(self.hashes[h], self.edge_kinds.values[k]) for h, k in _pairs(edges)]
        return repr(values), repr(named)

    def entry_hashes(self) -> list[str]:
        """The hash of each entry, in order of entries."""
        return listed(map(self.hashes.__getitem__, self.entries))

    def entry_of(self, number: int) -> int | None:
        """The entry that a hash number stands for; old formats name a spec by another of its hashes."""
        entry = self.entries.get(number)
        if entry is None and self.aliases:
            alias = self.aliases.get(self.hashes[number])
            entry = None if alias is None else self.entries.get(alias)
        return entry

    def entries_by_number(self) -> list[int]:
        """The entry that each hash number stands for, as `entry_of`; where there is none, their count."""
        found = [len(self)] * len(self.hashes)
        for number, entry in self.entries.items():
            found[number] = entry
        for number, dag_hash in enumerate(self.hashes) if self.aliases else ():
            if dag_hash in self.aliases and (meant := self.entry_of(number)) is not None:
                found[number] = meant
        return found

    def edges(self, entry: int) -> Iterator[tuple[int, int]]:
        """(hash number, edge kind) of each dependency of an entry, in the record's order."""
        return _pairs(self.edge_blobs[entry])

    def packed_edges(self, entries: Sequence[int]) -> tuple[array[int], array[int], array[int]]:
        """The edges of entries, one after the other: where each begins, hash numbers, edge kinds."""
        numbers, kinds, starts = array("I"), array("I"), array("I", (0,))
        for some in pieces(entries, PIECE):
            blobs = list(map(self.edge_blobs.__getitem__, some))
            packed = array("I", b"".join(blobs))
            numbers.extend(packed[::2])
            kinds.extend(packed[1::2])
            ends = accumulate((len(blob) // EDGE_BYTES for blob in blobs), initial=starts[-1])
            starts.extend(islice(ends, 1, None))
        return starts, numbers, kinds

    def follow_compiler_edges(self) -> None:
        """Give a compiler to each spec that names it by edges only; called once all sources were read."""
        self.room.open_up()
        compilers = self.interners["compilers"]
        unresolved = compilers.id(FROM_EDGES)
        serves = [not COMPILER_VIRTUALS.isdisjoint(kind.virtuals) for kind in self.edge_kinds.values]
        found: dict[tuple[tuple[int, int], ...], int] = {}
        for entry, known in enumerate(self.column("compilers")):
            if known == unresolved:
                edges = tuple([edge for edge in self.edges(entry) if serves[edge[1]]])
                if edges not in found:
                    found[edges] = compilers.id(tuple(sorted({self._compiler(*edge) for edge in edges})))
                self.cells[entry * WIDTH + _COMPILERS] = found[edges]
        compilers.values[unresolved] = ()

    def close(self) -> None:
        """Forget the numbers of values, which nothing asks for any more; the values of numbers stay."""
        for interner in (*self.interners.values(), self.edge_kinds, self._hashes, self._parents):
            interner.close()
        self._packed_edge = _PackedEdges(self.number, self.edge_kinds.id).__getitem__
        self._parameter_ids.clear()

    def _compiler(self, number: int, kind: int) -> str:
        entry = self.entry_of(number)
        if entry is None:
            return str(self.edge_kinds.values[kind].name)
        row = self.row(entry)
        version = self.interners["version"].values[row[_VERSION]]
        return f"{self.interners['package'].values[row[_PACKAGE]]}@{version}"


def _pairs(edges: bytes) -> Iterator[tuple[int, int]]:
    packed: array[int] = array("I")
    packed.frombytes(edges)
    return zip(packed[::2], packed[1::2], strict=True)


def _fullness(row: IdRow, edges: bytes) -> tuple[bool, int]:
    """Rank a record: first whether it has dependencies (pages list none), then its known columns."""
    return bool(edges), sum(1 for column, value in enumerate(row) if value and column != _PLACES)
