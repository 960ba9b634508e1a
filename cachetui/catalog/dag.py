"""The DAG of a catalog, asked by sets of rows: their direct and transitive dependents."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, groupby, starmap

from msgspec import Struct
from pyroaring import BitMap

from cachetui.caching import cached_method
from cachetui.catalog.chunks import split_blobs
from cachetui.catalog.pieces import values_of
from cachetui.catalog.schema import (
    ANCESTORS_CHUNK,
    DEEPEST,
    ENDS_CHUNK,
    RUNTIME_DEPTYPES,
    EdgeKind,
    Relation,
    ancestors_name,
    narrowest,
    unpack,
)
from cachetui.catalog.storage import Storage

_MANY = 3000
"""Above this many rows, all reversed edges are read at once, and no chunk for each row."""

_MANY_PARTS, _FEW_PARTS = 700, 50
"""How many parts of the stored ancestors are read before all reversed edges are, and once these are at hand.

Rows of one package lie in few parts, those whose hash begins with a digit in all: parts take the time,
not rows. With 400,000 builds, reading all edges takes as long as 700 parts: who has read so many reads the
edges, and has taken at most twice as long as need be. Limits of 300 to 2,500 were measured with 17 queries.
"""


class _Ends:
    """The dependents on the reversed edges, packed; chunks are read on demand.

    Args:
        starts: group of edges to its first edge, then the number of edges.
    """

    def __init__(self, storage: Storage, starts: array[int]) -> None:
        self._storage = storage
        self._starts = starts
        self._typecode = narrowest(storage.count)
        self._size = array(self._typecode).itemsize
        self._chunks: dict[int, bytes] = {}

    def of(self, runs: Iterable[tuple[int, int]], many: bool) -> BitMap:
        """The dependents in runs of groups, each (first, end)."""
        starts, size = self._starts, self._size
        if many or self.is_whole_read:
            whole = self._whole
            parts = [whole[size * starts[first] : size * starts[end]] for first, end in runs]
        else:
            parts = [self._part(starts[first], starts[end]) for first, end in runs]
        found = array(self._typecode, b"".join(parts))
        rows = BitMap(found if self._typecode == "I" else array("I", found))
        if rows and rows.max() >= self._storage.count:
            raise self._storage.damaged("there is no such row")
        return rows

    def _part(self, first: int, end: int) -> bytes:
        chunks = range(first // ENDS_CHUNK, -(-end // ENDS_CHUNK))
        start = chunks.start * ENDS_CHUNK
        data = self._chunk(chunks.start) if len(chunks) == 1 else b"".join(map(self._chunk, chunks))
        return data[self._size * (first - start) : self._size * (end - start)]

    @property
    def numbers(self) -> array[int]:
        """The dependents of all groups, one after the other."""
        return array(self._typecode, self._whole)

    @property
    def is_whole_read(self) -> bool:
        """Whether all of them are at hand."""
        return "_whole" in self.__dict__

    @cached_property
    def _whole(self) -> bytes:
        return b"".join(map(self._read, range(-(-self._starts[-1] // ENDS_CHUNK))))

    def _chunk(self, number: int) -> bytes:
        if number not in self._chunks:
            self._chunks[number] = self._read(number)
        return self._chunks[number]

    def _read(self, number: int) -> bytes:
        data = self._storage.chunk("ends", number)
        length = self._size * min(ENDS_CHUNK, self._starts[-1] - number * ENDS_CHUNK)
        if data[:1] != self._typecode.encode() or len(data) != length + 1:
            raise self._storage.damaged("a part is missing")
        return data[1:]


class _Reversed(Struct, frozen=True):
    """Edges from dependency to dependent, grouped by row and kind.

    Args:
        row_groups: row to its first group, then the number of groups.
        group_starts: group to its first edge, then the number of edges.
        group_kinds: group to the number of its edge kind.
    """

    row_groups: array[int]
    group_starts: array[int]
    group_kinds: array[int]

    def is_whole(self, rows: int) -> bool:
        """Whether the lengths of the arrays agree."""
        groups = len(self.group_kinds)
        return (
            len(self.row_groups) == rows + 1
            and self.row_groups[-1] == groups == len(self.group_starts) - 1
            and max(self.row_groups) == groups
            and max(self.group_starts) == self.group_starts[-1]
        )


class Dag:
    """Returns new bitmaps. Every method raises CatalogError for a damaged catalog."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    @cached_property
    def edge_kinds(self) -> Sequence[EdgeKind]:
        """The kinds of edges, by number."""
        return values_of(self._storage, "edge_kind", EdgeKind)

    def dependents(self, rows: BitMap, kinds: Collection[int] | None = None) -> BitMap:
        """The rows with an edge to any of `rows`; with `kinds`, an edge of one of these kinds."""
        if len(rows) <= _MANY:
            return self._users(rows, kinds)
        # If all targets of a kind are among the rows, all its sources are dependents: no edge is looked at.
        asked = range(len(self._targets)) if kinds is None else kinds
        whole = {kind for kind in asked if self._targets[kind] <= rows}
        rest = rows & self.targets(kind for kind in asked if kind not in whole)
        return BitMap.union(self._users(rest, kinds), *(self._sources[kind] for kind in whole))

    def dependents_by_kind(self, row: int) -> dict[int, BitMap]:
        """Kind of edge to the rows with such an edge to a row; much faster than `dependents` kind by kind."""
        first, end = self._reversed.row_groups[row], self._reversed.row_groups[row + 1]
        kinds = self._reversed.group_kinds
        return {kinds[group]: self._ends.of([(group, group + 1)], many=False) for group in range(first, end)}

    def _users(self, rows: BitMap, kinds: Collection[int] | None) -> BitMap:
        """The direct dependents, edge by edge."""
        rows = rows & self._has_ancestors
        if kinds is None:
            return self._ends.of(self._runs_of_groups(rows), len(rows) > _MANY)
        kinds = set(kinds)
        rows &= self.targets(kinds)
        # Only rows that have edges of other kinds, too, need a look at the kind of each group.
        mixed = rows & self.targets(kind for kind in range(len(self._targets)) if kind not in kinds)
        kind_of = self._reversed.group_kinds
        groups = chain.from_iterable(starmap(range, self._runs_of_groups(mixed)))
        chosen = [(group, group + 1) for group in groups if kind_of[group] in kinds]
        return self._ends.of(chain(self._runs_of_groups(rows - mixed), chosen), len(rows) > _MANY)

    def is_walked(self, row: int) -> bool:
        """Whether the ancestors of a row are not stored: then `ancestors` may have a long way up."""
        return any(row in self._walked(relation) for relation in Relation)

    def ancestors(self, rows: BitMap, relation: Relation) -> BitMap:
        """The transitive dependents of any of `rows`; one of `rows` only if it depends on another."""
        if not (walked := rows & self._walked(relation)):
            return self._known_ancestors(rows, relation)
        above = self._walk(walked, relation)
        return above | self._known_ancestors((rows | above) - self._walked(relation), relation)

    def _walk(self, rows: BitMap, relation: Relation) -> BitMap:
        """All rows above some whose ancestors are not stored, up to those whose ancestors are.

        Each edge is looked at once: in a deep DAG, a set operation for each row would take longer.
        """
        edges, ends = self._reversed, self._ends.numbers
        first_group, starts, kind_of = edges.row_groups, edges.group_starts, edges.group_kinds
        kinds = range(len(self.edge_kinds)) if relation is Relation.ALL else self.runtime_kinds
        is_met, to_walk = bytearray(self._storage.count), bytearray(self._storage.count)
        for row in self._walked(relation) - rows:
            to_walk[row] = True
        found: list[int] = []
        pending = rows.to_array().tolist()
        while pending:
            row = pending.pop()
            for group in range(first_group[row], first_group[row + 1]):
                if kind_of[group] not in kinds:
                    continue
                for end in ends[starts[group] : starts[group + 1]]:
                    if not is_met[end]:
                        is_met[end] = True
                        found.append(end)
                        if to_walk[end]:
                            pending.append(end)
        return BitMap(found)

    def _known_ancestors(self, rows: BitMap, relation: Relation) -> BitMap:
        """The ancestors of rows whose ancestors are stored."""
        kinds = None if relation is Relation.ALL else self.runtime_kinds
        reached, closed = BitMap(), BitMap()
        parts_left = _FEW_PARTS if self._has_edges else _MANY_PARTS
        for depth in range(len(self._levels) - 1, 0, -1):
            # `closed` contains the ancestors of each of its rows: going from the deepest level up,
            # the rows in it need no look.
            sought = (rows & self._levels[depth]) - closed
            parts = len({row // ANCESTORS_CHUNK for row in sought})
            if parts > parts_left and depth < DEEPEST:
                parts_left = _FEW_PARTS
                direct = self._users(sought, kinds)
                reached |= direct
                rows = rows | direct
            elif sought:
                parts_left = max(parts_left - parts, _FEW_PARTS)
                closed = BitMap.union(closed, *self._stored(sought, relation))
        return reached | closed

    @property
    def _has_edges(self) -> bool:
        """Whether all reversed edges are at hand; nothing is read to know it."""
        return "_ends" in self.__dict__ and self._ends.is_whole_read

    def ancestors_by(self, rows: BitMap, kinds: Collection[int], relation: Relation) -> BitMap:
        """The transitive dependents of `rows` by paths whose last edge is of one of these kinds."""
        kinds, of_relation = set(kinds), set(self._kinds_of(relation))
        kinds &= of_relation
        rows = rows & self.targets(kinds)
        # If all edges to a row are of these kinds, so is the last edge of every path.
        mixed = rows & self.targets(of_relation - kinds)
        users = self.dependents(mixed, kinds)
        return BitMap.union(users, self.ancestors(rows - mixed, relation), self.ancestors(users, relation))

    # direct dependents

    def _kinds_of(self, relation: Relation) -> Collection[int]:
        return range(len(self.edge_kinds)) if relation is Relation.ALL else self.runtime_kinds

    def sources(self, kinds: Iterable[int]) -> BitMap:
        """The rows with an edge of one of these kinds to a dependency."""
        return BitMap.union(BitMap(), *(self._sources[kind] for kind in kinds))

    def targets(self, kinds: Iterable[int]) -> BitMap:
        """The rows that are a dependency by an edge of one of these kinds."""
        return BitMap.union(BitMap(), *(self._targets[kind] for kind in kinds))

    @cached_property
    def _targets(self) -> list[BitMap]:
        """The dependencies by edges of each kind."""
        return self._of_kinds("kind_target")

    @cached_property
    def _sources(self) -> list[BitMap]:
        """The dependents by edges of each kind."""
        return self._of_kinds("kind_source")

    def _of_kinds(self, name: str) -> list[BitMap]:
        bitmaps = self._storage.bitmaps(name)
        if len(bitmaps) != len(self.edge_kinds):
            raise self._storage.damaged("a part is missing")
        return bitmaps

    @cached_property
    def runtime_kinds(self) -> set[int]:
        """The numbers of the edge kinds that are link or run dependencies, perhaps among others."""
        kinds = enumerate(self.edge_kinds)
        return {number for number, kind in kinds if not RUNTIME_DEPTYPES.isdisjoint(kind.deptypes)}

    @cached_property
    def _reversed(self) -> _Reversed:
        numbers = self._storage.numbers
        edges = _Reversed(numbers("row_group"), numbers("group_start"), numbers("group_kind"))
        is_whole = edges.is_whole(self._storage.count)
        if not is_whole or max(edges.group_kinds, default=-1) >= len(self.edge_kinds):
            raise self._storage.damaged("a part is missing")
        return edges

    @cached_property
    def _ends(self) -> _Ends:
        return _Ends(self._storage, self._reversed.group_starts)

    def _runs_of_groups(self, rows: BitMap) -> Iterator[tuple[int, int]]:
        """(first, end) of the groups of each run of rows."""
        first_group, shifted = self._reversed.row_groups, rows.shift(1)
        firsts, ends = (rows - shifted).to_array(), (shifted - rows).to_array()
        return zip(map(first_group.__getitem__, firsts), map(first_group.__getitem__, ends), strict=True)

    # ancestors

    @cached_property
    def _levels(self) -> list[BitMap]:
        """The rows of each depth."""
        levels = self._storage.bitmaps("depth")
        if sum(map(len, levels)) != self._storage.count:
            raise self._storage.damaged("a part is missing")
        return levels

    @cached_property
    def _has_ancestors(self) -> BitMap:
        return self._storage.bitmap("ancestors_0") | self._walked(Relation.ALL)

    @cached_property
    def _has_runtime_ancestors(self) -> BitMap:
        """The rows whose runtime ancestors are not all their ancestors."""
        return self._storage.bitmap("ancestors_1")

    @cached_property
    def _runtime_as_all(self) -> BitMap:
        return self._storage.bitmap("runtime_as_all")

    @cached_method
    def _walked(self, relation: Relation) -> BitMap:
        """The rows whose ancestors are not stored, as there are too many."""
        return self._storage.bitmap("walked_0" if relation is Relation.ALL else "walked_1")

    def _stored(self, rows: BitMap, relation: Relation) -> Iterator[BitMap]:
        """The ancestors of each of these rows that has any."""
        if relation is Relation.ALL:
            yield from self._read(0, rows & self._has_ancestors)  # none of which is walked
        else:
            yield from self._read(0, rows & self._runtime_as_all)
            yield from self._read(1, rows & self._has_runtime_ancestors)

    def _read(self, relation: int, rows: BitMap) -> Iterator[BitMap]:
        for chunk, some in groupby(rows, lambda row: row // ANCESTORS_CHUNK):
            stored = self._storage.chunk(ancestors_name(relation), chunk)
            with self._storage.intact():
                packed, data = split_blobs(stored, 2)
                starts = unpack(packed)
                places = [row % ANCESTORS_CHUNK for row in some]
                if len(starts) < places[-1] + 2 or len(data) != starts[-1]:
                    raise ValueError("a part is cut short")
                blobs = {data[starts[i] : starts[i + 1]] for i in places}
            yield from map(self._storage.rows_of, blobs)
