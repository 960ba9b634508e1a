"""Builds as lines of text: a table, JSON, CSV, hashes, specs, one build in full."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec
from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.errors import SortError
from cachetui.graph import dependency_tree
from cachetui.install import spec_text_with_hash
from cachetui.render.columns import aligned
from cachetui.render.trees import tree_lines
from cachetui.search import COLUMN_NAMES, TABLE_COLUMNS, sort_rank
from cachetui.spec import SHORT_HASH, Dependency, Spec, record

_SHOWN = (
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
    """Raises SortError for anything but nothing, a column, or `-column`."""
    name = sort.removeprefix("-")
    if sort and name not in (*COLUMN_NAMES, "hash"):
        known = ", ".join((*COLUMN_NAMES, "hash"))
        raise SortError(f"--sort: there is no column {name!r}; there are {known}")


def sorted_rows(catalog: Catalog, rows: BitMap, sort: str) -> list[int]:
    """Rows in the catalog's order, or by a column (`hash` too); `-column` from the other end.

    Raises:
        SortError: there is no such column.
    """
    check_sort(sort)
    if not sort:
        return list(rows)
    name = sort.removeprefix("-")
    key = catalog.dag_hash if name == "hash" else sort_rank(catalog, name)
    return sorted(rows, key=key, reverse=sort.startswith("-"))


def _columns(catalog: Catalog, rows: Sequence[int], names: Iterable[str]) -> Iterator[list[str]]:
    """The hashes and the cells of some columns, each below its heading."""
    yield ["hash", *map(catalog.dag_hash, rows)]
    columns = {column.name: column for column in TABLE_COLUMNS}
    for name in names:
        source = catalog.column(columns[name].source)
        ids = source.ids.of(rows)
        texts = {i: columns[name].text(source.values[i]) for i in set(ids)}  # few differ
        yield [name, *map(texts.__getitem__, ids)]


def _table(catalog: Catalog, rows: Sequence[int]) -> Iterator[str]:
    return aligned(_columns(catalog, rows, _SHOWN)) if rows else iter(())


def _csv(catalog: Catalog, rows: Sequence[int]) -> Iterator[str]:
    return map(_csv_line, zip(*_columns(catalog, rows, COLUMN_NAMES), strict=True))


def _csv_line(cells: Sequence[str]) -> str:
    import csv

    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _json(catalog: Catalog, rows: Sequence[int]) -> Iterator[str]:
    """A JSON list, one build on each line."""
    yield "["
    for position, row in enumerate(rows, 1):
        text = msgspec.json.encode(record(catalog.spec(row), with_dependencies=False)).decode()
        yield text + ("," if position < len(rows) else "")
    yield "]"


def _hashes(catalog: Catalog, rows: Sequence[int]) -> Iterator[str]:
    return iter(sorted(map(catalog.dag_hash, rows)))


def _specs(catalog: Catalog, rows: Sequence[int]) -> Iterator[str]:
    return (spec_text_with_hash(catalog.spec(row)) for row in rows)


LIST_FORMATS: Mapping[str, Callable[[Catalog, Sequence[int]], Iterator[str]]] = {
    "table": _table,
    "json": _json,
    "csv": _csv,
    "hashes": _hashes,
    "specs": _specs,
}
"""Format name to a function that gives the lines of some rows."""


def show_json(catalog: Catalog, row: int, tree: bool) -> Iterator[str]:
    """One build as a JSON object; with `tree`, the builds of its DAG as a list, root first."""
    if tree:
        rows = [line.row for line in dependency_tree(catalog, row) if line.row is not None]
        data = msgspec.json.encode([record(catalog.spec(each)) for each in rows])
    else:
        data = msgspec.json.encode(record(catalog.spec(row)))
    yield msgspec.json.format(data, indent=2).decode()


def show_text(catalog: Catalog, row: int, tree: bool) -> Iterator[str]:
    """One build in full: a name and a value on each line, then its dependencies."""
    spec = catalog.spec(row)
    for name, value in describe(spec):
        yield f"{name:14}{value}"
    if tree:
        yield "tree"
        yield from tree_lines(catalog, row)
        return
    for position, edge in enumerate(catalog.edges(row)):
        yield f"{'' if position else 'dependencies':14}{edge_text(catalog, edge.row, edge.dependency)}"


def describe(spec: Spec) -> Iterator[tuple[str, str]]:
    """(name, value) of what is known of a build; what is not known is left out."""
    facts = (
        ("spec", spec.text()),
        ("hash", spec.dag_hash),
        ("package", f"{spec.namespace}.{spec.name}" if spec.namespace else spec.name),
        ("version", spec.version),
        ("architecture", "-".join(filter(None, (spec.platform, spec.os, spec.target)))),
        ("compiler", ", ".join(spec.compilers or ()) or "none"),
        ("variants", spec.parameters_text().strip()),
        ("patches", ", ".join(spec.patches)),
        ("provides", ", ".join(spec.provided_virtuals)),
        ("external", spec.external),
        ("binary", "" if spec.in_buildcache or spec.external else "not in the build cache"),
        ("size", f"{spec.size:,} bytes" if spec.size else ""),
        *(
            (f"{part}s", ", ".join(sorted({getattr(p, part) for p in spec.places} - {""})))
            for part in _PLACE_PARTS
        ),
        ("spec format", str(spec.spec_format or "")),
        ("package hash", spec.package_hash),
    )
    return ((name, value) for name, value in facts if value)


_PLACE_PARTS = ("tag", "stack", "mirror", "view")


def edge_text(catalog: Catalog, row: int | None, dependency: Dependency) -> str:
    """A direct dependency: name@version/hash, its types, the virtuals it serves."""
    version = f"@{catalog.column('version')[row]}" if row is not None else ""
    dag_hash = f"/{dependency.dag_hash[:SHORT_HASH]}" if dependency.dag_hash else ""
    virtuals = f" as {','.join(dependency.virtuals)}" if dependency.virtuals else ""
    absent = "" if row is not None else " (in no source)"
    return f"{dependency.name}{version}{dag_hash}  {' '.join(dependency.deptypes)}{virtuals}{absent}"
