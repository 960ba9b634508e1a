"""Who depends on whom, worked out once for all rows: dependents, depths and ancestors."""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, compress, count, pairwise, repeat
from operator import ne, sub

from pyroaring import BitMap

from cachetui.catalog.schema import DEEPEST, ENDS_CHUNK, RUNTIME_DEPTYPES, EdgeKind, pack, pack_bitmap
from cachetui.errors import CatalogError

MOST_ANCESTORS = 1000
"""Rows have so many on average at most; in real indexes it is 30."""

FEW = 10_000
"""With fewer rows than this any DAG fits."""

Ancestors = list[BitMap | None]
"""The ancestors of each row; None: it has none."""


@dataclass(frozen=True, slots=True)
class EdgeTable:
    """Edges sorted by one of their rows: those of row r are at `starts[r]` to `starts[r + 1]`.

    Args:
        ends: the other end of each edge.
        kinds: the number of the edge kind of each.
    """

    starts: array[int]
    ends: array[int]
    kinds: array[int]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def of(self, row: int) -> array[int]:
        """The other ends of a row's edges."""
        return self.ends[self.starts[row] : self.starts[row + 1]]

    def part(self, first: int, end: int) -> EdgeTable:
        """The table of a range of rows."""
        starts = self.starts[first : end + 1]
        edges = slice(starts[0], starts[-1])
        rebased = array("I", [start - starts[0] for start in starts])
        return EdgeTable(rebased, self.ends[edges], self.kinds[edges])

    def where(self, keep: bytes) -> EdgeTable:
        """The table of those edges that are marked."""
        if all(keep):
            return self
        before = list(accumulate(keep, initial=0))
        starts = array("I", list(map(before.__getitem__, self.starts)))
        ends, kinds = (array("I", list(compress(values, keep))) for values in (self.ends, self.kinds))
        return EdgeTable(starts, ends, kinds)


@dataclass(frozen=True, slots=True)
class _Descent:
    """A way through all rows on which each comes after its ancestors.

    Args:
        order: rows, each alone or with the others of its cycle.
        depths: row to the length of its longest way from a row without dependents.
        starts: row to the first of the edges that point to it.
        incoming: the edges by the row that they point to; for each row, those from deep rows stand last.
    """

    order: Sequence[Sequence[int]]
    depths: Sequence[int]
    starts: array[int]
    incoming: array[int]


def write_ancestry(db: sqlite3.Connection, edges: EdgeTable, kinds: Sequence[EdgeKind]) -> None:
    """Write what `Dag` reads.

    Args:
        edges: from dependent to dependency; ends that are no rows do not count.
        kinds: the edge kinds by number.
    """
    edges = edges.where(bytes(map(len(edges).__gt__, edges.ends)))
    descent = _descend(edges)
    incoming = _reversed(edges, descent)
    _write_depths(db, descent.depths)
    _write_dependents(db, incoming, len(kinds))
    _write_kinds_of_edges(db, "kind_source", edges, len(kinds))
    _write_kinds_of_edges(db, "kind_target", incoming, len(kinds))
    is_runtime = [not RUNTIME_DEPTYPES.isdisjoint(kind.deptypes) for kind in kinds]
    runtime = incoming.where(bytes(map(is_runtime.__getitem__, incoming.kinds)))
    full = _ancestors(descent.order, incoming, repeat(None, len(edges)))
    unlike = _unlike(descent.order, incoming, runtime)
    _write_ancestors(db, 0, full)
    _write_bitmap(db, "runtime_as_all", (row for row, rows in enumerate(full) if rows and not unlike[row]))
    if any(len(cycle) > 1 for cycle in descent.order):
        descent = _descend(edges.where(bytes(map(is_runtime.__getitem__, edges.kinds))))
    known = [None if differs else rows for rows, differs in zip(full, unlike, strict=True)]
    own = _ancestors(descent.order, runtime, known)
    _write_ancestors(db, 1, [rows if differs else None for rows, differs in zip(own, unlike, strict=True)])


def _descend(edges: EdgeTable) -> _Descent:
    """Visit each row when all of its dependents were visited; what is then left lies in or below cycles."""
    counts = Counter(edges.ends)
    arrivals = array("I", list(accumulate((counts[row] for row in range(len(edges))), initial=0)))
    places, incoming = list(arrivals), array("I", bytes(edges.ends.itemsize * len(edges.ends)))
    order = [row for row in range(len(edges)) if not counts[row]]
    depths = [0] * len(edges)
    starts, ends = edges.starts, edges.ends
    for row in order:
        for edge in range(starts[row], starts[row + 1]):
            end = ends[edge]
            place = places[end]
            incoming[place] = edge
            places[end] = place = place + 1
            if place == arrivals[end + 1]:
                order.append(end)
                depths[end] = depths[row] + 1
    groups = list[Sequence[int]](zip(order, strict=True))
    if rest := sorted(set(range(len(edges))).difference(order)):
        groups += _Cycles(edges).found_in(rest)
    for row in rest:
        depths[row] = DEEPEST
        for edge in range(starts[row], starts[row + 1]):
            incoming[places[ends[edge]]] = edge
            places[ends[edge]] += 1
    return _Descent(groups, depths, arrivals, incoming)


class _Cycles:
    """A search for the rows that reach each other (Gabow's algorithm, with a path in place of recursion)."""

    def __init__(self, edges: EdgeTable) -> None:
        self._edges = edges
        self._found: list[list[int]] = []
        self._numbers: dict[int, int] = {}
        self._closed: set[int] = set()
        self._waiting: list[int] = []
        self._firsts: list[int] = []

    def found_in(self, rows: Iterable[int]) -> list[list[int]]:
        """Each row alone or with the others of its cycle, after all groups that reach it."""
        for row in rows:
            if row not in self._numbers:
                self._search(row)
        return self._found[::-1]

    def _search(self, start: int) -> None:
        path = [self._entered(start)]
        while path:
            row, ends = path[-1]
            unseen = self._next_unseen(ends)
            if unseen is None:
                path.pop()
                self._leave(row)
            else:
                path.append(self._entered(unseen))

    def _entered(self, row: int) -> tuple[int, Iterator[int]]:
        self._numbers[row] = len(self._numbers)
        self._waiting.append(row)
        self._firsts.append(row)
        return row, iter(self._edges.of(row))

    def _next_unseen(self, ends: Iterator[int]) -> int | None:
        for end in ends:
            if end not in self._numbers:
                return end
            if end not in self._closed:
                while self._numbers[self._firsts[-1]] > self._numbers[end]:
                    self._firsts.pop()
        return None

    def _leave(self, row: int) -> None:
        if self._firsts[-1] != row:
            return
        self._firsts.pop()
        group: list[int] = []
        while row not in group[-1:]:
            group.append(self._waiting.pop())
        self._closed.update(group)
        self._found.append(group)


def _reversed(edges: EdgeTable, descent: _Descent) -> EdgeTable:
    """The same edges, from dependency to dependent; those of a row are sorted by kind."""
    order, kind_of = descent.incoming[:], list(edges.kinds)
    kinds = array("I", list(map(kind_of.__getitem__, order)))
    for start, end in pairwise(descent.starts):
        found = kinds[start:end]
        if found and found.count(found[0]) < len(found):
            order[start:end] = array("I", sorted(order[start:end], key=kind_of.__getitem__))
            kinds[start:end] = array("I", sorted(found))
    rows = list(_repeated(edges.starts))
    return EdgeTable(descent.starts, array("I", list(map(rows.__getitem__, order))), kinds)


def _repeated(starts: Sequence[int]) -> Iterator[int]:
    """Each row as often as it has places from its start to that of the next row."""
    return chain.from_iterable(map(repeat, count(), map(sub, starts[1:], starts)))


def _ancestors(
    order: Iterable[Sequence[int]], incoming: EdgeTable, known: Iterable[BitMap | None]
) -> Ancestors:
    """The ancestors of all rows, given in an order in which no row is before its ancestors.

    Args:
        known: those that are worked out already.

    Raises:
        CatalogError: so many that they would fill the memory and the disk.
    """
    found = list(known)
    room = MOST_ANCESTORS * max(len(found), FEW)
    for group in order:
        if found[group[0]] is None and (dependents := _dependents(incoming, group)):
            above = BitMap()
            for row in reversed(dependents):
                # the ancestors of a row that is in already are in, too
                if row not in above:
                    if (more := found[row]) is not None:
                        above |= more
                    above.add(row)
            room -= len(above)
            if room < 0:
                raise CatalogError(f"no real DAG has more than {MOST_ANCESTORS:,} dependents for each spec")
            for row in group:
                found[row] = above
    return found


def _dependents(incoming: EdgeTable, group: Sequence[int]) -> Sequence[int]:
    if len(group) == 1:
        return incoming.of(group[0])
    return [end for row in group for end in incoming.of(row)]


def _unlike(order: Iterable[Sequence[int]], incoming: EdgeTable, runtime: EdgeTable) -> bytearray:
    """Marks the rows whose ancestors may be others if only runtime edges count."""
    unlike = bytearray(len(incoming))
    starts, kept = incoming.starts, runtime.starts
    for group in order:
        fewer = any(starts[row + 1] - starts[row] != kept[row + 1] - kept[row] for row in group)
        if fewer or any(map(unlike.__getitem__, _dependents(incoming, group))):
            for row in group:
                unlike[row] = True
    return unlike


def _write_depths(db: sqlite3.Connection, depths: Sequence[int]) -> None:
    levels: list[list[int]] = [[] for _ in range(min(max(depths, default=-1), DEEPEST) + 1)]
    for row, depth in enumerate(depths):
        levels[min(depth, DEEPEST)].append(row)
    _write_bitmaps(db, "depth", levels)


def _write_dependents(db: sqlite3.Connection, incoming: EdgeTable, kinds: int) -> None:
    """The reversed edges in groups of one row and kind."""
    changes = compress(count(1), map(ne, incoming.kinds, incoming.kinds[1:]))
    group_starts = sorted({*incoming.starts, *changes})
    group_kinds = [incoming.kinds[start] for start in group_starts[:-1]]
    number_of = dict(zip(group_starts, count(), strict=False))
    row_groups = [number_of[start] for start in incoming.starts]
    columns = (
        ("group_start", group_starts, len(incoming.ends) + 1),
        ("group_kind", group_kinds, kinds),
        ("row_group", row_groups, len(group_starts)),
    )
    for name, values, limit in columns:
        db.execute("INSERT INTO col VALUES (?, ?, ?)", (name, *pack(values, limit)))
    chunks = (incoming.ends[i : i + ENDS_CHUNK] for i in range(0, len(incoming.ends), ENDS_CHUNK))
    packed = (pack(ends, len(incoming))[1] for ends in chunks)
    db.executemany("INSERT INTO ends VALUES (?, ?)", enumerate(packed))


def _write_kinds_of_edges(db: sqlite3.Connection, name: str, edges: EdgeTable, kinds: int) -> None:
    """For each kind the rows that have an edge of it."""
    rows_of: list[list[int]] = [[] for _ in range(kinds)]
    for kind, row in zip(edges.kinds, _repeated(edges.starts), strict=True):
        rows_of[kind].append(row)
    _write_bitmaps(db, name, rows_of)


def _write_ancestors(db: sqlite3.Connection, relation: int, ancestors: Ancestors) -> None:
    """One blob for each row that has any, and the rows that have one."""
    first = relation * len(ancestors)
    db.executemany(
        "INSERT INTO ancestors VALUES (?, ?)",
        ((first + row, pack_bitmap(rows)) for row, rows in enumerate(ancestors) if rows),
    )
    _write_bitmap(db, f"ancestors_{relation}", (row for row, rows in enumerate(ancestors) if rows))


def _write_bitmaps(db: sqlite3.Connection, name: str, lists: Iterable[list[int]]) -> None:
    db.executemany(
        "INSERT INTO bitmaps VALUES (?, ?, ?)",
        [(name, position, pack_bitmap(BitMap(rows))) for position, rows in enumerate(lists)],
    )


def _write_bitmap(db: sqlite3.Connection, name: str, rows: Iterable[int]) -> None:
    db.execute("INSERT INTO bitmap VALUES (?, ?)", (name, pack_bitmap(BitMap(rows))))
