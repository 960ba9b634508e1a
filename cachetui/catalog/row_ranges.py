"""Consecutive ranges of rows, and the ranges that some rows are in: by whole bitmaps, not row by row."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from functools import cached_property

from pyroaring import BitMap


class RowRanges:
    """The rows of packages, or of look-alikes: consecutive ranges that cover all rows.

    Args:
        starts: the first row of each range, then the number of rows.
    """

    def __init__(self, starts: array[int]) -> None:
        self.starts = starts

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, part: int) -> range:
        """The rows of a range."""
        return range(self.starts[part], self.starts[part + 1])

    def of(self, row: int) -> int:
        """The range that a row is in."""
        return bisect_right(self.starts, row) - 1

    def firsts(self, rows: BitMap) -> BitMap:
        """The first of some rows in each range."""
        # Spread rows to the end of their ranges, doubling the step: a row after another one is not the first.
        reached = rows
        for power, inner in enumerate(self._inner):
            reached = reached | (reached.shift(1 << power) & inner)
        return rows - (reached.shift(1) & self._inner[0]) if self._inner else rows

    @cached_property
    def _inner(self) -> list[BitMap]:
        """At place k the rows in one range with the 2^k rows before them; the last mask is empty."""
        if not len(self):
            return []
        masks = [BitMap(range(self.starts[-1])) - BitMap(array("I", self.starts))]
        while masks[-1]:
            masks.append(masks[-1] & masks[-1].shift(1 << (len(masks) - 1)))
        return masks
