"""Trees to be unfolded branch by branch: what a build depends on, what depends on it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from pyroaring import BitMap

from cachetui.caching import cached_method
from cachetui.catalog import Catalog
from cachetui.graph.dependents import direct_dependents
from cachetui.graph.tree import TreeLine, root_edge, spanning_tree
from cachetui.spec import sort_deptypes

WIDEST_GUIDE = 40
"""Cells that lead to a node; of deeper ones the last of them are drawn."""


class Branches(Protocol):
    """A tree whose nodes are numbers; the root is `root`."""

    root: int

    def children(self, node: int) -> Sequence[int]:
        """The nodes below a node."""

    def node(self, node: int, parent: int | None) -> TreeLine:
        """What a node is, as a child of its parent."""


class DependencyBranches:
    """What a build depends on: Spack's tree, each build once."""

    root = 0

    def __init__(self, catalog: Catalog, row: int, deptypes: Collection[str] | None = None) -> None:
        tree = spanning_tree(catalog, row, deptypes)
        self.nodes = [tree.line(0, root_edge(catalog, row))]
        self._children: dict[int, range] = {}
        for node, line in enumerate(self.nodes):  # which grows meanwhile
            edges = tree.children.get(line.row, []) if line.row is not None else []
            first = len(self.nodes)
            self.nodes += [tree.line(line.depth + 1, edge) for edge in edges]
            self._children[node] = range(first, len(self.nodes))

    def children(self, node: int) -> Sequence[int]:
        """The dependencies that stand below a node."""
        return self._children[node]

    def node(self, node: int, parent: int | None) -> TreeLine:
        """A dependency; its deptypes are those by all builds of the tree."""
        return self.nodes[node]


class DependentBranches:
    """What depends on a build; nodes are rows, and below each stands what depends on it."""

    def __init__(self, catalog: Catalog, row: int, deptypes: Collection[str] | None = None) -> None:
        self.root = row
        self._catalog = catalog
        self._deptypes = deptypes

    @cached_method
    def children(self, node: int) -> Sequence[int]:
        """The direct dependents of a row."""
        return direct_dependents(self._catalog, node, self._deptypes).to_array()

    def node(self, node: int, parent: int | None) -> TreeLine:
        """A dependent, with the deptypes and virtuals of its edges to the node above."""
        edges = [edge for edge in self._catalog.edges(node) if edge.row == parent]
        return TreeLine(
            0,
            node,
            self._catalog.column("package")[node],
            self._catalog.dag_hash(node),
            frozenset(sort_deptypes(kind for edge in edges for kind in edge.dependency.deptypes)),
            frozenset(virtual for edge in edges for virtual in edge.dependency.virtuals),
        )


class Outline:
    """The lines of a tree; a node that is shown already stands at other places without its branches.

    Hundreds of thousands of lines are possible: each of these lists has an item per line.

    Attributes:
        nodes: the node of each line.
        depths: 0 for the root.
    """

    def __init__(self, branches: Branches) -> None:
        self.branches = branches
        self.nodes = [branches.root]
        self.depths = [0]
        self._parents: list[int | None] = [None]
        self._guides = [""]
        self._is_last = bytearray(b"\1")
        self._is_repeated = bytearray(1)
        self._shown = BitMap([branches.root])
        self.unfold(0)

    def __len__(self) -> int:
        return len(self.nodes)

    def node(self, line: int) -> TreeLine:
        """What stands on a line."""
        return self.branches.node(self.nodes[line], self._parents[line])

    def guide(self, line: int) -> str:
        """The lines of the drawing that lead to a node; empty for the root."""
        if not line:
            return ""
        return self._guides[line] + ("└ " if self._is_last[line] else "├ ")

    def is_unfolded(self, line: int) -> bool:
        """Whether what is below a node is shown."""
        return line + 1 < len(self.nodes) and self.depths[line + 1] > self.depths[line]

    def is_repeated(self, line: int) -> bool:
        """Whether the node has a place of its own elsewhere."""
        return bool(self._is_repeated[line])

    def can_unfold(self, line: int) -> bool:
        """Whether there is anything below a node that is not shown."""
        return not self._is_repeated[line] and not self.is_unfolded(line) and bool(self._below(line))

    def own_line(self, line: int) -> int:
        """The line on which a node stands with its branches."""
        if not self._is_repeated[line]:
            return line
        node = self.nodes[line]
        places = (place for place, other in enumerate(self.nodes) if other == node)
        return next((place for place in places if not self._is_repeated[place]), line)

    def parent(self, line: int) -> int:
        """The line of the node above; the root has none and is its own."""
        depth = self.depths[line]
        if depth <= 1:
            return 0
        while self.depths[line] >= depth:
            line -= 1
        return line

    def _below(self, line: int) -> Sequence[int]:
        return self.branches.children(self.nodes[line])

    def unfold(self, line: int) -> bool:
        """Show what is below a node; False if it has nothing below, or shows it."""
        if self.is_unfolded(line) or self._is_repeated[line]:
            return False
        below = self._below(line)
        count = len(below)
        if not count:
            return False
        guide = self._guides[line] + ("" if not line else "  " if self._is_last[line] else "│ ")
        if len(guide) > WIDEST_GUIDE:
            guide = f"… {guide[4 - WIDEST_GUIDE :]}"
        shown = BitMap(below)
        repeated = bytes(node in self._shown for node in below) if shown & self._shown else bytes(count)
        at = slice(line + 1, line + 1)
        self.nodes[at] = below
        self.depths[at] = [self.depths[line] + 1] * count
        self._parents[at] = [self.nodes[line]] * count
        self._guides[at] = [guide] * count
        self._is_last[at] = bytes(count - 1) + b"\1"
        self._is_repeated[at] = repeated
        self._shown |= shown
        return True

    def unfold_all(self) -> None:
        """Show every branch."""
        line = 0
        while line < len(self.nodes):
            self.unfold(line)
            line += 1

    def fold(self, line: int) -> bool:
        """Hide what is below a node; False if it shows nothing."""
        if not self.is_unfolded(line):
            return False
        end = line + 1
        while end < len(self.nodes) and self.depths[end] > self.depths[line]:
            end += 1
        at = slice(line + 1, end)
        pairs = zip(self.nodes[at], self._is_repeated[at], strict=True)
        self._shown -= BitMap([node for node, repeated in pairs if not repeated])
        for items in (self.nodes, self.depths, self._parents, self._guides, self._is_last, self._is_repeated):
            del items[at]
        return True
