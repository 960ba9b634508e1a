"""A result as a table: look-alikes folded into kinds, constant columns lifted out.

A kind is a set of builds that are equal in every column; only hashes and dependencies tell them apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from pyroaring import BitMap

from cachetui.catalog import NO_COMPILER, Catalog, Parameters
from cachetui.spec import Place, quote_value, variant_text

ROOT_STACK = "root"
"""The stack that holds the builds of all others."""

MANY_SETS = 500
"""Above this many different parameter sets, none of their parameters is looked for as a constant."""


Settings = Mapping[str, bool | str | tuple[str, ...]]
"""Values of variants and flags by name."""


class TableColumn(Struct, frozen=True):
    """A column that a person sees.

    Args:
        name: heading, and the word for `--sort`.
        source: the column of the catalog that it is made from.
        text: a value of that column as a cell.
    """

    name: str
    source: str
    text: Callable[[Any], str]


class Kind(Struct, frozen=True, gc=False):
    """Builds of the table that look the same.

    Args:
        number: the kind in the catalog.
        row: the first of its rows in the catalog (any of them looks like this one).
        count: how many of its builds are in the result.
    """

    number: int
    row: int
    count: int


def place_text(places: tuple[Place, ...], part: str) -> str:
    """The tags, stacks or mirrors of a build; the stack that holds all is named where it stands alone."""
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
    flags = name.endswith(("flags", "ldlibs")) and isinstance(value, tuple)
    return f"{name}={quote_value(' '.join(value))}" if flags else variant_text(name, value)


VARIANTS = TableColumn("variants", "parameters", parameters_text)

TABLE_COLUMNS = (
    TableColumn("package", "package", str),
    TableColumn("version", "version", str),
    TableColumn("compiler", "compilers", lambda names: ", ".join(names) or NO_COMPILER),
    TableColumn("target", "target", str),
    TableColumn("os", "os", str),
    TableColumn("platform", "platform", str),
    VARIANTS,
    TableColumn("stacks", "places", lambda places: place_text(places, "stack")),
    TableColumn("tags", "places", lambda places: place_text(places, "tag")),
    TableColumn("mirrors", "places", lambda places: place_text(places, "mirror")),
    TableColumn("namespace", "namespace", str),
    TableColumn("external", "external", str),
)

COLUMN_NAMES = tuple(column.name for column in TABLE_COLUMNS)


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
    kinds: list[Kind]
    constants: tuple[tuple[str, str], ...]
    columns: tuple[TableColumn, ...]
    told_apart_by: frozenset[str] | None
    usual: Settings

    def cell(self, row: int, column: TableColumn) -> str:
        """The text of a row in a column."""
        value = self.catalog.column(column.source)[row]
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
        starts = self.catalog.kind_starts
        return list(self.rows & BitMap(range(starts[kind.number], starts[kind.number + 1])))


def fold(catalog: Catalog, rows: BitMap, sort: str = "", descending: bool = False) -> Table:
    """The table of some rows, in the catalog's order or sorted by one of COLUMN_NAMES."""
    counts = Counter(map(catalog.kinds.__getitem__, rows))
    starts = catalog.kind_starts
    kinds = [Kind(number, starts[number], count) for number, count in counts.items()]
    if sort:
        rank = sort_rank(catalog, sort)
        kinds.sort(key=lambda kind: rank(kind.row), reverse=descending)
    constants: list[tuple[str, str]] = []
    columns: list[TableColumn] = []
    for column in TABLE_COLUMNS:
        constant = _constant(catalog, kinds, column)
        if constant is None:
            columns.append(column)
        elif constant:
            constants.append((column.name, constant))
    common, told_apart_by = _parameters(catalog, kinds) if VARIANTS in columns else ("", None)
    if common:
        constants.append((VARIANTS.name, common))
    one_package = all(column.name != "package" for column in columns)
    usual = _usual(catalog, kinds, told_apart_by) if told_apart_by and one_package else {}
    return Table(catalog, rows, kinds, tuple(constants), tuple(columns), told_apart_by, usual)


def sort_rank(catalog: Catalog, name: str) -> Callable[[int], Any]:
    """A key that sorts rows by one of COLUMN_NAMES."""
    column = next(column for column in TABLE_COLUMNS if column.name == name)
    source = catalog.column(column.source)
    if column.source != "places":
        return source.ids.__getitem__
    texts = [column.text(value) for value in source.values]
    return lambda row: texts[source.ids[row]]


def _constant(catalog: Catalog, kinds: Sequence[Kind], column: TableColumn) -> str | None:
    """The cell that all kinds have, or None if they differ."""
    source = catalog.column(column.source)
    ids: set[int] = set()
    texts: set[str] = set()
    for kind in kinds:
        i = source.ids[kind.row]
        if i not in ids:
            ids.add(i)
            texts.add(column.text(source.values[i]))
            if len(texts) > 1:
                return None
    return texts.pop() if texts else ""


def _parameters(catalog: Catalog, kinds: Sequence[Kind]) -> tuple[str, frozenset[str] | None]:
    """(text of the parameters that all kinds share, names of the others)."""
    source = catalog.column(VARIANTS.source)
    ids = {source.ids[kind.row] for kind in kinds}
    if len(ids) > MANY_SETS:
        return "", None
    sets = [source.values[i].as_dict() for i in ids]
    shared = set(sets[0].items()).intersection(*(parameters.items() for parameters in sets[1:]))
    names = {name for parameters in sets for name in parameters}
    differing = frozenset(names - {name for name, _ in shared})
    return parameters_text(source.values[min(ids)], frozenset(names - differing)), differing


def _usual(catalog: Catalog, kinds: Sequence[Kind], names: frozenset[str]) -> Settings:
    """The most frequent value of each of these parameters, counted by kinds; not there if most have none."""
    source = catalog.column(VARIANTS.source)
    votes: dict[str, Counter[bool | str | tuple[str, ...]]] = {name: Counter() for name in sorted(names)}
    for i, weight in Counter(source.ids[kind.row] for kind in kinds).items():
        for name, value in source.values[i].as_dict().items():
            if name in names:
                votes[name][value] += weight
    usual = {name: vote.most_common(1)[0] for name, vote in votes.items()}
    return {name: value for name, (value, n) in usual.items() if n > len(kinds) - votes[name].total()}
