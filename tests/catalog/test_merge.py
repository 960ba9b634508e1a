"""One build seen in several sources: one row, places united, the fuller record, whatever the order."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachetui.catalog.compile import Staging
from cachetui.catalog.schema import COLUMNS
from cachetui.spec import Dependency, Place, Spec
from tests.builders.mirrors import mirror
from tests.conftest import DATA, MIRROR_023, CatalogOf, build, dag_hash, read

PAGE = DATA / "pages" / "_cache" / "develop" / "py-filelock" / "specs.md"


def merged(catalog_of: CatalogOf, *specs: Spec) -> Spec:
    """The one spec that is left; the same in any order."""
    found = {json.dumps(msgspec.to_builtins(row)) for row in _merged_in_any_order(catalog_of, specs)}
    assert len(found) == 1
    return catalog_of(specs).spec(0)


def _merged_in_any_order(catalog_of: CatalogOf, specs: tuple[Spec, ...]) -> list[Spec]:
    catalogs = [catalog_of(order) for order in permutations(specs)]
    assert {len(catalog) for catalog in catalogs} == {1}
    return [catalog.spec(0) for catalog in catalogs]


def index_of(specs: list[Spec], folder: Path) -> Path:
    """An index that knows more about the builds of a page."""
    python = {"name": "python", "hash": dag_hash(1), "parameters": {"deptypes": ["run"], "virtuals": []}}
    records: dict[str, dict[str, object]] = {
        spec.dag_hash: {
            "spec": {
                "name": spec.name,
                "version": spec.version,
                "namespace": "builtin",
                "arch": {"platform": spec.platform, "platform_os": spec.os, "target": spec.target},
                "parameters": dict(spec.variants),
                "annotations": {"compiler": (spec.compilers or ("none",))[0], "original_specfile_version": 4},
                "dependencies": [python],
            }
        }
        for spec in specs
    }
    return Path(mirror(folder, *records.items()))


def test_page_and_index(tmp_path: Path, catalog_of: CatalogOf) -> None:
    listed, _ = read(PAGE)
    site = index_of(listed[:50], tmp_path / "site")
    catalogs = [catalog_of(read(*order)[0]) for order in permutations([PAGE, site])]
    for catalog in catalogs:
        assert len(catalog) == len(listed) == 124
        both = catalog.facet("mirror").rows("site")
        assert {catalog.dag_hash(row) for row in both} == {spec.dag_hash for spec in listed[:50]}
        for spec in listed:
            row = catalog.row_of(spec.dag_hash)
            found = catalog.spec(row)
            assert set(found.places) == {*spec.places, *([Place(mirror="site")] if row in both else [])}
            assert (found.compilers, found.variants) == (spec.compilers, spec.variants)
            assert found.spec_format == (4 if row in both else 0)
            assert [edge.name for edge in found.dependencies] == (["python"] if row in both else [])
    assert [catalogs[0].spec(row) for row in range(124)] == [catalogs[1].spec(row) for row in range(124)]


def test_index_twice(catalog_of: CatalogOf) -> None:
    once, twice = catalog_of(read(MIRROR_023)[0]), catalog_of(read(MIRROR_023, MIRROR_023)[0])
    assert len(once) == len(twice) == 385
    assert [once.spec(row) for row in range(385)] == [twice.spec(row) for row in range(385)]


def test_fuller_record_wins(catalog_of: CatalogOf) -> None:
    page = build(places=(Place(tag="develop", stack="e4s"),), namespace="", size=10)
    full = build(namespace="builtin", needs=[("gmake", 2, "build")], os="ubuntu22.04", places=(Place("m"),))
    found = merged(catalog_of, page, full)
    assert (found.namespace, found.os) == ("builtin", "ubuntu22.04")
    assert found.places == (Place("", "develop", "e4s"), Place("m"))
    assert found.dependencies == full.dependencies
    assert found.size == 10


def test_what_the_fuller_record_lacks_comes_from_the_other(catalog_of: CatalogOf) -> None:
    page = build(target="zen4", size=10, variants=(("shared", True),))
    full = build(target="", needs=[("gmake", 2, "build")], package_hash="x", size=3)
    found = merged(catalog_of, page, full)
    assert (found.target, found.variants, found.size) == ("zen4", (("shared", True),), 10)
    assert found.package_hash == "x"


def test_binary_in_one_source_is_enough(catalog_of: CatalogOf) -> None:
    hole = build(in_buildcache=False, needs=[("gmake", 2, "build")])
    assert merged(catalog_of, hole, build()).in_buildcache
    assert not merged(catalog_of, hole, hole).in_buildcache


def test_three_sources(catalog_of: CatalogOf) -> None:
    pages = [build(places=(Place(tag=tag),)) for tag in ("a", "b")]
    index = build(places=(Place("m"),), package_hash="x", needs=[("gmake", 2, "build")])
    found = merged(catalog_of, *pages, index)
    assert found.places == (Place(tag="a"), Place(tag="b"), Place("m"))
    assert (found.package_hash, len(found.dependencies)) == ("x", 1)


def test_equally_full_records_in_any_order(catalog_of: CatalogOf) -> None:
    found = merged(catalog_of, build(spec_format=4, os="a"), build(spec_format=5, os="b"))
    assert (found.spec_format, found.os) in {(4, "a"), (5, "b")}
    edges = [build(needs=[("gmake", number, "build")]) for number in (2, 3)]
    assert merged(catalog_of, *edges).dependencies in {edge.dependencies for edge in edges}


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "version": st.sampled_from(["", "1.2", "1.3"]),
        "os": st.sampled_from(["", "a", "b"]),
        "compilers": st.sampled_from([(), ("gcc@12",), ("gcc@13",)]),
        "spec_format": st.sampled_from([0, 4, 5]),
        "in_buildcache": st.booleans(),
        "needs": st.sampled_from([(), [("gmake", 2, "build")], [("gmake", 3, "link")]]),
        "places": st.sampled_from([(), (Place("m"),), (Place(tag="t"), Place("m"))]),
        "size": st.integers(0, 5),
    },
)


@settings(max_examples=150, deadline=None)
@given(FIELDS, FIELDS)
def test_any_two_records_merge_alike(one: dict[str, Any], two: dict[str, Any]) -> None:
    views = []
    for order in permutations([build(**one), build(**two)]):
        staging = Staging()
        for spec in order:
            staging.add(spec)
        values = {name: staging.interners[name].values for name in COLUMNS}
        row = [values[name][i] for name, i in zip(COLUMNS, staging.row(0), strict=True)]
        edges = [(staging.hashes[h], staging.edge_kinds.values[k]) for h, k in staging.edges(0)]
        views.append((row, edges, staging.sizes, list(staging.in_buildcache)))
    assert views[0] == views[1]


# Old formats name a spec by another of its hashes


def test_edges_by_another_hash(catalog_of: CatalogOf) -> None:
    gmake = build(2, "gmake", legacy_hashes=(dag_hash(20), dag_hash(21)))
    users = [build(number, needs=[("gmake", to, "build")]) for number, to in ((3, 20), (4, 21), (5, 2))]
    catalog = catalog_of([*users, gmake])
    row = catalog.row_of(dag_hash(2))
    for number in (3, 4, 5):
        (edge,) = catalog.edges(catalog.row_of(dag_hash(number)))
        assert (edge.row, edge.dependency.dag_hash) == (row, dag_hash(2))


def test_a_hash_that_two_builds_also_have(catalog_of: CatalogOf) -> None:
    specs = [build(n, "gmake", legacy_hashes=(dag_hash(20),)) for n in (3, 2)]
    specs.append(build(4, needs=[("gmake", 20, "build")]))
    for order in permutations(specs):
        catalog = catalog_of(order)
        (edge,) = catalog.edges(catalog.row_of(dag_hash(4)))
        assert edge.dependency.dag_hash == dag_hash(2)


# Compilers that are named by edges only


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ([("gcc", 7, ("c", "cxx"))], ("gcc@13.2.0",)),
        ([("llvm", 8, ("c",)), ("gcc", 7, ("fortran",))], ("gcc@13.2.0", "llvm@17.0.6")),
        ([("gcc", 7, ("c",)), ("gcc", 7, ("fortran",))], ("gcc@13.2.0",)),
        ([("gcc", 99, ("c",))], ("gcc",)),
        ([("gcc", 7, ())], ()),
        ([("gcc-runtime", 9, ("libc",))], ()),
    ],
)
def test_compilers_from_edges(
    edges: list[tuple[str, int, tuple[str, ...]]], expected: tuple[str, ...], catalog_of: CatalogOf
) -> None:
    others = [build(7, "gcc", version="13.2.0"), build(8, "llvm", version="17.0.6"), build(9, "gcc-runtime")]
    dependencies = tuple(Dependency(n, dag_hash(to), ("build",), v) for n, to, v in edges)
    for order in permutations([build(compilers=None, dependencies=dependencies), *others]):
        catalog = catalog_of(order)
        assert catalog.spec(catalog.row_of(dag_hash(1))).compilers == expected


def test_compiler_edge_without_a_hash(catalog_of: CatalogOf) -> None:
    edge = Dependency("gcc", "", ("build",), ("c",))
    assert catalog_of([build(compilers=None, dependencies=(edge,))]).spec(0).compilers == ("gcc",)
