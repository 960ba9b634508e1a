"""How many different values a staging takes: each takes far more memory than the text it was read from."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from cachetui.catalog.schema import EdgeKind, Parameters

LEAST_ROOM, BYTES_PER_VALUE = 250_000, 300
"""Values that are taken in any case, and of how many bytes one more; a real index has one in 10,000 bytes.

A value takes up to 600 bytes until it is written: by its names, its text and the rows that have it.
"""


class NoRoomError(ValueError):
    """A record has more new values than there is room for."""

    def __init__(self) -> None:
        super().__init__("the source has too many different values; no room for those of this record")


class Room:
    """The room for values that is left; without end if nothing is said of the size of the source."""

    def __init__(self, size: int | None = None) -> None:
        self._given = self._left = sys.maxsize
        if size is not None:
            self._given = self._left = LEAST_ROOM + size // BYTES_PER_VALUE

    def take(self, value: Any) -> None:
        """Take room for a value. Raises NoRoomError."""
        many = values_in(value)
        if many > self._left:
            raise NoRoomError
        self._left -= many

    def holds(self, values: Iterable[Any]) -> bool:
        """Whether there is room for all of these, even if they are all new."""
        return self._left == sys.maxsize or sum(map(values_in, values)) <= self._left

    def grow(self, size: int) -> None:
        """Make room for a source of this size, if it is larger than what was known of it."""
        more = LEAST_ROOM + size // BYTES_PER_VALUE - self._given
        if more > 0:
            self._given += more
            self._left += more

    def open_up(self) -> None:
        """Take whatever comes from now on: each source has been held to its own room."""
        self._given = self._left = sys.maxsize


def values_in(value: Any) -> int:
    """How many values there are in the value of a column, of an edge kind, or in the parents of a target."""
    if isinstance(value, tuple):
        return 1 + len(value)
    if isinstance(value, Parameters):
        several = sum(len(each) for _, each in value.variants if isinstance(each, tuple))
        flags = sum(len(words) for _, words in value.flags)
        return 1 + len(value.variants) + several + flags + len(value.patches)
    if isinstance(value, EdgeKind):
        return 1 + len(value.virtuals)
    return 1
