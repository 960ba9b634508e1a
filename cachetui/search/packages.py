"""The packages of a result, each counted when it is looked at: a list of thousands is never counted whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from pyroaring import BitMap

from cachetui.catalog import Catalog


class Ranking(Struct, frozen=True):
    """Packages in the order in which to show them."""

    order: tuple[int, ...]
    """Indexes into the names, best first."""
    guesses: int
    """Position in `order` from which only guesses follow; its length when there are none."""


class PackageCount(Struct, frozen=True):
    """A package of the result: `matching` of its `total` builds."""

    name: str
    matching: int
    total: int


class PackageCounts(Sequence[PackageCount]):
    """Packages in the order in which to show them.

    Args:
        matching: the builds that count, of all packages.
        numbers: the packages, by their place in the catalog.
        guesses: position from which the names are only guesses.
    """

    def __init__(self, catalog: Catalog, matching: BitMap, numbers: Sequence[int], guesses: int) -> None:
        self._catalog = catalog
        self._matching = matching
        self._numbers = numbers
        self.guesses = guesses

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self._counted(number) for number in self._numbers[place]]
        return self._counted(self._numbers[place])

    def _counted(self, number: int) -> PackageCount:
        rows = self._catalog.package_parts[number]
        matching, total = (
            found.range_cardinality(rows.start, rows.stop) for found in (self._matching, self._catalog.listed)
        )
        return PackageCount(self._catalog.packages[number], matching, total)

    def place_of(self, name: str) -> int | None:
        """Where a package stands, if it is there."""
        number = self._catalog.package_number(name)
        try:
            return None if number is None else self._numbers.index(number)
        except ValueError:
            return None


class _ByFirstRow(Sequence[int]):
    """The packages of some rows, by the first row of each."""

    def __init__(self, catalog: Catalog, firsts: BitMap) -> None:
        self._parts = catalog.package_parts
        self._firsts = firsts

    def __len__(self) -> int:
        return len(self._firsts)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self._parts.of(row) for row in self._firsts[place]]
        return self._parts.of(self._firsts[place])

    def index(self, number: int, start: int = 0, stop: int | None = None) -> int:
        """The place of a package. Raises ValueError."""
        rows = self._parts[number]
        if not self._firsts.range_cardinality(rows.start, rows.stop):
            raise ValueError(number)
        return self._firsts.range_cardinality(0, rows.start)


def packages_by_name(catalog: Catalog, matching: BitMap, selected: str | None) -> PackageCounts:
    """The packages that have matching builds, by name; the selected one stays in any case."""
    firsts = catalog.package_parts.firsts(matching)
    rows = catalog.package_rows(selected or "")
    if rows and not matching.range_cardinality(rows.start, rows.stop):
        firsts |= BitMap([rows.start])
    return PackageCounts(catalog, matching, _ByFirstRow(catalog, firsts), len(firsts))
