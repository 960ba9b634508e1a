"""Dependents and ancestors of sets of rows: what a walk over the edges of each row finds."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from cachetui.catalog import Catalog, Relation, dag
from cachetui.catalog.compile import ancestry, compile_catalog, dependents
from cachetui.catalog.schema import DEEPEST, EdgeKind
from cachetui.catalog.storage import Storage
from cachetui.errors import CatalogError
from cachetui.spec import Dependency, Spec
from tests.builders.damage import executed, forged
from tests.conftest import MIRROR_12, CatalogOf, build, dag_hash, read

RUNTIME = {"link", "run"}

EdgeList = list[tuple[int, int, EdgeKind]]
"""(dependent, dependency, kind) of each edge between rows."""


def edge_list(catalog: Catalog) -> EdgeList:
    """Every edge between rows, read row by row."""
    return [
        (row, edge.row, EdgeKind(edge.dependency.name, edge.dependency.deptypes, edge.dependency.virtuals))
        for row in range(len(catalog))
        for edge in catalog.edges(row)
        if edge.row is not None
    ]


def naive_dependents(edges: EdgeList, rows: set[int], kinds: set[EdgeKind] | None = None) -> set[int]:
    return {source for source, target, kind in edges if target in rows and (kinds is None or kind in kinds)}


def naive_ancestors(edges: EdgeList, rows: set[int], relation: Relation) -> set[int]:
    """A search upwards from the rows, edge by edge."""
    above: dict[int, set[int]] = {}
    for source, target, kind in edges:
        if relation is Relation.ALL or RUNTIME & set(kind.deptypes):
            above.setdefault(target, set()).add(source)
    found: set[int] = set()
    waiting = list(rows)
    while waiting:
        new = above.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return found


def assert_as_a_walk(catalog: Catalog, seed: int, questions: int) -> None:
    """Random sets of rows and of edge kinds have the dependents and ancestors that a walk finds."""
    chance = random.Random(seed)
    edges, kinds = edge_list(catalog), catalog.dag.edge_kinds
    for question in range(questions):
        some_rows = chance.sample(range(len(catalog)), chance.randint(0, len(catalog)) >> question % 5)
        rows = set(some_rows if question else range(len(catalog)))
        some = set(chance.sample(range(len(kinds)), chance.randint(0, len(kinds))))
        for relation in Relation:
            assert set(catalog.dag.ancestors(BitMap(rows), relation)) == naive_ancestors(
                edges, rows, relation
            )
        assert set(catalog.dag.dependents(BitMap(rows))) == naive_dependents(edges, rows)
        wanted = {kinds[number] for number in some}
        for relation in Relation:
            last = {kind for kind in wanted if relation is Relation.ALL or RUNTIME & set(kind.deptypes)}
            users = naive_dependents(edges, rows, last)
            assert set(catalog.dag.ancestors_by(BitMap(rows), some, relation)) == users | naive_ancestors(
                edges, users, relation
            )
        assert set(catalog.dag.dependents(BitMap(rows), some)) == naive_dependents(edges, rows, wanted)


# Against a walk

NODES = 9
UNLISTED = 3

dependencies = st.builds(
    lambda to, deptypes, virtuals: Dependency(f"p{to}", dag_hash(to) if to >= 0 else "", deptypes, virtuals),
    st.integers(-1, NODES + UNLISTED - 1),
    st.sampled_from([(), ("build",), ("link",), ("build", "run"), ("test",), ("build", "link", "run")]),
    st.sampled_from([(), ("mpi",)]),
)


@st.composite
def graphs(draw: st.DrawFn) -> list[Spec]:
    """A few specs with edges to any of them, themselves too, and to some that no source lists."""
    nodes = draw(st.integers(1, NODES))
    forward = draw(st.booleans())
    edges = st.lists(dependencies, max_size=5).map(tuple)
    return [
        build(
            n, f"p{n}", dependencies=tuple(d for d in draw(edges) if not forward or d.dag_hash > dag_hash(n))
        )
        for n in range(nodes)
    ]


@settings(max_examples=150, deadline=None)
@given(
    specs=graphs(),
    seed=st.integers(0, 99),
    many=st.sampled_from([0, 2, 1000]),
    room=st.sampled_from([1 << 20, 100, 0]),
)
def test_any_graph(specs: list[Spec], seed: int, many: int, room: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(dag, "_MANY", many)
        patch.setattr(dag, "_MANY_PARTS", many)
        patch.setattr(dag, "_FEW_PARTS", min(many, 1))
        patch.setattr(ancestry, "ROOM", room)
        patch.setattr(ancestry, "ROOM_PER_ROW", 0)
        for module in (dependents, dag):
            patch.setattr(module, "ENDS_CHUNK", 3)
        compile_catalog(specs, Path(folder) / "c.sqlite")
        with closing(Catalog(Path(folder) / "c.sqlite")) as catalog:
            assert_as_a_walk(catalog, seed, 4)


@pytest.mark.parametrize("many", [0, 5, 1000])
def test_real_mirrors(
    many: int, real_catalog: Catalog, catalog_of: CatalogOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dag, "_MANY", many)
    monkeypatch.setattr(dag, "_MANY_PARTS", many)
    assert_as_a_walk(real_catalog, many, 15)
    assert_as_a_walk(catalog_of(read(MIRROR_12)[0]), many, 15)


@pytest.mark.parametrize(("step", "reads_edges"), [(1, False), (10, True)])
def test_rows_that_lie_far_apart_are_asked_by_edges(
    step: int, reads_edges: bool, catalog_of: CatalogOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many rows each time: close to each other, their ancestors are in few parts."""
    for module in (ancestry, dag):
        monkeypatch.setattr(module, "ANCESTORS_CHUNK", 10)
    monkeypatch.setattr(dag, "_MANY_PARTS", 5)
    users = [build(1000 + n, "user", needs=[(f"p{n:03}", n, "link")]) for n in range(200)]
    catalog = catalog_of([*(build(n, f"p{n:03}") for n in range(200)), *users])
    rows = BitMap(catalog.row_of(dag_hash(n)) for n in range(0, 20 * step, step))
    assert catalog.dag.ancestors(rows, Relation.ALL) == catalog.dag.dependents(rows)
    other = Catalog(catalog.path)
    read: list[str] = []
    chunk = Storage.chunk

    def read_chunk(storage: Storage, name: str, number: int = 0) -> bytes:
        read.append(name)
        return chunk(storage, name, number)

    monkeypatch.setattr(Storage, "chunk", read_chunk)
    other.dag.ancestors(rows, Relation.ALL)
    assert ("ends" in read) == reads_edges
    other.close()


def test_ancestors_in_several_chunks(catalog_of: CatalogOf, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (ancestry, dag):
        monkeypatch.setattr(module, "ANCESTORS_CHUNK", 7)
    users = [build(n, "user", needs=[("zlib", 1000 + n, "link")]) for n in range(40)]
    catalog = catalog_of([*users, *(build(1000 + n) for n in range(40))])
    zlib, user = BitMap(catalog.package_rows("zlib")), BitMap(catalog.package_rows("user"))
    for relation in Relation:
        assert catalog.dag.ancestors(zlib, relation) == user


# Cases


def test_a_dag_that_would_fill_the_disk_is_walked(
    catalog_of: CatalogOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = [build(n, f"p{n}", needs=[(f"p{n + 1}", n + 1, "link")]) for n in range(9)]
    assert catalog_of(chain).walked == 0
    monkeypatch.setattr(ancestry, "ROOM", 0)
    monkeypatch.setattr(ancestry, "ROOM_PER_ROW", 10)
    catalog = catalog_of(chain)
    assert 0 < catalog.walked < 9
    assert_as_a_walk(catalog, 1, 20)


@pytest.mark.parametrize("size", [400, 3])
def test_a_deep_chain_and_a_ring(size: int, catalog_of: CatalogOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ancestry, "ROOM", 0)
    monkeypatch.setattr(ancestry, "ROOM_PER_ROW", 40)
    chain = [build(n, f"p{n:04}", needs=[(f"p{n + 1:04}", n + 1, "link")]) for n in range(size - 1)]
    chain.append(build(size - 1, f"p{size - 1:04}"))
    ring = [build(size + n, "r", needs=[("r", size + (n + 1) % size, "run")]) for n in range(size)]
    catalog = catalog_of([*chain, *ring])
    rows, round_trip = BitMap([size - 1]), BitMap(catalog.package_rows("r"))
    for relation in Relation:
        assert catalog.dag.ancestors(rows, relation) == BitMap(range(size - 1))
        assert catalog.dag.ancestors(BitMap([round_trip[0]]), relation) == round_trip


def names(catalog: Catalog, rows: BitMap) -> list[str]:
    return [catalog.column("package")[row] for row in rows]


def test_relations(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([
        build(1, "a", needs=[("b", 2, "build")]),
        build(2, "b", needs=[("c", 3, "link")]),
        build(3, "c", needs=[("d", 4)]),
        build(4, "d"),
        build(5, "e", needs=[("c", 3, "run"), ("c", 3, "build")]),
    ])  # fmt: skip
    c, d = BitMap([2]), BitMap([3])
    assert names(catalog, catalog.dag.ancestors(c, Relation.ALL)) == ["a", "b", "e"]
    assert names(catalog, catalog.dag.ancestors(c, Relation.RUNTIME)) == ["b", "e"]
    assert names(catalog, catalog.dag.ancestors(d, Relation.ALL)) == ["a", "b", "c", "e"]
    assert not catalog.dag.ancestors(d, Relation.RUNTIME)
    builds = {n for n, kind in enumerate(catalog.dag.edge_kinds) if "build" in kind.deptypes}
    assert names(catalog, catalog.dag.dependents(c, builds)) == ["e"]
    assert names(catalog, catalog.dag.dependents(c)) == ["b", "e"]
    assert not catalog.dag.dependents(c, [])


def test_cycle_of_all_edges_that_is_none_at_run_time(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([
        build(1, "a", needs=[("b", 2, "link")]),
        build(2, "b", needs=[("a", 1, "build"), ("c", 3, "run")]),
        build(3, "c"),
    ])  # fmt: skip
    assert names(catalog, catalog.dag.ancestors(BitMap([0]), Relation.ALL)) == ["a", "b"]
    assert not catalog.dag.ancestors(BitMap([0]), Relation.RUNTIME)
    assert names(catalog, catalog.dag.ancestors(BitMap([2]), Relation.RUNTIME)) == ["a", "b"]


@pytest.mark.parametrize("turns_back", [False, True])
def test_long_chain(turns_back: bool, catalog_of: CatalogOf) -> None:
    count = 3000
    order = random.Random(0).sample(range(count), count)
    last = [order[0]] if turns_back else []
    needs = {n: [("zlib", to, "link")] for n, to in zip(order, order[1:] + last, strict=False)}
    catalog = catalog_of(build(n, needs=needs.get(n, [])) for n in range(count))
    row_of = [catalog.row_of(dag_hash(n)) for n in order]
    for place in (0, 1, DEEPEST - 1, DEEPEST, DEEPEST + 1, 1500, count - 1):
        above = range(count) if turns_back else row_of[:place]
        for relation in Relation:
            assert catalog.dag.ancestors(BitMap([row_of[place]]), relation) == BitMap(above)
    assert len(catalog.dag.ancestors(BitMap(range(count)), Relation.ALL)) == count - (not turns_back)


def test_answers_may_be_changed(real_catalog: Catalog) -> None:
    rows = BitMap(range(len(real_catalog)))
    questions: list[Callable[[], BitMap]] = [
        lambda: real_catalog.dag.dependents(rows),
        lambda: real_catalog.dag.dependents(rows, range(len(real_catalog.dag.edge_kinds))),
        lambda: real_catalog.dag.ancestors(rows, Relation.ALL),
        lambda: real_catalog.dag.ancestors(rows, Relation.RUNTIME),
    ]
    for ask in questions:
        before = ask()
        assert before
        ask().clear()
        assert ask() == before
    assert rows == BitMap(range(len(real_catalog)))


def test_rows_that_do_not_exist(real_catalog: Catalog) -> None:
    beyond = BitMap([len(real_catalog), 1 << 31])
    assert not real_catalog.dag.dependents(beyond)
    assert not real_catalog.dag.ancestors(beyond, Relation.ALL)


def test_no_rows(catalog_of: CatalogOf) -> None:
    empty = catalog_of([]).dag
    assert (empty.dependents(BitMap()), empty.ancestors(BitMap(), Relation.ALL)) == (BitMap(), BitMap())


# Damage

Change = Callable[[str], Callable[[Path], None]]


@pytest.mark.parametrize("change", [executed, forged])
@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM chunk WHERE name LIKE 'ancestors %'",
        "DELETE FROM chunk WHERE name = 'ancestors 1'",
        "DELETE FROM chunk WHERE name LIKE 'ancestors %' AND number = 1",
        "UPDATE chunk SET data = x'00' WHERE name LIKE 'ancestors %'",
        "UPDATE chunk SET data = x'0000000000000000' WHERE name LIKE 'ancestors %'",
        "UPDATE chunk SET data = x'010000004200000000' WHERE name LIKE 'ancestors %'",
        "UPDATE chunk SET data = x'02000000420000000000' WHERE name LIKE 'ancestors %'",
        "DELETE FROM chunk WHERE name = 'depth'",
        "DELETE FROM chunk WHERE name = 'depth' AND number = 1",
        "UPDATE chunk SET data = x'00' WHERE name = 'depth'",
        "UPDATE chunk SET data = x'00' WHERE name LIKE 'ancestors_0'",
        "UPDATE chunk SET data = 'text' WHERE name = 'depth'",
        "DELETE FROM chunk",
    ],
)
def test_damaged_ancestors(damage: str, change: Change, tmp_path: Path) -> None:
    catalog = damaged(tmp_path, change(damage))
    with closing(catalog), pytest.raises(CatalogError, match="damaged"):
        for relation in Relation:
            catalog.dag.ancestors(BitMap(range(len(catalog))), relation)


@pytest.mark.parametrize("change", [executed, forged])
@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM chunk WHERE name = 'kind_target' AND number = 1",
        "DELETE FROM chunk WHERE name = 'values edge_kind'",
        "DELETE FROM chunk WHERE name = 'group_start'",
        "DELETE FROM chunk WHERE name = 'ends'",
        "UPDATE chunk SET data = x'00' WHERE name = 'ends'",
        "UPDATE chunk SET data = x'4200' WHERE name = 'row_group'",
        "UPDATE chunk SET data = x'42' WHERE name = 'group_kind'",
        "UPDATE chunk SET data = x'42' WHERE name IN ('row_group', 'group_start', 'group_kind')",
    ],
)
def test_damaged_dependents(damage: str, change: Change, tmp_path: Path) -> None:
    catalog = damaged(tmp_path, change(damage))
    with closing(catalog), pytest.raises(CatalogError, match="damaged"):
        catalog.dag.dependents(BitMap(range(len(catalog) // 2)), [1, 200])


@pytest.mark.parametrize("kinds", [None, [1]])
def test_damaged_kinds(kinds: list[int] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dag, "_MANY", 0)
    catalog = damaged(tmp_path, executed("DELETE FROM chunk WHERE name = 'kind_source' AND number = 1"))
    with closing(catalog), pytest.raises(CatalogError, match="damaged"):
        catalog.dag.dependents(BitMap(range(len(catalog))), kinds)


def damaged(folder: Path, change: Callable[[Path], None]) -> Catalog:
    """A catalog of 300 packages in a row, of which one part was damaged."""
    path = folder / "c.sqlite"
    needs = [("link",), ("build",), ("link", "run")]
    compile_catalog(
        [build(n, f"p{n:03}", needs=[(f"p{n + 1:03}", n + 1, *needs[n % 3])]) for n in range(300)], path
    )
    change(path)
    return Catalog(path)
