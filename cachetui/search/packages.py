"""The packages of a result; the builds of each are counted when it is shown, never of thousands at once."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.sequences import LazySequence


class Ranking(Struct, frozen=True):
    """Packages in the order to show them in."""

    order: tuple[int, ...]
    """Numbers of packages, best match first."""
    guesses: int
    """The position of the first guess in `order`; its length if there is none."""


class PackageCount(Struct, frozen=True):
    """A package of which `matching` of `total` builds are in the result."""

    name: str
    matching: int
    total: int


class PackageCounts(LazySequence[PackageCount]):
    """Packages in the order to show them in, with counts.

    Args:
        matching: the matching builds of all packages.
        numbers: the packages, by their place in the catalog.
        guesses: the position of the first guess.
    """

    def __init__(self, catalog: Catalog, matching: BitMap, numbers: Sequence[int], guesses: int) -> None:
        self._catalog = catalog
        self._matching = matching
        self._numbers = numbers
        self.guesses = guesses

    def __len__(self) -> int:
        return len(self._numbers)

    def _item(self, place: int) -> PackageCount:
        number = self._numbers[place]
        rows = self._catalog.package_ranges[number]
        matching, total = (
            found.range_cardinality(rows.start, rows.stop) for found in (self._matching, self._catalog.listed)
        )
        return PackageCount(self._catalog.packages[number], matching, total)

    def rows(self, place: int) -> BitMap:
        """The matching builds of a package."""
        rows = self._catalog.package_ranges[self._numbers[place]]
        return self._matching & BitMap(rows)

    def among(self, rows: BitMap) -> PackageCounts:
        """The packages that have any of some rows, of which these are counted."""
        matching = self._matching & rows
        starts = self._catalog.package_ranges.starts
        kept = [
            (place, number)
            for place, number in enumerate(self._numbers)
            if matching.range_cardinality(starts[number], starts[number + 1])
        ]
        guesses = sum(place < self.guesses for place, _ in kept)
        return PackageCounts(self._catalog, matching, [number for _, number in kept], guesses)

    def place_of(self, name: str) -> int | None:
        """The position of a package; None if it is not in the list."""
        number = self._catalog.package_number(name)
        try:
            return None if number is None else self._numbers.index(number)
        except ValueError:
            return None


class _ByFirstRow(LazySequence[int]):
    """The packages that have any of some rows, each found by its first row."""

    def __init__(self, catalog: Catalog, firsts: BitMap) -> None:
        self._ranges = catalog.package_ranges
        self._firsts = firsts

    def __len__(self) -> int:
        return len(self._firsts)

    def _item(self, place: int) -> int:
        return self._ranges.of(self._firsts[place])

    def index(self, number: int, start: int = 0, stop: int | None = None) -> int:
        """The place of a package. Raises ValueError."""
        rows = self._ranges[number]
        if not self._firsts.range_cardinality(rows.start, rows.stop):
            raise ValueError(number)
        return self._firsts.range_cardinality(0, rows.start)


def packages_by_name(catalog: Catalog, matching: BitMap, selected: str | None) -> PackageCounts:
    """List the packages that have matching builds by name, and the selected one in any case."""
    firsts = catalog.package_ranges.firsts(matching)
    rows = catalog.package_rows(selected or "")
    if rows and not matching.range_cardinality(rows.start, rows.stop):
        firsts |= BitMap([rows.start])
    return PackageCounts(catalog, matching, _ByFirstRow(catalog, firsts), len(firsts))
