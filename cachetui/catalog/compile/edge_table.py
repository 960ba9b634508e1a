"""The edges between rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, compress, count, repeat
from operator import sub

from msgspec import Struct

from cachetui.catalog.compile.turns import PIECE, largest, listed, numbers, picked_numbers, pieces


class EdgeTable(Struct, frozen=True):
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
        starts = picked_numbers(listed(accumulate(keep, initial=0)), self.starts)
        ends, kinds = (numbers(compress(values, keep)) for values in (self.ends, self.kinds))
        return EdgeTable(starts, ends, kinds)

    def between_rows(self) -> EdgeTable:
        """The table of those edges whose ends are rows."""
        if largest(self.ends) < len(self):
            return self
        return self.where(b"".join(bytes(map(len(self).__gt__, some)) for some in pieces(self.ends, PIECE)))

    def rows(self) -> Iterator[int]:
        """The row of each edge."""
        return repeated(self.starts)


def repeated(starts: Sequence[int]) -> Iterator[int]:
    """Each row as often as it has places from its start to that of the next row."""
    return chain.from_iterable(map(repeat, count(), map(sub, starts[1:], starts)))
