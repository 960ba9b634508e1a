"""Which packages have builds for which values of a facet: a table of counts, with its gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace
from pyroaring import BitMap

from cachetui.search.attributes import Attributes
from cachetui.search.selection import Choice, Selection

SHADES = 4
"""Shades of cells that have builds."""

SAMPLED = 2
"""Values whose cells are counted to choose the shades."""


class Covered(Struct, frozen=True):
    """A package or a value, and its builds among those of the table."""

    name: str
    builds: int


class Coverage:
    """Packages by the values of a facet; only what is asked for is counted.

    Args:
        rows: the builds to count.
        facet: any facet, stored or computed. Raises KeyError for an unknown one.
        gaps_first: list the packages with the fewest values first, else all by name.
    """

    def __init__(self, attributes: Attributes, rows: BitMap, facet: str, gaps_first: bool = False) -> None:
        self.facet = facet
        self.builds = len(rows)
        self._rows = rows
        self._ranges = attributes.catalog.package_ranges
        self._names = attributes.catalog.packages
        self._index = attributes.index(facet)
        self._is_by_value = attributes.attribute(facet).is_by_value
        self._gaps_first = gaps_first
        self._found: dict[int, BitMap] = {}

    @cached_property
    def values(self) -> list[Covered]:
        """The values that any of the builds has: the most frequent first, versions newest first."""
        return [Covered(self._index.values[number], builds) for number, builds in self._numbers]

    @cached_property
    def _numbers(self) -> list[tuple[int, int]]:
        """(place in the index, builds) of each of `values`."""
        count = self._rows.intersection_cardinality
        counted = enumerate(map(count, self._index.bitmaps))
        found = [(number, builds) for number, builds in counted if builds]
        if self._is_by_value:
            return found[::-1]
        return sorted(found, key=lambda value: -value[1])

    @cached_property
    def _packages(self) -> Sequence[int]:
        """The numbers of the packages, in their order."""
        numbers = [self._ranges.of(row) for row in self._ranges.firsts(self._rows)]
        if not self._gaps_first:
            return numbers
        filled = self._filled(numbers)
        return sorted(numbers, key=filled.__getitem__)

    def _filled(self, numbers: Sequence[int]) -> Counter[int]:
        """Package to the number of values that its builds have."""
        filled: Counter[int] = Counter(dict.fromkeys(numbers, 0))
        for place in range(len(self.values)):
            filled.update(self._packages_of(self._builds_of(place)))
        return filled

    def _packages_of(self, rows: BitMap) -> Iterator[int]:
        """The packages that have some of the rows; the others cost nothing, as most values have few."""
        starts, last = self._ranges.starts, rows.max() if rows else -1
        row = rows.min() if rows else 0
        while row <= last:
            number = self._ranges.of(row)
            yield number
            if starts[number + 1] > last:
                return
            row = rows.next_set_bit(starts[number + 1])

    def __len__(self) -> int:
        return len(self._packages)

    def name(self, place: int) -> str:
        """The name of the package of a line."""
        return self._names[self._packages[place]]

    def place_of(self, package: str) -> int | None:
        """The line of a package; None if it has no build here."""
        return next((place for place in range(len(self)) if self.name(place) == package), None)

    def package(self, place: int) -> Covered:
        """The package of a line."""
        number = self._packages[place]
        return Covered(self._names[number], self._count(self._rows, number))

    def count(self, place: int, value: int) -> int:
        """The builds in a cell: of the package of a line, with a value by its place among `values`."""
        return self._count(self._builds_of(value), self._packages[place])

    def _count(self, rows: BitMap, number: int) -> int:
        starts = self._ranges.starts
        return rows.range_cardinality(starts[number], starts[number + 1])

    def _builds_of(self, value: int) -> BitMap:
        """The builds with a value."""
        found = self._found.get(value)
        if found is None:
            found = self._found[value] = self._rows & self._index.bitmaps[self._numbers[value][0]]
        return found

    def lines(self, limit: int | None = None) -> Iterator[tuple[Covered, list[int]]]:
        """Each package with the builds of each value; quicker than cell by cell."""
        numbers = self._packages[:limit]
        columns = [dict(self._column(self._builds_of(place), numbers)) for place in range(len(self.values))]
        for number in numbers:
            package = Covered(self._names[number], self._count(self._rows, number))
            yield package, [column.get(number, 0) for column in columns]

    def _column(self, rows: BitMap, numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
        """(package, builds) of each package that has some of the rows."""
        if len(rows) < len(numbers):
            yield from Counter(map(self._ranges.of, rows)).items()
            return
        for number in numbers:
            if builds := self._count(rows, number):
                yield number, builds

    @cached_property
    def _most(self) -> int:
        """The most builds in a cell of the values with the most builds; other cells hardly have more."""
        sizes = [(value.builds, place) for place, value in enumerate(self.values)]
        largest = [self._builds_of(place) for _, place in sorted(sizes, reverse=True)[:SAMPLED]]
        starts = self._ranges.starts
        firsts = [starts[number] for number in self._packages]
        ends = [starts[number + 1] for number in self._packages]
        return max([max(map(rows.range_cardinality, firsts, ends)) for rows in largest], default=0)

    def shade(self, builds: int) -> int:
        """The shade of a cell: 0 if it is empty, up to SHADES; twice the builds are always the same step."""
        if builds < 1:
            return 0
        # Bit lengths are logarithms: 1, 2-3, 4-7, ... builds.
        return min(1 + (builds.bit_length() - 1) * SHADES // max(self._most.bit_length(), 2), SHADES)


def narrowed(selection: Selection, package: str, facet: str, value: str) -> Selection:
    """The selection of the builds in a cell: of a package, with a value of a facet."""
    # The other values are alternatives to this one, which the cell leaves out.
    others = (choice for choice in selection.choices if choice.facet != facet or choice.excluded)
    return replace(selection, package=package, choices=(*others, Choice(facet, value)))
