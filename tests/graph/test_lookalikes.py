"""What sets builds apart that look the same: their root causes, briefly."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from cachetui.catalog import Catalog
from cachetui.graph import Difference, dependencies_known, differences, distinguished
from cachetui.graph.lookalikes import COMPARED
from cachetui.spec import Dependency, Spec
from tests.conftest import CatalogOf, build, dag_hash


def of(catalog: Catalog, name: str = "zlib") -> list[int]:
    return list(catalog.package_rows(name))


def said(catalog: Catalog, name: str = "zlib") -> list[str]:
    return list(map(str, differences(catalog, of(catalog, name))))


def apart(catalog: Catalog, name: str = "zlib") -> dict[str, str]:
    """Hash to what sets the builds of a package apart."""
    return {catalog.dag_hash(row): text for row, text in distinguished(catalog, of(catalog, name)).items()}


def on(name: str, number: int, *virtuals: str) -> Dependency:
    return Dependency(name, dag_hash(number), ("build", "link"), virtuals)


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (Difference(("^cmake@3.9", "^cmake@3.31"), 2, 3, 3), "^cmake@3.9 or ^cmake@3.31"),
        (Difference(("^cmake@3.9", "^cmake@3.31"), 2, 2, 3), "^cmake@3.9 or ^cmake@3.31 (in 2 of 3)"),
        (Difference(("^cmake",), 3, 3, 3), "^cmake (3 builds)"),
        (Difference(tuple("abcde"), 5, 9, 9), "a or b or c or d or e"),
        (Difference(tuple("abcdef"), 6, 9, 9), "a or b or c or d or 2 more"),
    ],
    ids=str,
)
def test_a_difference_in_words(difference: Difference, text: str) -> None:
    assert str(difference) == text


def test_another_version_below(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(50, "python", version="3.9"),
            build(51, "python", version="3.11"),
            *(build(60 + n, "pip", needs=[("python", 50 + n, "run")]) for n in range(2)),
            *(build(n, needs=[("pip", 60 + n, "build")]) for n in range(2)),
        ]
    )
    assert said(catalog) == ["^python@3.9 or ^python@3.11"]
    assert apart(catalog) == {dag_hash(0): "^python@3.9", dag_hash(1): "^python@3.11"}


def test_providers_of_one_virtual_are_one_difference(catalog_of: CatalogOf) -> None:
    mpich, openmpi = on("mpich", 50, "mpi"), on("openmpi", 51, "mpi")
    catalog = catalog_of(
        [
            build(50, "mpich", version="5.0.1"),
            build(51, "openmpi", version="5.0.10"),
            build(20, "netcdf", dependencies=(mpich,)),
            build(21, "netcdf", dependencies=(openmpi,)),
            build(1, dependencies=(mpich, on("netcdf", 20))),
            build(2, dependencies=(openmpi, on("netcdf", 21))),
        ]
    )
    assert said(catalog) == ["^mpich@5.0.1 or ^openmpi@5.0.10"]
    assert set(apart(catalog).values()) == {"^mpich@5.0.1", "^openmpi@5.0.10"}


def deeper(number: int, **fields: Any) -> list[Spec]:
    """A build of zlib on zlib-ng on gmake, both with these fields."""
    return [
        build(number + 2, "gmake", **fields),
        build(number + 1, "zlib-ng", needs=[("gmake", number + 2, "build")], **fields),
        build(number, needs=[("zlib-ng", number + 1, "link")]),
    ]


def test_a_compiler_or_target_is_named_with_the_highest_package(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([*deeper(10, compilers=("gcc@12",)), *deeper(20, compilers=("gcc@13",))])
    assert said(catalog) == ["%gcc@12 below zlib-ng or %gcc@13 below zlib-ng"]
    catalog = catalog_of([*deeper(10, target="zen3"), *deeper(20, target="zen4")])
    assert set(apart(catalog).values()) == {"target=zen3 below zlib-ng", "target=zen4 below zlib-ng"}
    catalog = catalog_of([*deeper(10)[:2], *deeper(20, target="zen4")[1:], deeper(10)[2]])
    assert "target=zen4 in zlib-ng" in apart(catalog)[dag_hash(20)]


def test_variants_patches_and_recipes(catalog_of: CatalogOf) -> None:
    def pair(field: str, one: Any, other: Any) -> Catalog:
        names = [
            build(50 + n, "perl", spec_format=4, **{field: value}) for n, value in enumerate((one, other))
        ]
        return catalog_of([*names, *(build(n, needs=[("perl", 50 + n, "run")]) for n in range(2))])

    catalog = pair("variants", (("cpanm", True), ("open", True)), (("cpanm", False), ("open", True)))
    assert said(catalog) == ["^perl+cpanm or ^perl~cpanm"]
    catalog = pair("variants", (("threads", "none"),), (("threads", "posix"),))
    assert said(catalog) == ["^perl threads=none or ^perl threads=posix"]
    catalog = pair("patches", ("a" * 64,), ("b" * 64,))
    assert said(catalog) == ["patches of perl"]
    assert set(apart(catalog).values()) == {"^perl patches=aaaaaaa", "^perl patches=bbbbbbb"}
    catalog = pair("package_hash", "abcdefghi", "bcdefghij")
    assert said(catalog) == ["recipe of perl"]
    assert set(apart(catalog).values()) == {"recipe abcdefg in perl", "recipe bcdefgh in perl"}
    catalog = pair("flags", (("cflags", ("-O2",)),), (("cflags", ("-O3",)),))
    assert said(catalog) == ["^perl flags=cflags=-O2 or ^perl flags=cflags=-O3"]


def test_builds_that_do_without(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(9, "a", version="1"),
            build(1, needs=[("a", 9)]),
            build(2, spec_format=4),
            build(3, needs=[("a", 9)]),
        ]
    )
    assert said(catalog) == ["^a@1 (in 2 of 3)"]
    assert apart(catalog) == {dag_hash(1): "^a@1", dag_hash(2): "", dag_hash(3): "^a@1"}


def test_a_version_that_some_do_without_stands_once(catalog_of: CatalogOf) -> None:
    tools = [build(50 + n, "cmake", version=version) for n, version in enumerate(["3.9", "3.31"])]
    catalog = catalog_of([*tools, build(0), *(build(1 + n, needs=[("cmake", 50 + n)]) for n in range(2))])
    assert said(catalog) == ["^cmake@3.9 or ^cmake@3.31 (in 2 of 3)"]
    assert apart(catalog)[dag_hash(1)] == "^cmake@3.9"


def test_variants_stand_with_a_version_only_where_they_set_builds_apart(catalog_of: CatalogOf) -> None:
    def pythons(*given: tuple[str, bool]) -> Catalog:
        made = [
            build(50 + n, "python", version=version, variants=(("ssl", ssl),))
            for n, (version, ssl) in enumerate(given)
        ]
        return catalog_of([*made, *(build(n, needs=[("python", 50 + n)]) for n in range(len(given)))])

    assert said(pythons(("3.9", True), ("3.11", False))) == ["^python@3.9 or ^python@3.11"]
    catalog = pythons(("3.9", True), ("3.11", False), ("3.11", True))
    assert said(catalog) == ["^python@3.9+ssl or ^python@3.11+ssl or ^python@3.11~ssl"]


def test_dependencies_that_no_source_lists(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(build(n, needs=[("a", 90 + n, "build")]) for n in range(3))
    assert said(catalog) == ["^a (3 builds)"]
    assert apart(catalog)[dag_hash(2)] == f"^a/{dag_hash(92)}"


def test_nothing_differs(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(build(n, needs=[("gcc", 90, "build")]) for n in range(3))
    assert said(catalog) == ["nothing that an index lists: their dependencies are the same builds"]
    assert dependencies_known(catalog, of(catalog))
    assert set(apart(catalog).values()) == {""}


def test_pages_list_no_dependencies(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(build(n) for n in range(3))
    assert not dependencies_known(catalog, of(catalog))
    assert not dependencies_known(catalog, [])


def test_one_or_none(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(1)])
    assert differences(catalog, []) == differences(catalog, [0]) == []
    assert distinguished(catalog, []) == {}
    assert distinguished(catalog, [0]) == {0: ""}


def test_many_are_described_by_some(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(build(n, needs=[("a", 5000 + n)]) for n in range(COMPARED + 50))
    found = differences(catalog, of(catalog))
    assert [each.compared for each in found] == [COMPARED]
    assert len(distinguished(catalog, of(catalog))) == COMPARED


def test_builds_that_differ_below_are_told_by_a_dependency(catalog_of: CatalogOf) -> None:
    """Two builds of one package that change places: no node is another one."""
    pythons = [build(80 + n, "python", version=f"3.1{n}") for n in range(2)]
    users = [
        build(60 + 10 * n + place, name, needs=[("python", 80 + (n + place) % 2, "run")])
        for n in range(2)
        for place, name in enumerate(("a", "b"))
    ]
    tops = [build(n, needs=[("a", 60 + 10 * n, "run"), ("b", 61 + 10 * n, "run")]) for n in range(2)]
    catalog = catalog_of([*pythons, *users, *tops])
    assert set(apart(catalog).values()) == {
        "^python@3.10 below a ^python@3.11 below b",
        "^python@3.11 below a ^python@3.10 below b",
    }


def test_real_lookalikes_are_set_apart(real_catalog: Catalog) -> None:
    alike = [list(real_catalog.lookalikes[number]) for number in range(len(real_catalog.lookalikes))]
    folded = [rows for rows in alike if len(rows) > 1]
    assert folded
    for rows in folded:
        texts = distinguished(real_catalog, rows)
        for one, other in combinations(rows, 2):
            assert texts[one] != texts[other]
