"""The dependency tree of a build, as Spack draws it: each build once, at its first place."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from itertools import count

from msgspec import Struct
from msgspec.structs import replace

from cachetui.catalog import NO_ROW, Catalog, Edge
from cachetui.spec import Dependency

OnFound = Callable[[int], None]
"""Called now and then with the number of nodes that were found; may raise Cancelled."""

FOUND_PACE = 500
"""Nodes between two calls of it."""


def no_matter(found: int) -> None:
    """Nobody waits."""


class TreeLine(Struct, frozen=True, gc=False):
    """One build in a tree.

    Args:
        depth: 0 for the root.
        row: the build; None if no source lists it.
        deptypes: by all the builds of the tree that depend on it.
        virtuals: likewise.
    """

    depth: int
    row: int | None
    name: str
    dag_hash: str
    deptypes: frozenset[str]
    virtuals: frozenset[str] = frozenset()


class SpanningTree(Struct, frozen=True):
    """The edges that first meet a node, breadth first, and what all edges to a node say together.

    Args:
        children: row to its edges in the tree, by name.
        deptypes: hash, else name, to the deptypes of a node.
        virtuals: likewise.
        is_whole: false if more than was asked for is below.
    """

    children: dict[int, list[Edge]]
    deptypes: dict[str, set[str]]
    virtuals: dict[str, set[str]]
    is_whole: bool = True

    def line(self, depth: int, edge: Edge) -> TreeLine:
        """The line of the node that an edge leads to."""
        name, dag_hash = edge.dependency.name, edge.dependency.dag_hash
        key = dag_hash or name
        deptypes, virtuals = self.deptypes.get(key, ()), self.virtuals.get(key, ())
        return TreeLine(depth, edge.row, name, dag_hash, frozenset(deptypes), frozenset(virtuals))


def dependency_tree(
    catalog: Catalog, root: int, deptypes: Collection[str] | None = None
) -> Iterator[TreeLine]:
    """The tree from its root down, dependencies by name; it may have cycles and any depth.

    A build that several others depend on stands where the way from the root is shortest.

    Args:
        deptypes: only edges of any of these are followed.
    """
    tree = spanning_tree(catalog, root, deptypes)
    pending = [(0, root_edge(catalog, root))]
    while pending:
        depth, edge = pending.pop()
        yield tree.line(depth, edge)
        if edge.row is not None:
            pending += [(depth + 1, child) for child in reversed(tree.children.get(edge.row, []))]


def root_edge(catalog: Catalog, root: int) -> Edge:
    """An edge that leads to the root of a tree."""
    return Edge(root, Dependency(catalog.column("package")[root], catalog.dag_hash(root)))


def spanning_tree(
    catalog: Catalog,
    root: int,
    deptypes: Collection[str] | None = None,
    most: int | None = None,
    on_found: OnFound = no_matter,
) -> SpanningTree:
    """Walk the DAG below a build, breadth first.

    Args:
        most: the nodes whose dependencies are looked at; what they are, more of them do not change.
    """
    tree = SpanningTree({}, {}, {})
    met = {catalog.dag_hash(root)}
    followed: set[tuple[int, int]] = set()
    pending = deque([root])
    for number in count():
        if not pending or number == most:
            break
        if not number % FOUND_PACE:
            on_found(number)
        row = pending.popleft()
        # Many builds share an edge. Without a hash, each is one of its own.
        new = [edge for edge in zip(*catalog.edge_numbers(row), strict=True) if edge not in followed]
        followed.update(edge for edge in new if edge[0] != NO_ROW)
        for edge in sorted(map(catalog.edge, new), key=lambda edge: edge.dependency.name):
            dependency = edge.dependency
            if deptypes is not None and set(deptypes).isdisjoint(dependency.deptypes):
                continue
            key = dependency.dag_hash or dependency.name
            tree.deptypes.setdefault(key, set()).update(dependency.deptypes)
            tree.virtuals.setdefault(key, set()).update(dependency.virtuals)
            if dependency.dag_hash and dependency.dag_hash in met:
                continue
            met.add(dependency.dag_hash)
            tree.children.setdefault(row, []).append(edge)
            if edge.row is not None:
                pending.append(edge.row)
    return replace(tree, is_whole=not pending)
