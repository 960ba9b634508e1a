"""What each part of the language finds, by the meaning of Spack 0.23 and by that of 1.x."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from msgspec.structs import replace

from cachetui.errors import QuerySyntaxError
from cachetui.query import Dialect, parse
from cachetui.search import Engine, Selection
from cachetui.search.evaluate import Evaluator
from cachetui.spec import Dependency, Place, Spec
from tests.conftest import CatalogOf, build, dag_hash

OLD, NEW = Dialect.SPACK_0, Dialect.SPACK_1
BOTH = (OLD, NEW)
NUMBERS = {dag_hash(number): number for number in range(100)}

Find = Callable[[str], set[int]]
Found = Callable[[Iterable[Spec], Dialect], Find]


@pytest.fixture
def found(catalog_of: CatalogOf) -> Found:
    """Compiles specs, those without a format as of one Spack; a query finds the numbers of specs."""

    def over(specs: Iterable[Spec], dialect: Dialect) -> Find:
        catalog = catalog_of(of_format(4 if dialect is OLD else 5, specs))
        evaluator = Evaluator(catalog)
        return lambda text: {
            NUMBERS[catalog.dag_hash(row)] for row in evaluator.evaluate(parse(text, dialect), dialect)
        }

    return over


def of_format(number: int, specs: Iterable[Spec]) -> list[Spec]:
    return [replace(spec, spec_format=spec.spec_format or number) for spec in specs]


def need(name: str, number: int, *deptypes: str, virtuals: tuple[str, ...] = ()) -> Dependency:
    return Dependency(name, dag_hash(number), deptypes, virtuals)


def user(number: int, *dependencies: Dependency, name: str = "", **fields: object) -> Spec:
    """A spec with edges; unless it is called something, it is named by its number."""
    return build(number, name or f"p{number}", compilers=None, dependencies=dependencies, **fields)


# Versions

COMMIT = "0123456789" * 4
VERSIONS = dict(
    enumerate(
        [
            "1.14.6",
            "1.14",
            "1.140",
            "1.14-rc1",
            "develop",
            "nightly",
            "git.main=1.14.5",
            f"{COMMIT}=1.2",
            "1.2-3",
            "git.topic",
            "2.0",
        ],
        start=1,
    )
)


@pytest.mark.parametrize("name", ["", "hdf5"])
@pytest.mark.parametrize(
    ("text", "by_0", "by_1"),
    [
        ("@:", {*VERSIONS}, {*VERSIONS}),
        ("@1.14", {1, 2, 7}, {1, 2, 7}),
        ("@1.14.6", {1}, {1}),
        ("@=1.14", {2}, {2}),
        ("@=1.14.5", set(), set()),
        ("@1.14-rc1", {4}, {4}),
        ("@1.2", {8, 9}, {8, 9}),
        ("@=1.2.3", {9}, {9}),
        ("@1.2:1.13", {4, 8, 9}, {4, 8, 9}),
        ("@:1.13", {4, 6, 8, 9}, {4, 8, 9}),
        ("@2:", {5, 11}, {5, 6, 11}),
        ("@1.2,1.140,=2.0", {3, 8, 9, 11}, {3, 8, 9, 11}),
        ("@develop", {5}, {5}),
        ("@nightly", {6}, {6}),
        ("@nightly:", {1, 2, 3, 4, 5, 6, 7, 8, 9, 11}, {5, 6}),
        ("@git.main", {7}, {7}),
        ("@git.main=1.14.5", {7}, {7}),
        ("@git.main=1.14", set(), set()),
        (f"@{COMMIT}", {8}, {8}),
        (f"@git.{COMMIT}=1.2", {8}, {8}),
        ("@git.topic", {10}, {10}),
        ("@9", set(), set()),
    ],
)
def test_versions(name: str, text: str, by_0: set[int], by_1: set[int], found: Found) -> None:
    specs = [build(number, "hdf5", version=version) for number, version in VERSIONS.items()]
    assert found(specs, OLD)(name + text) == by_0
    assert found(specs, NEW)(name + text) == by_1


# Attributes that mean the same to both

DIGITS = "0" * 61
BUILDS = [
    build(1, "hdf5", variants=(("api", "v18"), ("mpi", True)), os="rhel8", target="zen4"),
    build(2, "hdf5", variants=(("api", "v110"), ("mpi", False)), platform="darwin"),
    build(3, "gcc", variants=(("languages", ("c", "c++")), ("mpi", "yes"))),
    build(4, "gcc", variants=(("languages", ("c",)),), namespace="site.mine"),
    build(5, "zlib", flags=(("cflags", ("-O3", "-g", "-I include")),), variants=(("s", "a b"),)),
    build(6, "zlib", flags=(("cflags", ("-g",)), ("fflags", ("-O3",))), namespace="builtin"),
    build(7, "m4", patches=("abc" + DIGITS, "def" + DIGITS)),
    build(8, "m4", patches=("abe" + DIGITS,)),
    build(9, "m4", places=(Place("m", "develop", "e4s"), Place("n", "v1", "root"))),
    build(10, "glibc", in_buildcache=False, external="/usr"),
    build(11, "glibc", in_buildcache=False),
]
LISTED = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", LISTED),
        ("hdf5", {1, 2}),
        ("hdf", set()),
        ("HDF5", set()),
        ("glibc", {10}),
        ("+mpi", {1}),
        ("~mpi", {2}),
        ("hdf5 -mpi", {2}),
        ("mpi=true", {1}),
        ("mpi=False", {2}),
        ("mpi=0", set()),
        ("mpi=yes", {3}),
        ("mpi=*", {1, 2, 3}),
        ("+nosuch", set()),
        ("~nosuch", set()),
        ("nosuch=*", set()),
        ("api=v18", {1}),
        ("api=v1", set()),
        ("api=V18", set()),
        ("api=v18,v110", set()),
        ("s='a b'", {5}),
        ("s=a", set()),
        ("languages=c", {3, 4}),
        ("languages=c++", {3}),
        ("languages=c++,c", {3}),
        ("languages='c,c++'", {3}),
        ("languages=c,fortran", set()),
        ("languages=*", {3, 4}),
        ("+mpi api=v18", {1}),
        ("+mpi api=v110", set()),
        ('cflags="-g"', {5, 6}),
        ('cflags="-g -O3"', {5}),
        ('cflags="-I include"', {5}),
        ('cflags="-I"', set()),
        ('cflags="-O3" fflags="-O3"', set()),
        ("fflags=-O3", {6}),
        ("patches=abc", {7}),
        ("patches=ab", {7, 8}),
        ("patches=def,abc", {7}),
        ("patches=abc,abe", set()),
        ("patches=bc", set()),
        (f"patches=abe{DIGITS}", {8}),
        ("patches=*", {7, 8}),
        ("os=rhel8", {1}),
        ("operating_system=rhel8", {1}),
        ("os=rhel", set()),
        ("os=rhel8,debian12", set()),
        ("platform=darwin", {2}),
        ("target=zen4", {1}),
        ("target=zen", set()),
        ("target=zen2,zen4", {1}),
        ("arch=linux-rhel8-zen4", {1}),
        ("arch=linux-None-zen4", {1}),
        ("arch=darwin-debian12-x86_64_v3", {2}),
        ("arch=darwin-rhel8-zen4", set()),
        ("arch=zen4", {1}),
        ("namespace=builtin", {6}),
        ("namespace=build", set()),
        ("builtin.zlib", {6}),
        ("builtin.m4", set()),
        ("site.mine.gcc", {4}),
        ("mine.gcc", set()),
        ("tag=develop", {9}),
        ("tag=v1 stack=e4s", {9}),
        ("stack=e4s,nosuch", {9}),
        ("mirror=here", LISTED - {9}),
        ("mirror=nosuch", set()),
    ],
)
def test_attributes(text: str, numbers: set[int], dialect: Dialect, found: Found) -> None:
    assert found(BUILDS, dialect)(text) == numbers


@pytest.mark.parametrize("dialect", BOTH)
def test_hashes(dialect: Dialect, found: Found) -> None:
    find = found(BUILDS, dialect)
    for number in LISTED:
        assert find(f"/{dag_hash(number)}") == {number}
        assert find(f"/{dag_hash(number)[:31]}") == LISTED
    assert find(f"hdf5/{dag_hash(2)}") == {2}
    for text in (f"zlib/{dag_hash(2)}", f"/{dag_hash(11)}", f"/{dag_hash(2).upper()}", "/AAAA", "/b", "/_1"):
        assert find(text) == set()


def test_a_star_is_a_name_to_0_and_anything_to_1(found: Found) -> None:
    specs = [*BUILDS, build(12, "m4", os="", target="", platform="")]
    for key in ("os", "target", "platform"):
        assert found(specs, OLD)(f"{key}=*") == set()
        assert found(specs, NEW)(f"{key}=*") == LISTED
    assert found(specs, NEW)("target=nosuch,*") == LISTED
    assert found(specs, NEW)("namespace=*") == set()
    assert found(specs, NEW)("* +mpi") == {1}
    with pytest.raises(QuerySyntaxError):
        found(specs, OLD)("* +mpi")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("languages:=c", {4}),
        ("languages:=c,c++", {3}),
        ("languages:='c++,c'", {3}),
        ("languages:=c++", set()),
        ("api:=v18", {1}),
        ("mpi:=true", {1}),
        (f"patches:=abe{DIGITS}", {8}),
        ("patches:=abe", set()),
        (f"patches:=abc{DIGITS}", set()),
        (f"patches:=def{DIGITS},abc{DIGITS}", {7}),
    ],
)
def test_these_values_and_no_others(text: str, numbers: set[int], found: Found) -> None:
    assert found(BUILDS, NEW)(text) == numbers
    with pytest.raises(QuerySyntaxError):
        found(BUILDS, OLD)(text)


@pytest.mark.parametrize("dialect", BOTH)
def test_propagated_variants_hold_in_the_whole_dag(dialect: Dialect, found: Found) -> None:
    on, off = (("x", True),), (("x", False),)
    specs = [
        user(1, need("p2", 2, "link"), variants=on),
        user(2, need("p3", 3, "build"), variants=on),
        user(3, variants=off),
        user(4, need("p5", 5, "link"), variants=on),
        user(5, need("p6", 6, "run")),
        user(6, variants=(*on, ("v", ("a", "b")))),
        user(7, variants=(("v", ("b", "c")),)),
        user(8, need("p6", 6, "link"), need("p7", 7, "link")),
    ]
    find = found(specs, dialect)
    assert find("+x") == {1, 2, 4, 6}
    assert find("++x") == {4, 5, 6, 7, 8}
    assert find("x==true") == {4, 5, 6, 7, 8}
    assert find("~~x") == {3, 7}
    assert find("v==b") == {1, 2, 3, 4, 5, 6, 7, 8}
    assert find("v==a") == {1, 2, 3, 4, 5, 6}
    assert find("v==*") == {1, 2, 3, 4, 5, 6, 7, 8}


# Targets

TARGETS = dict(
    enumerate(["x86_64", "x86_64_v2", "x86_64_v3", "zen2", "zen4", "aarch64", "neoverse_v1"], start=1)
)


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("target=x86_64:", {1, 2, 3, 4, 5}),
        ("target=x86_64_v3:", {3, 4, 5}),
        ("target=:x86_64_v3", {1, 2, 3}),
        ("target=x86_64_v2:zen2", {2, 3, 4}),
        ("target=aarch64:", {6, 7}),
        ("target=zen4:x86_64", set()),
        ("target=x86_64:neoverse_v1", set()),
        ("target=:zen2,aarch64", {1, 2, 3, 4, 6}),
        ("target=icelake:", set()),
        ("target=:", {1, 2, 3, 4, 5, 6, 7}),
        ("arch=linux-debian12-zen2:", {4, 5}),
    ],
)
def test_ranges_of_targets(text: str, numbers: set[int], dialect: Dialect, found: Found) -> None:
    specs = [build(number, target=target) for number, target in TARGETS.items()]
    assert found(specs, dialect)(text) == numbers


@pytest.mark.parametrize("dialect", BOTH)
def test_a_target_that_the_catalog_alone_knows(dialect: Dialect, found: Found) -> None:
    specs = [
        build(1, target="zen99", target_parents=("zen4",)),
        build(2, target="zen4"),
        build(3, target="mystery"),
    ]
    find = found(specs, dialect)
    assert find("target=x86_64_v3:") == {1, 2}
    assert find("target=zen99:") == {1}
    assert find("target=:zen99") == {1, 2}
    assert find("target=mystery:") == {3}
    assert find("target=zen3:zen4") == {2}


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("target=nosuch:", (7, 13)),
        ("zlib target=:nosuch", (13, 19)),
        ("zlib target=zen2,zen2:nosuch +x", (22, 28)),
        ("zlib ^zlib target=nosuch:zen4", (18, 24)),
        ("zlib   arch=linux-debian12-nosuch:", (27, 33)),
    ],
)
def test_a_bound_that_is_no_target(text: str, span: tuple[int, int], catalog_of: CatalogOf) -> None:
    engine = Engine(catalog_of([build(1, target="zen4")]))
    for exact in (True, False):
        with pytest.raises(QuerySyntaxError, match="nosuch is not a target") as caught:
            engine.select(Selection(text, exact=exact))
        assert caught.value.spans == (span,)


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
    ],
)
def test_an_old_record_below_a_new_one_has_its_compiler(text: str, numbers: set[int], found: Found) -> None:
    specs = [
        user(1, need("zlib", 2, "link")),
        build(2, "zlib", compilers=("clang@17.0.6",), spec_format=4, variants=(("x", True),)),
        user(3, need("zlib", 4, "link")),
        build(4, "zlib", compilers=("gcc@13.2.0",), spec_format=1),
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
        (f"^mpi/{dag_hash(12)}", {2}, {2}),
        ("mpi", {11, 12, 13}, {11, 12, 13}),
        ("mpi@99:", {11, 12, 13}, {11, 12, 13}),
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
    ]
    assert found(of_format(6, specs), NEW)(text) == numbers


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
    evaluator = Evaluator(catalog)
    by_dialect = {
        dialect: {
            NUMBERS[catalog.dag_hash(row)] for row in evaluator.evaluate(parse("^p9", dialect), dialect)
        }
        for dialect in BOTH
    }
    assert by_dialect == {OLD: {1, 4}, NEW: set()}
    assert [len(evaluator.rows_of(dialect)) for dialect in BOTH] == [2, 3]


@pytest.mark.parametrize("dialect", BOTH)
def test_the_catalog_is_left_as_it_is(dialect: Dialect, catalog_of: CatalogOf) -> None:
    catalog = catalog_of(of_format(4 if dialect is OLD else 5, BUILDS))
    evaluator = Evaluator(catalog)
    for text in ("", "+mpi", "hdf5", "os=rhel8", "^zlib", "target=zen4:", f"/{dag_hash(1)}"):
        first = set(evaluator.evaluate(parse(text, dialect), dialect))
        evaluator.evaluate(parse(text, dialect), dialect).clear()
        assert set(evaluator.evaluate(parse(text, dialect), dialect)) == first
    assert len(catalog.listed) == len(LISTED)


def test_what_a_record_says_to_provide_may_be_unreadable(found: Found) -> None:
    specs = [
        user(1, need("openmpi", 2, "link", virtuals=("mpi",)), name="hdf5"),
        build(2, "openmpi", compilers=(), provided_virtuals=("mpi@bad!:",)),
    ]
    assert found(specs, NEW)("hdf5 ^mpi@4:") == {1}
