"""The columns that can be chosen for the builds of a result, and a choice of them, as values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from cachetui.search import Result, dependency_counts, fold, telling
from cachetui.text import counted

SAMPLED = 1000
"""Of more builds than this, the values of a sample are counted."""


class ColumnEntry(Struct, frozen=True):
    """A column that can be chosen.

    Args:
        note: what it would show of the builds of the result.
        is_different: whether the builds differ in it.
    """

    heading: str
    note: str
    is_different: bool


def column_entries(result: Result) -> list[ColumnEntry]:
    """The columns of the catalog, then the dependencies of the builds, the telling ones first.

    Those in which the builds do not differ come last.
    """
    entries = (*_of_catalog(result), *_of_dependencies(result))
    return sorted(entries, key=lambda entry: not entry.is_different)


def _of_catalog(result: Result) -> Iterator[ColumnEntry]:
    step = _step(result)
    rows = list(result.rows[::step])
    for column in (*result.attributes.columns, *result.attributes.columns_here):
        texts = {column.text(column.values[number]) for number in set(column.numbers(rows))}
        if len(texts) == 1:
            (text,) = texts
            note = f"same in all: {text}" if text else "empty in all"
        else:
            note = _values(len(texts), step)
        yield ColumnEntry(column.heading, note if texts else "", len(texts) > 1)


def _of_dependencies(result: Result) -> Iterator[ColumnEntry]:
    step = _step(result)
    for found in dependency_counts(result.attributes, result.rows):
        note = f"{_values(found.values, step, 'build')} of one version"
        if not found.by_build:
            note = _values(found.values, step)
        if found.having < found.compared:
            share = f"{found.having / found.compared:.0%}" if step > 1 else f"{found.having:,}"
            note += f", in {share} of {counted(len(result.rows), 'build')}"
        yield ColumnEntry(found.heading, note, found.is_different)


def _step(result: Result) -> int:
    return -(-len(result.rows) // SAMPLED) or 1


def _values(number: int, step: int, noun: str = "value") -> str:
    return counted(number, noun) + (" or more" if step > 1 else "")


def automatic_columns(result: Result) -> tuple[str, ...]:
    """The columns that are shown where none were chosen: those that differ, and telling dependencies."""
    attributes, rows = result.attributes, result.rows
    table = fold(attributes, rows, offered=telling(attributes, rows))
    return tuple(column.heading for column in table.columns)


class ColumnChoice(Struct, frozen=True):
    """Columns in their order, some of them shown.

    Args:
        headings: all columns, each once.
    """

    headings: tuple[str, ...]
    shown: frozenset[str]

    @classmethod
    def of(cls, shown: Sequence[str], others: Sequence[str]) -> ColumnChoice:
        """The shown columns before the others."""
        return cls(tuple(dict.fromkeys([*shown, *others])), frozenset(shown))

    @property
    def columns(self) -> tuple[str, ...]:
        """The shown columns in their order."""
        return tuple(heading for heading in self.headings if heading in self.shown)

    def toggled(self, heading: str) -> ColumnChoice:
        """Show a column or hide it; one is always shown."""
        shown = self.shown ^ {heading}
        return replace(self, shown=shown) if shown else self

    def moved(self, heading: str, step: int) -> ColumnChoice:
        """Move a shown column before the shown one on its left (-1), or behind the one on its right (1)."""
        if heading not in self.shown:
            return self
        columns = self.columns
        place = columns.index(heading) + step
        if not 0 <= place < len(columns):
            return self
        rest = [other for other in self.headings if other != heading]
        goal = rest.index(columns[place]) + (step > 0)
        return replace(self, headings=(*rest[:goal], heading, *rest[goal:]))
