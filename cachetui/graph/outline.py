"""Trees to be unfolded branch by branch: what a build depends on, what depends on it."""

from __future__ import annotations

from collections.abc import Collection, MutableSequence, Sequence
from typing import Any, Protocol

from pyroaring import BitMap

from cachetui.caching import cached_method
from cachetui.catalog import Catalog
from cachetui.graph.dependents import direct_dependents
from cachetui.graph.tree import FOUND_PACE, OnFound, TreeLine, no_matter, root_edge, spanning_tree
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
    """What a build depends on: Spack's tree, each build once.

    Args:
        most: the nodes whose dependencies are looked at; more of them change no number.

    Attributes:
        is_whole: whether all were looked at.
    """

    root = 0

    def __init__(
        self,
        catalog: Catalog,
        row: int,
        deptypes: Collection[str] | None = None,
        most: int | None = None,
        on_found: OnFound = no_matter,
    ) -> None:
        tree = spanning_tree(catalog, row, deptypes, most, on_found)
        self.is_whole = tree.is_whole
        self.nodes = [tree.line(0, root_edge(catalog, row))]
        self._children: dict[int, range] = {}
        for node, line in enumerate(self.nodes):  # which grows meanwhile
            if not node % FOUND_PACE:
                on_found(len(tree.deptypes))
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
        guide = _guide_below(self._guides[line], bool(self._is_last[line]), is_root=not line)
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

    def unfold_all(self, on_found: OnFound = no_matter) -> None:
        """Show every branch: each line is written once, where `unfold` moves all that are below."""
        root = self.branches.root
        self._shown = BitMap([root])
        self._clear()
        pending: list[tuple[int, int, int | None, str, bool, bool]] = [(root, 0, None, "", True, False)]
        while pending:
            node, depth, parent, guide, is_last, is_repeated = pending.pop()
            if not len(self.nodes) % FOUND_PACE:
                on_found(len(self.nodes))
            self._append(node, depth, parent, guide, is_last, is_repeated)
            if is_repeated or not (below := self.branches.children(node)):
                continue
            guide = _guide_below(guide, is_last, is_root=not depth)
            shown = BitMap(below)
            met = shown & self._shown
            self._shown |= shown
            last = below[-1]
            pending += [(each, depth + 1, node, guide, each == last, each in met) for each in reversed(below)]

    def _clear(self) -> None:
        for items in self._items:
            del items[:]

    def _append(
        self, node: int, depth: int, parent: int | None, guide: str, is_last: bool, is_repeated: bool
    ) -> None:
        self.nodes.append(node)
        self.depths.append(depth)
        self._parents.append(parent)
        self._guides.append(guide)
        self._is_last.append(is_last)
        self._is_repeated.append(is_repeated)

    @property
    def _items(self) -> tuple[MutableSequence[Any], ...]:
        """All that has an item for each line."""
        return self.nodes, self.depths, self._parents, self._guides, self._is_last, self._is_repeated

    def folded(self) -> list[int]:
        """The nodes of which something is hidden."""
        return [self.nodes[line] for line in range(len(self.nodes)) if self.can_unfold(line)]

    def line_of(self, node: int) -> int | None:
        """The first line of a node; None if it is hidden."""
        return self.nodes.index(node) if node in self._shown else None

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
        for items in self._items:
            del items[at]
        return True


def _guide_below(guide: str, is_last: bool, is_root: bool) -> str:
    """What leads to the nodes below a node."""
    guide += "" if is_root else "  " if is_last else "│ "
    return f"… {guide[4 - WIDEST_GUIDE :]}" if len(guide) > WIDEST_GUIDE else guide
