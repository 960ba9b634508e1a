"""Who depends on a row by an edge: the edges once more, by the row that they point to and by their kind."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from typing import Any

from pyroaring import BitMap

from cachetui.catalog.chunks import write_chunk, write_chunks
from cachetui.catalog.compile.edge_table import EdgeTable
from cachetui.catalog.compile.turns import listed, numbers
from cachetui.catalog.schema import ENDS_CHUNK, pack, pack_bitmap

_NONE: list[Any] = []
"""Stands for all empty lists."""


def write_dependents(db: sqlite3.Connection, edges: EdgeTable, kinds: int) -> None:
    """Write what `Dag` reads of the edges by kind.

    Args:
        edges: from dependent to dependency; ends that are no rows do not count.
        kinds: how many edge kinds there are.
    """
    edges = edges.between_rows()
    sources: list[list[int]] = [[] for _ in range(kinds)]
    targets: list[list[int]] = [[] for _ in range(kinds)]
    ends = map(list(range(len(edges))).__getitem__, edges.ends)  # equal numbers are one object
    for kind, row, end in zip(edges.kinds, edges.rows(), ends, strict=True):
        sources[kind].append(row)
        targets[kind].append(end)
    _write_lists(db, "kind_source", sources)
    _write_lists(db, "kind_target", targets)
    _write_groups(db, len(edges), sources, targets)


def _write_groups(
    db: sqlite3.Connection, rows: int, sources: Sequence[list[int]], targets: Sequence[list[int]]
) -> None:
    """The edges from dependency to dependent, in groups of one row and kind; those of a row by kind.

    The lists are emptied on the way.
    """
    groups_of: list[list[list[int]]] = [_NONE] * rows
    kinds_of: list[list[int]] = [_NONE] * rows
    for kind, (rows_of_kind, ends_of_kind) in enumerate(zip(sources, targets, strict=True)):
        groups: defaultdict[int, list[int]] = defaultdict(list)
        for row, end in zip(rows_of_kind, ends_of_kind, strict=True):
            groups[end].append(row)
        rows_of_kind.clear()
        ends_of_kind.clear()
        for end, group in groups.items():
            if not groups_of[end]:
                groups_of[end], kinds_of[end] = [], []
            groups_of[end].append(group)
            kinds_of[end].append(kind)
    in_order = listed(chain.from_iterable(groups_of))
    starts = numbers(accumulate(map(len, in_order), initial=0))
    columns = (
        ("group_start", starts, starts[-1] + 1),
        ("group_kind", numbers(chain.from_iterable(kinds_of)), len(sources)),
        ("row_group", numbers(accumulate(map(len, groups_of), initial=0)), len(starts)),
    )
    for name, values, limit in columns:
        write_chunk(db, name, pack(values, limit))
    ends = numbers(chain.from_iterable(in_order))
    chunks = (ends[i : i + ENDS_CHUNK] for i in range(0, len(ends), ENDS_CHUNK))
    write_chunks(db, "ends", enumerate(pack(some, rows) for some in chunks))


def _write_lists(db: sqlite3.Connection, name: str, lists: Iterable[list[int]]) -> None:
    write_chunks(db, name, enumerate(pack_bitmap(BitMap(rows)) for rows in lists))
