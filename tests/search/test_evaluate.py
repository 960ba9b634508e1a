"""What attributes find, by the meaning of Spack 0.23 and by that of 1.x."""

from __future__ import annotations

import pytest

from cachetui.errors import QuerySyntaxError
from cachetui.query import Dialect, parse
from cachetui.search import Attributes, Engine, Selection, matching
from cachetui.search.evaluate import Evaluator
from cachetui.spec import Place
from tests.conftest import CatalogOf, build, dag_hash
from tests.search.specs import BOTH, NEW, OLD, Found, need, of_format, user

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
@pytest.mark.parametrize("most", [matching.MOST_BITMAPS, 0], ids=["bitmaps", "column"])
def test_versions(
    name: str,
    text: str,
    by_0: set[int],
    by_1: set[int],
    most: int,
    found: Found,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matching, "MOST_BITMAPS", most)
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


@pytest.mark.parametrize("dialect", BOTH)
def test_the_catalog_is_left_as_it_is(dialect: Dialect, catalog_of: CatalogOf) -> None:
    catalog = catalog_of(of_format(4 if dialect is OLD else 5, BUILDS))
    evaluator = Evaluator(Attributes(catalog))
    for text in ("", "+mpi", "hdf5", "os=rhel8", "^zlib", "target=zen4:", f"/{dag_hash(1)}"):
        first = set(evaluator.evaluate(parse(text, dialect), dialect))
        evaluator.evaluate(parse(text, dialect), dialect).clear()
        assert set(evaluator.evaluate(parse(text, dialect), dialect)) == first
    assert len(catalog.listed) == len(LISTED)
