"""The rows that have each value of a column."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Protocol

from pyroaring import BitMap

MANY_VALUES = 10_000
"""From so many values on there is no set for each, which takes 250 bytes with a single row in it."""

_ROW = 4


class RowsByValue(Protocol):
    """Gives rows by the numbers of values."""

    def having(self, values: Sequence[int]) -> BitMap:
        """The rows with one of some values, as a set of its own."""


class _Sets:
    """A set for each of few values."""

    def __init__(self, ids: Iterable[int], values: int) -> None:
        rows_of: list[list[int]] = [[] for _ in range(values)]
        for row, value in enumerate(ids):
            rows_of[value].append(row)
        self._sets = list(map(BitMap, rows_of))

    def having(self, values: Sequence[int]) -> BitMap:
        return BitMap.union(*map(self._sets.__getitem__, values))


class _Sorted:
    """The rows in the order of their values, of which there may be one for each row."""

    def __init__(self, ids: Sequence[int], values: int) -> None:
        # As bytes: joined they are read at once, however many values there are.
        self._rows = array("I", sorted(range(len(ids)), key=ids.__getitem__)).tobytes()
        counts = array("I", bytes(_ROW * values))
        for value in ids:
            counts[value] += 1
        self._starts = array("I", accumulate(counts, initial=0))

    def having(self, values: Sequence[int]) -> BitMap:
        rows, starts = self._rows, self._starts
        parts = [rows[_ROW * starts[value] : _ROW * starts[value + 1]] for value in values]
        return BitMap(array("I", b"".join(parts)))


class _Every:
    """A value that all rows have."""

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def having(self, values: Sequence[int]) -> BitMap:
        return BitMap(range(self._rows))


def rows_by_value(ids: Sequence[int], values: int) -> RowsByValue:
    """Group rows.

    Args:
        ids: the number of the value of each row.
        values: how many values there are.
    """
    if values == 1:
        return _Every(len(ids))
    return _Sets(ids, values) if values < MANY_VALUES else _Sorted(ids, values)
