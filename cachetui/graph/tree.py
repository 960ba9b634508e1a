"""The dependency tree of a build, as Spack draws it: each build once, at its first place."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from msgspec import Struct

from cachetui.catalog import Catalog, Edge
from cachetui.spec import Dependency


class TreeLine(Struct, frozen=True):
    """One build in a tree.

    Args:
        depth: 0 for the root.
        row: the build; None if no source lists it.
        deptypes: by all the builds of the tree that depend on it.
    """

    depth: int
    row: int | None
    name: str
    dag_hash: str
    deptypes: frozenset[str]


def dependency_tree(catalog: Catalog, root: int) -> Iterator[TreeLine]:
    """The tree from its root down, dependencies by name; it may have cycles and any depth.

    A build that several others depend on stands where the way from the root is shortest.
    """
    children, deptypes = _spanning_tree(catalog, root)
    pending = [(0, Edge(root, Dependency(catalog.column("package")[root], catalog.dag_hash(root))))]
    while pending:
        depth, edge = pending.pop()
        name, dag_hash = edge.dependency.name, edge.dependency.dag_hash
        yield TreeLine(depth, edge.row, name, dag_hash, frozenset(deptypes.get(dag_hash or name, ())))
        if edge.row is not None:
            pending += [(depth + 1, child) for child in reversed(children.get(edge.row, []))]


def _spanning_tree(catalog: Catalog, root: int) -> tuple[dict[int, list[Edge]], dict[str, set[str]]]:
    """(row to the edges that first met its children, breadth first; hash, else name, to all its types)."""
    children: dict[int, list[Edge]] = {}
    deptypes: dict[str, set[str]] = {}
    met = {catalog.dag_hash(root)}
    pending = deque([root])
    while pending:
        row = pending.popleft()
        for edge in sorted(catalog.edges(row), key=lambda edge: edge.dependency.name):
            dag_hash = edge.dependency.dag_hash
            deptypes.setdefault(dag_hash or edge.dependency.name, set()).update(edge.dependency.deptypes)
            if dag_hash and dag_hash in met:
                continue
            met.add(dag_hash)
            children.setdefault(row, []).append(edge)
            if edge.row is not None:
                pending.append(edge.row)
    return children, deptypes
