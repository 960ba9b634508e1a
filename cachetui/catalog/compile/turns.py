"""Long steps in pieces: the threads that hear keys and signals have their turn between two of them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T")

PIECE = 1 << 15
"""Values that are looked up at once, which takes some thousandths of a second."""

SORTED = 1 << 15
"""Values that are sorted at once: their keys may be slow to compare."""


def pieces(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The values in runs of a size."""
    return (values[start : start + size] for start in range(0, len(values), size))


def listed(values: Iterator[T]) -> list[T]:
    """The values of an iterator."""
    found: list[T] = []
    while some := list(islice(values, PIECE)):
        found += some
    return found


def numbers(values: Iterator[int]) -> array[int]:
    """The numbers of an iterator."""
    found = array("I")
    while some := list(islice(values, PIECE)):
        found.extend(array("I", some))
    return found


def distinct(values: Sequence[int]) -> set[int]:
    """The different ones of some numbers."""
    found: set[int] = set()
    for some in pieces(values, PIECE):
        found.update(some)
    return found


def largest(values: Sequence[int]) -> int:
    """The largest of some numbers; -1 if there are none."""
    return max(map(max, pieces(values, PIECE)), default=-1)


def freed(values: list[Any]) -> None:
    """Empty a list whose values take long to free."""
    while values:
        del values[-SORTED:]


def picked(values: Any, places: Sequence[int]) -> list[Any]:
    """The values at some places."""
    found: list[Any] = []
    for some in pieces(places, PIECE):
        found.extend(map(values.__getitem__, some))
    return found


def picked_numbers(values: Any, places: Sequence[int]) -> array[int]:
    """The numbers at some places, without a list of all of them."""
    found = array("I")
    for some in pieces(places, PIECE):
        found.extend(array("I", list(map(values.__getitem__, some))))
    return found


def in_order(values: Sequence[T], key: Callable[[T], Any]) -> list[T]:
    """The values sorted by a key."""
    if len(values) <= SORTED:
        return sorted(values, key=key)
    # So many different values are rare: merging takes longer than sorting, but is no single step.
    return list(merge(*(sorted(some, key=key) for some in pieces(values, SORTED)), key=key))


def places_in_order(firsts: Sequence[int], key: Callable[[int], Any]) -> array[int]:
    """The places of some values, sorted by a key of each place; many small sorts take less than a large one.

    Args:
        firsts: a number for each value, which sorts like the beginning of its key.
    """
    parts: list[list[int]] = [[] for _ in range(max(firsts, default=-1) + 1)]
    for place, first in enumerate(firsts):
        parts[first].append(place)
    order = array("I")
    for part in parts:
        part.sort(key=key)
        order.extend(part)
    return order
