"""Columns of which only those chunks are read that are asked for: of 400,000 rows a screen shows thirty."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TypeVar

import msgspec
from msgspec import Raw

from cachetui.catalog.schema import ROW_CHUNK, VALUE_CHUNK, column_name, values_name
from cachetui.catalog.storage import Storage
from cachetui.sequences import LazySequence

T = TypeVar("T")

_MANY = 10_000
"""Of more rows than this the numbers are taken from the whole column."""


class Ids(LazySequence[int]):
    """Row to number of its value."""

    def __init__(self, storage: Storage, name: str) -> None:
        self._storage = storage
        self._name = name
        self._chunks: dict[int, array[int]] = {}

    def __len__(self) -> int:
        return self._storage.count

    def _item(self, row: int) -> int:
        return self._chunk(row // ROW_CHUNK)[row % ROW_CHUNK]

    def __iter__(self) -> Iterator[int]:
        return iter(self.whole)

    def of(self, rows: Sequence[int]) -> list[int]:
        """The numbers of some rows."""
        if len(rows) > _MANY:
            return list(map(self.whole.__getitem__, rows))
        chunks = {chunk: self._chunk(chunk) for chunk in {row // ROW_CHUNK for row in rows}}
        return [chunks[row // ROW_CHUNK][row % ROW_CHUNK] for row in rows]

    @cached_property
    def whole(self) -> array[int]:
        """The numbers of all rows, for questions about most of them."""
        return self._items(range(len(self)))

    def _items(self, rows: range) -> array[int]:
        first, end = rows.start // ROW_CHUNK, -(-rows.stop // ROW_CHUNK)
        if not rows:
            return array("I")
        return self._read(first, end)[rows.start - first * ROW_CHUNK : rows.stop - first * ROW_CHUNK]

    def _chunk(self, chunk: int) -> array[int]:
        found = self._chunks.get(chunk)
        if found is None:
            found = self._chunks[chunk] = self._read(chunk, chunk + 1)
        return found

    def _read(self, first: int, end: int) -> array[int]:
        limit = self._storage.value_count(self._name)
        found = self._storage.column(column_name(self._name), first, end, limit)
        if len(found) != min(end * ROW_CHUNK, len(self)) - first * ROW_CHUNK:
            raise self._storage.damaged("a part is missing")
        return found


class _Values(LazySequence[T]):
    """Number to value; those that are asked for one by one are decoded one by one."""

    def __init__(self, storage: Storage, name: str, kind: type[T]) -> None:
        self._storage = storage
        self._name = name
        self._kind = kind
        self._texts: dict[int, list[Raw]] = {}
        self._decoded: dict[int, T] = {}

    def __len__(self) -> int:
        return self._storage.value_count(self._name)

    def _items(self, places: range) -> list[T]:
        return self.whole[places.start : places.stop : places.step]

    def _item(self, place: int) -> T:
        value = self._decoded.get(place)
        if value is None:
            value = self._decoded[place] = self._decode(place)
        return value

    def __iter__(self) -> Iterator[T]:
        return iter(self.whole)

    @cached_property
    def whole(self) -> list[T]:
        """All values."""
        return self._storage.values(self._name, self._kind)

    def _decode(self, place: int) -> T:
        text = self._chunk(place // VALUE_CHUNK)[place % VALUE_CHUNK]
        with self._storage.intact():
            return msgspec.json.decode(text, type=self._kind)

    def _chunk(self, chunk: int) -> list[Raw]:
        if chunk not in self._texts:
            texts = self._storage.values(self._name, Raw, chunk)
            if len(texts) != min(VALUE_CHUNK, len(self) - chunk * VALUE_CHUNK):
                raise self._storage.damaged(f"the values of {self._name} do not fit")
            self._texts[chunk] = texts
        return self._texts[chunk]


def values_of(storage: Storage, name: str, kind: type[T]) -> Sequence[T]:
    """The values of a column; many of them are decoded when they are asked for. Raises CatalogError."""
    is_long = storage.chunk_count(values_name(name)) > 1
    return _Values(storage, name, kind) if is_long else storage.values(name, kind)
