"""What sets builds apart that look the same."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from cachetui.catalog import Catalog
from cachetui.graph import Difference, dependencies_known, differences, distinguished
from cachetui.graph.lookalikes import COMPARED
from cachetui.spec import Dependency
from tests.conftest import CatalogOf, build, dag_hash


def all_rows(catalog: Catalog) -> list[int]:
    return list(range(len(catalog)))


def test_nothing_differs(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(build(n, needs=[("gcc", 90, "build"), ("python", 91, "run")]) for n in range(3))
    assert differences(catalog, all_rows(catalog)) == []
    assert dependencies_known(catalog, all_rows(catalog))


def test_other_versions_first_then_absence_then_most_variety(catalog_of: CatalogOf) -> None:
    tools = [build(50 + n, "v", version=version) for n, version in enumerate(["1.10", "1.9"])]
    needs = [
        [("b", 80 + n % 2), ("a", 70 + n % 2), ("c", 60 + n), ("v", 50 + n % 2), ("same", 90)]
        for n in range(4)
    ]
    needs[3].append(("z", 91))
    catalog = catalog_of([*tools, *(build(n, needs=needs[n]) for n in range(4))])
    assert differences(catalog, list(catalog.package_rows("zlib"))) == [
        Difference("v", ("1.9", "1.10"), builds=2, having=4, compared=4),
        Difference("z", (), builds=1, having=1, compared=4),
        Difference("c", (), builds=4, having=4, compared=4),
        Difference("a", (), builds=2, having=4, compared=4),
        Difference("b", (), builds=2, having=4, compared=4),
    ]


def test_builds_that_do_without(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(1, needs=[("a", 90)]), build(2), build(3, needs=[("a", 90), ("b", 91)])])
    assert differences(catalog, all_rows(catalog)) == [
        Difference("a", (), 1, 2, 3),
        Difference("b", (), 1, 1, 3),
    ]


def test_two_builds_of_one_dependency(catalog_of: CatalogOf) -> None:
    both = [("python", 80, "build"), ("python", 81, "run")]
    catalog = catalog_of([build(1, needs=both), build(2, needs=both[::-1])])
    assert differences(catalog, all_rows(catalog)) == []
    catalog = catalog_of([build(1, needs=both), build(2, needs=[("python", 82, "build"), both[1]])])
    assert differences(catalog, all_rows(catalog)) == [Difference("python", (), 3, 2, 2)]


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (Difference("cmake", ("3.9", "3.31"), 2, 3, 3), "cmake: 3.9 or 3.31"),
        (Difference("cmake", ("3.9", "3.31"), 5, 2, 3), "cmake: 3.9 or 3.31 (in 2 of 3)"),
        (Difference("cmake", ("3.31",), 1, 1, 3), "cmake@3.31 (in 1 of 3)"),
        (Difference("cmake", ("3.31",), 3, 3, 3), "cmake@3.31 (3 builds)"),
        (Difference("mpi", ("mpich@5.0.1", "openmpi@5"), 2, 2, 2), "mpi: mpich@5.0.1 or openmpi@5"),
        (Difference("cmake", (), 1, 1, 3), "cmake (in 1 of 3)"),
        (Difference("cmake", (), 2, 3, 3), "cmake (2 builds)"),
    ],
    ids=str,
)
def test_a_difference_in_words(difference: Difference, text: str) -> None:
    assert str(difference) == text


def test_providers_of_one_virtual_are_one_difference(catalog_of: CatalogOf) -> None:
    tools = [build(50, "mpich", version="5.0.1"), build(51, "openmpi", version="5.0.10")]
    mpich, openmpi, gcc, llvm = (
        Dependency(name, dag_hash(number), ("link",), virtuals)
        for name, number, virtuals in (
            ("mpich", 50, ("mpi",)),
            ("openmpi", 51, ("mpi",)),
            ("gcc", 60, ("c", "cxx", "fortran")),
            ("llvm", 61, ("c", "cxx")),
        )
    )
    needs = [(mpich, gcc), (openmpi, gcc), (openmpi, llvm), ()]
    catalog = catalog_of([*tools, *(build(n, dependencies=to) for n, to in enumerate(needs))])
    rows = [catalog.row_of(dag_hash(n)) for n in range(4)]
    mpi = Difference("mpi", ("mpich@5.0.1", "openmpi@5.0.10"), 2, 3, 4)
    assert differences(catalog, rows) == [Difference("c", ("gcc", "llvm"), 2, 3, 4), mpi]
    assert list(map(str, differences(catalog, rows[:2]))) == ["mpi: mpich@5.0.1 or openmpi@5.0.10"]
    assert str(differences(catalog, rows[2:])[0]) == "llvm (in 1 of 2)"
    assert set(distinguished(catalog, rows[:2]).values()) == {"^mpich@5.0.1", "^openmpi@5.0.10"}


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
    assert differences(catalog, all_rows(catalog)) == [Difference("a", (), COMPARED, COMPARED, COMPARED)]
    assert len(distinguished(catalog, all_rows(catalog))) == COMPARED


def test_only_the_rows_asked_for(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(build(n, needs=[("a", 90 + n // 2)]) for n in range(4))
    rows = {n: catalog.row_of(catalog.spec(n).dag_hash) for n in range(4)}
    pairs = [(rows[i], rows[j]) for i in range(4) for j in range(i)]
    found = [bool(differences(catalog, pair)) for pair in pairs]
    assert found.count(False) == 2


def apart(catalog: Catalog) -> dict[str, str]:
    """Hash to what sets the builds of zlib apart."""
    found = distinguished(catalog, list(catalog.package_rows("zlib")))
    return {catalog.dag_hash(row): text for row, text in found.items()}


def test_set_apart_by_version_else_by_hash(catalog_of: CatalogOf) -> None:
    tools = [
        build(10, "cmake", version="3.9"),
        build(11, "cmake", version="3.31"),
        build(12, "m4", version="1.4"),
        build(20, "perl"),
        build(21, "perl"),
        build(30, "same"),
    ]
    needs = (
        [("same", 30), ("cmake", 10), ("perl", 20), ("m4", 12)],
        [("same", 30), ("cmake", 11), ("perl", 21)],
    )
    catalog = catalog_of([*tools, *(build(n, needs=to) for n, to in enumerate(needs, 1))])
    assert apart(catalog) == {
        dag_hash(1): f"^cmake@3.9 ^m4@1.4 ^perl/{dag_hash(20)[:7]}",
        dag_hash(2): f"^cmake@3.31 ^perl/{dag_hash(21)[:7]}",
    }


def test_set_apart_by_both_where_the_version_is_no_help(catalog_of: CatalogOf) -> None:
    hashes = ("a" * 32, "b" * 32, "c" * 32)
    tools = [
        build(0, "cmake", dag_hash=dag_hash, version=version)
        for dag_hash, version in zip(hashes, ["3.9", "3.31", "3.31"], strict=True)
    ]
    builds = [
        build(n, dependencies=(Dependency("cmake", dag_hash, ("build",)),))
        for n, dag_hash in enumerate(hashes, 1)
    ]
    assert apart(catalog_of([*tools, *builds])) == {
        dag_hash(1): "^cmake@3.9",
        dag_hash(2): "^cmake@3.31/bbbbbbb",
        dag_hash(3): "^cmake@3.31/ccccccc",
    }


def test_two_builds_of_one_dependency_are_both_apart(catalog_of: CatalogOf) -> None:
    pythons = [build(80 + n, "python", version=version) for n, version in enumerate(["2.7", "3.12", "3.13"])]
    needs = (
        [("python", 80, "build"), ("python", 81, "run")],
        [("python", 80, "build"), ("python", 82, "run")],
    )
    catalog = catalog_of([*pythons, *(build(n, needs=to) for n, to in enumerate(needs, 1))])
    assert apart(catalog) == {
        dag_hash(1): "^python@2.7 ^python@3.12",
        dag_hash(2): "^python@2.7 ^python@3.13",
    }


def test_builds_with_the_same_dependencies_are_not_set_apart(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(build(n, needs=[("gcc", 90)]) for n in range(3))
    assert list(apart(catalog).values()) == ["", "", ""]
    assert distinguished(catalog, []) == {}


def test_real_lookalikes(real_catalog: Catalog) -> None:
    alike = [real_catalog.lookalikes[number] for number in range(len(real_catalog.lookalikes))]
    folded = [rows for rows in alike if len(rows) > 1]
    assert folded
    for rows in folded:
        edges = [{e.dependency.name: e.dependency.dag_hash for e in real_catalog.edges(row)} for row in rows]
        names = {name for names in edges for name in names}
        expected = {name for name in names if len({told.get(name) for told in edges}) > 1}
        found = differences(real_catalog, rows)
        providers = {value.partition("@")[0] for each in found for value in each.values if "@" in value}
        assert {each.name for each in found if each.name in names} | providers == expected


def test_real_lookalikes_are_set_apart(real_catalog: Catalog) -> None:
    for first, end in pairwise(real_catalog.lookalikes.starts):
        rows = range(first, end)
        needs = {
            row: {(e.dependency.name, e.dependency.dag_hash) for e in real_catalog.edges(row)} for row in rows
        }
        texts = distinguished(real_catalog, rows)
        for one, other in combinations(rows, 2):
            assert (texts[one] == texts[other]) == (needs[one] == needs[other])
