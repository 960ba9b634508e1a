"""Who depends on a row by an edge: the edges once more, by the row that they point to and by their kind."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable
from itertools import accumulate, chain, compress, count
from operator import ne

from pyroaring import BitMap

from cachetui.catalog.edge_table import EdgeTable
from cachetui.catalog.schema import ENDS_CHUNK, pack, pack_bitmap


def write_dependents(db: sqlite3.Connection, edges: EdgeTable, kinds: int) -> None:
    """Write what `Dag` reads of the edges by kind.

    Args:
        edges: from dependent to dependency; ends that are no rows do not count.
        kinds: how many edge kinds there are.
    """
    edges = edges.between_rows()
    sources: list[list[int]] = [[] for _ in range(kinds)]
    targets: list[list[int]] = [[] for _ in range(kinds)]
    for kind, row, end in zip(edges.kinds, edges.rows(), edges.ends, strict=True):
        sources[kind].append(row)
        targets[kind].append(end)
    _write_lists(db, "kind_source", sources)
    _write_lists(db, "kind_target", targets)
    _write_groups(db, _reversed(len(edges), sources, targets), kinds)


def _reversed(rows: int, sources: list[list[int]], targets: list[list[int]]) -> EdgeTable:
    """The edges from dependency to dependent; those of a row are sorted by kind."""
    ends: list[list[int]] = [[] for _ in range(rows)]
    kinds: list[list[int]] = [[] for _ in range(rows)]
    for kind, (listed, targets_of_kind) in enumerate(zip(sources, targets, strict=True)):
        for row, end in zip(listed, targets_of_kind, strict=True):
            ends[end].append(row)
            kinds[end].append(kind)
    starts = array("I", list(accumulate(map(len, ends), initial=0)))
    return EdgeTable(
        starts, array("I", list(chain.from_iterable(ends))), array("I", list(chain.from_iterable(kinds)))
    )


def _write_groups(db: sqlite3.Connection, incoming: EdgeTable, kinds: int) -> None:
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


def _write_lists(db: sqlite3.Connection, name: str, lists: Iterable[list[int]]) -> None:
    db.executemany(
        "INSERT INTO bitmaps VALUES (?, ?, ?)",
        [(name, position, pack_bitmap(BitMap(rows))) for position, rows in enumerate(lists)],
    )
