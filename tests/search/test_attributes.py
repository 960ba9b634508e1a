"""Attributes that are computed: a few lines make a facet and a column of one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.errors import SortError
from cachetui.query import parse
from cachetui.render import LIST_FORMATS, sorted_rows, texts
from cachetui.search import (
    COLUMNS,
    FACETS,
    Attribute,
    Attributes,
    Choice,
    Computed,
    Engine,
    FacetCount,
    Result,
    Selection,
    Table,
    complete,
    fold,
    with_choices_written,
)
from tests.conftest import CatalogOf, build

PARITY = Computed(
    "parity", "parity", lambda catalog: lambda row: ("even", "odd")[parity_of(catalog.dag_hash(row))]
)
SIZE = Computed(
    "size",
    "bytes",
    lambda catalog: lambda row: row * 10,
    text=lambda size: f"{size:,} B" if size else "",
    facet_values=lambda size: ("large",) if size > 1000 else ("small",) if size else (),
    is_by_value=True,
)
RUNS = Computed(
    "runs", "runs here", lambda catalog: lambda target: "yes" if target == "zen4" else "", "target"
)
MIXED = Computed("mixed", "mixed", lambda catalog: lambda row: row * 7919 % 1009)
OURS = (PARITY, SIZE, RUNS)


def parity_of(dag_hash: str) -> int:
    return "abcdefghijklmnopqrstuvwxyz234567".index(dag_hash[-1]) % 2


def engine_with(catalog: Catalog, attributes: Iterable[Attribute] = OURS) -> Engine:
    return Engine(catalog, facets=(*attributes, *FACETS), columns=(*COLUMNS, *attributes))


def odd_rows(result: Result) -> set[int]:
    catalog = result.catalog
    return {row for row in catalog.listed if parity_of(catalog.dag_hash(row))}


def cells(table: Table, heading: str) -> list[str]:
    (column,) = (column for column in table.columns if column.heading == heading)
    return [table.cell(line, column) for line in table.folds]


# Facets


def test_counts(real_catalog: Catalog) -> None:
    result = engine_with(real_catalog).select(Selection())
    odd, total = len(odd_rows(result)), len(real_catalog.listed)
    assert 0 < odd < total
    assert result.facet_counts("parity") == [FacetCount("even", total - odd), FacetCount("odd", odd)]
    assert result.counts_of("parity", ["odd", "none"]) == [FacetCount("odd", odd), FacetCount("none", 0)]
    assert result.value_count("parity") == 2
    assert result.attributes.facet_names[:4] == ("parity", "size", "runs", "compiler")


def test_choosing_and_excluding(real_catalog: Catalog) -> None:
    engine = engine_with(real_catalog)
    free = engine.select(Selection())
    chosen = engine.select(Selection().toggling("parity", "odd"))
    assert set(chosen.rows) == odd_rows(free)
    assert chosen.facet_counts("parity") == free.facet_counts("parity")
    assert chosen.facet_counts("os") != free.facet_counts("os")
    excluded = engine.select(Selection().toggling("parity", "odd", excluded=True))
    assert set(excluded.rows) == set(free.rows) - odd_rows(free)


def test_leading_values_by_count_or_from_the_last(catalog_of: CatalogOf) -> None:
    result = engine_with(catalog_of(build(number) for number in range(150))).select(Selection())
    assert result.leading_counts("size", 1) == [FacetCount("large", 49)]
    assert (result.is_by_value("size"), result.is_by_value("parity")) == (True, False)
    counts = sorted(result.facet_counts("parity"), key=lambda found: -found.count)
    assert result.leading_counts("parity", 1) == counts[:1]
    assert result.facet_counts("size") == [FacetCount("small", 100), FacetCount("large", 49)]


def test_asked_for_in_a_query(real_catalog: Catalog) -> None:
    engine = engine_with(real_catalog)
    chosen = engine.select(Selection().toggling("parity", "odd"))
    assert engine.select(Selection("parity=odd")).rows == chosen.rows
    assert chosen.reading() == "parity=odd"
    written = with_choices_written(engine, Selection().toggling("parity", "odd"))
    assert (written.text, written.choices) == ("parity=odd", ())
    offered = complete(engine, Selection("parity="), len("parity="))
    assert {(item.text, item.count) for item in offered.items} == {
        (found.value, found.count) for found in chosen.facet_counts("parity")
    }
    assert not Engine(real_catalog).select(Selection("parity=odd")).rows
    assert parse("parity=odd").root.variants


# Columns


def test_column_and_constant(real_catalog: Catalog) -> None:
    engine = engine_with(real_catalog)
    everything = engine.select(Selection())
    table = fold(engine.attributes, everything.rows)
    assert [column.heading for column in table.columns][-3:] == ["parity", "bytes", "runs here"]
    odd = engine.select(Selection(choices=(Choice("parity", "odd"),)))
    table = fold(engine.attributes, odd.rows)
    assert dict(table.constants)["parity"] == "odd"
    assert "parity" not in {column.heading for column in table.columns}


def test_a_fold_shows_whether_its_members_differ(catalog_of: CatalogOf) -> None:
    engine = engine_with(catalog_of([*(build(n) for n in range(5)), build(9, name="a", target="zen4")]))
    table = fold(engine.attributes, engine.catalog.listed)
    assert [line.count for line in table.folds] == [1, 5]
    parities = {parity_of(engine.catalog.dag_hash(row)) for row in table.members(table.folds[1])}
    first = ("even", "odd")[parity_of(engine.catalog.dag_hash(0))]
    assert parities == {0, 1}
    assert cells(table, "parity") == [first, "2 values"]
    assert cells(table, "bytes") == ["", "5 values"]
    assert cells(table, "runs here") == ["yes", ""]


def test_a_fold_counts_those_that_have_something(catalog_of: CatalogOf) -> None:
    installed = Computed("installed", "installed", lambda catalog: lambda row: "yes" if row in (2, 4) else "")
    engine = engine_with(catalog_of([*(build(n) for n in range(4)), build(9, name="a")]), [installed])
    table = fold(engine.attributes, engine.catalog.listed)
    assert cells(table, "installed") == ["", "2 of them"]
    engine = engine_with(engine.catalog, [PARITY])
    even = engine.attributes.index("parity").rows("even")
    assert cells(fold(engine.attributes, even | BitMap([0])), "parity")[1] == "even"


@settings(max_examples=30, deadline=None)
@given(
    rows=st.sets(st.integers(0, 250), min_size=1, max_size=60),
    heading=st.sampled_from(["parity", "bytes", "runs here"]),
)
def test_columns_agree_with_the_builds(rows: set[int], heading: str, real_catalog: Catalog) -> None:
    engine = engine_with(real_catalog)
    listed = BitMap(rows) & real_catalog.listed
    column = engine.attributes.column(heading)
    texts = [column.text(column.values[number]) for number in column.numbers(list(listed))]
    table = fold(engine.attributes, listed)
    assert (len(set(texts)) > 1) == (heading in {each.heading for each in table.columns})
    if len(set(texts)) > 1:
        assert table.first_cells(column, 1000) == cells(table, heading)


@pytest.mark.parametrize("descending", [False, True])
def test_sorting(descending: bool, real_catalog: Catalog) -> None:
    engine = engine_with(real_catalog)
    rows = BitMap(random.Random(1).sample(sorted(real_catalog.listed), 150))
    table = fold(engine_with(real_catalog, [MIXED]).attributes, rows, "mixed", descending)
    values = [[row * 7919 % 1009 for row in table.members(line)] for line in table.folds]
    foremost = list(map(max if descending else min, values))
    assert foremost == sorted(foremost, reverse=descending)
    assert Counter(table.folds) == Counter(fold(engine.attributes, rows).folds)
    table = fold(engine.attributes, rows, "runs here", descending)
    assert [text for text, _ in groupby(cells(table, "runs here"))] == ["yes", ""][:: 1 if descending else -1]


def test_lists(catalog_of: CatalogOf) -> None:
    attributes = engine_with(catalog_of([build(1), build(2), build(3, target="zen4")])).attributes
    rows = sorted_rows(attributes, attributes.catalog.listed, "-bytes")
    assert rows == [2, 1, 0]
    heading, *lines = texts(LIST_FORMATS["csv"](attributes, rows))
    assert heading.endswith(",parity,bytes,runs here")
    assert lines[0].endswith(",20 B,yes")
    heading, *lines = texts(LIST_FORMATS["table"](attributes, rows))
    assert heading.split()[-4:] == ["parity", "bytes", "runs", "here"]
    with pytest.raises(SortError, match="bytes"):
        sorted_rows(attributes, attributes.catalog.listed, "nosuch")
    with pytest.raises(SortError):
        sorted_rows(Attributes(attributes.catalog), attributes.catalog.listed, "bytes")


# Cost


def test_computed_once_and_only_when_looked_at(catalog_of: CatalogOf) -> None:
    asked: list[object] = []

    def noted(value: object) -> str:
        asked.append(value)
        return "x"

    by_row = Computed("a", "a", lambda catalog: noted)
    by_value = Computed("b", "b", lambda catalog: noted, "target")
    engine = engine_with(catalog_of([build(1), build(2), build(3, target="zen4")]), [by_row, by_value])
    result = engine.select(Selection().toggling("os", engine.catalog.facet("os").values[0]))
    assert result.facet_counts("target")
    assert asked == []
    for _ in range(2):
        assert result.facet_counts("a") == result.facet_counts("b") == [FacetCount("x", 3)]
        assert dict(fold(engine.attributes, result.rows).constants)["b"] == "x"
    assert asked == [0, 1, 2, *engine.catalog.column("target").values]
