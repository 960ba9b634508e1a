"""What sets builds apart that look the same."""

from __future__ import annotations

from cachetui.catalog import Catalog
from cachetui.graph import Difference, dependencies_known, differences
from cachetui.graph.lookalikes import COMPARED
from tests.conftest import CatalogOf, build


def all_rows(catalog: Catalog) -> list[int]:
    return list(range(len(catalog)))


def test_nothing_differs(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(build(n, needs=[("gcc", 90, "build"), ("python", 91, "run")]) for n in range(3))
    assert differences(catalog, all_rows(catalog)) == []
    assert dependencies_known(catalog, all_rows(catalog))


def test_most_variety_first(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        build(n, needs=[("b", 80 + n % 2), ("a", 70 + n % 2), ("c", 60 + n), ("same", 90)]) for n in range(4)
    )
    assert differences(catalog, all_rows(catalog)) == [
        Difference("c", 4),
        Difference("a", 2),
        Difference("b", 2),
    ]


def test_builds_that_do_without(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(1, needs=[("a", 90)]), build(2), build(3, needs=[("a", 90), ("b", 91)])])
    assert differences(catalog, all_rows(catalog)) == [Difference("a", 1, 1), Difference("b", 1, 2)]


def test_two_builds_of_one_dependency(catalog_of: CatalogOf) -> None:
    both = [("python", 80, "build"), ("python", 81, "run")]
    catalog = catalog_of([build(1, needs=both), build(2, needs=both[::-1])])
    assert differences(catalog, all_rows(catalog)) == []
    catalog = catalog_of([build(1, needs=both), build(2, needs=[("python", 82, "build"), both[1]])])
    assert differences(catalog, all_rows(catalog)) == [Difference("python", 3)]


def test_dependency_types_do_not_count(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(1, needs=[("a", 90, "build")]), build(2, needs=[("a", 90, "link")])])
    assert differences(catalog, all_rows(catalog)) == []


def test_dependencies_that_no_source_lists(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(build(n) for n in range(3))
    assert not dependencies_known(catalog, all_rows(catalog))
    assert differences(catalog, all_rows(catalog)) == []
    assert not dependencies_known(catalog, [])
    assert differences(catalog, []) == []


def test_many_are_described_by_some(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(build(n, needs=[("a", 5000 + n)]) for n in range(COMPARED + 50))
    assert differences(catalog, all_rows(catalog)) == [Difference("a", COMPARED)]


def test_only_the_rows_asked_for(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(build(n, needs=[("a", 90 + n // 2)]) for n in range(4))
    rows = {n: catalog.row_of(catalog.spec(n).dag_hash) for n in range(4)}
    pairs = [(rows[i], rows[j]) for i in range(4) for j in range(i)]
    found = [bool(differences(catalog, pair)) for pair in pairs]
    assert found.count(False) == 2


def test_real_lookalikes(real_catalog: Catalog) -> None:
    starts = real_catalog.kind_starts
    kinds = [range(starts[k], starts[k + 1]) for k in range(len(starts) - 1) if starts[k + 1] - starts[k] > 1]
    assert kinds
    for rows in kinds:
        edges = [{e.dependency.name: e.dependency.dag_hash for e in real_catalog.edges(row)} for row in rows]
        names = {name for names in edges for name in names}
        expected = {name for name in names if len({told.get(name) for told in edges}) > 1}
        assert {difference.name for difference in differences(real_catalog, rows)} == expected
