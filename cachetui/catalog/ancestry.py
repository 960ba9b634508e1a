"""Which rows reach a row, worked out once for all rows: ancestors and depths."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import repeat

from msgspec import Struct
from pyroaring import BitMap

from cachetui.catalog.cycles import Cycles
from cachetui.catalog.edge_table import EdgeTable
from cachetui.catalog.schema import DEEPEST, RUNTIME_DEPTYPES, EdgeKind, pack_bitmap
from cachetui.errors import CatalogError

MOST_ANCESTORS = 1000
"""Rows have so many on average at most; in real indexes it is 30."""

FEW = 10_000
"""With fewer rows than this any DAG fits."""

Ancestors = list[BitMap | None]
"""The ancestors of each row; None: it has none."""

Dependents = Sequence[Sequence[int]]
"""The dependents of each row, the deepest last."""


class _Descent(Struct, frozen=True):
    """A way through all rows on which each comes after its ancestors.

    Args:
        groups: rows, each alone or with the others of its cycle.
        depths: row to the length of its longest way from a row without dependents.
        dependents: of each row.
    """

    groups: Sequence[Sequence[int]]
    depths: Sequence[int]
    dependents: Dependents

    def dependents_by(self, edges: EdgeTable) -> Dependents:
        """The dependents of each row by some of the edges."""
        found: list[list[int]] = [[] for _ in self.depths]
        targets = edges.lists()
        for group in self.groups:
            for row in group:
                for end in targets[row]:
                    found[end].append(row)
        return found


def write_ancestry(db: sqlite3.Connection, edges: EdgeTable, kinds: Sequence[EdgeKind]) -> None:
    """Write what `Dag` reads of ancestors and depths.

    Args:
        edges: from dependent to dependency; ends that are no rows do not count.
        kinds: the edge kinds by number.

    Raises:
        CatalogError: there are more ancestors than any real DAG has.
    """
    edges = edges.between_rows()
    descent = _descend(edges)
    _write_depths(db, descent.depths)
    full = _ancestors(descent, descent.dependents, repeat(None, len(edges)))
    is_runtime = [not RUNTIME_DEPTYPES.isdisjoint(kind.deptypes) for kind in kinds]
    runtime_edges = edges.where(bytes(map(is_runtime.__getitem__, edges.kinds)))
    runtime = descent.dependents_by(runtime_edges)
    unlike = _unlike(descent, runtime)
    _write_ancestors(db, 0, full)
    _write_bitmap(db, "runtime_as_all", [row for row, rows in enumerate(full) if rows and not unlike[row]])
    if any(len(cycle) > 1 for cycle in descent.groups):
        descent = _descend(runtime_edges)
        runtime = descent.dependents
    known = [None if differs else rows for rows, differs in zip(full, unlike, strict=True)]
    own = _ancestors(descent, runtime, known)
    _write_ancestors(db, 1, [rows if differs else None for rows, differs in zip(own, unlike, strict=True)])


def _descend(edges: EdgeTable) -> _Descent:
    """Visit each row when all of its dependents were visited; what is then left lies in or below cycles."""
    rows = range(len(edges))
    targets = edges.lists()
    left = [0] * len(edges)
    for row, count in Counter(edges.ends).items():
        left[row] = count
    depths = [0] * len(edges)
    dependents: list[list[int]] = [[] for _ in rows]
    order = [row for row in rows if not left[row]]
    for row in order:
        for end in targets[row]:
            dependents[end].append(row)
            left[end] -= 1
            if not left[end]:
                order.append(end)
                depths[end] = depths[row] + 1
    groups = list[Sequence[int]](zip(order, strict=True))
    if len(order) < len(edges):
        rest = sorted(set(rows).difference(order))
        groups += Cycles(edges).found_in(rest)
        for row in rest:
            depths[row] = DEEPEST
            for end in targets[row]:
                dependents[end].append(row)
    return _Descent(groups, depths, dependents)


def _ancestors(descent: _Descent, dependents_of: Dependents, known: Iterable[BitMap | None]) -> Ancestors:
    """The ancestors of all rows.

    Args:
        known: those that are worked out already.

    Raises:
        CatalogError: so many that they would fill the memory and the disk.
    """
    found = list(known)
    room = MOST_ANCESTORS * max(len(found), FEW)
    for group in descent.groups:
        if found[group[0]] is None and (dependents := _joined(dependents_of, group)):
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


def _joined(dependents_of: Dependents, group: Sequence[int]) -> Sequence[int]:
    if len(group) == 1:
        return dependents_of[group[0]]
    return [end for row in group for end in dependents_of[row]]


def _unlike(descent: _Descent, runtime: Dependents) -> bytearray:
    """Marks the rows whose ancestors may be others if only runtime edges count."""
    dependents = descent.dependents
    unlike = bytearray(len(dependents))
    for group in descent.groups:
        fewer = any(len(dependents[row]) != len(runtime[row]) for row in group)
        if fewer or any(map(unlike.__getitem__, _joined(dependents, group))):
            for row in group:
                unlike[row] = True
    return unlike


def _write_depths(db: sqlite3.Connection, depths: Sequence[int]) -> None:
    levels: list[list[int]] = [[] for _ in range(min(max(depths, default=-1), DEEPEST) + 1)]
    for row, depth in enumerate(depths):
        levels[min(depth, DEEPEST)].append(row)
    db.executemany(
        "INSERT INTO bitmaps VALUES ('depth', ?, ?)",
        [(depth, pack_bitmap(BitMap(rows))) for depth, rows in enumerate(levels)],
    )


def _write_ancestors(db: sqlite3.Connection, relation: int, ancestors: Ancestors) -> None:
    """One blob for each row that has any, and the rows that have one."""
    first = relation * len(ancestors)
    db.executemany(
        "INSERT INTO ancestors VALUES (?, ?)",
        [(first + row, pack_bitmap(rows)) for row, rows in enumerate(ancestors) if rows],
    )
    _write_bitmap(db, f"ancestors_{relation}", [row for row, rows in enumerate(ancestors) if rows])


def _write_bitmap(db: sqlite3.Connection, name: str, rows: Iterable[int]) -> None:
    db.execute("INSERT INTO bitmap VALUES (?, ?)", (name, pack_bitmap(BitMap(rows))))
