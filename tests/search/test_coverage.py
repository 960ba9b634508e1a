"""Packages by the values of a facet: counted as a naive scan counts, in an order that makes sense."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.search import (
    FACETS,
    SHADES,
    Attributes,
    Choice,
    Computed,
    Coverage,
    Engine,
    Selection,
    narrowed,
)
from cachetui.spec import Place
from tests.conftest import FACET_NAMES, CatalogOf, build, facet_values

PARITY = Computed("parity", "parity", lambda catalog: lambda row: ("even", "odd")[row % 2])


def cells(coverage: Coverage) -> dict[tuple[str, str], int]:
    """(package, value) to builds, of the cells that have any."""
    return {
        (package.name, value.name): builds
        for package, counts in coverage.lines()
        for value, builds in zip(coverage.values, counts, strict=True)
        if builds
    }


def scanned(catalog: Catalog, rows: BitMap, facet: str) -> Counter[tuple[str, str]]:
    specs = [catalog.spec(row) for row in rows]
    return Counter((spec.name, value) for spec in specs for value in facet_values(spec, facet))


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_cells_are_those_of_a_naive_scan(real_catalog: Catalog, data: st.DataObject) -> None:
    facet = data.draw(st.sampled_from([name for name in FACET_NAMES if name != "variant"]))
    kept = data.draw(st.sets(st.integers(0, len(real_catalog) - 1), max_size=60))
    rows = BitMap(kept) & real_catalog.listed
    coverage = Coverage(Attributes(real_catalog), rows, facet, data.draw(st.booleans()))
    expected = scanned(real_catalog, rows, facet)
    assert cells(coverage) == expected
    places = {coverage.package(place).name: place for place in range(len(coverage))}
    for (package, value), builds in expected.items():
        column = [each.name for each in coverage.values].index(value)
        assert coverage.count(places[package], column) == builds
    assert {p: coverage.package(i).builds for p, i in places.items()} == Counter(
        real_catalog.spec(row).name for row in rows
    )


def test_all_rows_of_a_large_part_are_counted(real_catalog: Catalog) -> None:
    rows = real_catalog.listed
    for facet in ("target", "version", "compiler"):
        assert cells(Coverage(Attributes(real_catalog), rows, facet)) == scanned(real_catalog, rows, facet)


def test_values_stand_by_count_and_versions_newest_first(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(1, "a", version="1.9", target="zen3"),
            build(2, "a", version="1.10", target="zen4"),
            build(3, "b", version="1.9", target="zen4"),
        ]
    )
    attributes = Attributes(catalog)
    by_target = Coverage(attributes, catalog.listed, "target")
    assert [(value.name, value.builds) for value in by_target.values] == [("zen4", 2), ("zen3", 1)]
    by_version = Coverage(attributes, catalog.listed, "version")
    assert [value.name for value in by_version.values] == ["1.10", "1.9"]


def test_packages_stand_by_name_or_with_most_gaps_first(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [build(1, "a", target="zen3"), build(2, "a", target="zen4"), build(3, "b"), build(4, "c")]
    )
    attributes = Attributes(catalog)

    def names(gaps_first: bool) -> list[str]:
        coverage = Coverage(attributes, catalog.listed, "target", gaps_first)
        return [coverage.package(place).name for place in range(len(coverage))]

    assert names(False) == ["a", "b", "c"]
    assert names(True) == ["b", "c", "a"]


def test_a_computed_facet_is_counted_alike(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(build(number, "a" if number < 4 else "b") for number in range(1, 7))
    engine = Engine(catalog, facets=(PARITY, *FACETS))
    assert cells(Coverage(engine.attributes, catalog.listed, "parity")) == {
        ("a", "even"): 2,
        ("a", "odd"): 1,
        ("b", "even"): 1,
        ("b", "odd"): 2,
    }


def test_no_build_has_no_lines(real_catalog: Catalog) -> None:
    coverage = Coverage(Attributes(real_catalog), BitMap(), "target", gaps_first=True)
    assert (len(coverage), coverage.values, list(coverage.lines()), coverage.shade(0)) == (0, [], [], 0)


def test_an_unknown_facet_is_a_key_error(real_catalog: Catalog) -> None:
    with pytest.raises(KeyError):
        Coverage(Attributes(real_catalog), BitMap(), "colour")


@pytest.mark.parametrize("most", [1, 2, 3, 7, 100, 5000])
def test_more_builds_are_never_paler(catalog_of: CatalogOf, most: int) -> None:
    catalog = catalog_of(build(number, "a") for number in range(1, most + 1))
    coverage = Coverage(Attributes(catalog), catalog.listed, "target")
    shades = [coverage.shade(builds) for builds in range(most + 1)]
    assert shades == sorted(shades)
    assert shades[0] == 0 and set(shades[1:]) <= set(range(1, SHADES + 1))
    assert most < 8 or shades[-1] == SHADES


def test_a_cell_narrows_the_selection_to_its_builds(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(1, "a", target="zen3"),
            build(2, "a", target="zen4"),
            build(3, "b", target="zen4"),
            build(4, "a", target="zen4", os="rhel9"),
        ]
    )
    engine = Engine(catalog)
    chosen = (Choice("target", "zen3"), Choice("target", "zen4"), Choice("os", "rhel9", excluded=True))
    selection = Selection(package=None, choices=chosen)
    before = engine.select(selection)
    coverage = Coverage(engine.attributes, before.rows, "target")
    for place in range(len(coverage)):
        for number, value in enumerate(coverage.values):
            cell = narrowed(selection, coverage.package(place).name, "target", value.name)
            assert len(engine.select(cell).rows) == coverage.count(place, number)


def test_a_cell_keeps_what_is_excluded_in_its_own_facet(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(1, "a", places=(Place(tag="v1"),)),
            build(2, "a", places=(Place(tag="v1"), Place(tag="v2"))),
        ]
    )
    selection = Selection(choices=(Choice("tag", "v2", excluded=True), Choice("tag", "v1")))
    cell = narrowed(selection, "a", "tag", "v1")
    assert len(Engine(catalog).select(cell).rows) == 1
