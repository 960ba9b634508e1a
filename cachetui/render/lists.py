"""Lists of builds as lines of text: the formats of `cachetui list`.

Imports that read catalogs are late: the command line names the formats in its help.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from cachetui.errors import SortError
from cachetui.render.layout import aligned

if TYPE_CHECKING:
    from pyroaring import BitMap

    from cachetui.catalog import Catalog

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


def check_sort(sort: str) -> None:
    """Check the name of a column, `-column`, or nothing. Raises SortError."""
    from cachetui.search import COLUMN_NAMES

    name = sort.removeprefix("-")
    if sort and name not in (*COLUMN_NAMES, "hash"):
        known = ", ".join((*COLUMN_NAMES, "hash"))
        raise SortError(f"--sort: there is no column {name!r}; there are {known}")


def sorted_rows(catalog: Catalog, rows: BitMap, sort: str) -> list[int]:
    """Sort rows by a column or `hash`, or in reverse by `-column`; empty: the catalog's order.

    Raises:
        SortError: there is no such column.
    """
    from cachetui.search import sort_rank

    check_sort(sort)
    if not sort:
        return list(rows)
    name = sort.removeprefix("-")
    key = catalog.dag_hash if name == "hash" else sort_rank(catalog, name)
    return sorted(rows, key=key, reverse=sort.startswith("-"))


def _columns(catalog: Catalog, rows: Sequence[int], names: Iterable[str]) -> Iterator[list[str]]:
    """The hashes, then some columns; each begins with its heading."""
    from cachetui.search import TABLE_COLUMNS

    yield ["hash", *map(catalog.dag_hash, rows)]
    columns = {column.name: column for column in TABLE_COLUMNS}
    for name in names:
        source = catalog.column(columns[name].source)
        ids = source.ids.of(rows)
        texts = {i: columns[name].text(source.values[i]) for i in set(ids)}  # far fewer than rows
        yield [name, *map(texts.__getitem__, ids)]


def _table(catalog: Catalog, rows: Sequence[int]) -> Iterator[str]:
    return aligned(_columns(catalog, rows, _TABLE_COLUMNS)) if rows else iter(())


def _json(catalog: Catalog, rows: Sequence[int]) -> Iterator[str]:
    """A JSON list, one build on each line."""
    import msgspec

    from cachetui.spec import json_data

    yield "["
    for position, row in enumerate(rows, 1):
        text = msgspec.json.encode(json_data(catalog.spec(row), with_dependencies=False)).decode()
        yield text + ("," if position < len(rows) else "")
    yield "]"


def _csv(catalog: Catalog, rows: Sequence[int]) -> Iterator[str]:
    from cachetui.search import COLUMN_NAMES

    return map(_csv_line, zip(*_columns(catalog, rows, COLUMN_NAMES), strict=True))


def _csv_line(cells: Sequence[str]) -> str:
    import csv

    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _hashes(catalog: Catalog, rows: Sequence[int]) -> Iterator[str]:
    return iter(sorted(map(catalog.dag_hash, rows)))


def _specs(catalog: Catalog, rows: Sequence[int]) -> Iterator[str]:
    from cachetui.install import spec_text_with_hash

    return (spec_text_with_hash(catalog.spec(row)) for row in rows)


LIST_FORMATS: dict[str, Callable[[Catalog, Sequence[int]], Iterator[str]]] = {
    "table": _table,
    "json": _json,
    "csv": _csv,
    "hashes": _hashes,
    "specs": _specs,
}
"""Format name to the function that gives the lines of some rows."""
