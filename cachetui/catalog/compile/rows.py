"""The order of the rows of a catalog, and the numbers of the values in each column."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, compress, count
from operator import ne
from typing import Any

import msgspec

from cachetui.catalog.compile.staging import Staging
from cachetui.catalog.compile.turns import (
    PIECE,
    distinct,
    in_order,
    numbers,
    picked,
    picked_numbers,
    places_in_order,
)
from cachetui.catalog.facets import compiler_key
from cachetui.catalog.schema import COLUMNS, LOOKALIKE_COLUMNS
from cachetui.spec import HASH_LENGTH
from cachetui.version import version_key

_SORT_KEYS: dict[str, Callable[[Any], Any]] = {
    "version": lambda value: (version_key(value), value),
    "compilers": lambda value: [(compiler_key(compiler), compiler) for compiler in value],
    "parameters": msgspec.json.encode,
}
_NEWEST_FIRST = frozenset({"version"})
_ID_BYTES = 4


class Rows:
    """The staged records in the order of a catalog.

    Attributes:
        values: for each column its values, in their order.
        columns: for each column row -> number of the value.
        order: row -> entry of the staging.
        hashes: row -> hash.
        package_starts: package -> first row, and at the end the number of rows.
        lookalike_starts: the same for look-alikes: rows that are equal in all of LOOKALIKE_COLUMNS.
    """

    def __init__(self, staging: Staging) -> None:
        self.values: dict[str, list[Any]] = {}
        self.columns: dict[str, array[int]] = {}
        for name in COLUMNS:
            self._rank(name, staging)
        hashes = staging.entry_hashes()
        keys = list(map(bytes.__add__, self._looks(), map(str.encode, hashes)))
        self.order = places_in_order(self.columns[LOOKALIKE_COLUMNS[0]], keys.__getitem__)
        self.lookalike_starts = _starts([keys[entry][:-HASH_LENGTH] for entry in self.order])
        del keys
        self.hashes = picked(hashes, self.order)
        for name, ids in self.columns.items():
            if len(self.values[name]) > 1:
                self.columns[name] = picked_numbers(ids, self.order)
        self.package_starts = _starts(self.columns["package"])

    def __len__(self) -> int:
        return len(self.order)

    def _rank(self, name: str, staging: Staging) -> None:
        """Number the values of a column in their sort order, and the entries accordingly."""
        interned = staging.interners[name].values
        ids = staging.column(name)
        key = _SORT_KEYS.get(name, _itself)
        used = in_order(list(distinct(ids)), key=lambda i: key(interned[i]))
        rank = dict(zip(used, count(), strict=False))
        self.values[name] = [interned[i] for i in used]
        zeros = array("I", bytes(_ID_BYTES * len(ids)))
        self.columns[name] = picked_numbers(rank, ids) if len(used) > 1 else zeros

    def _looks(self) -> Iterator[bytes]:
        """For each entry bytes that sort like its columns, no more of them than tell the values apart."""
        sizes = [(len(self.values[name]).bit_length() + 7) // 8 for name in LOOKALIKE_COLUMNS]
        width, place = max(sum(sizes), 1), 0
        looks = bytearray(width * len(self.columns[LOOKALIKE_COLUMNS[0]]))
        for name, size in zip(LOOKALIKE_COLUMNS, sizes, strict=True):
            ids = self._ascending(name)
            if sys.byteorder == "little":
                ids.byteswap()
            data = ids.tobytes()
            for byte in range(_ID_BYTES - size, _ID_BYTES):
                looks[place::width] = data[byte::_ID_BYTES]
                place += 1
        packed = bytes(looks)
        return (packed[start : start + width] for start in range(0, len(packed), width))

    def _ascending(self, name: str) -> array[int]:
        if name not in _NEWEST_FIRST:
            return self.columns[name][:]
        return numbers(map(len(self.values[name]).__sub__, self.columns[name]))


def _starts(values: Sequence[Any]) -> list[int]:
    """Where each run of equal values begins, and at the end their number."""
    starts: list[int] = []
    for first in range(0, len(values), PIECE):
        some = values[first : first + PIECE]
        before = values[first - 1] if first else None
        starts += compress(count(first), map(ne, some, chain((before,), some)))
    return [*starts, len(values)]


def _itself(value: Any) -> Any:
    return value
