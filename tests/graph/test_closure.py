"""Link and run closures: the real Spack's own, a real cache with a hole, random DAGs against a naive walk."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from cachetui.catalog import Catalog
from cachetui.catalog.compile import compile_catalog
from cachetui.graph import Closure, State, incomplete, runtime_closure, state_of, unknown
from cachetui.spec import DEPTYPES, Dependency, Spec
from tests.conftest import CatalogOf, build, dag_hash, read
from tests.graph.conftest import HOLE, Walked

STATES = ("cached", "external", "hole", "missing")


def closure(catalog: Catalog, number: int = 1) -> Closure:
    return runtime_closure(catalog, catalog.row_of(dag_hash(number)))


def hashes(catalog: Catalog, rows: Iterable[int]) -> set[str]:
    return set(map(catalog.dag_hash, rows))


def test_closures_of_spack(walked: Walked) -> None:
    assert len(walked.walks["closures"]) == 20
    for each, expected in walked.walks["closures"].items():
        found = runtime_closure(walked.catalog, walked.catalog.row_of(each))
        assert sorted(node.dag_hash for node in found.nodes) == walked.recorded(expected["link_run"])
        for state in ("external", "hole", "missing"):
            assert list(getattr(found, state)) == walked.recorded(expected[state])
        assert len(found.cached) + len(found.external) == len(expected["link_run"])
        assert found.is_complete


def test_whole_indexes_are_complete(walked: Walked) -> None:
    assert not incomplete(walked.catalog)


def test_hole_of_a_real_cache(with_hole: Catalog) -> None:
    hole = "5ackrco"
    found = {row for row in range(len(with_hole)) if not runtime_closure(with_hole, row).is_complete}
    assert set(incomplete(with_hole)) == found
    assert hole in {with_hole.dag_hash(row)[:7] for row in found}
    names = [with_hole.column("package")[row] for row in sorted(found)]
    assert names == ["cmake", "curl", "hdf5", "hdf5", "hdf5", "openssl", "perl", "zlib-ng"]
    for row in found:
        (lacking,) = runtime_closure(with_hole, row).lacking
        assert (lacking.name, lacking.dag_hash[:7], lacking.state) == ("zlib-ng", hole, State.HOLE)


def test_record_that_is_missing_from_a_real_index(catalog_of: CatalogOf) -> None:
    specs = read(HOLE)[0]
    gone = next(spec for spec in specs if spec.name == "hwloc")
    catalog = catalog_of(spec for spec in specs if spec is not gone)
    found = runtime_closure(catalog, catalog.package_rows("openmpi")[0])
    assert found.missing == (gone.dag_hash,)
    assert [(node.name, node.row) for node in found.lacking] == [("hwloc", None)]
    names = {catalog.column("package")[row] for row in incomplete(catalog)}
    assert {"openmpi", "pmix", "prrte"} <= names
    assert "libpciaccess" not in names


def test_build_and_test_dependencies_do_not_count(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(1, "root", needs=[("a", 2, "build", "link"), ("tool", 3, "build"), ("check", 4, "test")]),
            build(2, "a", needs=[("tool", 3, "build")]),
            build(3, "tool", in_buildcache=False),
        ]
    )
    assert closure(catalog).cached == (dag_hash(1), dag_hash(2))
    assert closure(catalog).is_complete
    assert hashes(catalog, incomplete(catalog)) == {dag_hash(3)}


def test_states(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(1, "root", needs=[("a", 2, "link"), ("e", 3, "run"), ("gone", 9, "link")]),
            build(2, "a", in_buildcache=False, needs=[("gone", 9, "run"), ("gone", 8, "link")]),
            build(3, "e", in_buildcache=False, external="/usr"),
        ]
    )
    found = closure(catalog)
    assert [getattr(found, state) for state in STATES] == [
        (dag_hash(1),),
        (dag_hash(3),),
        (dag_hash(2),),
        (dag_hash(8), dag_hash(9)),
    ]
    assert [(node.name, node.dag_hash) for node in found.lacking] == [
        ("a", dag_hash(2)),
        ("gone", dag_hash(8)),
        ("gone", dag_hash(9)),
    ]
    assert state_of(catalog, None) is State.MISSING
    assert hashes(catalog, incomplete(catalog)) == {dag_hash(1), dag_hash(2)}


def test_edge_without_a_hash(catalog_of: CatalogOf) -> None:
    edges = (Dependency("a", "", ("link",)), Dependency("b", "", ("build",)), Dependency("a", "", ("run",)))
    catalog = catalog_of([build(1, "root", dependencies=edges)])
    assert closure(catalog).missing == ("a",)
    assert list(incomplete(catalog)) == [0]


def test_dependencies_that_no_source_lists_are_unknown(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [build(1), build(2, spec_format=4), build(3, needs=[("zlib", 1, "build")]), build(4, "cmake")]
    )
    assert hashes(catalog, unknown(catalog)) == {dag_hash(1), dag_hash(4)}


def test_cycle(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(1, "a", needs=[("b", 2, "link")]),
            build(2, "b", needs=[("a", 1, "run"), ("c", 3, "link")]),
            build(3, "c", in_buildcache=False),
        ]
    )
    assert closure(catalog).hole == (dag_hash(3),)
    assert len(incomplete(catalog)) == 3


SIZE = 8

_edges = st.lists(
    st.tuples(st.integers(0, SIZE + 2), st.lists(st.sampled_from(DEPTYPES), min_size=1, unique=True)),
    max_size=4,
)
_nodes = st.lists(
    st.tuples(st.sampled_from(["cached", "cached", "external", "hole"]), _edges), min_size=1, max_size=SIZE
)


@given(_nodes)
def test_as_a_naive_walk(nodes: list[tuple[str, list[tuple[int, list[str]]]]]) -> None:
    specs = [
        build(
            number,
            f"p{number}",
            in_buildcache=state == "cached",
            external="/usr" if state == "external" else "",
            needs=[(f"p{to}", to, *types) for to, types in edges],
        )
        for number, (state, edges) in enumerate(nodes)
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "c.sqlite"
        compile_catalog(specs, path)
        with closing(Catalog(path)) as catalog:
            unfinished = hashes(catalog, incomplete(catalog))
            for number in range(len(specs)):
                expected = naive(specs, number)
                found = closure(catalog, number)
                assert {state: set(getattr(found, state)) for state in STATES} == expected
                assert (dag_hash(number) in unfinished) is bool(expected["hole"] | expected["missing"])


def naive(specs: list[Spec], number: int) -> dict[str, set[str]]:
    """State to hashes, node by node."""
    by_hash = {spec.dag_hash: spec for spec in specs}
    found: dict[str, set[str]] = {state: set() for state in STATES}
    pending, met = [dag_hash(number)], set[str]()
    while pending:
        each = pending.pop()
        if each in met:
            continue
        met.add(each)
        spec = by_hash.get(each)
        if spec is None:
            found["missing"].add(each)
            continue
        found["external" if spec.external else "cached" if spec.in_buildcache else "hole"].add(each)
        pending += [d.dag_hash for d in spec.dependencies if {"link", "run"} & set(d.deptypes)]
    return found
