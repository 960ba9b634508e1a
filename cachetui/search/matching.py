"""The rows that match one attribute of a node: version, architecture, compiler, variants, flags, hash."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from pyroaring import BitMap

from cachetui.catalog import NO_COMPILER, FacetIndex, Relation
from cachetui.errors import HashError
from cachetui.query import Dialect, Flags, Variant
from cachetui.search.attributes import Attributes
from cachetui.search.targets import Targets
from cachetui.spec import flag_words
from cachetui.version import INFINITY_WORDS, WORDS_0_23, VersionList, VersionTest, positions_within

MOST_BITMAPS = 10_000
"""Versions whose bitmaps are read; a column says as much of more of them, in less time."""

WORDS = {Dialect.SPACK_0: WORDS_0_23, Dialect.SPACK_1: INFINITY_WORDS}


class AttributeMatcher:
    """Finds rows by single attributes, over all records of a catalog; callers must not change its bitmaps.

    Raises:
        UnknownTarget: a bound of a range is no target.
    """

    def __init__(self, attributes: Attributes, everything: BitMap) -> None:
        self.attributes = attributes
        self.catalog = attributes.catalog
        self.everything = everything

    @cached_property
    def targets(self) -> Targets:
        """The targets of the catalog."""
        return Targets(self.catalog.facet("target").values, self.catalog.target_parents)

    def version(self, package: str, versions: VersionList, dialect: Dialect) -> BitMap:
        """The rows (of a package, if one is given) whose version matches a list."""
        if versions.is_any:
            return self.everything
        if not package:
            index = self.catalog.facet("version")
            return self._having_versions(index, positions_within(index.values, versions, WORDS[dialect]))
        column = self.catalog.column("version")
        rows = self.catalog.package_rows(package)
        ids = column.ids[rows.start : rows.stop]
        known = {i for i in set(ids) if column.values[i]}
        test = VersionTest(versions, WORDS[dialect])
        matching = {i for i in known if test.contains(column.values[i])}
        return BitMap([row for row, i in zip(rows, ids, strict=True) if i in matching])

    def _having_versions(self, index: FacetIndex, positions: Sequence[int]) -> BitMap:
        if len(positions) <= MOST_BITMAPS:
            return _union(index, positions)
        column = self.catalog.column("version")
        wanted = set(map(index.values.__getitem__, positions))
        ids = {number for number, value in enumerate(column.values) if value in wanted}
        return BitMap([row for row, number in enumerate(column.ids) if number in ids])

    def key(self, key: str, value: str, dialect: Dialect) -> BitMap:
        """The rows with a value of namespace, platform, os or target."""
        index = self.catalog.facet(key)
        # In Spack 0.23 `*` is a name like any other.
        any_by_star = dialect is Dialect.SPACK_1 and key != "namespace"
        if key == "target":
            return any_of(map(index.rows, self.targets.matching(value, any_by_star)))
        return any_of(index.bitmaps) if value == "*" and any_by_star else index.rows(value)

    def compiler(
        self, has_name: Callable[[str], bool], versions: VersionList | None, dialect: Dialect
    ) -> BitMap:
        """The rows with a compiler of a matching name and, if given, a matching version."""
        index = self.catalog.facet("compiler")
        test = None if versions is None else VersionTest(versions, WORDS[dialect])
        positions: list[int] = []
        for position, value in enumerate(index.values):
            if value == NO_COMPILER:
                continue
            name, _, version = value.partition("@")
            if has_name(name) and (test is None or (version and test.contains(version))):
                positions.append(position)
        return _union(index, positions)

    def hash_prefix(self, prefix: str) -> BitMap:
        """The rows whose DAG hash begins with a prefix; hashes are in lower case."""
        if prefix != prefix.lower():
            return BitMap()
        try:
            # BitMap accepts no array of another type.
            return BitMap(array("I", self.catalog.rows_with_prefix(prefix)))
        except HashError:
            return BitMap()

    def flags(self, flags: Flags) -> BitMap:
        """The rows that have at least these flags."""
        index = self.catalog.facet("variant")
        start = len(flags.name) + 1
        wanted = set(flags.words)
        return _union(
            index,
            [i for i in _values_of(index, flags.name) if wanted <= set(flag_words(index.values[i][start:]))],
        )

    def variant(self, variant: Variant) -> BitMap:
        """The rows with a value of a variant; propagated: no row of whose DAG has another value of it."""
        rows = self._having(variant)
        if variant.propagated:
            others = self._any_value(variant.name) - rows
            return self.everything - others - self.catalog.dag.ancestors(others, Relation.ALL)
        if variant.name in self.attributes.keys and not isinstance(variant.value, bool):
            index = self.attributes.index(variant.name)
            rows = rows | any_of(map(index.rows, variant.value) if variant.value else index.bitmaps)
        return rows

    def _having(self, variant: Variant) -> BitMap:
        index = self.catalog.facet("variant")
        if isinstance(variant.value, bool):
            return index.rows(f"{'+' if variant.value else '~'}{variant.name}")
        if not variant.value:
            return self._any_value(variant.name)
        if variant.name == "patches":
            return self._patched(variant)
        values = [f"{variant.name}={value}" for value in variant.value]
        rows = BitMap.intersection(*map(index.rows, values))
        if variant.exact:
            others = [i for i in _values_of(index, variant.name) if index.values[i] not in values]
            return rows - _union(index, others)
        return rows

    def _any_value(self, name: str) -> BitMap:
        if name == "patches":
            return any_of(self.catalog.facet("patch").bitmaps)
        index = self.catalog.facet("variant")
        return _union(index, _values_of(index, name)) | index.rows(f"+{name}") | index.rows(f"~{name}")

    def _patched(self, variant: Variant) -> BitMap:
        """The rows with patches whose sha256 begin with some digits."""
        assert not isinstance(variant.value, bool)
        index = self.catalog.facet("patch")
        if variant.exact:
            others = [i for i, value in enumerate(index.values) if value not in variant.value]
            return BitMap.intersection(*map(index.rows, variant.value)) - _union(index, others)
        return BitMap.intersection(*(_union(index, _with_prefix(index, digits)) for digits in variant.value))


def any_of(bitmaps: Iterable[BitMap]) -> BitMap:
    """The union of any number of bitmaps."""
    given = list(bitmaps)
    return BitMap.union(*given) if given else BitMap()


def _union(index: FacetIndex, positions: Iterable[int]) -> BitMap:
    return any_of(index.bitmaps[position] for position in positions)


def _with_prefix(index: FacetIndex, start: str) -> range:
    """The positions of the values with a prefix."""
    first = bisect_left(index.values, start)
    return range(first, bisect_left(index.values, start + chr(sys.maxunicode), first))


def _values_of(index: FacetIndex, name: str) -> range:
    """The positions of the values of a variant in the index of variants."""
    return _with_prefix(index, f"{name}=")
