"""Lists of builds as lines of text: the formats of `cachetui list`.

Imports that read catalogs are late: the command line names the formats in its help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from cachetui.errors import SortError
from cachetui.render.cells import csv_cell
from cachetui.render.layout import Table
from cachetui.render.spans import COLUMN_ROLES, Line, Lines, plain

if TYPE_CHECKING:
    from pyroaring import BitMap

    from cachetui.search import Attribute, Attributes

_TABLE_COLUMNS = (
    "package",
    "version",
    "compiler",
    "target",
    "os",
    "platform",
    "external",
    "stacks",
    "tags",
    "variants",
)


def check_sort(sort: str, columns: Sequence[Attribute] | None = None) -> None:
    """Check the name of a column, `-column`, or nothing. Raises SortError.

    Args:
        columns: None: the usual ones.
    """
    from cachetui.search import COLUMNS

    name = sort.removeprefix("-")
    headings = [*(column.heading for column in columns or COLUMNS), "hash"]
    if sort and name not in headings:
        known = ", ".join(headings)
        raise SortError(f"--sort: there is no column {name!r}; there are {known}")


def sorted_rows(attributes: Attributes, rows: BitMap, sort: str) -> list[int]:
    """Sort rows by a column or `hash`, or in reverse by `-column`; empty: the catalog's order.

    Raises:
        SortError: there is no such column.
    """
    check_sort(sort, attributes.shown)
    if not sort:
        return list(rows)
    name = sort.removeprefix("-")
    key = attributes.catalog.dag_hash if name == "hash" else attributes.column(name).sort_key()
    return sorted(rows, key=key, reverse=sort.startswith("-"))


def _columns(
    attributes: Attributes,
    rows: Sequence[int],
    headings: Iterable[str],
    written: Callable[[str], str] = lambda text: text,
) -> Iterator[list[str]]:
    """The hashes, then some columns; each begins with its heading.

    Args:
        written: gives the cell of a text.
    """
    yield ["hash", *map(attributes.catalog.dag_hash, rows)]
    for column in map(attributes.column, headings):
        numbers = column.numbers(rows)
        # Far fewer than rows.
        texts = {number: written(column.text(column.values[number])) for number in set(numbers)}
        yield [column.heading, *map(texts.__getitem__, numbers)]


def _table(attributes: Attributes, rows: Sequence[int]) -> Lines:
    from cachetui.search import COLUMNS

    others = (column.heading for column in attributes.shown if column not in COLUMNS)
    columns = _columns(attributes, rows, (*_TABLE_COLUMNS, *others)) if rows else ()
    return Table((COLUMN_ROLES.get(column[0], ""), column) for column in columns)


def _json(attributes: Attributes, rows: Sequence[int]) -> Iterator[str]:
    """A JSON list, one build on each line."""
    import msgspec

    from cachetui.spec import json_data

    yield "["
    for position, row in enumerate(rows, 1):
        text = msgspec.json.encode(json_data(attributes.catalog.spec(row), with_dependencies=False)).decode()
        yield text + ("," if position < len(rows) else "")
    yield "]"


def _csv(attributes: Attributes, rows: Sequence[int]) -> Iterator[str]:
    columns = _columns(attributes, rows, attributes.headings, csv_cell)
    return map(",".join, zip(*columns, strict=True))


def _hashes(attributes: Attributes, rows: Sequence[int]) -> Iterator[str]:
    return iter(sorted(map(attributes.catalog.dag_hash, rows)))


class SpecLines:
    """The specs of rows with their hashes, for a shell; those that Spack cannot have written are left out."""

    def __init__(self, attributes: Attributes, rows: Sequence[int]) -> None:
        self.left_out: list[str] = []
        """Why, once the lines are read, a line each."""

        self._attributes = attributes
        self._rows = rows

    def __iter__(self) -> Iterator[str | Line]:
        from cachetui.install import spec_text_with_hash, why_not_offered
        from cachetui.render.specs import spec_line

        for row in self._rows:
            spec = self._attributes.catalog.spec(row)
            if spec.misspelled:
                self.left_out.append(why_not_offered(spec))
                continue
            text, line = spec_text_with_hash(spec), spec_line(spec, spec.dag_hash)
            yield line if plain(line) == text else text  # a shell would change it: it is quoted


LIST_FORMATS: dict[str, Callable[[Attributes, Sequence[int]], Lines]] = {
    "table": _table,
    "json": _json,
    "csv": _csv,
    "hashes": _hashes,
    "specs": SpecLines,
}
"""Format name to the function that gives the lines of some rows."""
