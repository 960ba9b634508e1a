"""What changed between two sets of builds: two tags, mirrors or views of a catalog, or two catalogs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from functools import cached_property

from msgspec import Struct
from pyroaring import BitMap

from cachetui.caching import cached_method
from cachetui.catalog import HASH_BYTES, Catalog

Differing = tuple[BitMap, BitMap]
"""(rows that only the later builds have, rows that only the earlier ones have)."""


class Kind(Enum):
    """What happened to a package."""

    CAME = "came"
    CHANGED = "changed"
    WENT = "went"


class Builds(Struct, frozen=True, eq=False):
    """Some builds of a catalog, and what they are called."""

    label: str
    catalog: Catalog
    rows: BitMap

    def of(self, package: str) -> BitMap:
        """Those of a package."""
        return self.rows & BitMap(self.catalog.package_rows(package))

    def versions(self, rows: BitMap) -> list[str]:
        """The versions of some rows, newest first."""
        column = self.catalog.column("version")
        numbers = sorted(set(column.ids.of(list(rows))), reverse=True)  # numbers sort as the versions do
        return [column.values[number] for number in numbers]


def builds_of(catalog: Catalog, label: str) -> Builds:
    """All builds that a catalog lists."""
    return Builds(label, catalog, catalog.listed)


def builds_with(catalog: Catalog, facet: str, value: str) -> Builds:
    """The builds with a value of a facet that the catalog stores, such as a tag."""
    return Builds(f"{facet} {value}", catalog, catalog.facet(facet).rows(value) & catalog.listed)


class PackageChange(Struct, frozen=True):
    """A package of which builds came or went.

    Args:
        came: builds that only the later side has.
        went: builds that only the earlier side has.
        kept: builds of both sides.
    """

    name: str
    came: int
    went: int
    kept: int

    @property
    def kind(self) -> Kind:
        """What happened to it."""
        if self.kept or (self.came and self.went):
            return Kind.CHANGED
        return Kind.CAME if self.came else Kind.WENT


class VersionChange(Struct, frozen=True):
    """The versions that one side alone has, newest first."""

    came: list[str]
    went: list[str]


class Changes:
    """The differences of two sets of builds; builds are the same if their hashes are.

    Args:
        before, after: of one catalog or of two.
    """

    def __init__(self, before: Builds, after: Builds) -> None:
        self.before = before
        self.after = after

    @cached_property
    def _differing(self) -> Differing:
        before, after = self.before, self.after
        if before.catalog is after.catalog:
            return after.rows - before.rows, before.rows - after.rows
        return differing(before, after)

    @property
    def came(self) -> BitMap:
        """The rows of the later catalog that the earlier builds lack."""
        return self._differing[0]

    @property
    def went(self) -> BitMap:
        """The rows of the earlier catalog that the later builds lack."""
        return self._differing[1]

    @property
    def kept(self) -> int:
        """The number of builds of both sides."""
        return len(self.after.rows) - len(self.came)

    @cached_property
    def packages(self) -> list[PackageChange]:
        """The packages of which builds came or went, by name."""
        came = counts_by_package(self.after.catalog, self.came)
        went = counts_by_package(self.before.catalog, self.went)
        return [
            PackageChange(name, came.get(name, 0), went.get(name, 0), self._kept(name, came.get(name, 0)))
            for name in sorted({*came, *went})
        ]

    def _kept(self, package: str, came: int) -> int:
        rows = self.after.catalog.package_rows(package)
        return self.after.rows.range_cardinality(rows.start, rows.stop) - came

    @cached_method
    def versions(self, package: str) -> VersionChange:
        """The versions of a package that came or went."""
        after = self.after.versions(self.after.of(package))
        before = self.before.versions(self.before.of(package))
        return VersionChange([v for v in after if v not in before], [v for v in before if v not in after])

    def rows_of(self, package: str) -> Differing:
        """(rows of the later catalog, rows of the earlier one) of the builds of a package that differ."""
        later, earlier = (side.catalog.package_rows(package) for side in (self.after, self.before))
        return self.came & BitMap(later), self.went & BitMap(earlier)


def counts_by_package(catalog: Catalog, rows: BitMap) -> dict[str, int]:
    """Package to the number of some rows that are its own."""
    ranges, starts = catalog.package_ranges, catalog.package_ranges.starts
    numbers = map(ranges.of, ranges.firsts(rows))
    return {catalog.packages[n]: rows.range_cardinality(starts[n], starts[n + 1]) for n in numbers}


def differing(before: Builds, after: Builds) -> Differing:
    """Compare the builds of two catalogs, package by package: most of them have not changed."""
    came, went = BitMap(), BitMap()
    # Not memoryviews, which are compared byte by byte.
    old_hashes, new_hashes = before.catalog.packed_hashes(), after.catalog.packed_hashes()
    for old, new in _pairs(before.catalog, after.catalog):
        is_whole = _is_whole(before, old) and _is_whole(after, new)
        old_part, new_part = _part(old_hashes, old), _part(new_hashes, new)
        if old_part == new_part and (is_whole or _are_alike(before, old, after, new)):
            continue
        if is_whole:
            head, tail = _in_common(old_part, new_part)
            old, new = (range(rows.start + head, rows.stop - tail) for rows in (old, new))
        had, has = _by_hash(before, old, old_hashes), _by_hash(after, new, new_hashes)
        came.update([row for packed, row in has.items() if packed not in had])
        went.update([row for packed, row in had.items() if packed not in has])
    return came, went


def _pairs(before: Catalog, after: Catalog) -> Iterator[tuple[range, range]]:
    """The rows of each package in both catalogs."""
    rows_before, rows_after = _ranges(before), _ranges(after)
    for name in {**dict.fromkeys(before.packages), **dict.fromkeys(after.packages)}:
        yield rows_before(name), rows_after(name)


def _ranges(catalog: Catalog) -> Callable[[str], range]:
    parts = catalog.package_ranges
    numbers = {name: number for number, name in enumerate(catalog.packages)}
    return lambda name: parts[numbers[name]] if name in numbers else range(0)


def _is_whole(side: Builds, rows: range) -> bool:
    return side.rows.range_cardinality(rows.start, rows.stop) == len(rows)


def _part(hashes: bytes, rows: range) -> bytes:
    return hashes[rows.start * HASH_BYTES : rows.stop * HASH_BYTES]


def _are_alike(before: Builds, old: range, after: Builds, new: range) -> bool:
    """Whether the same ones of as many rows are among the builds of both sides."""
    moved = (before.rows & BitMap(old)).shift(new.start - old.start)
    return bool(moved == after.rows & BitMap(new))


def _in_common(old: bytes, new: bytes) -> tuple[int, int]:
    """How many hashes are equal from the beginning, and how many of the others from the end."""
    head = _equal_hashes(min(len(old), len(new)) // HASH_BYTES, lambda n: old[:n] == new[:n])
    left = min(len(old), len(new)) // HASH_BYTES - head
    return head, _equal_hashes(left, lambda n: old[len(old) - n :] == new[len(new) - n :])


def _equal_hashes(most: int, are_equal: Callable[[int], bool]) -> int:
    """The greatest number of hashes of which the bytes are equal."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if are_equal(middle * HASH_BYTES) else (low, middle - 1)
    return low


def _by_hash(side: Builds, rows: range, hashes: bytes) -> dict[bytes, int]:
    """Packed hash to row, of the builds among some rows."""
    here = side.rows & BitMap(rows)
    return {hashes[row * HASH_BYTES : (row + 1) * HASH_BYTES]: row for row in here}
