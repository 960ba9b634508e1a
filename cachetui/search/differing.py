"""Which dependencies say most about what sets the shown builds apart, and all of them to choose from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import comb, log2

from msgspec import Struct
from pyroaring import BitMap

from cachetui.catalog import RUNTIME_DEPTYPES, Catalog
from cachetui.search.attributes import PACKAGE, Attributes
from cachetui.search.dependencies import MANY_ROWS, PACKAGE_SIGN, DependencyOf

COUNTED_ROWS = 600
"""Of more builds than this, the dependencies of a sample are counted."""

_COMPILER_SAYS = frozenset(
    f"c cxx fortran libc fortran-rt libgfortran libifcore {PACKAGE_SIGN}gcc-runtime "
    f"{PACKAGE_SIGN}intel-oneapi-runtime {PACKAGE_SIGN}compiler-wrapper {PACKAGE_SIGN}glibc "
    f"{PACKAGE_SIGN}musl".split()
)
"""Languages and runtimes, which come with the compiler; it has a column of its own."""

_LANGUAGES = frozenset({"c", "cxx", "fortran"})

_LEAST_SHARE = 0.1
"""The share of the look-alikes that a column must separate to be offered."""

_LEAST_MIXED = 0.2
"""The probability that two builds differ, from which a virtual is offered that separates no look-alikes."""

_WORTH_VIRTUAL, _WORTH_LINKED, _WORTH_BUILD_TOOL = 3, 2, 1

Edges = list[tuple[int, int]]
"""(row, number of the dependency) of each edge of one kind."""


class DependencyCount(Struct, frozen=True):
    """A dependency or virtual of some builds.

    Args:
        values: the number of its different versions or providers, or of its builds where these are equal.
        having: the number of builds that have it.
        compared: the number of builds that were looked at.
        by_build: whether all have the same version of it, so that builds were counted.
    """

    heading: str
    values: int
    having: int
    compared: int
    by_build: bool = False

    @property
    def is_different(self) -> bool:
        """Whether the builds differ in it."""
        return self.values > 1 or self.having < self.compared


class _Candidate(Struct, frozen=True):
    """A dependency of some rows.

    Args:
        places: row to the place of its value; rows without the dependency are left out.
        distinct: the number of different cells, an empty one included.
        providers: the packages that it is in these rows.
    """

    heading: str
    places: dict[int, int]
    distinct: int
    providers: frozenset[str]
    worth: int

    @property
    def is_virtual_with_choice(self) -> bool:
        """Whether it is a virtual with several providers in these rows."""
        return len(self.providers) > 1

    def separated(self, groups: Iterable[Sequence[int]]) -> int:
        """The pairs of rows in the same group that have different values."""
        place = self.places.get
        pairs = 0
        for group in groups:
            cells = list(map(place, group))
            if len(cells) == 2:
                pairs += cells[0] != cells[1]
            elif len(set(cells)) > 1:
                pairs += comb(len(group), 2) - sum(comb(n, 2) for n in Counter(cells).values())
        return pairs

    def split(self, groups: Iterable[Sequence[int]]) -> list[list[int]]:
        """The groups of rows that are still equal with this column; single rows are left out."""
        parts: list[list[int]] = []
        for group in groups:
            by_place: dict[int | None, list[int]] = {}
            for row in group:
                by_place.setdefault(self.places.get(row), []).append(row)
            parts += (part for part in by_place.values() if len(part) > 1)
        return parts


def telling(
    attributes: Attributes, rows: BitMap, shown: Sequence[str] = (), at_most: int = 2
) -> tuple[str, ...]:
    """The headings of the dependencies to show by themselves for the builds of a package, best first.

    Each is worth the pairs of look-alikes that it separates and no column before it does, per bit of its
    different values; virtuals count three times, what is linked or run twice, build tools once.

    Args:
        shown: the headings of the columns that are there in any case.
    """
    is_one_package = len(rows) > 1 and attributes.column(PACKAGE.heading).is_constant(rows)
    if not is_one_package or len(rows) > MANY_ROWS:
        return ()
    listed = list(rows)
    differing = _Differing(attributes, listed)
    groups = _lookalikes(attributes.catalog, listed)
    by_version = differing.by_version()
    for candidate in by_version:
        if candidate.heading in shown:
            groups = candidate.split(groups)
    known = {provider for c in by_version if c.is_virtual_with_choice for provider in c.providers}
    left = [
        candidate
        for candidate in by_version
        if candidate.heading not in shown and candidate.heading.removeprefix(PACKAGE_SIGN) not in known
    ]
    return (
        _best(left, groups, at_most)
        or _mixed(left, listed)[:at_most]
        or _best((c for c in differing.by_build() if c.heading not in shown), groups, min(at_most, 1))
    )


def _best(candidates: Iterable[_Candidate], groups: Iterable[Sequence[int]], at_most: int) -> tuple[str, ...]:
    """Take the column that separates most, then the one that separates most of the rest."""
    left, groups = list(candidates), list(groups)
    least = max(_LEAST_SHARE * sum(comb(len(group), 2) for group in groups), 1)
    found: list[str] = []
    while len(found) < at_most:
        pairs = {candidate.heading: candidate.separated(groups) for candidate in left}
        left = [candidate for candidate in left if pairs[candidate.heading] >= least]
        if not left:
            break
        best = max(left, key=lambda c: pairs[c.heading] * c.worth / log2(1 + c.distinct))
        found.append(best.heading)
        groups = best.split(groups)
    return tuple(found)


def _lookalikes(catalog: Catalog, rows: Sequence[int]) -> list[list[int]]:
    """The rows that look like others of them."""
    groups: dict[int, list[int]] = {}
    for row in rows:
        groups.setdefault(catalog.lookalikes.of(row), []).append(row)
    return [group for group in groups.values() if len(group) > 1]


def _mixed(candidates: Iterable[_Candidate], rows: Sequence[int]) -> tuple[str, ...]:
    """The virtual in whose provider the builds differ most, as long as that is not a rare exception."""
    pairs = {
        c.heading: c.separated([rows])
        for c in candidates
        if c.is_virtual_with_choice and c.worth == _WORTH_VIRTUAL
    }
    best = max(pairs, key=pairs.__getitem__, default=None)
    return () if best is None or pairs[best] < _LEAST_MIXED * comb(len(rows), 2) else (best,)


def dependency_counts(attributes: Attributes, rows: BitMap) -> list[DependencyCount]:
    """All dependencies and virtuals of some builds (of many: of a sample), the telling ones first.

    Those in which the builds differ come before others, virtuals before packages.
    """
    step = -(-len(rows) // COUNTED_ROWS) or 1
    listed = list(rows[::step])
    found = _Differing(attributes, listed).counts()
    first = telling(attributes, rows)

    def order(one: DependencyCount) -> tuple[int, bool, bool, str]:
        place = first.index(one.heading) if one.heading in first else len(first)
        return place, not one.is_different, one.heading.startswith(PACKAGE_SIGN), one.heading

    return sorted(found, key=order)


class _Differing:
    """The dependencies of some rows, and those in which the rows differ."""

    def __init__(self, attributes: Attributes, rows: Sequence[int]) -> None:
        self._columns = attributes.dependencies
        self._rows = rows
        self._edge_kinds = attributes.catalog.dag.edge_kinds
        self._edges = _edges_by_kind(attributes.catalog, rows)
        self._kinds: dict[str, list[int]] = {}
        for kind in self._edges:
            for heading in filter(attributes.is_dependency, self._columns.headings(kind)):
                self._kinds.setdefault(heading, []).append(kind)

    def by_version(self) -> list[_Candidate]:
        """Those in which the rows differ by version or by provider, and not only as their compilers do."""
        return [
            candidate
            for heading, kinds in self._kinds.items()
            if not self._is_same_build(kinds)
            and (worth := self._worth(heading))
            and (candidate := self._candidate(self._columns.column(heading), worth)).distinct > 1
        ]

    def by_build(self) -> Iterator[_Candidate]:
        """Those that are linked or run, in which the rows differ by build alone.

        One with a hash for almost every row says no more than the hashes of the rows.
        """
        for heading, kinds in self._kinds.items():
            if self._is_same_build(kinds) or (worth := self._worth(heading)) < _WORTH_LINKED:
                continue
            column = self._columns.column(heading)
            if self._candidate(column, worth).distinct == 1:
                candidate = self._candidate(column.by_build, worth)
                if 2 * candidate.distinct <= len(self._rows):
                    yield candidate

    def counts(self) -> Iterator[DependencyCount]:
        """Count the different values of all of them."""
        for heading in self._kinds:
            column = self._columns.column(heading)
            found = self._candidate(column, 0)
            by_build = found.distinct == 1 and not self._is_same_build(self._kinds[heading])
            if by_build:
                found = self._candidate(column.by_build, 0)
            values = len(set(found.places.values()))
            yield DependencyCount(heading, values, len(found.places), len(self._rows), by_build)

    def _candidate(self, column: DependencyOf, worth: int) -> _Candidate:
        kinds = self._kinds[column.heading]
        places = _places(column, {kind: self._edges[kind] for kind in kinds})
        distinct = len(set(places.values())) + (len(places) < len(self._rows))
        providers = frozenset(self._edge_kinds[kind].name for kind in kinds)
        return _Candidate(column.heading, places, distinct, providers, worth)

    def _is_same_build(self, kinds: Sequence[int]) -> bool:
        """Whether all rows have one and the same build of it."""
        edges = self._edges[kinds[0]]
        return len(kinds) == 1 and len(edges) == len(self._rows) and len({to for _, to in edges}) == 1

    def _worth(self, heading: str) -> int:
        """How much a person cares to see it; 0: the column of compilers says it."""
        kinds = [self._edge_kinds[kind] for kind in self._kinds[heading]]
        if heading in _COMPILER_SAYS or any(not _LANGUAGES.isdisjoint(kind.virtuals) for kind in kinds):
            return 0
        if all(RUNTIME_DEPTYPES.isdisjoint(kind.deptypes) for kind in kinds):
            return _WORTH_BUILD_TOOL
        return _WORTH_LINKED if heading.startswith(PACKAGE_SIGN) else _WORTH_VIRTUAL


def _edges_by_kind(catalog: Catalog, rows: Iterable[int]) -> dict[int, Edges]:
    edges: defaultdict[int, Edges] = defaultdict(list)
    for row in rows:
        targets, kinds = catalog.edge_numbers(row)
        for kind, target in zip(kinds, targets, strict=True):
            edges[kind].append((row, target))
    return edges


def _places(column: DependencyOf, edges: Mapping[int, Edges]) -> dict[int, int]:
    """Row to the place of its value in a column; a row with one edge, as almost all, takes one look-up."""
    places: dict[int, int] = {}
    for kind, some in edges.items():
        place_of = {to: column.place_of(frozenset([(kind, to)])) for to in {to for _, to in some}}
        places.update([(row, place_of[to]) for row, to in some])
    if len(places) < sum(map(len, edges.values())):
        several: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
        for kind, some in edges.items():
            for row, to in some:
                several[row].add((kind, to))
        places |= {row: column.place_of(frozenset(some)) for row, some in several.items() if len(some) > 1}
    return places
