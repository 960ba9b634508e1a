"""Whether a catalog file is whole: each chunk is read, verified and decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from pyroaring import BitMap

from cachetui.catalog.facets import INDEXES
from cachetui.catalog.reader import Catalog
from cachetui.catalog.schema import COLUMNS, EDGE_CHUNK, Relation
from cachetui.errors import CatalogError
from cachetui.text import clean


def verify(path: Path) -> list[str]:
    """What is wrong with a catalog file, one line each; nothing if it is whole."""
    problems: list[str] = []
    try:
        catalog = Catalog(path)
    except CatalogError as error:
        return [clean(str(error))]
    with closing(catalog):
        for look in _looks(catalog):
            try:
                look()
            except CatalogError as error:
                problems.append(clean(str(error)))
    return list(dict.fromkeys(problems))


def _looks(catalog: Catalog) -> Iterator[Callable[[], object]]:
    """Everything that can be read of a catalog."""
    yield catalog.verify
    for name in COLUMNS:
        yield partial(_read_column, catalog, name)
    for facet in INDEXES:
        yield partial(_read_facet, catalog, facet.name)
    yield partial(_read_rows, catalog)
    yield partial(_read_edges, catalog)
    for relation in Relation:
        yield partial(_read_ancestors, catalog, relation)


def _read_column(catalog: Catalog, name: str) -> None:
    column = catalog.column(name)
    list(column.values)
    list(column.ids)


def _read_facet(catalog: Catalog, name: str) -> None:
    len(catalog.facet(name).bitmaps)


def _read_rows(catalog: Catalog) -> None:
    """The counts of packages, the sets of rows, and the hashes."""
    sets = (catalog.listed, catalog.in_buildcache, catalog.lacking)
    parts = (catalog.package_counts, len(catalog.lookalikes), catalog.mirrors, catalog.target_parents)
    hashes = (catalog.packed_hashes(), catalog.rows_with_prefix("a"))
    del sets, parts, hashes


def _read_edges(catalog: Catalog) -> None:
    for row in range(0, len(catalog), EDGE_CHUNK):
        catalog.edges(row)
    catalog.dag.dependents(BitMap(range(len(catalog))))


def _read_ancestors(catalog: Catalog, relation: Relation) -> None:
    catalog.dag.ancestors(BitMap(range(len(catalog))), relation)
