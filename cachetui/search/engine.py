"""Selection to Result: which builds, how many of each package, how many of each facet value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.query import HashTerm, Query, Term, parse
from cachetui.search.evaluate import evaluate
from cachetui.search.fuzzy import PackageRanker, Ranking
from cachetui.search.selection import Choice, Selection

_HASH = re.compile(r"[a-z2-7]{7,32}")
"""What Spack shows of a hash, or more of it."""


@dataclass(frozen=True, slots=True)
class PackageCount:
    """A package of the result: `matching` of its `total` builds."""

    name: str
    matching: int
    total: int


@dataclass(frozen=True, slots=True)
class FacetCount:
    """A facet value with the number of builds that choosing it would leave or add."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """The answer to a selection: bitmaps and counts, no rows.

    Args:
        unmet: terms that no build of the catalog meets.
        package: the package whose builds `rows` are; empty for those of all packages that match.
        rows: the builds that the table shows.
        packages: best name first; those without a matching build are left out.
        guesses: position in `packages` from which the names are only guesses.
        matching: builds of all packages that match; those of guesses only if there is nothing but guesses.
        total: builds of all packages, filters aside.
        all_packages: packages of the catalog.
    """

    selection: Selection
    query: Query
    unmet: tuple[Term, ...]
    package: str
    rows: BitMap
    packages: tuple[PackageCount, ...]
    guesses: int
    matching: int
    total: int
    all_packages: int
    _catalog: Catalog
    _unfaceted: BitMap
    _by_facet: Mapping[str, BitMap] = field(default_factory=dict)

    def facet_counts(self, facet: str) -> list[FacetCount]:
        """The values of a facet, in its own order, with live counts; its own choice does not reduce them."""
        base = self._unfaceted
        for name, rows in self._by_facet.items():
            if name != facet:
                base = base & rows
        index = self._catalog.facet(facet)
        count = base.intersection_cardinality
        return [
            FacetCount(value, count(rows)) for value, rows in zip(index.values, index.bitmaps, strict=True)
        ]

    @property
    def shown(self) -> PackageCount:
        """What `rows` are: those of one package, or (without a name) of all."""
        whole = PackageCount("", len(self.rows), self.total)
        return next((found for found in self.packages if found.name == self.package), whole)

    def reading(self) -> str:
        """The selection in words, so that nobody is surprised by how it was read."""
        parts = (
            [f"package {'=' if self.selection.exact else '~'} {self.query.name}"] if self.query.name else []
        )
        parts += [f"{term}{' (no build has it)' if term in self.unmet else ''}" for term in self.query.terms]
        return " and ".join(parts + self._choices())

    def _choices(self) -> list[str]:
        """The choices facet by facet: any of the chosen values, none of the excluded ones."""
        facets = dict.fromkeys(choice.facet for choice in self.selection.choices)
        texts: list[str] = []
        for facet in facets:
            chosen = [c.value for c in self.selection.choices if c.facet == facet and not c.excluded]
            excluded = [c.value for c in self.selection.choices if c.facet == facet and c.excluded]
            texts += [f"{facet} {' or '.join(chosen)}"] if chosen else []
            texts += [f"not {facet} {' or '.join(excluded)}"] if excluded else []
        return texts


class Engine:
    """Answers selections over one catalog.

    Args:
        aliases: what people call a package to its name, besides the well-known ones.
    """

    def __init__(self, catalog: Catalog, aliases: Mapping[str, str] | None = None) -> None:
        self.catalog = catalog
        self.ranker = PackageRanker(catalog.packages, catalog.package_counts, aliases)

    def select(self, selection: Selection) -> Result:
        """The result of a selection. Raises QuerySyntaxError."""
        query = self._or_hash(parse(selection.text), selection.exact)
        met = [evaluate(self.catalog, [term]) for term in query.terms]
        unmet = tuple(term for term, rows in zip(query.terms, met, strict=True) if not rows)
        by_facet = {
            facet: self._facet_rows(facet, selection.choices)
            for facet in dict.fromkeys(choice.facet for choice in selection.choices)
        }
        described = BitMap.intersection(self.catalog.listed, *met)
        matching = described
        for rows in by_facet.values():
            matching = matching & rows
        ranking = self._ranking(query.name, selection.exact)
        packages, guesses = self._packages(ranking, matching, selection.package)
        package = selection.package
        if package is None:
            package = packages[0].name if query.name and packages else ""
        named = self._rows_of(ranking) if query.name else None
        scope = BitMap(self.catalog.package_rows(package)) if package else named
        return Result(
            selection=selection,
            query=query,
            unmet=unmet,
            package=package,
            rows=matching if scope is None else matching & scope,
            packages=packages,
            guesses=guesses,
            matching=len(matching) if named is None else matching.intersection_cardinality(named),
            total=len(self.catalog.listed),
            all_packages=sum(map(bool, self.catalog.package_counts)),
            _catalog=self.catalog,
            _unfaceted=described if scope is None else described & scope,
            _by_facet=by_facet,
        )

    def _or_hash(self, query: Query, exact: bool) -> Query:
        """A pasted hash is taken for one where no package is called so."""
        if exact or not _HASH.fullmatch(query.name) or self._ranking(query.name, False).guesses:
            return query
        if not self.catalog.rows_with_prefix(query.name):
            return query
        return Query("", (*query.terms, HashTerm(query.name)))

    def rank(self, text: str) -> tuple[PackageCount, ...]:
        """All packages that a fuzzy text may mean, best first; nothing in it is a term."""
        return self._packages(self._ranking(text, False), self.catalog.listed, None)[0]

    @lru_cache(maxsize=256)  # noqa: B019 - an engine lives as long as its catalog
    def _ranking(self, name: str, exact: bool) -> Ranking:
        if not exact:
            return self.ranker.rank(name)
        order = tuple(i for i, package in enumerate(self.catalog.packages) if name in ("", package))
        return Ranking(order, len(order))

    def _packages(
        self, ranking: Ranking, matching: BitMap, selected: str | None
    ) -> tuple[tuple[PackageCount, ...], int]:
        """The ranked packages that have a matching build; the selected one stays in any case."""
        names, totals, starts = (
            self.catalog.packages,
            self.catalog.package_counts,
            self.catalog.package_starts,
        )
        count = matching.range_cardinality
        packages: list[PackageCount] = []
        guesses = None
        for position, i in enumerate(ranking.order):
            if guesses is None and position >= ranking.guesses:
                guesses = len(packages)
            found = count(starts[i], starts[i + 1])
            if found or names[i] == selected:
                packages.append(PackageCount(names[i], found, totals[i]))
        return tuple(packages), len(packages) if guesses is None else guesses

    @lru_cache(maxsize=64)  # noqa: B019
    def _rows_of(self, ranking: Ranking) -> BitMap:
        """The rows of the packages that the text names, of guesses only if there is nothing else."""
        starts = self.catalog.package_starts
        rows = BitMap()
        for i in ranking.order[: ranking.guesses] or ranking.order:
            rows.add_range(starts[i], starts[i + 1])
        return rows

    def _facet_rows(self, facet: str, choices: tuple[Choice, ...]) -> BitMap:
        """OR over the chosen values of a facet, less the excluded ones."""
        index = self.catalog.facet(facet)
        chosen = [index.rows(c.value) for c in choices if c.facet == facet and not c.excluded]
        excluded = [index.rows(c.value) for c in choices if c.facet == facet and c.excluded]
        rows = BitMap.union(*chosen) if chosen else self.catalog.listed
        return rows - BitMap.union(*excluded) if excluded else rows
