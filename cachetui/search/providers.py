"""Who provides a virtual: by the edges and records of the index, where they are silent by Spack's recipes.

A record of format 6 lists what it provides, and is judged by that alone. Else the facts of the recipes say
which builds of a package provide a virtual, and in which versions; a build that provides it on an edge does
so, whatever they say. A package of which they say nothing provides it if one of its builds does on an edge.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from functools import cached_property
from weakref import WeakMethod

from pyroaring import BitMap

from cachetui.caching import lru_cached_method
from cachetui.catalog import Catalog
from cachetui.search.matching import any_of
from cachetui.search.recipes import OWN_VERSION, Provided, builtin_recipes
from cachetui.version import VersionList, VersionSyntaxError, parse_versions

Asked = tuple[str, VersionList | None]
"""A virtual, and the versions of it that are asked for."""


class Providers:
    """Finds the rows that provide virtuals; callers must not change its bitmaps.

    Args:
        holding: a method that finds the rows of a package that meet a condition, both as text.
    """

    def __init__(self, catalog: Catalog, holding: Callable[[str, str], BitMap]) -> None:
        self._catalog = catalog
        # Its owner is not kept alive.
        self._holding = WeakMethod(holding)

    # names

    @cached_property
    def _indexed(self) -> dict[str, set[int]]:
        """Map each virtual to the kinds of edges that provide it; none if only records themselves name it."""
        kinds: dict[str, set[int]] = {}
        for number, kind in enumerate(self._catalog.dag.edge_kinds):
            for virtual in kind.virtuals:
                kinds.setdefault(virtual, set()).add(number)
        for provided in self._catalog.values("provided_virtuals"):
            for text in provided:
                kinds.setdefault(text.partition("@")[0], set())
        return kinds

    @property
    def indexed(self) -> Collection[str]:
        """The virtuals that the index names."""
        return self._indexed.keys()

    @cached_property
    def known(self) -> frozenset[str]:
        """All virtuals that the index names, or that a package of the catalog may provide."""
        return frozenset(self._indexed).union(filter(self._in_recipes, builtin_recipes().provides))

    def is_known(self, virtual: str) -> bool:
        """Whether a name is one of those virtuals."""
        return virtual in self._indexed or self._in_recipes(virtual)

    def _in_recipes(self, virtual: str) -> bool:
        return any(self._catalog.package_rows(fact.package) for fact in _facts_of(virtual))

    def kinds(self, virtual: str) -> set[int]:
        """The kinds of edges that provide a virtual."""
        return self._indexed.get(virtual, set())

    # rows

    @lru_cached_method(maxsize=64)
    def rows(self, asked: Asked) -> BitMap:
        """The rows that provide a virtual in some version that is asked for, or in one that is not known."""
        told = self._provided_where(lambda texts: any(_provides(text, asked) for text in texts))
        return (self._by_edges(asked[0]) | self._fitting(asked) | told) - self.refuted(asked)

    def _by_edges(self, virtual: str) -> BitMap:
        """The rows at edges that provide a virtual, and all of their packages of which no recipe is known."""
        dag, kinds = self._catalog.dag, self.kinds(virtual)
        at_edges = dag.targets(kinds)
        names = {dag.edge_kinds[kind].name for kind in kinds if dag.targets({kind})}
        names -= {fact.package for fact in _facts_of(virtual)}
        return at_edges | any_of(BitMap(self._catalog.package_rows(name)) for name in names)

    @lru_cached_method(maxsize=64)
    def refuted(self, asked: Asked) -> BitMap:
        """The rows whose records, or recipes, name only other versions; or records other virtuals."""
        refuted = self._provided_where(
            lambda texts: bool(texts) and not any(_provides(text, asked) for text in texts)
        )
        return refuted if asked[1] is None else refuted | self.by_recipes(asked[0]) - self._fitting(asked)

    def _fitting(self, asked: Asked) -> BitMap:
        """The rows that provide a virtual in some version that is asked for, by the recipes."""
        return any_of(rows for provided, rows in self._facts(asked[0]) if _fits(provided, asked[1]))

    def unversioned(self, virtual: str) -> tuple[list[str], bool]:
        """(the packages that provide a virtual in versions that are not known, whether there are others)."""
        rows = self.rows((virtual, None))
        unknown = rows - self.by_recipes(virtual) - self._tellers
        return self._names(unknown), len(unknown) < len(rows)

    def _names(self, rows: BitMap) -> list[str]:
        parts = self._catalog.package_ranges
        return [self._catalog.packages[parts.of(row)] for row in parts.firsts(rows)]

    # records

    @cached_property
    def _tellers(self) -> BitMap:
        """The rows whose records list what they provide."""
        return self._provided_where(bool)

    def _provided_where(self, matches: Callable[[tuple[str, ...]], bool]) -> BitMap:
        values = self._catalog.values("provided_virtuals")
        ids = {i for i, texts in enumerate(values) if matches(texts)}
        if not ids:
            return BitMap()
        column = self._catalog.column("provided_virtuals").ids
        return BitMap([row for row, i in enumerate(column) if i in ids])

    # recipes

    @lru_cached_method(maxsize=256)
    def by_recipes(self, virtual: str) -> BitMap:
        """The rows that provide a virtual in any version, by the recipes."""
        return any_of(rows for _, rows in self._facts(virtual))

    @lru_cached_method(maxsize=256)
    def _facts(self, virtual: str) -> list[tuple[VersionList | None, BitMap]]:
        """(versions of a virtual, the rows that provide it in these), by the recipes."""
        found: list[tuple[VersionList | None, BitMap]] = []
        holding = self._holding()
        assert holding is not None
        for fact in _facts_of(virtual):
            if rows := holding(fact.package, fact.when) - self._tellers:
                found += self._versioned(fact, rows)
        return found

    def _versioned(self, fact: Provided, rows: BitMap) -> list[tuple[VersionList | None, BitMap]]:
        if OWN_VERSION not in fact.versions:
            return [(parse_versions(fact.versions) if fact.versions else None, rows)]
        column = self._catalog.column("version")
        by_version: dict[str, list[int]] = {}
        for row in rows:
            by_version.setdefault(column[row], []).append(row)
        return [
            (_versions_or_none(fact.versions.replace(OWN_VERSION, version)), BitMap(of))
            for version, of in by_version.items()
        ]


def _facts_of(virtual: str) -> tuple[Provided, ...]:
    return builtin_recipes().provides.get(virtual, ())


def _provides(text: str, asked: Asked) -> bool:
    """Whether what a record lists is a virtual, in some version that is asked for."""
    name, _, provided = text.partition("@")
    return name == asked[0] and (not provided or _fits(_versions_or_none(provided), asked[1]))


def _fits(provided: VersionList | None, versions: VersionList | None) -> bool:
    return provided is None or versions is None or provided.intersects(versions)


def _versions_or_none(text: str) -> VersionList | None:
    """Parse versions; None if they are malformed, as a version of a record may be."""
    with suppress(VersionSyntaxError):
        return parse_versions(text)
    return None
