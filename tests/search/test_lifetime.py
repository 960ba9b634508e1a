"""A catalog and its engine are freed when they are dropped: no cache and no cycle keeps them."""

from __future__ import annotations

import weakref
from pathlib import Path

import pytest

from cachetui.catalog import Catalog
from cachetui.catalog.compile import compile_catalog
from cachetui.errors import QuerySyntaxError
from cachetui.graph import differences
from cachetui.search import (
    Choice,
    Engine,
    Selection,
    complete,
    dependency_counts,
    fold,
    telling,
    with_choices_written,
)
from tests.conftest import FACET_NAMES, MIRROR_023, MIRROR_12, read

pytestmark = pytest.mark.usefixtures("without_collection")

QUERIES = (
    "",
    "zlib",
    "mpi",
    "zlib +shared %gcc target=:x86_64_v3 ^gmake",
    "%gcc@12: languages=c,c++",
    "mirror",
    "/abcdefg",
)
PLAIN = ("zlib with shared gcc13 nosuch", "[+] abcdefg zlib@1.3", "zlib without mpi")
REFUSED = ("zlib@@", "zlib @1.2 1.3", "target=nothing:zen2", "%gcc foo==bar [")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A catalog of what both Spacks wrote."""
    specs = {spec.dag_hash: spec for mirror in (MIRROR_023, MIRROR_12) for spec in read(mirror)[0]}
    path = tmp_path / "c.sqlite"
    compile_catalog(specs.values(), path)
    return path


def ask(engine: Engine) -> None:
    """Everything that the browser computes while a user types, chooses and looks."""
    catalog = engine.catalog
    for text in QUERIES:
        choices = (Choice("os", catalog.facet("os").values[0]),)
        for selection in (Selection(text), Selection(text, exact=True), Selection(text, choices=choices)):
            result = engine.select(selection)
            assert [result.facet_counts(facet) for facet in FACET_NAMES]
            assert list(result.packages[:5]) or not result.packages
            table = fold(engine.attributes, result.rows, "version")
            cells = [table.cell(line, column) for line in table.folds for column in table.columns]
            assert cells or not table.columns
            complete(engine, selection, len(text))
            named = [found.heading for found in dependency_counts(engine.attributes, result.rows)]
            assert [fold(engine.attributes, result.rows, name, chosen=[name]) for name in named] or not cells
            telling(engine.attributes, result.rows)
    assert all(engine.select(Selection().with_text(text)).notes or text for text in PLAIN)
    with_choices_written(engine, Selection("zlib", choices=choices))
    specs = [catalog.spec(row) for row in range(len(catalog))]
    assert catalog.row_of(specs[0].dag_hash) == 0
    differences(catalog, range(len(catalog)))


def test_a_dropped_catalog_is_freed(file: Path) -> None:
    catalog = Catalog(file)
    assert len(catalog.dag.edge_kinds) and catalog.spec(0) and catalog.rows_with_prefix("a") is not None
    assert [catalog.facet(facet).bitmaps for facet in FACET_NAMES]
    alive: list[weakref.ref[object]] = [weakref.ref(catalog), weakref.ref(catalog._storage)]
    catalog.close()
    del catalog
    assert [each() for each in alive] == [None, None]


def test_a_dropped_engine_is_freed_with_its_catalog(file: Path) -> None:
    engine = Engine(Catalog(file))
    ask(engine)
    catalog = engine.catalog
    parts = (engine, catalog, catalog._storage, engine.evaluator, engine.evaluator.matcher.targets)
    alive = [weakref.ref(part) for part in parts]
    catalog.close()
    del engine, catalog, parts
    assert [each() for each in alive] == [None] * len(alive)


@pytest.mark.parametrize("text", REFUSED)
def test_an_engine_that_refused_a_query_is_freed(file: Path, text: str) -> None:
    engine = Engine(Catalog(file))
    with pytest.raises(QuerySyntaxError):
        engine.select(Selection(text))
    alive: list[weakref.ref[object]] = [weakref.ref(engine), weakref.ref(engine.catalog)]
    engine.catalog.close()
    del engine
    assert [each() for each in alive] == [None, None]
