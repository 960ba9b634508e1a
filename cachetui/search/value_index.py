"""The values of a facet and the rows of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

from pyroaring import BitMap


class ValueIndex(Protocol):
    """The values of a facet in their own order, and the rows of each."""

    @property
    def values(self) -> Sequence[str]:
        """All values."""

    @property
    def bitmaps(self) -> Sequence[BitMap]:
        """The rows of each value."""

    @property
    def by_size(self) -> Sequence[tuple[int, int]]:
        """(rows, position) of each value, the largest first."""

    def rows(self, value: str) -> BitMap:
        """The rows of a value; none for an unknown one."""


class ComputedIndex:
    """See `ValueIndex`; the values stand in the order in which the attribute's values sort."""

    def __init__(self, rows: dict[str, BitMap]) -> None:
        self._rows = rows
        self.values = list(rows)
        self.bitmaps = list(rows.values())

    @cached_property
    def by_size(self) -> list[tuple[int, int]]:
        """(rows, position) of each value, the largest first."""
        sizes = [(len(rows), position) for position, rows in enumerate(self.bitmaps)]
        return sorted(sizes, key=lambda size: -size[0])

    def rows(self, value: str) -> BitMap:
        """The rows of a value; none for an unknown one."""
        return self._rows.get(value, BitMap())
