"""The attributes of builds that a person sees: facets to choose from, columns of the table.

An attribute is stored in the catalog, or computed for this machine (`computed`); both answer alike, as a
facet and as a column. A new one is an entry of FACETS, of COLUMNS or of both, or is given to the engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct
from pyroaring import BitMap

from cachetui.caching import cached_method
from cachetui.catalog import LOOKALIKE_COLUMNS, NO_COMPILER, Catalog, Column, Parameters
from cachetui.search.value_index import ValueIndex
from cachetui.spec import FLAG_NAMES, Place, flags_text, variant_text

if TYPE_CHECKING:
    from cachetui.search.dependencies import Dependencies

ROOT_STACK = "root"
"""The stack that holds the builds of all others."""

Settings = dict[str, bool | str | tuple[str, ...]]
"""Values of variants and flags by name."""


class Attribute(Protocol):
    """An attribute of builds, of whatever catalog."""

    @property
    def name(self) -> str:
        """The facet's heading, and its key in a query: one word."""

    @property
    def heading(self) -> str:
        """The column's heading, and the word for `--sort`."""

    @property
    def is_by_value(self) -> bool:
        """Whether its values are listed by themselves, the last first, and not by their counts."""

    @property
    def is_in_specs(self) -> bool:
        """Whether spec syntax can name it; others are asked for as `name=value`."""

    def of(self, catalog: Catalog) -> BoundAttribute:
        """The attribute of the builds of a catalog; nothing is read or computed before it is asked for."""


class BoundAttribute(Protocol):
    """An attribute of the builds of one catalog."""

    @property
    def heading(self) -> str:
        """The column's heading."""

    @property
    def is_alike(self) -> bool:
        """Whether look-alikes always have the same value."""

    @property
    def is_ready(self) -> bool:
        """Whether it answers without computing anything about all builds first."""

    @property
    def index(self) -> ValueIndex:
        """The values of the facet."""

    @property
    def values(self) -> Sequence[Any]:
        """The different values of the column, in their order."""

    def number(self, row: int) -> int:
        """The place among `values` of the value of a row."""

    def numbers(self, rows: Sequence[int]) -> list[int]:
        """The places among `values` of the values of some rows."""

    def text(self, value: Any) -> str:
        """A value of the column as a cell."""

    def facet_values(self, value: Any) -> Iterable[str]:
        """The values of the facet that a build with a value of the column has."""

    def sort_key(self) -> Callable[[int], Any]:
        """A key that sorts rows."""

    def is_constant(self, rows: BitMap) -> bool:
        """Whether some rows, of which there are any, all have the same text."""


class Stored(Struct, frozen=True):
    """An attribute that is a column of the catalog; as a facet, an index of the same name.

    Args:
        column: the column of the catalog.
        text: a value of that column as a cell.
        agree: whether some rows have the same text.
    """

    name: str
    heading: str
    column: str
    text: Callable[[Any], str]
    agree: Callable[[StoredOf, BitMap], bool]
    is_by_value: bool = False

    @property
    def is_in_specs(self) -> bool:
        """Where a build was seen is no part of its spec."""
        return self.column != "places"

    def of(self, catalog: Catalog) -> StoredOf:
        """The attribute of the builds of a catalog."""
        return StoredOf(self, catalog)


class StoredOf:
    """See `BoundAttribute`."""

    is_ready = True

    def __init__(self, attribute: Stored, catalog: Catalog) -> None:
        self.attribute = attribute
        self.catalog = catalog
        self.heading = attribute.heading
        self.is_alike = attribute.column in LOOKALIKE_COLUMNS

    @property
    def index(self) -> ValueIndex:
        """The values of the facet."""
        return self.catalog.facet(self.attribute.name)

    @cached_property
    def column(self) -> Column:
        """The column of the catalog."""
        return self.catalog.column(self.attribute.column)

    @property
    def values(self) -> Sequence[Any]:
        """The different values of the column, in their order."""
        return self.column.values

    def number(self, row: int) -> int:
        """The place among `values` of the value of a row."""
        return self.column.ids[row]

    def numbers(self, rows: Sequence[int]) -> list[int]:
        """The places among `values` of the values of some rows."""
        return self.column.ids.of(rows)

    def text(self, value: Any) -> str:
        """A value of the column as a cell."""
        return self.attribute.text(value)

    def facet_values(self, value: Any) -> Iterable[str]:
        """The values of the facet that a build with a value of the column has."""
        return self.catalog.facet(self.attribute.name).facet.values_of(value)

    def sort_key(self) -> Callable[[int], Any]:
        """A key that sorts rows."""
        values, ids = self.column.values, self.column.ids.whole
        if self.attribute.is_in_specs:
            return ids.__getitem__
        # Several columns show parts of one value, which sorts by the first part.
        texts = list(map(self.text, values))
        return lambda row: texts[ids[row]]

    def is_constant(self, rows: BitMap) -> bool:
        """Whether some rows all have the same text."""
        return self.attribute.agree(self, rows)


def _in_one_package(bound: StoredOf, rows: BitMap) -> bool:
    parts = bound.catalog.package_ranges
    return rows.max() in parts[parts.of(rows.min())]


def _in_one_set(bound: StoredOf, rows: BitMap) -> bool:
    return len(set(bound.numbers(list(rows)))) == 1


def _by_index(bound: StoredOf, rows: BitMap) -> bool:
    """Ask the bitmaps of the facet's values, not row by row."""
    index = bound.catalog.facet(bound.attribute.name)
    values = set(index.facet.values_of(bound.column[rows.min()]))
    named = values - {ROOT_STACK} or values  # the cell shows no others
    if not all(map(rows.issubset, map(index.rows, named))):
        return False
    others = set(index.values).difference(values, {ROOT_STACK} if named != values else ())
    return (bool(named) and index.facet.is_single) or not any(rows.intersect(index.rows(v)) for v in others)


# cells


def place_text(places: tuple[Place, ...], part: str) -> str:
    """One part of the places of a build; the stack that holds all is named where it stands alone."""
    names = sorted({text for place in places if not place.is_hole and (text := getattr(place, part))})
    return ", ".join([name for name in names if name != ROOT_STACK] or names)


def parameters_text(parameters: Parameters, only: frozenset[str] | None = None) -> str:
    """Variants and flags in Spack's order, all of them or those named."""
    return settings_text({n: v for n, v in parameters.as_dict().items() if only is None or n in only})


def settings_text(settings: Settings) -> str:
    """Variants and flags as Spack writes them."""
    wanted = settings.items()
    booleans = "".join(variant_text(n, v) for n, v in wanted if isinstance(v, bool))
    values = [_value_text(n, v) for n, v in wanted if not isinstance(v, bool)]
    return " ".join([booleans, *values] if booleans else values)


def _value_text(name: str, value: str | tuple[str, ...]) -> str:
    is_flags = name in FLAG_NAMES and isinstance(value, tuple)
    return flags_text(name, value) if is_flags else variant_text(name, value)


def _text_of(part: str) -> Callable[[tuple[Place, ...]], str]:
    return lambda places: place_text(places, part)


def _compilers_text(names: tuple[str, ...]) -> str:
    return ", ".join(names) or NO_COMPILER


PACKAGE = Stored("package", "package", "package", str, _in_one_package)
VERSION = Stored("version", "version", "version", str, _by_index, is_by_value=True)
COMPILER = Stored("compiler", "compiler", "compilers", _compilers_text, _by_index)
TARGET = Stored("target", "target", "target", str, _by_index)
OS = Stored("os", "os", "os", str, _by_index)
PLATFORM = Stored("platform", "platform", "platform", str, _by_index)
VARIANTS = Stored("variant", "variants", "parameters", parameters_text, _in_one_set)
STACK = Stored("stack", "stacks", "places", _text_of("stack"), _by_index)
TAG = Stored("tag", "tags", "places", _text_of("tag"), _by_index)
MIRROR = Stored("mirror", "mirrors", "places", _text_of("mirror"), _by_index)
VIEW = Stored("view", "views", "places", _text_of("view"), _by_index)
NAMESPACE = Stored("namespace", "namespace", "namespace", str, _by_index)
EXTERNAL = Stored("external", "external", "external", str, _by_index)

FACETS: tuple[Attribute, ...] = (
    COMPILER,
    OS,
    TARGET,
    VERSION,
    VARIANTS,
    STACK,
    TAG,
    MIRROR,
    VIEW,
    PLATFORM,
)
"""The facets, from the top of the sidebar."""

COLUMNS: tuple[Attribute, ...] = (
    PACKAGE,
    VERSION,
    COMPILER,
    OS,
    TARGET,
    PLATFORM,
    VARIANTS,
    STACK,
    TAG,
    MIRROR,
    VIEW,
    NAMESPACE,
    EXTERNAL,
)
"""The columns, from the left of the table."""


class Attributes:
    """The facets and columns of the builds of one catalog.

    Args:
        here: attributes that depend on this machine: facets above the others, and columns that are offered
            once they are computed.
    """

    def __init__(
        self,
        catalog: Catalog,
        facets: Sequence[Attribute] = FACETS,
        columns: Sequence[Attribute] = COLUMNS,
        here: Sequence[Attribute] = (),
    ) -> None:
        self.catalog = catalog
        self.facets = (*here, *facets)
        self.shown = columns
        self.here = here
        self._by_name = {attribute.name: attribute for attribute in (*columns, *self.facets)}
        self._by_heading = {attribute.heading: attribute.name for attribute in (*columns, *here)}

    @cached_property
    def facet_names(self) -> tuple[str, ...]:
        """The facets, from the top of the sidebar."""
        return tuple(facet.name for facet in self.facets)

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The headings of the columns, from the left of the table."""
        return tuple(column.heading for column in self.shown)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The facets that spec syntax has no form for: they are asked for as `name=value`."""
        return frozenset(facet.name for facet in self.facets if not facet.is_in_specs)

    @cached_property
    def columns(self) -> tuple[BoundAttribute, ...]:
        """The columns, from the left of the table."""
        return tuple(self.bound(column.name) for column in self.shown)

    @cached_property
    def headings_here(self) -> dict[str, str]:
        """What `yes` means, by facet, of those that depend on this machine."""
        return {attribute.name: attribute.heading for attribute in self.here}

    @property
    def columns_here(self) -> tuple[BoundAttribute, ...]:
        """The columns that depend on this machine."""
        return tuple(self.bound(column.name) for column in self.here)

    def is_ready(self, facet: str) -> bool:
        """Whether there is such a facet, and it answers without computing anything first."""
        return facet in self._by_name and self.bound(facet).is_ready

    def prepare(self) -> None:
        """Compute what depends on this machine; it may take tenths of a second. Raises HostError."""
        for attribute in self.here:
            self.bound(attribute.name).index  # noqa: B018 - computes it

    def attribute(self, name: str) -> Attribute:
        """The attribute of a facet. Raises KeyError."""
        return self._by_name[name]

    @cached_method
    def bound(self, name: str) -> BoundAttribute:
        """The attribute of a facet, of the builds of this catalog. Raises KeyError."""
        return self._by_name[name].of(self.catalog)

    def index(self, facet: str) -> ValueIndex:
        """The values of a facet. Raises KeyError."""
        return self.bound(facet).index

    def count_values(self, facet: str, rows: Sequence[int]) -> dict[str, int]:
        """Facet value to the number of some rows that have it, in the order of the values."""
        bound = self.bound(facet)
        counts: Counter[str] = Counter()
        for number, rows_of_it in Counter(bound.numbers(rows)).items():
            for value in bound.facet_values(bound.values[number]):
                counts[value] += rows_of_it
        return {value: counts[value] for value in self.index(facet).values if value in counts}

    @cached_property
    def dependencies(self) -> Dependencies:
        """The columns of dependencies and virtuals."""
        from cachetui.search.dependencies import Dependencies

        return Dependencies(self.catalog)

    def column(self, heading: str) -> BoundAttribute:
        """The attribute of a column, or the dependency that a heading names. Raises KeyError."""
        name = self._by_heading.get(heading)
        return self.dependencies.column(heading) if name is None else self.bound(name)

    def column_among(self, heading: str, rows: BitMap) -> BoundAttribute:
        """The attribute of a column as some rows show it. Raises KeyError."""
        name = self._by_heading.get(heading)
        return self.dependencies.column_among(heading, rows) if name is None else self.bound(name)

    def is_dependency(self, heading: str) -> bool:
        """Whether a heading is not one of the columns, but names a dependency or a virtual."""
        return heading not in self._by_heading and heading in self.dependencies
