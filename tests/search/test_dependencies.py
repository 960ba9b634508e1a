"""What compilers and dependencies find, by the meaning of Spack 0.23 and by that of 1.x."""

from __future__ import annotations

import pytest

from cachetui.query import Dialect, parse
from cachetui.search import Attributes
from cachetui.search.evaluate import Evaluator
from tests.conftest import CatalogOf, build, dag_hash
from tests.search.specs import BOTH, NEW, NUMBERS, OLD, Found, need, of_format, user

# Compilers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("%gcc", {1, 2, 5}),
        ("%gcc@13", {1, 5}),
        ("%gcc@=13", {5}),
        ("%gcc@:12,13.2:", {1, 2}),
        ("%gcc@14", set()),
        ("%clang", {3}),
        ("%llvm", set()),
        ("%gc", set()),
        ("%clang@nightly", set()),
        ("%gcc@13.2 +x", {1}),
        ("% gcc @ 13.2", {1}),
        ("%none", set()),
    ],
)
def test_the_compiler_of_an_old_record_is_its_attribute(text: str, numbers: set[int], found: Found) -> None:
    specs = [
        build(1, variants=(("x", True),)),
        build(2, compilers=("gcc@11.4.0",)),
        build(3, compilers=("clang@17.0.6",)),
        build(4, compilers=()),
        build(5, compilers=("gcc@13",)),
        build(6, compilers=("aocc",)),
    ]
    assert found(specs, OLD)(text) == numbers


C = ("c",)
C_CXX = ("c", "cxx")
COMPILED = [
    build(1, "gcc", version="13.2.0", compilers=(), variants=(("x", True),)),
    build(2, "gcc", version="11.4.0", compilers=()),
    build(3, "llvm", version="17.0.6", compilers=()),
    build(4, "intel-oneapi-compilers", version="2024.2.1", compilers=()),
    user(11, need("gcc", 1, "build", virtuals=C_CXX)),
    user(12, need("gcc", 2, "build", virtuals=C), variants=(("x", True),)),
    user(13, need("llvm", 3, "build", virtuals=C_CXX)),
    user(14, need("llvm", 3, "build", virtuals=C), need("gcc", 1, "build", virtuals=("fortran",))),
    user(15, need("gcc", 1, "build", "link", "run")),
    user(16, need("intel-oneapi-compilers", 4, "build", virtuals=C_CXX)),
    user(17, need("p11", 11, "link")),
]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("%gcc", {11, 12, 14, 15}),
        ("%%gcc", {11, 12, 14, 15}),
        ("% gcc", {11, 12, 14, 15}),
        ("%gcc@13", {11, 14, 15}),
        ("%gcc+x", {11, 14, 15}),
        ("%gcc@11+x", set()),
        ("+x %gcc", {12}),
        ("%gcc %llvm", {14}),
        ("%clang", {13, 14}),
        ("%clang@17", {13, 14}),
        ("%llvm@=17.0.6", {13, 14}),
        ("%oneapi", {16}),
        ("%intel", set()),
        ("%c=gcc", {11, 12}),
        ("%c,cxx=gcc", {11}),
        ("%cxx,c=gcc", {11}),
        ("%c,fortran=gcc", set()),
        ("%c=clang", {13, 14}),
        ("%c=clang %fortran=gcc", {14}),
        ("%[virtuals=c,cxx] gcc", {11}),
        ("%[deptypes=build] gcc", {11, 12, 14, 15}),
        ("%[deptypes=link] gcc", {15}),
        ("%[deptypes=build,run] gcc", {15}),
        ("%[deptypes=test] gcc", set()),
        ("%[deptypes=build virtuals=c] gcc@11", {12}),
        ("%c", {11, 12, 13, 14, 16}),
        (f"%/{dag_hash(2)}", {12}),
        ("%p11", {17}),
        ("%p11 %gcc", set()),
        ("^p11 %gcc", {17}),
        ("^p11 %gcc@11", set()),
        ("%*", {11, 12, 13, 14, 15, 16, 17}),
        ("%[when=+x] gcc@11", {2, 3, 4, 11, 12, 13, 14, 15, 16, 17}),
        ("%[when=p13] gcc", {1, 2, 3, 4, 11, 12, 14, 15, 16, 17}),
    ],
)
def test_percent_is_a_direct_dependency(text: str, numbers: set[int], found: Found) -> None:
    assert found(COMPILED, NEW)(text) == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("^zlib %clang", {1}),
        ("^zlib %llvm", {1}),
        ("^zlib %clang@17", {1}),
        ("^zlib %clang@16", set()),
        ("^zlib %gcc", {3}),
        ("^zlib %gcc +x", set()),
        ("^zlib %c=gcc", {3}),
        ("^zlib %*", {1, 3}),
        ("^zlib %none", set()),
        ("^* %*", {1, 3}),
    ],
)
def test_an_old_record_below_a_new_one_has_its_compiler(text: str, numbers: set[int], found: Found) -> None:
    specs = [
        user(1, need("zlib", 2, "link")),
        build(2, "zlib", compilers=("clang@17.0.6",), spec_format=4, variants=(("x", True),)),
        user(3, need("zlib", 4, "link")),
        build(4, "zlib", compilers=("gcc@13.2.0",), spec_format=1),
        user(5, need("zlib", 6, "link")),
        build(6, "zlib", compilers=(), spec_format=4),
    ]
    assert found(specs, NEW)(text) == numbers


def test_a_new_record_below_an_old_one_has_a_compiler(found: Found) -> None:
    specs = [
        user(1, need("p2", 2, "link")),
        user(2, need("llvm", 3, "build", virtuals=C), spec_format=5),
        build(3, "llvm", version="17.0.6", compilers=(), spec_format=5),
    ]
    find = found(specs, OLD)
    assert find("^p2 %llvm@17") == {1}
    assert find("^p2 %clang") == set()


# Scopes of ^

CHAINS = {
    "build build": (("build",), ("build",)),
    "build link": (("build",), ("link",)),
    "link build": (("link",), ("build",)),
    "link run": (("link",), ("run",)),
    "run link": (("run",), ("link",)),
    "test link": (("test",), ("link",)),
    "link test": (("link",), ("test",)),
}


@pytest.mark.parametrize(
    ("chain", "by_1"), [(chain, chain in ("link run", "run link")) for chain in CHAINS], ids=str
)
def test_what_is_two_edges_below(chain: str, by_1: bool, found: Found) -> None:
    first, second = CHAINS[chain]
    specs = [user(1, need("p2", 2, *first)), user(2, need("p3", 3, *second)), user(3)]
    assert 1 in found(specs, OLD)("^p3")
    assert (1 in found(specs, NEW)("^p3")) is by_1


@pytest.mark.parametrize(
    ("deptype", "by_1"), [("build", True), ("link", True), ("run", True), ("test", False)]
)
def test_what_is_one_edge_below(deptype: str, by_1: bool, found: Found) -> None:
    specs = [user(1, need("p2", 2, deptype)), user(2)]
    assert found(specs, OLD)("^p2") == {1}
    assert found(specs, NEW)("^p2") == ({1} if by_1 else set())


@pytest.mark.parametrize("dialect", BOTH)
def test_what_is_below_need_not_be_listed(dialect: Dialect, found: Found) -> None:
    specs = [
        user(1, need("zlib", 2, "link"), need("nowhere", 99, "link")),
        build(2, "zlib", in_buildcache=False, variants=(("x", True),)),
        user(3, need("zlib", 4, "link")),
        build(4, "zlib", version="2.0"),
    ]
    find = found(specs, dialect)
    assert find("zlib") == {4}
    assert find("^zlib") == {1, 3}
    assert find("^zlib+x") == {1}
    assert find("^zlib@2") == {3}
    assert find("^zlib@2+x") == set()
    assert find(f"^/{dag_hash(2)}") == {1}
    assert find(f"^zlib/{dag_hash(4)}") == {3}
    assert find("^zlib os=debian12 ^zlib@1") == {1}
    assert find("^nowhere") == set()
    assert find("zlib ^zlib") == set()
    # Spack looks for the dependency, not at how it is one.
    assert find("^[deptypes=run] zlib") == {1, 3}


def test_a_condition_in_a_dependency(found: Found) -> None:
    specs = [
        user(1, need("zlib", 9, "link"), variants=(("x", True),)),
        user(2, variants=(("x", True),)),
        user(3),
        build(9, "zlib"),
    ]
    assert found(specs, NEW)("^[when=+x] zlib") == {1, 3, 9}
    assert found(specs, NEW)("^[when='+x ^zlib'] nosuch") == {2, 3, 9}


# Virtuals

MPI = ("mpi",)
SERVED = [
    user(1, need("openmpi", 11, "link", virtuals=MPI)),
    user(2, need("mpich", 12, "build", "link", virtuals=MPI)),
    user(3, need("openmpi", 11, "link")),
    user(4, need("p1", 1, "link")),
    user(5, need("p1", 1, "build")),
    user(6, need("openmpi", 11, "build", virtuals=MPI)),
    user(7, need("openmpi", 11, "test", virtuals=MPI)),
    build(11, "openmpi", version="4.1.6"),
    build(12, "mpich", version="4.2", variants=(("x", True),)),
    build(13, "mpich", version="3.4"),
]


@pytest.mark.parametrize(
    ("text", "by_0", "by_1"),
    [
        ("^mpi", {1, 2, 4, 6}, {1, 2, 4, 6}),
        ("^[virtuals=mpi] openmpi", {1, 4, 6}, {1, 4, 6}),
        ("^[virtuals=mpi] openmpi@4", {1, 4, 6}, {1, 4, 6}),
        ("^[virtuals=mpi] openmpi@5", set(), set()),
        ("^[virtuals=mpi] mpich+x", {2}, {2}),
        ("^[virtuals=mpi,nosuch] openmpi", set(), set()),
        ("^mpi@3:", {1, 2, 4, 6}, {1, 2, 4, 6}),
        ("^mpi@4:", {2}, {2}),
        (f"^mpi/{dag_hash(12)}", {2}, {2}),
        ("mpi", {11, 12, 13}, {11, 12, 13}),
        ("mpi@4:", {12, 13}, {12, 13}),
        ("mpi@99:", set(), set()),
        ("mpi+x", {12}, {12}),
        ("nosuch", set(), set()),
        ("^nosuch", set(), set()),
        ("^openmpi", {1, 3, 4, 5, 6, 7}, {1, 3, 4, 6}),
        ("^mpi=openmpi", None, {1, 4, 6}),
        ("%mpi", None, {1, 2, 6, 7}),
        ("%mpi=openmpi", None, {1, 6, 7}),
        ("%mpi=mpich+x", None, {2}),
    ],
)
def test_virtuals_by_edges(text: str, by_0: set[int] | None, by_1: set[int], found: Found) -> None:
    assert found(SERVED, NEW)(text) == by_1
    if by_0 is not None:
        assert found(SERVED, OLD)(text) == by_0


def test_0_looks_for_the_dependency_and_for_who_provides_apart(found: Found) -> None:
    specs = [
        user(1, need("openmpi", 11, "link", virtuals=MPI), need("p2", 2, "link")),
        user(2, need("openmpi", 12, "link")),
        build(11, "openmpi", version="4.1.6"),
        build(12, "openmpi", version="5.0"),
    ]
    assert found(specs, OLD)("^[virtuals=mpi] openmpi@5") == {1}
    assert found(specs, NEW)("^[virtuals=mpi] openmpi@5") == set()


def test_a_package_is_no_virtual(found: Found) -> None:
    find = found([*SERVED, build(14, "mpi")], NEW)
    assert find("mpi") == {14}
    assert find("^mpi") == set()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("mpi", {11, 13, 14}),
        ("mpi@4", {11, 14}),
        ("mpi@:3", {13, 14}),
        ("mpi@5", {14}),
        ("libfortran", {12}),
        ("^mpi", {1, 2}),
        ("^mpi@4:", {1}),
        ("^mpi@:3", {2}),
        ("%mpi@4:", {1}),
        ("^libfortran", set()),
    ],
)
def test_virtuals_that_records_tell_with_their_versions(text: str, numbers: set[int], found: Found) -> None:
    specs = [
        user(1, need("openmpi", 11, "link", virtuals=MPI)),
        user(2, need("mpich", 13, "link", virtuals=MPI)),
        build(11, "openmpi", provided_virtuals=("mpi@4.0", "pmi")),
        build(12, "openmpi", provided_virtuals=("libfortran@5",)),
        build(13, "mpich", provided_virtuals=("mpi@:3.1",)),
        build(14, "mvapich", provided_virtuals=("mpi",)),
        build(15, "mvapich2", provided_virtuals=("pmi",)),
    ]
    assert found(of_format(6, specs), NEW)(text) == numbers


def test_what_a_record_says_to_provide_may_be_unreadable(found: Found) -> None:
    specs = [
        user(1, need("openmpi", 2, "link", virtuals=("mpi",)), name="hdf5"),
        build(2, "openmpi", compilers=(), provided_virtuals=("mpi@bad!:",)),
    ]
    assert found(specs, NEW)("hdf5 ^mpi@4:") == {1}


# Records of both Spacks in one catalog


def test_each_record_is_read_by_the_spack_that_wrote_it(catalog_of: CatalogOf) -> None:
    specs = [
        user(1, need("p9", 9, "test"), spec_format=4),
        user(2, need("p9", 9, "test"), spec_format=5),
        user(3, need("p9", 9, "test"), spec_format=6),
        user(4, need("p9", 9, "test"), spec_format=0),
        user(9, spec_format=5),
    ]
    catalog = catalog_of(specs)
    evaluator = Evaluator(Attributes(catalog))
    by_dialect = {
        dialect: {
            NUMBERS[catalog.dag_hash(row)] for row in evaluator.evaluate(parse("^p9", dialect), dialect)
        }
        for dialect in BOTH
    }
    assert by_dialect == {OLD: {1, 4}, NEW: set()}
    assert [len(evaluator.rows_of(dialect)) for dialect in BOTH] == [2, 3]
