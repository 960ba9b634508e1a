"""Which dependencies are offered as columns by themselves, and which can be chosen."""

from __future__ import annotations

from itertools import combinations

import pytest
from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.search import Attributes, DependencyCount, Engine, dependency_counts, telling
from cachetui.search.dependencies import MANY_ROWS
from cachetui.search.differing import COUNTED_ROWS
from cachetui.spec import Spec
from tests.conftest import CatalogOf, build
from tests.search.test_dependency_columns import (
    MPICH,
    OPENMPI_4,
    OPENMPI_5,
    OTHER_5,
    PROVIDERS,
    app_rows,
    needs,
    using,
)

LIBRARIES = (
    *(build(200 + i, "lib", version=str(i)) for i in range(9)),
    *(build(300 + i, "tool", version=str(i)) for i in range(9)),
    *(build(400 + i, "gcc-runtime", version=str(i)) for i in range(9)),
    *(build(500 + i, "same", target=f"t{i}") for i in range(9)),
)


def told(
    catalog_of: CatalogOf, *specs: Spec, shown: tuple[str, ...] = (), at_most: int = 2
) -> tuple[str, ...]:
    catalog = catalog_of([*PROVIDERS, *LIBRARIES, *specs])
    return telling(Attributes(catalog), app_rows(catalog), shown, at_most)


def package(engine: Engine, name: str) -> BitMap:
    return BitMap(engine.catalog.package_rows(name)) & engine.catalog.listed


@pytest.mark.parametrize(
    ("name", "headings"),
    [
        ("hdf5", ("mpi",)),
        ("py-pip", ("^python",)),
        ("cmake", ("zlib-api",)),
        ("autoconf", ()),
        ("zlib-ng", ()),
        ("glibc", ()),
    ],
)
def test_packages_of_a_real_index(name: str, headings: tuple[str, ...], engine_0: Engine) -> None:
    assert telling(engine_0.attributes, package(engine_0, name)) == headings


def test_what_is_offered_separates_look_alikes_of_a_real_index(engine_0: Engine) -> None:
    catalog, attributes = engine_0.catalog, engine_0.attributes
    offered = 0
    for name in catalog.packages:
        rows = package(engine_0, name)
        alike = (
            [(a, b) for a, b in combinations(rows, 2) if catalog.lookalikes.of(a) == catalog.lookalikes.of(b)]
            if len(rows) < 200
            else []
        )
        for heading in telling(attributes, rows) if alike else ():
            column = attributes.column_among(heading, rows)
            value = {row: column.text(column.values[column.number(row)]) for row in rows}
            separated = sum(value[a] != value[b] for a, b in alike)
            assert separated >= 0.1 * len(alike) or (":" not in heading and separated == 0)
            offered += separated > 0
    assert offered > 10


def test_a_virtual_before_its_providers(catalog_of: CatalogOf) -> None:
    uses = ((1, "mpich", MPICH), (2, "openmpi", OPENMPI_4), (3, "openmpi", OPENMPI_5))
    specs = [using(n, needs(name, to, "mpi")) for n, name, to in uses]
    assert told(catalog_of, *specs) == ("mpi",)
    assert told(catalog_of, *specs, shown=("mpi",)) == ()


def test_a_virtual_before_a_provider_with_fewer_values(catalog_of: CatalogOf) -> None:
    versions = [build(600 + n, "openmpi", version=str(n)) for n in range(20)]
    mpich = [using(n, needs("mpich", MPICH, "mpi")) for n in range(20)]
    openmpi = [using(20 + n, needs("openmpi", 600 + n, "mpi")) for n in range(20)]
    assert told(catalog_of, *versions, *mpich, *openmpi) == ("mpi",)


@pytest.mark.parametrize("linked_first", [True, False])
def test_builds_that_differ_in_one_of_two_builds_of_a_dependency(
    linked_first: bool, catalog_of: CatalogOf
) -> None:
    def of(n: int, linked: int) -> Spec:
        both = (needs("lib", linked), needs("lib", 200, deptypes=("build",)))
        return using(n, *(both if linked_first else both[::-1]))

    assert told(catalog_of, *(of(n, 201 + n % 2) for n in range(4))) == ("^lib",)
    assert told(catalog_of, *(of(n, 201) for n in range(4))) == ()


def test_a_library_before_a_build_tool(catalog_of: CatalogOf) -> None:
    specs = [using(n, needs("tool", 300 + n, deptypes=("build",)), needs("lib", 200 + n)) for n in range(4)]
    assert told(catalog_of, *specs) == ("^lib",)
    tools = [using(n, needs("tool", 300 + n, deptypes=("build",))) for n in range(4)]
    assert told(catalog_of, *tools) == ("^tool",)


def test_few_values_before_many(catalog_of: CatalogOf) -> None:
    """Each build of `lib` is another one; two builds of `same` are enough to halve the look-alikes."""
    specs = [
        using(n, needs("lib", 200 + n), needs("openmpi", (OPENMPI_4, OPENMPI_5)[n % 2])) for n in range(8)
    ]
    assert told(catalog_of, *specs) == ("^openmpi", "^lib")
    assert told(catalog_of, *specs, at_most=1) == ("^openmpi",)
    assert told(catalog_of, *specs, shown=("version", "^lib")) == ()


def test_what_comes_with_the_compiler_is_not_offered(catalog_of: CatalogOf) -> None:
    specs = [
        using(n, needs("gcc-runtime", 400 + n, "fortran-rt"), needs("tool", 300 + n, "c", "cxx"))
        for n in range(4)
    ]
    assert told(catalog_of, *specs) == ()


def test_builds_are_offered_last_and_only_if_they_group(catalog_of: CatalogOf) -> None:
    grouped = [using(n, needs("openmpi", (OPENMPI_5, OTHER_5)[n % 2])) for n in range(6)]
    assert told(catalog_of, *grouped) == ("^openmpi",)
    each = [using(n, needs("same", 500 + n)) for n in range(6)]
    assert told(catalog_of, *each) == ()
    with_versions = [using(n, needs("same", 500 + n % 2), needs("lib", 200 + n % 2)) for n in range(6)]
    assert told(catalog_of, *with_versions) == ("^lib",)


def test_a_rare_difference_is_not_offered(catalog_of: CatalogOf) -> None:
    specs = [using(n, needs("lib", 201 if n == 0 else 200)) for n in range(30)]
    assert told(catalog_of, *specs) == ()
    assert told(catalog_of, *specs[:6]) == ("^lib",)


def test_without_look_alikes_the_virtual_that_differs_most(catalog_of: CatalogOf) -> None:
    def of(n: int, mpich: bool) -> Spec:
        mpi = needs("mpich", MPICH, "mpi") if mpich else needs("openmpi", OPENMPI_5, "mpi")
        return using(n, mpi, needs("lib", 200 + n % 9), version=str(n))

    assert told(catalog_of, *(of(n, n % 2 == 0) for n in range(20))) == ("mpi",)
    assert told(catalog_of, *(of(n, n == 0) for n in range(20))) == ()


def test_several_packages_or_too_many_builds(catalog_of: CatalogOf) -> None:
    specs = [using(n + 1000, needs("lib", 200 + n % 2)) for n in range(MANY_ROWS + 1)]
    catalog = catalog_of([*PROVIDERS, *LIBRARIES, *specs])
    attributes, rows = Attributes(catalog), app_rows(catalog)
    assert telling(attributes, rows) == ()
    assert telling(attributes, rows[:-1]) == ("^lib",)
    assert telling(attributes, catalog.listed - rows[:-4]) == ()
    assert telling(attributes, rows[:1]) == telling(attributes, BitMap()) == ()


# All of them


def counts_of(catalog: Catalog) -> list[DependencyCount]:
    return dependency_counts(Attributes(catalog), app_rows(catalog))


def test_all_dependencies_with_counts(catalog_of: CatalogOf) -> None:
    mpi = {1: ("mpich", MPICH), 2: ("openmpi", OPENMPI_5)}
    specs = [
        using(
            n,
            *([needs(mpi[n][0], mpi[n][1], "mpi")] if n in mpi else []),
            needs("lib", 200),
            needs("same", 500 + n),
            needs("gcc-runtime", 400, "libgfortran"),
        )
        for n in range(4)
    ]
    assert counts_of(catalog_of([*PROVIDERS, *LIBRARIES, *specs])) == [
        DependencyCount("mpi", 2, 2, 4),
        DependencyCount("^mpich", 1, 1, 4),
        DependencyCount("^openmpi", 1, 1, 4),
        DependencyCount("^same", 4, 4, 4, by_build=True),
        DependencyCount("libgfortran", 1, 4, 4),
        DependencyCount("^gcc-runtime", 1, 4, 4),
        DependencyCount("^lib", 1, 4, 4),
    ]


def test_no_dependencies(catalog_of: CatalogOf) -> None:
    assert counts_of(catalog_of([using(1)])) == []
    assert dependency_counts(Attributes(catalog_of([using(1)])), BitMap()) == []


def test_a_sample_of_many_builds(catalog_of: CatalogOf) -> None:
    specs = [using(n + 1000, needs("lib", 200 + n % 9)) for n in range(3 * COUNTED_ROWS)]
    (found,) = counts_of(catalog_of([*LIBRARIES, *specs]))
    assert (found.heading, found.having, found.compared) == ("^lib", COUNTED_ROWS, COUNTED_ROWS)
    assert found.values > 1
