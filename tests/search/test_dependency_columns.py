"""Columns of dependencies and virtuals: cells, folds, sorting, what is read for them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.search import Attributes, Engine, Table, dependency_counts, fold
from cachetui.search.table import MOST_SORTED_BY_DEPENDENCY
from cachetui.spec import Dependency, Spec
from cachetui.version import version_key
from tests.conftest import CatalogOf, build, dag_hash

LINK = ("link",)


def needs(name: str, number: int, *virtuals: str, deptypes: tuple[str, ...] = LINK) -> Dependency:
    return Dependency(name, dag_hash(number), deptypes, virtuals)


def using(number: int, *dependencies: Dependency, **fields: Any) -> Spec:
    """A build of `app` with some dependencies."""
    return build(number, "app", dependencies=dependencies, **fields)


MPICH, OPENMPI_4, OPENMPI_5, OTHER_5 = 101, 102, 103, 104
PROVIDERS = (
    build(MPICH, "mpich", version="4.2.3"),
    build(OPENMPI_4, "openmpi", version="4.1.7"),
    build(OPENMPI_5, "openmpi", version="5.0.10"),
    build(OTHER_5, "openmpi", version="5.0.10", os="rhel9"),
)


def app_rows(catalog: Catalog) -> BitMap:
    return BitMap(catalog.package_rows("app"))


def texts(catalog: Catalog, heading: str, rows: Iterable[int] | None = None) -> dict[int, str]:
    """The cell of each build of `app`, by the number of its hash."""
    rows = list(app_rows(catalog) if rows is None else rows)
    column = Attributes(catalog).column_among(heading, BitMap(rows))
    numbers = {dag_hash(number): number for number in range(100)}
    assert column.numbers(rows) == [column.number(row) for row in rows]
    return {numbers[catalog.dag_hash(row)]: column.text(column.values[column.number(row)]) for row in rows}


def cells(table: Table, heading: str) -> list[str]:
    (column,) = (column for column in table.columns if column.heading == heading)
    found = [table.cell(line, column) for line in table.folds]
    assert table.first_cells(column, len(found)) == found
    return found


# Cells


def test_a_virtual_names_its_provider(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            *PROVIDERS,
            using(1, needs("mpich", MPICH, "mpi")),
            using(2, needs("openmpi", OPENMPI_5, "mpi")),
            using(3),
        ]
    )
    assert texts(catalog, "mpi") == {1: "mpich@4.2.3", 2: "openmpi@5.0.10", 3: ""}
    assert texts(catalog, "^openmpi") == {1: "", 2: "5.0.10", 3: ""}


def test_builds_are_shown_where_the_versions_are_equal(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            *PROVIDERS,
            using(1, needs("openmpi", OPENMPI_5, "mpi")),
            using(2, needs("openmpi", OTHER_5, "mpi")),
            using(3, needs("openmpi", OPENMPI_4, "mpi")),
        ]
    )
    rows = {catalog.dag_hash(row): row for row in app_rows(catalog)}
    equal = [rows[dag_hash(1)], rows[dag_hash(2)]]
    hashes = {number: f"/{dag_hash(to)[:7]}" for number, to in ((1, OPENMPI_5), (2, OTHER_5))}
    for heading in ("mpi", "^openmpi"):
        assert texts(catalog, heading, equal) == hashes
    assert texts(catalog, "^openmpi") == {1: "5.0.10", 2: "5.0.10", 3: "4.1.7"}
    assert texts(catalog, "^openmpi", equal[:1]) == {1: "5.0.10"}


def test_two_builds_of_one_dependency(catalog_of: CatalogOf) -> None:
    both = (needs("openmpi", OPENMPI_5), needs("openmpi", OPENMPI_4, deptypes=("build",)))
    twice = (needs("openmpi", OPENMPI_5), needs("openmpi", OTHER_5))
    catalog = catalog_of([*PROVIDERS, using(1, *both), using(2, *twice), using(3)])
    assert texts(catalog, "^openmpi") == {1: "4.1.7, 5.0.10", 2: "5.0.10", 3: ""}


def test_a_dependency_that_no_source_lists(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            *PROVIDERS,
            using(1, needs("openmpi", OPENMPI_5, "mpi")),
            using(2, needs("openmpi", 999, "mpi")),
            using(3, Dependency("openmpi", "", LINK, ("mpi",))),
        ]
    )
    unlisted = f"/{dag_hash(999)[:7]}"
    assert texts(catalog, "^openmpi") == {1: "5.0.10", 2: unlisted, 3: "openmpi"}
    assert texts(catalog, "mpi") == {1: "openmpi@5.0.10", 2: f"openmpi{unlisted}", 3: "openmpi"}
    attributes = Attributes(catalog)
    assert {found.heading: found.values for found in dependency_counts(attributes, app_rows(catalog))} == {
        "mpi": 3,
        "^openmpi": 3,
    }
    assert not attributes.column("mpi").is_constant(app_rows(catalog))


def test_an_unknown_dependency(catalog_of: CatalogOf) -> None:
    attributes = Attributes(catalog_of([using(1)]))
    with pytest.raises(KeyError):
        attributes.column("^openmpi")
    assert not attributes.is_dependency("^openmpi")
    assert not attributes.is_dependency("version")


def test_a_column_of_the_catalog_comes_before_a_virtual_of_that_name(catalog_of: CatalogOf) -> None:
    attributes = Attributes(catalog_of([*PROVIDERS, using(1, needs("mpich", MPICH, "os"))]))
    assert not attributes.is_dependency("os")
    assert attributes.column("os") is attributes.columns[3]


@pytest.mark.parametrize("heading", ["mpi", "zlib-api", "^openmpi", "^python", "^gcc-runtime"])
def test_cells_of_a_real_index(heading: str, engine_0: Engine, specs_0: list[Spec]) -> None:
    """Each cell says what a scan of the specs says."""
    catalog = engine_0.catalog
    by_hash = {spec.dag_hash: spec for spec in specs_0}
    column = Attributes(catalog).column(heading)
    different = set()
    for row in random.Random(2).sample(range(len(catalog)), 1000):
        uses = [
            dependency
            for dependency in by_hash[catalog.dag_hash(row)].dependencies
            if heading in (f"^{dependency.name}", *dependency.virtuals)
        ]
        versions = [(d.name, by_hash[d.dag_hash].version) for d in uses if d.dag_hash in by_hash]
        assert len(versions) == len(uses) <= 1
        shown = [v if heading[0] == "^" else f"{name}@{v}" for name, v in versions]
        assert column.text(column.values[column.number(row)]) == ", ".join(shown)
        different.update(shown)
    assert len(different) > 1


# Folds


def test_look_alikes_that_differ_in_a_dependency(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            *PROVIDERS,
            using(1, needs("mpich", MPICH, "mpi")),
            using(2, needs("openmpi", OPENMPI_5, "mpi")),
            using(3, needs("openmpi", OPENMPI_5, "mpi"), version="0.9"),
            using(4, version="0.8"),
            using(5, needs("mpich", MPICH, "mpi"), version="0.8"),
        ]
    )
    attributes = Attributes(catalog)
    table = fold(attributes, app_rows(catalog), chosen=("version", "mpi"))
    assert cells(table, "version") == ["1.3", "0.9", "0.8"]
    assert cells(table, "mpi") == ["2 values", "openmpi@5.0.10", "1 of them"]
    offered = fold(attributes, app_rows(catalog), offered=("mpi", "^mpich", "nosuch"))
    assert [column.heading for column in offered.columns] == ["version", "mpi", "^mpich"]
    rows = app_rows(catalog)[:1]
    assert fold(attributes, rows, offered=("mpi",)).columns == ()
    assert [column.heading for column in fold(attributes, rows, chosen=("mpi",)).columns] == ["mpi"]


def test_offered_columns_stand_before_the_variants(catalog_of: CatalogOf) -> None:
    mpich = needs("mpich", MPICH, "mpi")
    specs = [using(n, *([mpich] if n else []), variants=(("x", n > 1),), version=str(n)) for n in range(3)]
    catalog = catalog_of([*PROVIDERS, *specs])
    table = fold(Attributes(catalog), app_rows(catalog), offered=("mpi",))
    assert [column.heading for column in table.columns] == ["version", "mpi", "variants"]
    assert fold(Attributes(catalog), BitMap(), offered=("mpi",)).columns == ()


@settings(max_examples=40, deadline=None)
@given(rows=st.sets(st.integers(0, 5000), min_size=1, max_size=60))
def test_constant_or_different(rows: set[int], engine_0: Engine) -> None:
    catalog = engine_0.catalog
    some = BitMap(rows) & catalog.listed
    for heading in ("^gmake", "zlib-api", "^gcc-runtime", "mpi"):
        column = engine_0.attributes.column(heading)
        found = {column.text(column.values[number]) for number in column.numbers(list(some))}
        assert column.is_constant(some) == (len(found) == 1)
        assert not column.is_alike


def test_the_facet_of_a_dependency(engine_0: Engine) -> None:
    catalog, column = engine_0.catalog, engine_0.attributes.column("mpi")
    index = column.index
    assert {value.partition("@")[0] for value in index.values} == {"intel-oneapi-mpi", "mpich", "openmpi"}
    keys = [(value.partition("@")[0], version_key(value.partition("@")[2])) for value in index.values]
    assert keys == sorted(keys)
    for value, rows in zip(index.values, index.bitmaps, strict=True):
        assert index.rows(value) == rows
        assert {column.text(column.values[n]) for n in column.numbers(list(rows))} == {value}
    having = BitMap(row for row in catalog.listed if column.values[column.number(row)])
    assert BitMap.union(*index.bitmaps) == having
    assert [len(index.bitmaps[i]) for _, i in index.by_size] == sorted(map(len, index.bitmaps), reverse=True)


# Sorting


def sorted_cells(catalog: Catalog, heading: str, descending: bool) -> list[str]:
    table = fold(Attributes(catalog), app_rows(catalog), heading, descending, chosen=(heading,))
    return cells(table, heading)


def test_versions_of_a_dependency_sort_as_versions(catalog_of: CatalogOf) -> None:
    versions = ["1.10", "1.9", "develop", "1.2"]
    libraries = [build(10 + i, "lib", version=version) for i, version in enumerate(versions)]
    specs = [using(i, needs("lib", 10 + i), version=str(i)) for i in range(4)]
    catalog = catalog_of([*libraries, *specs, using(9, version="9")])
    assert sorted_cells(catalog, "^lib", True) == ["develop", "1.10", "1.9", "1.2", ""]
    assert sorted_cells(catalog, "^lib", False) == ["", "1.2", "1.9", "1.10", "develop"]


def test_providers_sort_by_name_then_version(catalog_of: CatalogOf) -> None:
    providers = {1: ("openmpi", OPENMPI_5), 2: ("mpich", MPICH), 3: ("openmpi", OPENMPI_4)}
    specs = [using(n, needs(name, to, "mpi"), version=str(n)) for n, (name, to) in providers.items()]
    catalog = catalog_of([*PROVIDERS, *specs, using(9, version="9")])
    ascending = ["mpich@4.2.3", "openmpi@4.1.7", "openmpi@5.0.10", ""]
    assert sorted_cells(catalog, "mpi", False) == ascending
    assert sorted_cells(catalog, "mpi", True) == ascending[::-1]


def test_too_many_rows_to_sort_by_a_dependency(catalog_of: CatalogOf) -> None:
    number = MOST_SORTED_BY_DEPENDENCY
    specs = [
        build(
            1000 + i, "app", dependencies=(needs("openmpi", (OPENMPI_4, OPENMPI_5)[i % 2]),), version=str(i)
        )
        for i in range(number + 1)
    ]
    catalog = catalog_of([*PROVIDERS, *specs])
    rows = app_rows(catalog)
    attributes = Attributes(catalog)
    assert list(fold(attributes, rows, "^openmpi").folds.order) == list(rows)
    assert list(fold(attributes, rows, "version").folds.order) == list(rows)[::-1]
    fewer = rows[:number]
    assert list(fold(attributes, fewer, "^openmpi").folds.order) != list(fewer)
