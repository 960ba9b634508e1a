"""All rows cut into ranges, and which of these some rows are in: asked of whole bitmaps, not row by row."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from functools import cached_property

from pyroaring import BitMap


class RowRanges:
    """Packages or kinds: consecutive ranges that together are all rows.

    Args:
        starts: first row of each part, then the number of rows.
    """

    def __init__(self, starts: array[int]) -> None:
        self.starts = starts

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, part: int) -> range:
        """The rows of a part."""
        return range(self.starts[part], self.starts[part + 1])

    def of(self, row: int) -> int:
        """The part that a row is in."""
        return bisect_right(self.starts, row) - 1

    def firsts(self, rows: BitMap) -> BitMap:
        """Of some rows the first in each part: as many as there are parts with any of them."""
        reached = rows
        for power, inner in enumerate(self._inner):
            reached = reached | (reached.shift(1 << power) & inner)
        return rows - (reached.shift(1) & self._inner[0]) if self._inner else rows

    @cached_property
    def _inner(self) -> list[BitMap]:
        """At place k the rows that are in one part with the 2^k rows before them; the last has none."""
        if not len(self):
            return []
        masks = [BitMap(range(self.starts[-1])) - BitMap(array("I", self.starts))]
        while masks[-1]:
            masks.append(masks[-1] & masks[-1].shift(1 << (len(masks) - 1)))
        return masks
