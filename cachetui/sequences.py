"""Sequences whose items are made when they are asked for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar, overload

Item = TypeVar("Item", covariant=True)


class LazySequence(Sequence[Item]):
    """A sequence that has its length and one item at a time; slices are made of these."""

    @overload
    def __getitem__(self, place: int) -> Item: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Item]: ...

    def __getitem__(self, place: int | slice) -> Item | Sequence[Item]:
        if isinstance(place, slice):
            return self._items(range(len(self))[place])
        return self._item(place)

    @abstractmethod
    def _item(self, place: int) -> Item:
        """The item at a place. Raises IndexError."""

    def _items(self, places: range) -> Sequence[Item]:
        return [self._item(place) for place in places]
