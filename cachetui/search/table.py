"""A result as a table: look-alikes folded into one line, constant columns lifted out.

Look-alikes are builds that are equal in each of LOOKALIKE_COLUMNS; only hashes and dependencies differ, and
what is computed from these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from operator import itemgetter
from typing import Any

from msgspec import Struct, field
from pyroaring import BitMap

from cachetui.catalog import Catalog, Parameters
from cachetui.search.attributes import (
    PACKAGE,
    VARIANTS,
    Attributes,
    BoundAttribute,
    Settings,
    parameters_text,
    settings_text,
)
from cachetui.sequences import LazySequence

MANY_SETS = 500
"""Above this many different parameter sets, none of their parameters is looked for as a constant."""

MANY_SETS_OF_SEVERAL = 64
"""The same where there are several packages, which have little in common."""


MOST_SORTED_BY_DEPENDENCY = 3000
"""Above this many rows, a table is not sorted by what the builds depend on: all edges would be read."""


class Fold(Struct, frozen=True, gc=False):
    """A line of the table: look-alikes.

    Args:
        number: the place of the look-alikes in the catalog.
        row: the first of its builds that are in the result.
        count: how many of its builds are in the result.
    """

    number: int
    row: int
    count: int


class Folds(LazySequence[Fold]):
    """The lines of some rows, each counted when it is asked for."""

    def __init__(self, catalog: Catalog, rows: BitMap, order: BitMap | list[int]) -> None:
        self._lookalikes = catalog.lookalikes
        self._rows = rows
        self.order = order
        """The first row of each line."""

    def __len__(self) -> int:
        return len(self.order)

    def _item(self, place: int) -> Fold:
        row = self.order[place]
        number = self._lookalikes.of(row)
        alike = self._lookalikes[number]
        return Fold(number, row, self._rows.range_cardinality(alike.start, alike.stop))

    def place_of(self, row: int) -> int | None:
        """The line of a row of the catalog, or of its look-alikes; None if none of them is here."""
        alike = self._lookalikes[self._lookalikes.of(row)]
        if not isinstance(self.order, BitMap):
            return next((i for i, first in enumerate(self.order) if first in alike), None)
        place = self.order.rank(alike.start - 1) if alike.start else 0
        return place if self.order.range_cardinality(alike.start, alike.stop) else None


class Table(Struct, frozen=True):
    """Look-alikes as lines, with the columns in which they differ.

    Args:
        constants: (column, text) of what is the same in all rows and no column shows.
        columns: the columns that differ, or those that were chosen.
        differing: the parameters that differ; None: too many to compare, show all.
        usual: the value of each differing parameter that most lines have; empty where there are several
            packages. A cell shows only what is not usual.
    """

    catalog: Catalog
    rows: BitMap
    folds: Folds
    constants: tuple[tuple[str, str], ...]
    columns: tuple[BoundAttribute, ...]
    differing: frozenset[str] | None
    usual: Settings
    _texts: dict[tuple[str, int], str] = field(default_factory=dict)

    def cell(self, line: Fold, column: BoundAttribute) -> str:
        """The text of a line in a column; of look-alikes that differ in it, how."""
        if column.is_alike or line.count == 1:
            return self._text(column, column.number(line.row))
        members = column.numbers(self.members(line))
        texts = {self._text(column, number) for number in set(members)}
        if len(texts) == 1:
            return texts.pop()
        if len(texts) == 2 and "" in texts:
            having = sum(1 for number in members if self._text(column, number))
            return f"{having:,} of them"
        return f"{len(texts - {''}):,} values"

    def first_cells(self, column: BoundAttribute, number: int) -> list[str]:
        """The texts of the first lines in a column."""
        if column.is_alike:
            numbers = column.numbers(list(self.folds.order[:number]))
            texts = {each: self._text(column, each) for each in set(numbers)}  # few differ
            return list(map(texts.__getitem__, numbers))
        return [self.cell(line, column) for line in self.folds[:number]]

    def _text(self, column: BoundAttribute, number: int) -> str:
        key = column.heading, number
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = self._new_text(column, column.values[number])
        return text

    def _new_text(self, column: BoundAttribute, value: Any) -> str:
        if column.heading != VARIANTS.heading:
            return column.text(value)
        return self._unusual(value) if self.usual else parameters_text(value, self.differing)

    def _unusual(self, parameters: Parameters) -> str:
        given = parameters.as_dict()
        differing = self.differing or frozenset()
        unusual = {
            name: value
            for name, value in given.items()
            if name in differing and (name not in self.usual or value != self.usual[name])
        }
        absent = [f"no {name}" for name in self.usual if name not in given]
        return " ".join(filter(None, [settings_text(unusual), *absent]))

    @property
    def usual_text(self) -> str:
        """What most lines have."""
        return settings_text(self.usual)

    def members(self, line: Fold) -> list[int]:
        """The rows of a line."""
        return list(self.rows & BitMap(self.catalog.lookalikes[line.number]))


def fold(
    attributes: Attributes,
    rows: BitMap,
    sort: str = "",
    descending: bool = False,
    chosen: Sequence[str] | None = None,
    offered: Sequence[str] = (),
) -> Table:
    """The table of some rows, in the catalog's order (newest versions first) or sorted by a column.

    Args:
        chosen: the headings of the columns to show, in their order, also of constant ones; those that the
            catalog does not have are left out. None: all columns of the catalog that differ.
        offered: headings to show besides where none are chosen, if they differ: those of dependencies (see
            `telling`).
    """
    catalog = attributes.catalog
    firsts = catalog.lookalikes.firsts(rows)
    order = _order(attributes, rows, firsts, sort, descending)
    one_package = bool(rows) and attributes.column(PACKAGE.heading).is_constant(rows)
    many = MANY_SETS if one_package else MANY_SETS_OF_SEVERAL
    sets = _parameter_sets(catalog, firsts, many)
    differing_columns, constants = _divided(attributes, rows, len(sets) == 1)
    common, differing = "", None
    if VARIANTS.heading in differing_columns:
        common, differing = _parameters(catalog, sets, many)
    if common:
        constants[VARIANTS.heading] = common
    usual = _usual(catalog, firsts, differing) if differing and one_package else {}
    if chosen is None:
        chosen = _with_offered(attributes, rows, differing_columns, offered)
    columns = tuple(_columns(attributes, chosen, rows))
    lifted = _lifted(constants, differing_columns, columns)
    return Table(catalog, rows, Folds(catalog, rows, order), lifted, columns, differing, usual)


def _order(
    attributes: Attributes, rows: BitMap, firsts: BitMap, sort: str, descending: bool
) -> BitMap | list[int]:
    """The first rows of look-alikes, sorted; as they are, if this catalog has no such column."""
    if not sort or (len(rows) > MOST_SORTED_BY_DEPENDENCY and attributes.is_dependency(sort)):
        return firsts
    try:
        column = attributes.column_among(sort, rows)
    except KeyError:
        return firsts
    return _sorted(attributes.catalog, rows, firsts, column, descending)


def _divided(attributes: Attributes, rows: BitMap, same_variants: bool) -> tuple[list[str], dict[str, str]]:
    """(the columns that differ, the texts of those that are constant and not empty)."""
    differing: list[str] = []
    constants: dict[str, str] = {}
    for column in attributes.columns if rows else ():
        is_variants = column.heading == VARIANTS.heading
        if not (same_variants if is_variants else column.is_constant(rows)):
            differing.append(column.heading)
        elif text := column.text(column.values[column.number(rows.min())]):
            constants[column.heading] = text
    return differing, constants


def _with_offered(
    attributes: Attributes, rows: BitMap, headings: Sequence[str], offered: Sequence[str]
) -> list[str]:
    """Put the offered columns that differ before the variants, which are the widest."""
    some = rows[:MOST_SORTED_BY_DEPENDENCY]
    added = [column.heading for column in _columns(attributes, offered, rows) if not column.is_constant(some)]
    place = headings.index(VARIANTS.heading) if VARIANTS.heading in headings else len(headings)
    return [*headings[:place], *added, *headings[place:]]


def _columns(attributes: Attributes, headings: Sequence[str], rows: BitMap) -> Iterator[BoundAttribute]:
    """The columns of some headings, each once; a remembered heading may be unknown to this catalog."""
    for heading in dict.fromkeys(headings) if rows else ():
        with suppress(KeyError):
            yield attributes.column_among(heading, rows)


def _lifted(
    constants: Mapping[str, str], differing: Sequence[str], columns: Sequence[BoundAttribute]
) -> tuple[tuple[str, str], ...]:
    """The constants that no column shows; the variants that all have, in any case where others differ."""
    shown = {column.heading for column in columns} - {*differing}
    return tuple((heading, text) for heading, text in constants.items() if heading not in shown)


def _sorted(
    catalog: Catalog, rows: BitMap, firsts: BitMap, column: BoundAttribute, descending: bool
) -> list[int]:
    """The first rows of look-alikes by a column; those that differ in it, by the value that comes first."""
    key = column.sort_key()
    if column.is_alike:
        return sorted(firsts, key=key, reverse=descending)
    foremost = max if descending else min
    ranges = map(catalog.lookalikes.__getitem__, map(catalog.lookalikes.of, firsts))
    keys = [foremost(map(key, rows & BitMap(alike))) for alike in ranges]
    in_order = sorted(zip(firsts, keys, strict=True), key=itemgetter(1), reverse=descending)
    return [row for row, _ in in_order]


def _parameter_sets(catalog: Catalog, firsts: BitMap, many: int) -> set[int]:
    """The numbers of the parameter sets that some rows have; not all of them if there are too many."""
    ids = catalog.column(VARIANTS.column).ids
    sets: set[int] = set()
    rows = iter(firsts)
    while len(sets) <= many and (some := list(islice(rows, many))):
        sets.update(map(ids.__getitem__, some))
    return sets


def _parameters(catalog: Catalog, ids: set[int], many: int) -> tuple[str, frozenset[str] | None]:
    """(text of the parameters that all of some sets share, names of the others)."""
    source = catalog.column(VARIANTS.column)
    if len(ids) > many:
        return "", None
    sets = [source.values[i].as_dict() for i in ids]
    shared = set(sets[0].items()).intersection(*(parameters.items() for parameters in sets[1:]))
    names = {name for parameters in sets for name in parameters}
    differing = frozenset(names - {name for name, _ in shared})
    return parameters_text(source.values[min(ids)], frozenset(names - differing)), differing


def _usual(catalog: Catalog, firsts: BitMap, names: frozenset[str]) -> Settings:
    """The most frequent value of each of these parameters, counted by lines; left out if most have none."""
    source = catalog.column(VARIANTS.column)
    votes: dict[str, Counter[bool | str | tuple[str, ...]]] = {name: Counter() for name in sorted(names)}
    for i, weight in Counter(map(source.ids.__getitem__, firsts)).items():
        for name, value in source.values[i].as_dict().items():
            if name in names:
                votes[name][value] += weight
    usual = {name: vote.most_common(1)[0] for name, vote in votes.items()}
    return {name: value for name, (value, n) in usual.items() if n > len(firsts) - votes[name].total()}
