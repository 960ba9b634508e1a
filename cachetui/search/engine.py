"""Selection to Result: which builds, how many of each package, how many of each facet value."""

from __future__ import annotations

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
from cachetui.query import Dialect, QueryNode, check_length, parse
from cachetui.search.attributes import COLUMNS, FACETS, PACKAGE, Attribute, Attributes
from cachetui.search.evaluate import Evaluator
from cachetui.search.offers import Offer
from cachetui.search.packages import PackageCount, PackageCounts, Ranking, packages_by_name
from cachetui.search.reading import Reading, check_query, reading_text, split_words, unmet_demands
from cachetui.search.selection import Choice, Selection
from cachetui.search.targets import UnknownTarget, place_of_target
from cachetui.search.typed import Typed, TypedReader
from cachetui.search.written import Plain, spec_text, written_reading

if TYPE_CHECKING:
    from cachetui.search.fuzzy import PackageRanker


_NAMED_PROVIDERS = 6
"""The number of packages that a reading names as providers of a virtual."""


class FacetCount(Struct, frozen=True):
    """A facet value and the number of builds that selecting it would leave or add."""

    value: str
    count: int


class Result(Struct, frozen=True, eq=False):
    """The answer to a selection: bitmaps and counts, no rows.

    Args:
        words: the part of the query that names packages: fuzzy text, or one whole name.
        readings: how each Spack that wrote records of this catalog reads the rest.
        package: the package that `rows` belong to; empty: all matching packages.
        rows: the builds that the table shows.
        packages: best match first; packages without a matching build are left out.
        matching: the number of builds of all matching packages; guesses count only if nothing else matches.
        total: the number of builds of all packages, without any filter.
        all_packages: the number of packages in the catalog.
        attributes: the facets and columns of the catalog that `rows` are rows of.
        plain: what plain words of the query were read as; None if it has none.
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
    plain: Plain | None
    _fuzzy: str
    _unfaceted: BitMap
    _by_facet: Mapping[str, BitMap] = field(default_factory=dict)

    @property
    def catalog(self) -> Catalog:
        """The catalog of `rows`."""
        return self.attributes.catalog

    def facet_counts(self, facet: str) -> list[FacetCount]:
        """Count the builds of each value of a facet; choices in the facet itself do not reduce the counts."""
        index = self.attributes.index(facet)
        if not index.values:
            return []  # saves intersecting the other choices
        count = self._without(facet).intersection_cardinality
        return [
            FacetCount(value, count(rows)) for value, rows in zip(index.values, index.bitmaps, strict=True)
        ]

    def leading_counts(self, facet: str, number: int) -> list[FacetCount]:
        """Count only the first values that any build has: the most frequent ones, or the newest versions."""
        index = self.attributes.index(facet)
        count = self._without(facet).intersection_cardinality
        if self.is_by_value(facet):
            last_first = reversed(index.values)
            found = (FacetCount(value, n) for value in last_first if (n := count(index.rows(value))))
            return list(islice(found, number))
        best: list[tuple[int, int]] = []
        for size, position in index.by_size:  # a value never has more builds here than in the whole catalog
            if len(best) == number and size < -best[-1][0]:
                break
            if n := count(index.bitmaps[position]):
                best = sorted([*best, (-n, position)])[:number]
        return [FacetCount(index.values[position], -n) for n, position in best]

    def counts_of(self, facet: str, values: Iterable[str]) -> list[FacetCount]:
        """Count the builds of some values of a facet."""
        rows_of, base = self.attributes.index(facet).rows, self._without(facet)
        return [FacetCount(value, base.intersection_cardinality(rows_of(value))) for value in values]

    def counts_by_row(self, facet: str) -> list[FacetCount]:
        """Count as `facet_counts` does, but only the values that any build has, from the builds.

        For few builds of a facet of very many values, whose bitmaps need not be read then.
        """
        counts = self.attributes.count_values(facet, list(self._without(facet)))
        return [FacetCount(value, count) for value, count in counts.items()]

    def count_without(self, facet: str) -> int:
        """The builds that match the choices in all other facets."""
        return len(self._without(facet))

    def value_count(self, facet: str) -> int:
        """The number of values of a facet."""
        return len(self.attributes.index(facet).values)

    def is_by_value(self, facet: str) -> bool:
        """Whether the values of a facet are listed by themselves, the last first, and not by their counts."""
        return self.attributes.attribute(facet).is_by_value

    def _without(self, facet: str) -> BitMap:
        """The builds that match the choices in all other facets."""
        others = (rows for name, rows in self._by_facet.items() if name != facet)
        return reduce(BitMap.intersection, others, self._unfaceted)

    def is_ready(self, facet: str) -> bool:
        """Whether a facet is counted without computing anything about all builds first."""
        return self.attributes.is_ready(facet) or self.selection.has_choice(facet)

    @property
    def shown(self) -> PackageCount:
        """The package of `rows`, or all packages under an empty name."""
        place = self.packages.place_of(self.package) if self.package else None
        if place is None:
            return PackageCount("", len(self.rows), self.total)
        found: PackageCount = self.packages[place]
        return found

    @property
    def is_one_package(self) -> bool:
        """Whether all builds are of one package."""
        if self.package or not self.rows:
            return bool(self.package)
        return self.attributes.column(PACKAGE.heading).is_constant(self.rows)

    @property
    def unmet(self) -> tuple[str, ...]:
        """The demands, as text, that no build meets."""
        return unmet_demands(self.readings)

    def reading(self) -> str:
        """Say how the query and the choices were read."""
        text = reading_text(self._fuzzy, self.readings, self.selection.choices)
        more = self.plain.said if self.plain else ()
        return " and ".join(filter(None, [text, *more]))

    @property
    def written(self) -> str:
        """The whole query as spec syntax; empty if it has no plain words."""
        return self.plain.written if self.plain else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell of the plain words: not understood, or what no build has."""
        return self.plain.notes if self.plain else ()

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The words that are not understood, and what is spelled like them."""
        return self.plain.offers if self.plain else ()


class _Answer(Struct, frozen=True):
    """The rows that match spec syntax, and how each Spack reads it."""

    rows: BitMap
    readings: tuple[Reading, ...]


class Engine:
    """Answers selections over one catalog.

    Args:
        aliases: map a nickname to the name of a package, besides the well-known ones.
        facets, columns: the attributes to filter by and to show.
        here: further ones, which depend on this machine.
    """

    def __init__(
        self,
        catalog: Catalog,
        aliases: Mapping[str, str] | None = None,
        facets: Sequence[Attribute] = FACETS,
        columns: Sequence[Attribute] = COLUMNS,
        here: Sequence[Attribute] = (),
    ) -> None:
        self.catalog = catalog
        self.attributes = Attributes(catalog, facets, columns, here)
        self.evaluator = Evaluator(self.attributes)
        self.typed = TypedReader(self.attributes, self.evaluator, aliases)

    @property
    def ranker(self) -> PackageRanker:
        """Ranks the package names."""
        return self.typed.ranker

    def warm(self) -> None:
        """Load what the first name and the first plain word need, while nobody is typing."""
        self.typed.warm()

    @lru_cached_method(maxsize=64)
    def select(self, selection: Selection) -> Result:
        """Evaluate a selection; recent results are cached. Raises QuerySyntaxError."""
        check_length(selection.text)
        typed = self._typed(selection)
        answer = self._answer_to(typed, selection.text)
        fuzzy = typed.fuzzy
        if selection.among:
            answer = replace(answer, rows=answer.rows & self._rows_among(selection.among))
        named = next((reading for reading in answer.readings if reading.name), None)
        words = fuzzy or (named.name if named else "")
        by_facet = self._chosen(selection.choices)
        matching = reduce(BitMap.intersection, by_facet.values(), answer.rows)
        ranking = self._rank_by(named.name if named else "", selection.exact, fuzzy)
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
            plain=written_reading(typed, package, words),
            _fuzzy=fuzzy,
            attributes=self.attributes,
            _unfaceted=answer.rows if scope is None else answer.rows & scope,
            _by_facet=by_facet,
        )

    def _rows_among(self, hashes: frozenset[str]) -> BitMap:
        """The rows of builds that are named by their hashes."""
        return BitMap([row for dag_hash in hashes for row in self.catalog.rows_with_prefix(dag_hash)])

    # text

    def _typed(self, selection: Selection) -> Typed:
        """Split the text into words that name packages, spec syntax, and plain words."""
        if selection.exact:
            return Typed(spec=selection.text)
        return self.typed.read_for((selection.text, selection.package or ""))

    def _answer_to(self, typed: Typed, text: str) -> _Answer:
        """The rows that match what is typed, without facet choices of the selection."""
        plain = typed.plain
        if not typed.is_rewritten:
            return self._answer(typed.spec)
        try:
            answer = self._answer(spec_text(typed.name, typed.spec))
        except QuerySyntaxError as error:
            # The error is about a text that nobody has typed, unless the syntax beside the words is wrong.
            check_query(split_words(_with_blanks(text, typed.words)).spec)
            raise QuerySyntaxError(str(error), text, *typed.words) from None
        if plain is None:
            return answer
        rows = reduce(BitMap.intersection, self._chosen(plain.choices).values(), answer.rows)
        for spec in plain.left_out:
            rows = rows - self._answer(spec).rows
        return _Answer(rows, answer.readings)

    @lru_cached_method(maxsize=32)
    def _answer(self, spec: str) -> _Answer:
        """Match each record by the syntax of the Spack that wrote it.

        Raises:
            QuerySyntaxError: each of these Spacks rejects the query.
        """
        rows = BitMap()
        readings: list[Reading] = []
        refusals: list[QuerySyntaxError] = []
        for dialect, records in self._dialects.items():
            try:
                found, reading = self._read(spec, dialect, records)
            except QuerySyntaxError as error:
                # A copy: the traceback refers to this frame, a cycle that would keep the engine alive.
                refusals.append(QuerySyntaxError(str(error), error.text, *error.spans))
                readings.append(Reading(dialect, records=len(records), refusal=str(error)))
                continue
            rows |= found
            readings.append(reading)
        if len(refusals) == len(readings):
            raise self._of_another_spack(refusals.pop())
        return _Answer(rows, tuple(readings))

    def _of_another_spack(self, error: QuerySyntaxError) -> QuerySyntaxError:
        """Add to the error that another Spack, which wrote none of the records, accepts the query."""
        with suppress(QuerySyntaxError):
            parse(error.text, self.dialect)
            return error  # the syntax is right; the error is about the catalog
        for other in set(Dialect) - set(self._dialects):
            with suppress(QuerySyntaxError):
                parse(error.text, other)
                reason = f"{error} ({other.value} reads this, but {self.dialect.value} wrote these records)"
                return QuerySyntaxError(reason, error.text, *error.spans)
        return error

    @property
    def dialect(self) -> Dialect:
        """The Spack that wrote the most records."""
        return list(self._dialects)[-1]

    @cached_property
    def _dialects(self) -> Mapping[Dialect, BitMap]:
        """The listed records by the Spack that wrote them, the largest set last."""
        listed = {dialect: self.evaluator.rows_of(dialect) & self.catalog.listed for dialect in Dialect}
        some = {dialect: rows for dialect, rows in listed.items() if rows}
        return dict(sorted(some.items(), key=lambda item: len(item[1]))) or {Dialect.SPACK_1: BitMap()}

    def _read(self, spec: str, dialect: Dialect, records: BitMap) -> tuple[BitMap, Reading]:
        query = parse(spec, dialect)
        root = query.root
        if self.catalog.package_rows(root.name):
            # Similar names are listed as guesses, so the rest is evaluated for all packages.
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
            self._name_text(root),
            tuple(demand.text for demand in demands),
            frozenset(demand.text for demand in demands if not demand.rows.intersect(records)),
            tuple(filter(None, dict.fromkeys([note, *(demand.note for demand in demands)]))),
            len(records),
        )
        return rows, reading

    def _name_text(self, root: QueryNode) -> str:
        """Say what the name of a query means: a package, or the packages that provide a virtual."""
        if not self.evaluator.is_virtual(root.name):
            return f"package = {root.name}" if root.name else ""
        found = packages_by_name(self.catalog, self.evaluator.named(root) & self.catalog.listed, None)
        names = [package.name for package in sorted(found, key=lambda package: -package.matching)]
        more = len(names) - _NAMED_PROVIDERS
        who = ", ".join(names[:_NAMED_PROVIDERS]) + (f" and {more} more" if more > 0 else "")
        versions = f" (@{root.versions})" if root.versions is not None else ""
        return f"providers of {root.name}{versions}: {who or 'none'}"

    # packages

    def rank(self, text: str, rows: BitMap | None = None) -> PackageCounts:
        """Rank the packages with builds (among some rows) by what is typed, best first."""
        listed = self.catalog.listed if rows is None else rows
        typed = self.typed.read(text)
        if typed.plain is not None or split_words(text).words != " ".join(text.split()):
            with suppress(QuerySyntaxError):  # then it is a name that no package has
                return self.select(Selection().with_text(text)).packages.among(listed)
        return self._packages(self.typed.ranking(text) if text.strip() else None, listed, None)

    def _rank_by(self, name: str, exact: bool, fuzzy: str) -> Ranking | None:
        """Rank packages by a whole name or a fuzzy text; None without either."""
        if name:
            return self._named_exactly(name) if exact else self._named(name)
        return self.typed.ranking(fuzzy) if fuzzy else None

    @lru_cached_method(maxsize=256)
    def _named(self, name: str) -> Ranking:
        """Rank the package of a name or the providers of a virtual, then similar names as guesses."""
        meant = self._named_exactly(name).order
        others = (i for i in self.typed.ranking(name).order if i not in meant)
        return Ranking((*meant, *others), len(meant))

    @lru_cached_method(maxsize=256)
    def _named_exactly(self, name: str) -> Ranking:
        """Rank the package of a name or the providers of a virtual."""
        parts = self.catalog.package_ranges
        found = [parts.of(row) for row in parts.firsts(self.evaluator.named(QueryNode(name)))]
        meant = tuple(sorted(found, key=lambda i: -self.catalog.package_counts[i]))
        return Ranking(meant, len(meant))

    def _packages(self, ranking: Ranking | None, matching: BitMap, selected: str | None) -> PackageCounts:
        """Keep the packages that have a matching build, and the selected one.

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
        """The rows of the ranked packages; of guesses only if there is nothing else."""
        starts = self.catalog.package_ranges.starts
        rows = BitMap()
        for i in ranking.order[: ranking.guesses] or ranking.order:
            rows.add_range(starts[i], starts[i + 1])
        return rows

    def _chosen(self, choices: tuple[Choice, ...]) -> dict[str, BitMap]:
        """The rows that match the choices in each facet."""
        facets = dict.fromkeys(choice.facet for choice in choices)
        return {facet: self._facet_rows(facet, choices) for facet in facets}

    def _facet_rows(self, facet: str, choices: tuple[Choice, ...]) -> BitMap:
        """The rows with any of the selected values of a facet and none of the excluded ones."""
        index = self.attributes.index(facet)
        chosen = [index.rows(c.value) for c in choices if c.facet == facet and not c.excluded]
        excluded = [index.rows(c.value) for c in choices if c.facet == facet and c.excluded]
        rows = BitMap.union(*chosen) if chosen else self.catalog.listed
        return rows - BitMap.union(*excluded) if excluded else rows


def _with_blanks(text: str, places: Iterable[tuple[int, int]]) -> str:
    """The text with blanks at some places."""
    for start, end in places:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
