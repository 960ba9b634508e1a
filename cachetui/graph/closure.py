"""What an install from the open mirrors alone finds: the link and run closure of a build, node by node."""

from __future__ import annotations

from collections import deque
from enum import Enum
from itertools import count

from msgspec import Struct
from pyroaring import BitMap

from cachetui.catalog import NO_ROW, Catalog, Relation
from cachetui.graph.tree import FOUND_PACE, OnFound, no_matter


class State(Enum):
    """Where a node of a DAG can be had from."""

    CACHED = "cached"
    EXTERNAL = "external"
    HOLE = "hole"
    """In an index, without a binary."""
    MISSING = "missing"
    """In no index: Spack 1.2 installs its dependents without it."""


class Node(Struct, frozen=True):
    """A node of a closure.

    Args:
        row: None if no source lists it.
        dag_hash: empty if no source names it.
    """

    row: int | None
    name: str
    dag_hash: str
    state: State


class Closure(Struct, frozen=True):
    """A link and run closure, its root first, then breadth first.

    Args:
        is_whole: false if more than was asked for is below.
    """

    nodes: tuple[Node, ...]
    is_whole: bool = True

    @property
    def cached(self) -> tuple[str, ...]:
        """The hashes of the nodes with a binary, sorted."""
        return self.hashes(State.CACHED)

    @property
    def external(self) -> tuple[str, ...]:
        """The hashes of the externals, sorted."""
        return self.hashes(State.EXTERNAL)

    @property
    def hole(self) -> tuple[str, ...]:
        """The hashes of the nodes in an index without a binary, sorted."""
        return self.hashes(State.HOLE)

    @property
    def missing(self) -> tuple[str, ...]:
        """The hashes of the nodes in no index, sorted; the name of a node whose hash is unknown."""
        return self.hashes(State.MISSING)

    @property
    def is_complete(self) -> bool:
        """Whether an install that does not build finds every node."""
        return not self.lacking

    @property
    def lacking(self) -> tuple[Node, ...]:
        """The nodes that an install does not find, by name."""
        lacking = (State.HOLE, State.MISSING)
        return tuple(
            sorted((node for node in self.nodes if node.state in lacking), key=lambda n: (n.name, n.dag_hash))
        )

    def hashes(self, state: State) -> tuple[str, ...]:
        """The hashes of the nodes in a state, sorted."""
        return tuple(sorted(node.dag_hash or node.name for node in self.nodes if node.state is state))


def state_of(catalog: Catalog, row: int | None) -> State:
    """The state of a row, or of a dependency that has none."""
    if row is None:
        return State.MISSING
    if catalog.column("external")[row]:
        return State.EXTERNAL
    return State.CACHED if row in catalog.with_binary else State.HOLE


def runtime_closure(
    catalog: Catalog,
    row: int,
    met: set[int | str] | None = None,
    most: int | None = None,
    on_found: OnFound = no_matter,
) -> Closure:
    """The build itself and all that it reaches by link and run edges.

    Args:
        met: what other closures reached, which is left out; what this one reaches is added.
        most: the nodes whose dependencies are looked at.
    """
    kinds, runtime = catalog.dag.edge_kinds, catalog.dag.runtime_kinds
    nodes = [Node(row, catalog.column("package")[row], catalog.dag_hash(row), state_of(catalog, row))]
    # An edge without a hash leads to a node that only its name tells from others.
    met = set() if met is None else met
    pending = deque([] if row in met else [row])
    met.add(row)
    for number in count():
        if not pending or number == most:
            break
        if not number % FOUND_PACE:
            on_found(number)
        for target, kind in zip(*catalog.edge_numbers(pending.popleft()), strict=True):
            if kind not in runtime or target in met:
                continue
            name = kinds[kind].name
            key = name if target == NO_ROW else target
            if key in met:
                continue
            met.add(key)
            end = target if target < len(catalog) else None
            nodes.append(Node(end, name, catalog.dependency_hash(target), state_of(catalog, end)))
            if end is not None:
                pending.append(end)
    return Closure(tuple(nodes), not pending)


def incomplete(catalog: Catalog) -> BitMap:
    """All rows whose link and run closure, themselves included, has a hole or a missing node."""
    lacking = catalog.lacking | BitMap(range(len(catalog))) - _found(catalog)
    return lacking | catalog.dag.ancestors(lacking, Relation.RUNTIME)


def _found(catalog: Catalog) -> BitMap:
    """The rows with a binary in a mirror, and the externals."""
    without = catalog.in_buildcache - catalog.with_binary
    external = catalog.column("external")
    return catalog.listed - BitMap(row for row in without if not external[row])


def unknown(catalog: Catalog) -> BitMap:
    """All rows of which no source lists the dependencies, as pages do not: they may be incomplete or not."""
    kinds = range(len(catalog.dag.edge_kinds))
    return catalog.facet("spec_format").rows("0") - catalog.dag.sources(kinds)
