"""Columns that no catalog stores: which build of a dependency, or which provider of a virtual, a build uses.

The heading of a dependency is `^openssl`, that of a virtual is its bare name, `mpi`. The edges of a row are
read when its cell is first asked for: a table draws thirty lines.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from pyroaring import BitMap

from cachetui.caching import cached_method
from cachetui.catalog import Catalog
from cachetui.search.value_index import ComputedIndex, ValueIndex
from cachetui.spec import SHORT_HASH
from cachetui.version import version_key

PACKAGE_SIGN = "^"
"""Before the name of a package that is a dependency; virtuals have none."""

MANY_ROWS = 3000
"""Above this many rows, their dependencies are not all read: it would take tens of milliseconds."""


class Use(NamedTuple):
    """A dependency in a cell; what the cell does not show is empty.

    Args:
        name: of the provider of a virtual.
    """

    name: str = ""
    version: str = ""
    dag_hash: str = ""

    def __str__(self) -> str:
        version = f"@{self.version}" if self.name and self.version else self.version
        dag_hash = f"/{self.dag_hash[:SHORT_HASH]}" if self.dag_hash else ""
        return self.name + version + dag_hash

    @property
    def key(self) -> tuple[str, Any, str]:
        """Sorts by name, then by version."""
        return self.name, version_key(self.version), self.dag_hash


Uses = tuple[Use, ...]
"""The cell of a build; empty if it does not have the dependency."""


class Dependencies:
    """The columns of all dependencies and virtuals of a catalog, by their headings."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    @cached_property
    def _kinds(self) -> Mapping[str, Sequence[int]]:
        """Heading to the numbers of the edge kinds that it stands for."""
        kinds: dict[str, list[int]] = {}
        for number, kind in enumerate(self._catalog.dag.edge_kinds):
            for heading in (f"{PACKAGE_SIGN}{kind.name}", *kind.virtuals):
                kinds.setdefault(heading, []).append(number)
        return kinds

    def __contains__(self, heading: str) -> bool:
        return heading in self._kinds

    def headings(self, kind: int) -> tuple[str, ...]:
        """The columns in which an edge of a kind is shown."""
        found = self._catalog.dag.edge_kinds[kind]
        return (f"{PACKAGE_SIGN}{found.name}", *found.virtuals)

    @cached_method
    def column(self, heading: str) -> DependencyOf:
        """The column of a heading, by versions. Raises KeyError: no build has this dependency."""
        return DependencyOf(self._catalog, heading, self._kinds[heading])

    def column_among(self, heading: str, rows: BitMap) -> DependencyOf:
        """The column as some rows show it: by versions, or by builds where the versions are all equal.

        Raises:
            KeyError: no build has this dependency.
        """
        by_version = self.column(heading)
        some = rows[:MANY_ROWS]
        if not some or by_version.is_different(some):
            return by_version
        by_build = by_version.by_build
        return by_build if by_build.is_different(some) else by_version


class DependencyOf:
    """See `BoundAttribute`; the values stand in the order in which they were first met.

    Args:
        kinds: the edge kinds that the column shows.
        builds: show hashes in place of versions.
    """

    is_alike = False
    is_ready = True

    def __init__(self, catalog: Catalog, heading: str, kinds: Collection[int], builds: bool = False) -> None:
        self.heading = heading
        self.values: list[Uses] = []
        self._catalog = catalog
        self._kinds = frozenset(kinds)
        self._builds = builds
        self._place_of: dict[Uses, int] = {}
        self._place_of_row: dict[int, int] = {}
        self._place_of_targets: dict[frozenset[tuple[int, int]], int] = {}

    @cached_property
    def by_build(self) -> DependencyOf:
        """The same column with hashes in place of versions."""
        return DependencyOf(self._catalog, self.heading, self._kinds, builds=True)

    @property
    def _is_virtual(self) -> bool:
        return not self.heading.startswith(PACKAGE_SIGN)

    @cached_property
    def _listed(self) -> BitMap:
        """The rows that have the dependency; those of which no source lists it are not among them."""
        return self._catalog.dag.sources(self._kinds)

    # cells

    def number(self, row: int) -> int:
        """The place among `values` of the value of a row."""
        place = self._place_of_row.get(row)
        if place is None:
            place = self._place_of_row[row] = self.place_of(self._targets(row))
        return place

    def numbers(self, rows: Sequence[int]) -> list[int]:
        """The places among `values` of the values of some rows."""
        return list(map(self.number, rows))

    def _targets(self, row: int) -> frozenset[tuple[int, int]]:
        """(edge kind, number of the dependency) of each edge that the cell shows."""
        mine = self._kinds
        targets, kinds = self._catalog.edge_numbers(row)
        return frozenset([(kind, to) for kind, to in zip(kinds, targets, strict=True) if kind in mine])

    def place_of(self, targets: frozenset[tuple[int, int]]) -> int:
        """The place among `values` of a cell with some edges, each (kind, number of the dependency)."""
        place = self._place_of_targets.get(targets)
        if place is None:
            uses = {self._use(kind, target) for kind, target in targets}
            value = tuple(sorted(uses, key=lambda use: use.key))
            place = self._place_of_targets[targets] = self._place(value)
        return place

    def _place(self, value: Uses) -> int:
        place = self._place_of.setdefault(value, len(self.values))
        if place == len(self.values):
            self.values.append(value)
        return place

    def _use(self, kind: int, target: int) -> Use:
        name = self._catalog.dag.edge_kinds[kind].name
        provider = name if self._is_virtual and not self._builds else ""
        if not self._builds and target < len(self._catalog):
            return Use(provider, self._catalog.column("version")[target])
        # No source lists it, so that its version is not known.
        dag_hash = self._catalog.dependency_hash(target)
        return Use(provider, dag_hash=dag_hash) if dag_hash else Use(name)

    def text(self, value: Uses) -> str:
        """A value as a cell: `3.4.1`, `openmpi@5.0.5` or `/abc1234`."""
        return ", ".join(dict.fromkeys(map(str, value)))

    def facet_values(self, value: Uses) -> Iterable[str]:
        """The values of the facet that a build with a value of the column has."""
        return dict.fromkeys(map(str, value))

    # order

    def sort_key(self) -> Callable[[int], Any]:
        """A key that sorts rows; those without the dependency stand last at the first press.

        Versions sort newest first at the first press (see `is_newest_first`), names from `a`.
        """
        return lambda row: self._key(self.number(row))

    @cached_method
    def _key(self, place: int) -> tuple[bool, Sequence[Any]]:
        value = self.values[place]
        return (bool(value) != self._is_virtual, [use.key for use in value])

    # all rows

    def is_different(self, rows: BitMap) -> bool:
        """Whether some rows, of which there are any, have different values."""
        if rows.intersection_cardinality(self._listed) not in (0, len(rows)):
            return True  # most answers come from here, without reading an edge
        first = self.number(rows.min())
        return any(self.number(row) != first for row in rows)

    def is_constant(self, rows: BitMap) -> bool:
        """Whether some rows all have the same value."""
        return not self.is_different(rows)

    @cached_property
    def index(self) -> ValueIndex:
        """The values of the facet; the edges of all rows are read."""
        found: dict[int, list[int]] = {}
        for row in self._catalog.listed:
            found.setdefault(self.number(row), []).append(row)
        rows_of: dict[str, list[int]] = {}
        for place in sorted(found, key=self._key):
            for use in self.values[place]:
                rows_of.setdefault(str(use), []).extend(found[place])
        return ComputedIndex({text: BitMap(rows) for text, rows in rows_of.items()})
