"""Terms to rows: each form against the specs themselves, and which versions a version means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cachetui.catalog import Catalog
from cachetui.errors import HashError
from cachetui.query import HashTerm, VersionTerm, parse
from cachetui.search.evaluate import evaluate, version_matches
from cachetui.spec import Place, Spec
from tests.conftest import DATA, CatalogOf, build, dag_hash

SPECS = [
    build(1, "hdf5", version="1.14.6", variants=(("api", "v18"), ("mpi", True), ("shared", True))),
    build(2, "hdf5", version="1.14", compilers=("gcc@11.4.0",), variants=(("api", "v110"), ("mpi", False))),
    build(3, "hdf5", version="1.140", compilers=("clang@17.0.6",), target="zen4", os="rhel8"),
    build(4, "gcc", version="13.2.0", compilers=(), variants=(("languages", ("c", "c++")), ("mpi", "yes"))),
    build(5, "hdf5", version="1.14-rc1", compilers=("gcc@13.2.0", "llvm@17.0.6"), platform="darwin"),
    build(6, "mpich", version="develop", flags=(("cflags", ("-O3", "-g")),), variants=(("s", "a b"),)),
    build(7, "zlib", places=(Place("m", "develop", "e4s"), Place("n", "v1", "root"))),
    build(8, "hdf5", version="1.14.6", in_buildcache=False),
    build(9, "glibc", in_buildcache=False, external="/usr", compilers=("gcc@12.2.0",)),
    build(10, "m4", os="", compilers=(), version="0", patches=("abc" + "0" * 61, "def" + "0" * 61)),
    build(11, "m4", compilers=(), version="0", patches=("abe" + "0" * 61,), namespace="mine"),
]
ALL = {1, 2, 3, 4, 5, 6, 7, 9, 10, 11}
NUMBERS = {dag_hash(number): number for number in range(12)}


@pytest.fixture
def found(catalog_of: CatalogOf) -> Any:
    catalog = catalog_of(SPECS)

    def numbers(text: str) -> set[int]:
        return {NUMBERS[catalog.dag_hash(row)] for row in evaluate(catalog, parse(text).terms)}

    return numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", ALL),
        ("@1.14", {1, 2}),
        ("@1.14.6", {1}),
        ("@=1.14", {2}),
        ("@=1.14.6", {1}),
        ("@1.14-rc1", {5}),
        ("@1", {1, 2, 3, 5, 7, 9}),
        ("@develop", {6}),
        ("@2", set()),
        ("%gcc", {1, 2, 5, 6, 7, 9}),
        ("%gcc@13", {1, 5, 6, 7}),
        ("%gcc@13.2", {1, 5, 6, 7}),
        ("%gcc@=13", set()),
        ("%gcc@=13.2.0", {1, 5, 6, 7}),
        ("%llvm", {5}),
        ("%clang@17", {3}),
        ("%gc", set()),
        ("%gcc %llvm", {5}),
        ("+mpi", {1}),
        ("~mpi", {2}),
        ("-mpi", {2}),
        ("mpi=true", {1}),
        ("mpi=False", {2}),
        ("mpi=yes", {4}),
        ("mpi=0", set()),
        ("+nosuch", set()),
        ("~nosuch", set()),
        ("api=v18", {1}),
        ("api=v1", set()),
        ("languages=c", {4}),
        ("languages=c++", {4}),
        ("languages='c++'", {4}),
        ("s='a b'", {6}),
        ("s=a", set()),
        ('cflags="-O3 -g"', {6}),
        ("os=rhel8", {3}),
        ("target=zen4", {3}),
        ("target=zen", set()),
        ("platform=darwin", {5}),
        ("stack=e4s", {7}),
        ("stack=root", {7}),
        ("tag=v1", {7}),
        ("mirror=here", ALL - {7}),
        ("compiler='clang@17.0.6'", {3}),
        ("compiler=none", {4, 10, 11}),
        ("version=1.14", {2}),
        ("+mpi @1.14 %gcc@13 api=v18 target=x86_64_v3", {1}),
        ("+mpi ~mpi", set()),
        ("arch=linux-debian12-x86_64_v3", ALL - {3, 5, 10}),
        ("arch=linux-rhel8-zen4", {3}),
        ("arch=darwin-debian12-x86_64_v3", {5}),
        ("arch=linux-rhel8-x86_64_v3", set()),
        ("arch=linux-rhel8", {3}),
        ("arch=linux", ALL - {5}),
        ("arch=linux-None-x86_64_v3", {10}),
        ("arch=linux-None-zen4", set()),
        ("patches=abc", {10}),
        ("patches=ab", {10, 11}),
        ("patches=abc,def", {10}),
        ("patches=def,abc", {10}),
        ("patches=abc,abe", set()),
        (f"patches=abe{'0' * 61}", {11}),
        ("patches=bc", set()),
        ("languages=c,c++", {4}),
        ("languages=c++,c", {4}),
        ("languages='c,c++'", {4}),
        ("languages=c,fortran", set()),
        ("os=rhel8,debian12", ALL - {10}),
        ("os=rhel8,nosuch", {3}),
        ("stack=e4s,root", {7}),
        ("namespace=mine", {11}),
        ("namespace=min", set()),
    ],
)
def test_term(text: str, numbers: set[int], found: Any) -> None:
    assert found(text) == numbers


def test_hash_prefixes(found: Any) -> None:
    for number in sorted(ALL):
        assert found(f"/{dag_hash(number)}") == {number}
        assert found(f"/{dag_hash(number)[:31]}") == ALL
    assert found(f"/{dag_hash(8)}") == set()
    assert found("/b") == set()


def test_hash_term_made_by_hand(catalog_of: CatalogOf) -> None:
    with pytest.raises(HashError):
        evaluate(catalog_of(SPECS), [HashTerm("1")])


def test_the_catalog_is_left_as_it_is(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(SPECS)
    evaluate(catalog, parse("+mpi").terms).clear()
    evaluate(catalog, ()).clear()
    assert len(catalog.listed) == len(ALL)
    assert len(evaluate(catalog, parse("+mpi").terms)) == 1


@pytest.mark.parametrize(
    ("version", "asked", "exact", "expected"),
    [
        ("1.14", "1.14", False, True),
        ("1.14.6", "1.14", False, True),
        ("1.14p1", "1.14", False, True),
        ("1.14b", "1.14", False, True),
        ("1.14-foo", "1.14", False, True),
        ("1.140", "1.14", False, False),
        ("1.14rc1", "1.14", False, False),
        ("1.14-rc1", "1.14", False, False),
        ("1.14.1-rc1", "1.14", False, True),
        ("1", "1.14", False, False),
        ("1.2.3", "1-2_3", True, True),
        ("1.2-3", "1.2.3", True, True),
        ("1.02", "1.2", True, True),
        ("1.14.6", "1.14", True, False),
        ("develop", "develop", False, True),
        ("develop", "1.2", False, False),
        ("git.main=1.2", "1.2", False, True),
        ("git.main=1.2.1", "1.2", False, True),
        ("git.main=1.2", "1.2", True, False),
        ("git.main=1.2", "git.main=1.2", False, True),
        ("1.2", "git.main=1.2", False, False),
        ("", "1", False, False),
        ("", "_", False, True),
        ("1", "_", False, False),
    ],
)
def test_version_matches(version: str, asked: str, exact: bool, expected: bool) -> None:
    assert version_matches(version, VersionTerm(asked, exact)) is expected


def test_versions_as_spack_matches_them() -> None:
    cases = json.loads((DATA / "oracle" / "versions.json").read_text())["satisfies"]
    plain = [case for case in cases if not {":", ","} & set(case["constraint"])]
    assert len(plain) > 20
    for case in plain:
        asked = case["constraint"]
        term = VersionTerm(asked.removeprefix("="), asked.startswith("="))
        assert version_matches(case["version"], term) is case["satisfies"], case


def test_real_specs(real_catalog: Catalog, real_specs: list[Spec]) -> None:
    def hashes(text: str) -> set[str]:
        return {real_catalog.dag_hash(row) for row in evaluate(real_catalog, parse(text).terms)}

    listed = [spec for spec in real_specs if spec.listed]
    assert hashes("") == {spec.dag_hash for spec in listed}
    for text, name in (("%gcc@13.2.0", "gcc@13.2.0"), ("%clang@=17.0.6", "clang@17.0.6")):
        assert hashes(text) == {s.dag_hash for s in listed if s.compilers == (name,)} != set()
    assert hashes("+mpi") == {s.dag_hash for s in listed if ("mpi", True) in s.variants} != set()
    assert hashes("~mpi") == {s.dag_hash for s in listed if ("mpi", False) in s.variants} != set()
