"""Dependency trees: Spack's own for real specs, and graphs that no Spack would write."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cachetui.catalog import Catalog
from cachetui.graph import TreeLine, dependency_tree
from cachetui.spec import DEPTYPES, Dependency
from tests.conftest import DATA, CatalogOf, build, dag_hash

RENDERS = json.loads((DATA / "oracle" / "renders.json").read_text())["specs"]


def lines(catalog: Catalog, number: int = 1) -> list[TreeLine]:
    return list(dependency_tree(catalog, catalog.row_of(dag_hash(number))))


def drawn(catalog: Catalog, number: int = 1) -> list[str]:
    """A tree as text: indented names with the first letters of their dependency types."""
    return [
        "  " * line.depth
        + f"{line.name} {''.join(kind[0] for kind in DEPTYPES if kind in line.deptypes)}".rstrip()
        for line in lines(catalog, number)
    ]


@pytest.mark.parametrize(("name", "deptypes"), [("tree", None), ("tree_linkrun", ("link", "run"))])
@pytest.mark.parametrize("render", RENDERS, ids=[render["hash"][:7] for render in RENDERS])
def test_trees_of_spack(
    render: dict[str, Any], name: str, deptypes: tuple[str, ...] | None, real_catalog: Catalog
) -> None:
    root = real_catalog.row_of(render["hash"])
    found = [
        [line.dag_hash[:7], "".join(k[0] if k in line.deptypes else " " for k in DEPTYPES), line.depth]
        for line in dependency_tree(real_catalog, root, deptypes)
    ]
    assert found == render[name]


def test_virtuals_of_all_edges(catalog_of: CatalogOf) -> None:
    edges = (
        Dependency("openmpi", dag_hash(2), ("link",), ("mpi",)),
        Dependency("b", dag_hash(3), ("link",)),
    )
    below = (Dependency("openmpi", dag_hash(2), ("build",), ("mpi-sgi",)),)
    specs = [
        build(1, "root", dependencies=edges),
        build(2, "openmpi"),
        build(3, "b", dependencies=below),
    ]
    (line,) = (line for line in lines(catalog_of(specs)) if line.name == "openmpi")
    assert (line.virtuals, line.deptypes) == (frozenset({"mpi", "mpi-sgi"}), frozenset({"link", "build"}))
    (line,) = dependency_tree(catalog_of(specs), 2, ["build"])
    assert (line.depth, line.name) == (0, "root")


def test_rows_and_names(real_catalog: Catalog) -> None:
    root = real_catalog.row_of(RENDERS[0]["hash"])
    for line in dependency_tree(real_catalog, root):
        assert line.row is not None
        assert real_catalog.dag_hash(line.row) == line.dag_hash
        assert real_catalog.spec(line.row).name == line.name


def test_leaf(catalog_of: CatalogOf) -> None:
    assert lines(catalog_of([build(1)])) == [TreeLine(0, 0, "zlib", dag_hash(1), frozenset())]


def test_shared_dependency_stands_once_nearest_to_the_root(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(1, "root", needs=[("a", 2, "build"), ("z", 4, "link")]),
            build(2, "a", needs=[("b", 3, "run")]),
            build(3, "b", needs=[("z", 4, "build", "run")]),
            build(4, "z"),
        ]
    )
    assert drawn(catalog) == ["root", "  a b", "    b r", "  z blr"]


def test_dependencies_by_name(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(1, "root", needs=[("c", 4), ("a", 2), ("b", 3)]),
            *(build(n, c) for n, c in ((2, "a"), (3, "b"), (4, "c"))),
        ]
    )
    assert drawn(catalog) == ["root", "  a", "  b", "  c"]


def test_two_builds_of_one_package(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(1, "root", needs=[("python", 2, "build"), ("python", 3, "run")]),
            build(2, "python"),
            build(3, "python"),
        ]
    )
    assert [(line.dag_hash, line.deptypes) for line in lines(catalog)[1:]] == [
        (dag_hash(2), frozenset({"build"})),
        (dag_hash(3), frozenset({"run"})),
    ]


def test_unlisted_dependencies(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(1, "root", needs=[("a", 2, "link"), ("gone", 9, "link")]),
            build(2, "a", needs=[("gone", 9, "run")]),
        ]
    )
    assert drawn(catalog) == ["root", "  a l", "  gone lr"]
    assert lines(catalog)[-1] == TreeLine(1, None, "gone", dag_hash(9), frozenset({"link", "run"}))


def test_edges_without_a_hash(catalog_of: CatalogOf) -> None:
    edges = (
        Dependency("a", "", ("build",)),
        Dependency("b", "", ("run",)),
        Dependency("c", dag_hash(2), ("link",)),
    )
    catalog = catalog_of([build(1, "root", dependencies=edges), build(2, "c")])
    assert drawn(catalog) == ["root", "  a b", "  b r", "  c l"]


def test_cycles(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(1, "a", needs=[("a", 1, "link"), ("b", 2, "link")]),
            build(2, "b", needs=[("c", 3, "link")]),
            build(3, "c", needs=[("a", 1, "run"), ("b", 2, "run")]),
        ]
    )
    for number in (1, 2, 3):
        assert sorted(line.name for line in lines(catalog, number)) == ["a", "b", "c"]
    assert [line.depth for line in lines(catalog)] == [0, 1, 2]


def test_depth_of_two_thousand(catalog_of: CatalogOf) -> None:
    depth = 2000
    catalog = catalog_of(build(n, f"p{n}", needs=[(f"p{n + 1}", n + 1, "link")]) for n in range(1, depth))
    found = lines(catalog)
    assert [line.depth for line in found] == list(range(depth))
    assert (found[-1].name, found[-1].row) == (f"p{depth}", None)


def test_wide_and_shared(catalog_of: CatalogOf) -> None:
    layers = [[layer * 10 + i for i in range(1, 11)] for layer in range(6)]
    specs = [
        build(number, f"p{number}", needs=[(f"p{to}", to, "link") for to in below])
        for layer, below in zip(layers, [*layers[1:], []], strict=True)
        for number in layer
    ]
    found = lines(catalog_of(specs))
    assert len(found) == 51
    assert len({line.dag_hash for line in found}) == 51
