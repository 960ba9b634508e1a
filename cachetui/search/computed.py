"""Attributes that are computed from the builds of a catalog when they are first looked at."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct
from pyroaring import BitMap

from cachetui.catalog import LOOKALIKE_COLUMNS, Catalog
from cachetui.search.value_index import ComputedIndex, ValueIndex

ValueOf = Callable[[Any], Hashable]


def _itself(value: Any) -> Any:
    return value


class Computed(Struct, frozen=True):
    """An attribute that no catalog stores; each engine computes it once, when it is first needed.

    Args:
        function: a catalog to the function that gives the value of a row; with `column`, the value for a
            value of that column, which is asked once for each of them and not for each row.
        text: a value as a cell; empty where there is nothing to show.
        facet_values: the values of the facet that a build belongs to; None: the text of its cell, if any.
        sort_key: the order of the values.
    """

    name: str
    heading: str
    function: Callable[[Catalog], ValueOf]
    column: str = ""
    text: Callable[[Any], str] = str
    facet_values: Callable[[Any], Iterable[str]] | None = None
    sort_key: Callable[[Any], Any] = _itself
    is_by_value: bool = False
    is_in_specs: bool = False

    def of(self, catalog: Catalog) -> ComputedOf:
        """The attribute of the builds of a catalog."""
        return ComputedOf(self, catalog)


class ComputedOf:
    """See `BoundAttribute`."""

    def __init__(self, attribute: Computed, catalog: Catalog) -> None:
        self.attribute = attribute
        self.heading = attribute.heading
        self.is_alike = attribute.column in LOOKALIKE_COLUMNS
        self._catalog = catalog

    is_ready = True

    @cached_property
    def _cells(self) -> tuple[list[Any], array[int]]:
        """(the values in their order, row to place among them)."""
        value_of = self.attribute.function(self._catalog)
        if not self.attribute.column:
            return _numbered(list(map(value_of, range(len(self._catalog)))), self.attribute.sort_key)
        source = self._catalog.column(self.attribute.column)
        values, numbers = _numbered(list(map(value_of, source.values)), self.attribute.sort_key)
        return values, array("I", list(map(numbers.__getitem__, source.ids.whole)))

    @property
    def values(self) -> Sequence[Any]:
        """The different values, in their order."""
        return self._cells[0]

    def number(self, row: int) -> int:
        """The place among `values` of the value of a row."""
        return self._cells[1][row]

    def numbers(self, rows: Sequence[int]) -> list[int]:
        """The places among `values` of the values of some rows."""
        return list(map(self._cells[1].__getitem__, rows))

    @cached_property
    def index(self) -> ValueIndex:
        """The values of the facet."""
        found: dict[str, list[BitMap]] = {}
        for value, rows in zip(self.values, self._rows, strict=True):
            for name in self.facet_values(value):
                found.setdefault(name, []).append(rows)
        return ComputedIndex({name: BitMap.union(*rows) for name, rows in found.items()})

    def facet_values(self, value: Any) -> Iterable[str]:
        """The values of the facet that a build with a value of the attribute has."""
        if self.attribute.facet_values is not None:
            return self.attribute.facet_values(value)
        return filter(None, [self.text(value)])

    @cached_property
    def _rows(self) -> list[BitMap]:
        """The rows of each value."""
        rows_of: list[list[int]] = [[] for _ in self.values]
        for row, number in enumerate(self._cells[1]):
            rows_of[number].append(row)
        return list(map(BitMap, rows_of))

    def text(self, value: Any) -> str:
        """A value as a cell."""
        return self.attribute.text(value)

    def sort_key(self) -> Callable[[int], Any]:
        """A key that sorts rows."""
        return self._cells[1].__getitem__

    def is_constant(self, rows: BitMap) -> bool:
        """Whether some rows all have the same value."""
        return rows.issubset(self._rows[self._cells[1][rows.min()]])


def _numbered(values: Sequence[Any], sort_key: Callable[[Any], Any]) -> tuple[list[Any], array[int]]:
    """(the different values in their order, the place among them of each)."""
    in_order = sorted(set(values), key=sort_key)
    places = {value: place for place, value in enumerate(in_order)}
    return in_order, array("I", list(map(places.__getitem__, values)))


class Partition(Struct, frozen=True):
    """An attribute that divides the builds of a catalog into sets, each with a value.

    Args:
        function: a catalog to the rows of each value, in the order of the values.
    """

    name: str
    heading: str
    function: Callable[[Catalog], Mapping[str, BitMap]]
    is_by_value: bool = False
    is_in_specs: bool = False

    def of(self, catalog: Catalog) -> PartitionOf:
        """The attribute of the builds of a catalog."""
        return PartitionOf(self, catalog)


class PartitionOf:
    """See `BoundAttribute`. A row in none of the sets has an empty cell."""

    is_alike = False

    def __init__(self, attribute: Partition, catalog: Catalog) -> None:
        self.heading = attribute.heading
        self._function = attribute.function
        self._catalog = catalog

    @property
    def is_ready(self) -> bool:
        """Whether the sets are computed."""
        return "index" in self.__dict__

    @cached_property
    def index(self) -> ValueIndex:
        """The values of the facet."""
        return ComputedIndex({value: rows for value, rows in self._function(self._catalog).items() if rows})

    @cached_property
    def values(self) -> Sequence[str]:
        """The values, then that of rows in none of the sets."""
        return (*self.index.values, "")

    def number(self, row: int) -> int:
        """The place among `values` of the value of a row."""
        sets = enumerate(self.index.bitmaps)
        return next((place for place, rows in sets if row in rows), len(self.index.bitmaps))

    def numbers(self, rows: Sequence[int]) -> list[int]:
        """The places among `values` of the values of some rows."""
        return list(map(self.number, rows))

    def text(self, value: str) -> str:
        """A value as a cell."""
        return value

    def facet_values(self, value: str) -> Iterable[str]:
        """The values of the facet that a build with a value of the column has."""
        return (value,) if value else ()

    def sort_key(self) -> Callable[[int], Any]:
        """A key that sorts rows."""
        return self.number

    def is_constant(self, rows: BitMap) -> bool:
        """Whether some rows all have the same value."""
        sets = self.index.bitmaps
        return any(map(rows.issubset, sets)) or not any(map(rows.intersect, sets))
