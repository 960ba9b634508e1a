"""Computes the ancestors and the depth of every row, once for all.

Most of it is computed on entries, in the order of staging, while another process sorts the rows. In a dense
or deep DAG the ancestors of all rows would fill memory and disk: those that fit are stored, and from the
other rows `Dag` walks up at each question.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, count, islice, pairwise
from operator import add

from msgspec import Struct
from pyroaring import BitMap

from cachetui.catalog.chunks import join_blobs, write_chunk, write_chunks
from cachetui.catalog.compile.cycles import Cycles
from cachetui.catalog.compile.edge_table import EdgeTable
from cachetui.catalog.compile.turns import PIECE, listed, pieces
from cachetui.catalog.schema import (
    ANCESTORS_CHUNK,
    DEEPEST,
    RUNTIME_DEPTYPES,
    EdgeKind,
    ancestors_name,
    pack_bitmap,
    pack_tight,
)

ROOM, ROOM_PER_ROW = 1 << 20, 256
"""Bytes that ancestors may fill, for each relation; in real indexes they fill 65 for each row."""

_BITMAP_BYTES, _CONTAINER_BYTES, _CONTAINER_ROWS = 16, 8192, 1 << 16
"""About what an empty bitmap fills, and at most what a container fills, which holds so many rows."""


class _Ancestors(Struct, frozen=True):
    """The ancestors of all entries, as rows.

    Args:
        sets: of each entry; None: it has none, or they are not stored.
        is_walked: marks the entries whose ancestors are not stored; those of the others are stored.
    """

    sets: list[BitMap | None]
    is_walked: bytearray


_NONE: list[int] = []
"""Stands for all empty lists."""


class _Groups(Struct):
    """The entries in groups.

    Args:
        order: entries that are groups by themselves, before the others.
        cycles: the entries that are in cycles, or below one.
    """

    order: list[int]
    cycles: list[list[int]] = []

    def __iter__(self) -> Iterator[Sequence[int]]:
        return chain(zip(self.order, strict=True), self.cycles)


class _Descent(Struct, frozen=True):
    """A topological order of the entries: each comes after its ancestors.

    With n entries, a dependent e by an edge that is neither link nor run is stored as e - n. A negative index
    into a list means the same entry, so that only code that asks for the sign has to know.

    Args:
        groups: entries, each alone or with the others of its cycle: these have the same ancestors.
        depths: entry to the length of its longest path from an entry without dependents.
        dependents: the dependents of each entry, the deepest last.
        differing: see `Descents`; of use if no two entries are in one cycle.
    """

    groups: _Groups
    depths: list[int]
    dependents: list[list[int]]
    differing: bytearray


class Descents(Struct, frozen=True):
    """What can be computed about ancestors before the order of the rows is known.

    Args:
        full, runtime: over all edges, and over link and run edges alone.
        differing: marks the entries whose runtime ancestors may not be all their ancestors.
    """

    full: _Descent
    runtime: _Descent
    differing: bytearray

    def dependents(self) -> tuple[list[list[int]], list[list[int]]]:
        """The dependents of all entries by both relations."""
        return self.full.dependents, self.runtime.dependents


def descents(edges: EdgeTable, kinds: Sequence[EdgeKind]) -> Descents:
    """Compute what `write_ancestry` needs from the edges.

    Args:
        edges: from dependent to dependency; ends that are not entries are ignored.
        kinds: the edge kinds by number.
    """
    edges = edges.between_rows()
    is_runtime = [not RUNTIME_DEPTYPES.isdisjoint(kind.deptypes) for kind in kinds]
    full = _descend(edges, is_runtime)
    # Without cycles an order for all edges is one for the runtime edges, too.
    if max(map(len, full.groups.cycles), default=1) == 1:
        return Descents(full, full, full.differing)
    runtime_edges = edges.where(bytes(map(is_runtime.__getitem__, edges.kinds)))
    return Descents(full, _descend(runtime_edges, is_runtime), bytearray(b"\1") * len(edges))


def write_ancestry(
    db: sqlite3.Connection, found: Descents, order: Sequence[int]
) -> tuple[list[BitMap | None], list[BitMap | None]]:
    """Write what `Dag` reads of ancestors and depths.

    Args:
        order: row to entry.

    Returns:
        The ancestors of all entries by both relations; whoever goes on frees them by and by.
    """
    row_of = [0] * len(order)
    for row, entry in enumerate(order):
        row_of[entry] = row
    _write_depths(db, list(map(found.full.depths.__getitem__, order)))
    full = _ancestors(found.full, row_of, _Ancestors([None] * len(order), bytearray(len(order))))
    _write_ancestors(db, 0, map(full.sets.__getitem__, order))
    _write_bitmap(db, "walked_0", [row for row, entry in enumerate(order) if full.is_walked[entry]])
    alike = [row for row, entry in enumerate(order) if full.sets[entry] and not found.differing[entry]]
    _write_bitmap(db, "runtime_as_all", alike)
    # Most rows have the same ancestors by both relations: these are stored once.
    known = [None if differs else rows for rows, differs in zip(full.sets, found.differing, strict=True)]
    walked = bytearray(
        not differs and walks for differs, walks in zip(found.differing, full.is_walked, strict=True)
    )
    own = _ancestors(found.runtime, row_of, _Ancestors(known, walked), runtime_only=True)
    _write_ancestors(db, 1, (own.sets[entry] if found.differing[entry] else None for entry in order))
    _write_bitmap(db, "walked_1", [row for row, entry in enumerate(order) if own.is_walked[entry]])
    return full.sets, own.sets


def _descend(edges: EdgeTable, is_runtime: Sequence[bool]) -> _Descent:
    """Visit each entry after all its dependents; the entries left over are in cycles or below them."""
    size = len(edges)
    targets = _targets(edges, is_runtime)
    left = [0] * size
    counts = Counter[int]()
    for some in pieces(edges.ends, PIECE):
        counts.update(some)
    for entry, many in counts.items():
        left[entry] = many
    depths = [0] * size
    # A list for each entry with dependents alone: most of an index of tiny records has none.
    dependents: list[list[int]] = [[] if many else _NONE for many in left]
    differing = bytearray(size)
    order = [entry for entry in range(size) if not left[entry]]
    for entry in order:
        mark = entry - size
        differs = differing[entry]
        for end in targets[entry]:
            if end >= 0:
                dependents[end].append(entry)
                if differs:
                    differing[end] = 1
            else:
                dependents[end].append(mark)
                differing[end] = 1
            left[end] = waiting = left[end] - 1
            if not waiting:
                order.append(end if end >= 0 else end + size)
                depths[end] = depths[entry] + 1
    found = _Descent(_Groups(order), depths, dependents, differing)
    if len(order) < size:
        _add_cycles(found, edges, targets)
    return found


def _add_cycles(found: _Descent, edges: EdgeTable, targets: Sequence[Sequence[int]]) -> None:
    """Add the entries that are in cycles or below them."""
    size = len(edges)
    rest = sorted(set(range(size)).difference(found.groups.order))
    found.groups.cycles = Cycles(edges).found_in(rest)
    for entry in rest:
        found.depths[entry] = DEEPEST
        for end in targets[entry]:
            found.dependents[end].append(entry if end >= 0 else entry - size)
    for group in found.groups.cycles:
        dependents = _joined(found.dependents, group)
        is_differing = map(found.differing.__getitem__, dependents)
        found.differing[group[0]] = min(dependents) < 0 or any(is_differing)


def _targets(edges: EdgeTable, is_runtime: Sequence[bool]) -> list[list[int]]:
    """The dependencies of each entry; equal numbers share one object, which saves memory."""
    if not edges.ends:
        return [_NONE] * len(edges)
    size = len(edges)
    numbers = [*range(size), *range(-size, 0)]
    offsets = [0 if runtime else size for runtime in is_runtime]
    ends = listed(map(numbers.__getitem__, map(add, edges.ends, map(offsets.__getitem__, edges.kinds))))
    return [ends[start:end] if start < end else _NONE for start, end in pairwise(edges.starts)]


def _ancestors(
    descent: _Descent, row_of: Sequence[int], known: _Ancestors, runtime_only: bool = False
) -> _Ancestors:
    """The ancestors of all entries, as far as there is room for them.

    What depends on an entry with stored ancestors has stored ancestors, too: a walk up ends there.

    Args:
        known: the ancestors that are computed already; completed and returned.
        runtime_only: only link and run edges count.
    """
    found, is_walked = known.sets, known.is_walked
    room = ROOM + ROOM_PER_ROW * len(found)
    some_walked = 1 in is_walked
    containers = -(-len(row_of) // _CONTAINER_ROWS)
    for group in descent.groups:
        if found[group[0]] is not None or is_walked[group[0]]:
            continue
        dependents = descent.dependents[group[0]] if len(group) == 1 else _joined(descent.dependents, group)
        if runtime_only:
            dependents = [entry for entry in dependents if entry >= 0]
        if not dependents:
            continue
        if not (some_walked and any(map(is_walked.__getitem__, dependents))):
            above = _above(dependents, found, row_of)
            size = _stored_size(len(above), containers) * len(group)
            if size <= room:
                room -= size
                for entry in group:
                    found[entry] = above
                continue
        some_walked = True
        for entry in group:
            is_walked[entry] = 1
    return known


def _above(dependents: Sequence[int], found: Sequence[BitMap | None], row_of: Sequence[int]) -> BitMap:
    """The dependents and their ancestors, as rows."""
    above = BitMap()
    for dependent in reversed(dependents):
        # Deepest first: the ancestors of a dependent that is included are included, too.
        if (row := row_of[dependent]) not in above:
            if (more := found[dependent]) is not None:
                above |= more
            above.add(row)
    return above


def _stored_size(rows: int, containers: int) -> int:
    """About how many bytes a set of so many rows fills at most, in memory and on disk."""
    if containers == 1:  # the usual case
        return _BITMAP_BYTES + 2 * rows if 2 * rows < _CONTAINER_BYTES else _BITMAP_BYTES + _CONTAINER_BYTES
    return _BITMAP_BYTES * min(containers, rows) + min(2 * rows, _CONTAINER_BYTES * containers)


def _joined(dependents_of: Sequence[Sequence[int]], group: Sequence[int]) -> Sequence[int]:
    return [end for entry in group for end in dependents_of[entry]]


def _write_depths(db: sqlite3.Connection, depths: Sequence[int]) -> None:
    levels: list[list[int]] = [[] for _ in range(min(max(depths, default=-1), DEEPEST) + 1)]
    for row, depth in enumerate(depths):
        levels[min(depth, DEEPEST)].append(row)
    write_chunks(db, "depth", enumerate(pack_bitmap(BitMap(rows)) for rows in levels))


def _write_ancestors(db: sqlite3.Connection, relation: int, ancestors: Iterable[BitMap | None]) -> None:
    """Write the ancestors of each row that has any, in chunks of rows, and which rows these are."""
    rows = iter(ancestors)
    having: list[int] = []
    for chunk in count():
        some = list(islice(rows, ANCESTORS_CHUNK))
        if not some:
            break
        blobs = [pack_bitmap(each) if each else b"" for each in some]
        starts = array("I", accumulate(map(len, blobs), initial=0))
        if starts[-1]:
            packed = join_blobs([pack_tight(starts), b"".join(blobs)])
            write_chunks(db, ancestors_name(relation), [(chunk, packed)])
            having += [chunk * ANCESTORS_CHUNK + place for place, blob in enumerate(blobs) if blob]
    _write_bitmap(db, f"ancestors_{relation}", having)


def _write_bitmap(db: sqlite3.Connection, name: str, rows: Iterable[int]) -> None:
    write_chunk(db, name, pack_bitmap(BitMap(rows)))
