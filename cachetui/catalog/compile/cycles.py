"""Rows that reach each other; real DAGs have none, damaged indexes may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cachetui.catalog.compile.edge_table import EdgeTable


class Cycles:
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
