"""Selection to Result: which builds, how many of each package, how many of each facet value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, reduce
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace
from pyroaring import BitMap

from cachetui.caching import lru_cached_method
from cachetui.catalog import Catalog
from cachetui.errors import QuerySyntaxError
from cachetui.query import Dialect, QueryNode, parse
from cachetui.search.attributes import COLUMNS, FACETS, Attribute, Attributes
from cachetui.search.evaluate import Evaluator
from cachetui.search.packages import PackageCount, PackageCounts, Ranking, packages_by_name
from cachetui.search.reading import Reading, Typed, lacking, reading_text, split_words
from cachetui.search.selection import Choice, Selection
from cachetui.search.targets import UnknownTarget, place_of_target

if TYPE_CHECKING:
    from cachetui.search.fuzzy import PackageRanker

_HASH = re.compile(r"[a-z2-7]{7,32}")
"""What Spack shows of a hash, or more of it."""


class FacetCount(Struct, frozen=True):
    """A facet value with the number of builds that choosing it would leave or add."""

    value: str
    count: int


class Result(Struct, frozen=True, eq=False):
    """The answer to a selection: bitmaps and counts, no rows.

    Args:
        words: what names packages: fuzzy text, or one whole name.
        readings: how each Spack that wrote records here reads the rest.
        package: the package whose builds `rows` are; empty for those of all packages that match.
        rows: the builds that the table shows.
        packages: best name first; those without a matching build are left out.
        matching: builds of all packages that match; those of guesses only if there is nothing but guesses.
        total: builds of all packages, filters aside.
        all_packages: packages of the catalog.
        attributes: the facets and columns of the catalog that `rows` are rows of.
    """

    selection: Selection
    words: str
    readings: tuple[Reading, ...]
    package: str
    rows: BitMap
    packages: PackageCounts
    matching: int
    total: int
    all_packages: int
    attributes: Attributes
    _fuzzy: str
    _unfaceted: BitMap
    _by_facet: Mapping[str, BitMap] = field(default_factory=dict)

    @property
    def catalog(self) -> Catalog:
        """What `rows` are rows of."""
        return self.attributes.catalog

    def facet_counts(self, facet: str) -> list[FacetCount]:
        """The values of a facet, in its own order, with live counts; its own choice does not reduce them."""
        index = self.attributes.index(facet)
        if not index.values:
            return []  # no other choices need be put together for it
        count = self._without(facet).intersection_cardinality
        return [
            FacetCount(value, count(rows)) for value, rows in zip(index.values, index.bitmaps, strict=True)
        ]

    def leading_counts(self, facet: str, number: int) -> list[FacetCount]:
        """The first values that any build has, not counting all: the most frequent, or newest versions."""
        index = self.attributes.index(facet)
        count = self._without(facet).intersection_cardinality
        if self.is_by_value(facet):
            last_first = reversed(index.values)
            found = (FacetCount(value, n) for value in last_first if (n := count(index.rows(value))))
            return list(islice(found, number))
        best: list[tuple[int, int]] = []
        for size, position in index.by_size:  # no value has more builds here than in all
            if len(best) == number and size < -best[-1][0]:
                break
            if n := count(index.bitmaps[position]):
                best = sorted([*best, (-n, position)])[:number]
        return [FacetCount(index.values[position], -n) for n, position in best]

    def counts_of(self, facet: str, values: Iterable[str]) -> list[FacetCount]:
        """Some values of a facet with live counts."""
        rows_of, base = self.attributes.index(facet).rows, self._without(facet)
        return [FacetCount(value, base.intersection_cardinality(rows_of(value))) for value in values]

    def value_count(self, facet: str) -> int:
        """How many values a facet has."""
        return len(self.attributes.index(facet).values)

    def is_by_value(self, facet: str) -> bool:
        """Whether the values of a facet are listed by themselves, the last first, and not by their counts."""
        return self.attributes.attribute(facet).is_by_value

    def _without(self, facet: str) -> BitMap:
        """The builds that the choices of all other facets leave."""
        others = (rows for name, rows in self._by_facet.items() if name != facet)
        return reduce(BitMap.intersection, others, self._unfaceted)

    @property
    def shown(self) -> PackageCount:
        """What `rows` are: those of one package, or (without a name) of all."""
        place = self.packages.place_of(self.package) if self.package else None
        if place is None:
            return PackageCount("", len(self.rows), self.total)
        found: PackageCount = self.packages[place]
        return found

    @property
    def lacking(self) -> tuple[str, ...]:
        """What was asked for, in words, that no build has."""
        return lacking(self.readings)

    def reading(self) -> str:
        """The selection in words, so that nobody is surprised by how it was read."""
        return reading_text(self._fuzzy, self.readings, self.selection.choices)


class _Answer(Struct, frozen=True):
    """What spec syntax means: the rows, and how each Spack reads it."""

    rows: BitMap
    readings: tuple[Reading, ...]


class Engine:
    """Answers selections over one catalog.

    Args:
        aliases: what people call a package to its name, besides the well-known ones.
        facets, columns: what can be chosen and what is shown of the builds.
    """

    def __init__(
        self,
        catalog: Catalog,
        aliases: Mapping[str, str] | None = None,
        facets: Sequence[Attribute] = FACETS,
        columns: Sequence[Attribute] = COLUMNS,
    ) -> None:
        self.catalog = catalog
        self.attributes = Attributes(catalog, facets, columns)
        self.evaluator = Evaluator(self.attributes)
        self._aliases = aliases

    @cached_property
    def ranker(self) -> PackageRanker:
        """Ranks the names of the catalog; made when the first name is typed."""
        from cachetui.search.fuzzy import PackageRanker

        return PackageRanker(self.catalog.packages, self.catalog.package_counts, self._aliases)

    @lru_cached_method(maxsize=64)
    def select(self, selection: Selection) -> Result:
        """The result of a selection; the last ones are remembered. Raises QuerySyntaxError."""
        fuzzy, spec = self._typed(selection)
        answer = self._answer(spec)
        named = next((reading for reading in answer.readings if reading.name), None)
        words = fuzzy or (named.name if named else "")
        by_facet = self._chosen(selection.choices)
        matching = reduce(BitMap.intersection, by_facet.values(), answer.rows)
        ranking = self._meant(named.name if named else "", selection.exact, fuzzy)
        whole = named.name if named and self.catalog.package_rows(named.name) else None
        package = whole if selection.package is None else selection.package
        packages = self._packages(ranking, matching, package)
        if package is None:
            package = packages[0].name if fuzzy and packages else ""
        of_words = None if ranking is None else self._rows_of(ranking)
        scope = BitMap(self.catalog.package_rows(package)) if package else of_words
        return Result(
            selection=selection,
            words=words,
            readings=answer.readings,
            package=package,
            rows=matching if scope is None else matching & scope,
            packages=packages,
            matching=len(matching) if of_words is None else matching.intersection_cardinality(of_words),
            total=len(self.catalog.listed),
            all_packages=self.catalog.listed_packages,
            _fuzzy=fuzzy,
            attributes=self.attributes,
            _unfaceted=answer.rows if scope is None else answer.rows & scope,
            _by_facet=by_facet,
        )

    # what was typed

    def _typed(self, selection: Selection) -> tuple[str, str]:
        """(the words that name packages fuzzily, the text that is spec syntax)."""
        if selection.exact:
            return "", selection.text
        typed = split_words(selection.text)
        if self._is_spec_name(typed):
            return "", selection.text
        if self._is_hash(typed.words):
            return "", f"{typed.spec} /{typed.words}"
        return typed.words, typed.spec

    def _is_spec_name(self, typed: Typed) -> bool:
        """Whether the words are one whole package, or one virtual."""
        namespace, _, name = typed.words.rpartition(".")
        if self.catalog.package_rows(name):
            return not namespace or bool(self.catalog.facet("namespace").rows(namespace))
        return self.evaluator.is_virtual(typed.words)

    def _is_hash(self, word: str) -> bool:
        """A pasted hash is taken for one where no package is called so."""
        return (
            bool(_HASH.fullmatch(word))
            and not self._ranking(word).guesses
            and bool(self.catalog.rows_with_prefix(word))
        )

    @lru_cached_method(maxsize=32)
    def _answer(self, spec: str) -> _Answer:
        """The meaning of spec syntax, to each record as the Spack that wrote it reads it.

        Raises:
            QuerySyntaxError: none of these Spacks would take it.
        """
        rows = BitMap()
        readings: list[Reading] = []
        refusals: list[QuerySyntaxError] = []
        for dialect, records in self._dialects.items():
            try:
                found, reading = self._read(spec, dialect, records)
            except QuerySyntaxError as error:
                # A copy, for a traceback refers to this frame: a cycle that keeps the engine.
                refusals.append(QuerySyntaxError(str(error), error.text, *error.spans))
                readings.append(Reading(dialect, records=len(records), refusal=str(error)))
                continue
            rows |= found
            readings.append(reading)
        if len(refusals) == len(readings):
            raise self._of_another_spack(refusals.pop())
        return _Answer(rows, tuple(readings))

    def _of_another_spack(self, error: QuerySyntaxError) -> QuerySyntaxError:
        """The error, with a word on the Spack that would read the query but did not write any record."""
        with suppress(QuerySyntaxError):
            parse(error.text, self.dialect)
            return error  # it is not the syntax that is wrong
        for other in set(Dialect) - set(self._dialects):
            with suppress(QuerySyntaxError):
                parse(error.text, other)
                reason = f"{error} ({other.value} reads this, but {self.dialect.value} wrote these records)"
                return QuerySyntaxError(reason, error.text, *error.spans)
        return error

    @property
    def dialect(self) -> Dialect:
        """The Spack that wrote most records."""
        return list(self._dialects)[-1]

    @cached_property
    def _dialects(self) -> Mapping[Dialect, BitMap]:
        """The listed records of each Spack that wrote any; those of most records last."""
        listed = {dialect: self.evaluator.rows_of(dialect) & self.catalog.listed for dialect in Dialect}
        some = {dialect: rows for dialect, rows in listed.items() if rows}
        return dict(sorted(some.items(), key=lambda item: len(item[1]))) or {Dialect.SPACK_1: BitMap()}

    def _read(self, spec: str, dialect: Dialect, records: BitMap) -> tuple[BitMap, Reading]:
        query = parse(spec, dialect)
        root = query.root
        if self.catalog.package_rows(root.name):
            # The rest is asked of all packages: names like it are guesses, which are counted too.
            query = replace(query, root=replace(root, name=""))
        try:
            demands = self.evaluator.demands(query, dialect)
        except UnknownTarget as error:
            raise QuerySyntaxError(str(error), spec, place_of_target(spec, error.name)) from error
        rows = records & self.evaluator.named(query.root)
        for demand in demands:
            rows = rows & demand.rows
        note = self.evaluator.virtual_note(QueryNode(root.name, versions=root.versions))
        reading = Reading(
            dialect,
            root.name,
            self._name_text(root.name),
            tuple(demand.text for demand in demands),
            frozenset(demand.text for demand in demands if not demand.rows.intersect(records)),
            tuple(filter(None, dict.fromkeys([note, *(demand.note for demand in demands)]))),
            len(records),
        )
        return rows, reading

    def _name_text(self, name: str) -> str:
        virtual = self.evaluator.is_virtual(name)
        return f"{'provider of' if virtual else 'package ='} {name}" if name else ""

    # packages

    def rank(self, text: str, rows: BitMap | None = None) -> PackageCounts:
        """All packages that a fuzzy text may mean and that have builds (among some rows), best first."""
        listed = self.catalog.listed if rows is None else rows
        return self._packages(self._ranking(text) if text.strip() else None, listed, None)

    def _meant(self, name: str, exact: bool, fuzzy: str) -> Ranking | None:
        """The packages that a whole name or a fuzzy text means; None without either."""
        if name:
            return self._named_exactly(name) if exact else self._named(name)
        return self._ranking(fuzzy) if fuzzy else None

    @lru_cached_method(maxsize=256)
    def _ranking(self, words: str) -> Ranking:
        return self.ranker.rank(words)

    @lru_cached_method(maxsize=256)
    def _named(self, name: str) -> Ranking:
        """The packages of a name or of a virtual, then names like it as guesses."""
        meant = self._named_exactly(name).order
        others = (i for i in self._ranking(name).order if i not in meant)
        return Ranking((*meant, *others), len(meant))

    @lru_cached_method(maxsize=256)
    def _named_exactly(self, name: str) -> Ranking:
        """The packages of a name or of a virtual."""
        parts = self.catalog.package_ranges
        found = [parts.of(row) for row in parts.firsts(self.evaluator.named(QueryNode(name)))]
        meant = tuple(sorted(found, key=lambda i: -self.catalog.package_counts[i]))
        return Ranking(meant, len(meant))

    def _packages(self, ranking: Ranking | None, matching: BitMap, selected: str | None) -> PackageCounts:
        """The packages that have a matching build; the selected one stays in any case.

        Args:
            ranking: None: all packages by name.
        """
        if ranking is None:
            return packages_by_name(self.catalog, matching, selected)
        names, starts = self.catalog.packages, self.catalog.package_ranges.starts
        count = matching.range_cardinality
        packages: list[int] = []
        guesses = None
        for position, i in enumerate(ranking.order):
            if guesses is None and position >= ranking.guesses:
                guesses = len(packages)
            if count(starts[i], starts[i + 1]) or names[i] == selected:
                packages.append(i)
        return PackageCounts(self.catalog, matching, packages, len(packages) if guesses is None else guesses)

    @lru_cached_method(maxsize=64)
    def _rows_of(self, ranking: Ranking) -> BitMap:
        """The rows of the packages that are meant, of guesses only if there is nothing else."""
        starts = self.catalog.package_ranges.starts
        rows = BitMap()
        for i in ranking.order[: ranking.guesses] or ranking.order:
            rows.add_range(starts[i], starts[i + 1])
        return rows

    def _chosen(self, choices: tuple[Choice, ...]) -> dict[str, BitMap]:
        """The rows that the choices of each facet leave."""
        facets = dict.fromkeys(choice.facet for choice in choices)
        return {facet: self._facet_rows(facet, choices) for facet in facets}

    def _facet_rows(self, facet: str, choices: tuple[Choice, ...]) -> BitMap:
        """OR over the chosen values of a facet, less the excluded ones."""
        index = self.attributes.index(facet)
        chosen = [index.rows(c.value) for c in choices if c.facet == facet and not c.excluded]
        excluded = [index.rows(c.value) for c in choices if c.facet == facet and c.excluded]
        rows = BitMap.union(*chosen) if chosen else self.catalog.listed
        return rows - BitMap.union(*excluded) if excluded else rows
