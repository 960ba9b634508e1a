"""A result as a table: look-alikes folded into kinds, constant columns lifted out.

A kind is a set of builds that are equal in every column; only hashes and dependencies tell them apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct, field
from pyroaring import BitMap

from cachetui.catalog import NO_COMPILER, Catalog, Parameters
from cachetui.spec import FLAG_NAMES, Place, flags_text, variant_text

ROOT_STACK = "root"
"""The stack that holds the builds of all others."""

MANY_SETS = 500
"""Above this many different parameter sets, none of their parameters is looked for as a constant."""

MANY_SETS_OF_SEVERAL = 64
"""The same where there are several packages, which have little in common."""


Settings = Mapping[str, bool | str | tuple[str, ...]]
"""Values of variants and flags by name."""


class TableColumn(Struct, frozen=True):
    """A column that a person sees.

    Args:
        name: heading, and the word for `--sort`.
        source: the column of the catalog that it is made from.
        text: a value of that column as a cell.
        index: one of INDEXES, by which builds with equal cells are found.
    """

    name: str
    source: str
    text: Callable[[Any], str]
    index: str = ""


class Kind(Struct, frozen=True, gc=False):
    """Builds of the table that look the same.

    Args:
        number: the kind in the catalog.
        row: the first of its builds that are in the result (any of them looks like this one).
        count: how many of its builds are in the result.
    """

    number: int
    row: int
    count: int


def place_text(places: tuple[Place, ...], part: str) -> str:
    """One part of the places of a build; the stack that holds all is named where it stands alone."""
    names = sorted({text for place in places if (text := getattr(place, part))})
    return ", ".join([name for name in names if name != ROOT_STACK] or names)


def parameters_text(parameters: Parameters, only: frozenset[str] | None = None) -> str:
    """Variants and flags in Spack's order, all of them or those named."""
    return _settings_text({n: v for n, v in parameters.as_dict().items() if only is None or n in only})


def _settings_text(settings: Settings) -> str:
    wanted = settings.items()
    booleans = "".join(variant_text(n, v) for n, v in wanted if isinstance(v, bool))
    values = [_value_text(n, v) for n, v in wanted if not isinstance(v, bool)]
    return " ".join([booleans, *values] if booleans else values)


def _value_text(name: str, value: str | tuple[str, ...]) -> str:
    is_flags = name in FLAG_NAMES and isinstance(value, tuple)
    return flags_text(name, value) if is_flags else variant_text(name, value)


VARIANTS = TableColumn("variants", "parameters", parameters_text)

PACKAGE = TableColumn("package", "package", str)

TABLE_COLUMNS = (
    PACKAGE,
    TableColumn("version", "version", str, "version"),
    TableColumn("compiler", "compilers", lambda names: ", ".join(names) or NO_COMPILER, "compiler"),
    TableColumn("target", "target", str, "target"),
    TableColumn("os", "os", str, "os"),
    TableColumn("platform", "platform", str, "platform"),
    VARIANTS,
    TableColumn("stacks", "places", lambda places: place_text(places, "stack"), "stack"),
    TableColumn("tags", "places", lambda places: place_text(places, "tag"), "tag"),
    TableColumn("mirrors", "places", lambda places: place_text(places, "mirror"), "mirror"),
    TableColumn("views", "places", lambda places: place_text(places, "view"), "view"),
    TableColumn("namespace", "namespace", str, "namespace"),
    TableColumn("external", "external", str, "external"),
)

COLUMN_NAMES = tuple(column.name for column in TABLE_COLUMNS)


class Kinds(Sequence[Kind]):
    """The kinds of some rows, each looked up when it is asked for."""

    def __init__(self, catalog: Catalog, rows: BitMap, order: BitMap | list[int]) -> None:
        self._parts = catalog.kinds
        self._rows = rows
        self.order = order
        """The first row of each kind."""

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self._kind(row) for row in self.order[place]]
        return self._kind(self.order[place])

    def _kind(self, row: int) -> Kind:
        number = self._parts.of(row)
        part = self._parts[number]
        return Kind(number, row, self._rows.range_cardinality(part.start, part.stop))

    def place_of(self, row: int) -> int | None:
        """The place of the kind that a row of the catalog belongs to, if it has builds here."""
        part = self._parts[self._parts.of(row)]
        if not isinstance(self.order, BitMap):
            return next((i for i, first in enumerate(self.order) if first in part), None)
        place = self.order.rank(part.start - 1) if part.start else 0
        return place if self.order.range_cardinality(part.start, part.stop) else None


class Table(Struct, frozen=True):
    """Kinds as lines, with the columns that tell them apart.

    Args:
        constants: (column, text) of what all kinds share, for the line above the table.
        columns: the columns that differ.
        told_apart_by: the parameters that differ; None: not looked for, show all.
        usual: the value that most kinds have, for each parameter that differs; empty where there are several
            packages. Only what is unlike it stands in a cell.
    """

    catalog: Catalog
    rows: BitMap
    kinds: Kinds
    constants: tuple[tuple[str, str], ...]
    columns: tuple[TableColumn, ...]
    told_apart_by: frozenset[str] | None
    usual: Settings
    _texts: dict[tuple[str, int], str] = field(default_factory=dict)

    def cell(self, row: int, column: TableColumn) -> str:
        """The text of a row in a column."""
        source = self.catalog.column(column.source)
        key = column.name, source.ids[row]
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = self._text(column, source.values[key[1]])
        return text

    def _text(self, column: TableColumn, value: Any) -> str:
        if column is not VARIANTS:
            return column.text(value)
        return self._unlike_most(value) if self.usual else parameters_text(value, self.told_apart_by)

    def _unlike_most(self, parameters: Parameters) -> str:
        given = parameters.as_dict()
        told = self.told_apart_by or frozenset()
        unlike = {n: v for n, v in given.items() if n in told and (n not in self.usual or v != self.usual[n])}
        absent = [f"no {name}" for name in self.usual if name not in given]
        return " ".join(filter(None, [_settings_text(unlike), *absent]))

    @property
    def usual_text(self) -> str:
        """What most kinds have."""
        return _settings_text(self.usual)

    def members(self, kind: Kind) -> list[int]:
        """The rows of a kind that are in the result."""
        return list(self.rows & BitMap(self.catalog.kinds[kind.number]))


def fold(catalog: Catalog, rows: BitMap, sort: str = "", descending: bool = False) -> Table:
    """The table of some rows, in the catalog's order or sorted by one of COLUMN_NAMES."""
    firsts = catalog.kinds.firsts(rows)
    order: BitMap | list[int] = firsts
    if sort:
        order = sorted(firsts, key=sort_rank(catalog, sort), reverse=descending)
    one_package = bool(rows) and _is_constant(catalog, rows, PACKAGE)
    many = MANY_SETS if one_package else MANY_SETS_OF_SEVERAL
    sets = _parameter_sets(catalog, firsts, many)
    constants: list[tuple[str, str]] = []
    columns: list[TableColumn] = []
    for column in TABLE_COLUMNS if rows else ():
        if not (len(sets) == 1 if column is VARIANTS else _is_constant(catalog, rows, column)):
            columns.append(column)
        elif text := column.text(catalog.column(column.source)[rows.min()]):
            constants.append((column.name, text))
    common, told_apart_by = _parameters(catalog, sets, many) if VARIANTS in columns else ("", None)
    if common:
        constants.append((VARIANTS.name, common))
    usual = _usual(catalog, firsts, told_apart_by) if told_apart_by and one_package else {}
    kinds = Kinds(catalog, rows, order)
    return Table(catalog, rows, kinds, tuple(constants), tuple(columns), told_apart_by, usual)


def sort_rank(catalog: Catalog, name: str) -> Callable[[int], Any]:
    """A key that sorts rows by one of COLUMN_NAMES."""
    column = next(column for column in TABLE_COLUMNS if column.name == name)
    source = catalog.column(column.source)
    if column.source != "places":
        return source.ids.whole.__getitem__
    texts = [column.text(value) for value in source.values]
    ids = source.ids.whole
    return lambda row: texts[ids[row]]


def _is_constant(catalog: Catalog, rows: BitMap, column: TableColumn) -> bool:
    """Whether the cell of the first row is that of all rows."""
    first = rows.min()
    if not column.index:
        return rows.max() in catalog.package_parts[catalog.package_parts.of(first)]
    index = catalog.facet(column.index)
    values = set(index.facet.values_of(catalog.column(column.source)[first]))
    told = values - {ROOT_STACK} or values  # as the cell tells it
    if not all(map(rows.issubset, map(index.rows, told))):
        return False
    others = set(index.values).difference(values, {ROOT_STACK} if told != values else ())
    return (bool(told) and index.facet.is_single) or not any(rows.intersect(index.rows(v)) for v in others)


def _parameter_sets(catalog: Catalog, firsts: BitMap, many: int) -> set[int]:
    """The numbers of the parameter sets that some rows have; not all of them if there are too many."""
    ids = catalog.column(VARIANTS.source).ids
    sets: set[int] = set()
    rows = iter(firsts)
    while len(sets) <= many and (some := list(islice(rows, many))):
        sets.update(map(ids.__getitem__, some))
    return sets


def _parameters(catalog: Catalog, ids: set[int], many: int) -> tuple[str, frozenset[str] | None]:
    """(text of the parameters that all of some sets share, names of the others)."""
    source = catalog.column(VARIANTS.source)
    if len(ids) > many:
        return "", None
    sets = [source.values[i].as_dict() for i in ids]
    shared = set(sets[0].items()).intersection(*(parameters.items() for parameters in sets[1:]))
    names = {name for parameters in sets for name in parameters}
    differing = frozenset(names - {name for name, _ in shared})
    return parameters_text(source.values[min(ids)], frozenset(names - differing)), differing


def _usual(catalog: Catalog, firsts: BitMap, names: frozenset[str]) -> Settings:
    """The most frequent value of each of these parameters, counted by kinds; not there if most have none."""
    source = catalog.column(VARIANTS.source)
    votes: dict[str, Counter[bool | str | tuple[str, ...]]] = {name: Counter() for name in sorted(names)}
    for i, weight in Counter(map(source.ids.__getitem__, firsts)).items():
        for name, value in source.values[i].as_dict().items():
            if name in names:
                votes[name][value] += weight
    usual = {name: vote.most_common(1)[0] for name, vote in votes.items()}
    return {name: value for name, (value, n) in usual.items() if n > len(firsts) - votes[name].total()}
