"""Why the hashes of some builds differ: the nodes of their DAGs that differ in themselves."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain

from msgspec import Struct

from cachetui.catalog import Catalog
from cachetui.graph.changed import UNLISTED, Change, Group, changes_of, record_texts
from cachetui.graph.nodes import FIRST_FORMAT_OF_1, Nodes, NodeSet


class Cause(Struct, frozen=True):
    """A node that differs in itself.

    Args:
        is_root: whether it is the compared build.
        above: the other packages that differ, too, because they depend on it.
        below: the package whose dependency it is, where builds have the same nodes of it, but not below that.
    """

    name: str
    is_root: bool
    changes: tuple[Change, ...]
    above: tuple[str, ...]
    below: str = ""


class Causes:
    """The DAGs of some builds, their nodes matched by name."""

    def __init__(self, catalog: Catalog, rows: Sequence[int]) -> None:
        formats = {catalog.column("spec_format")[row] >= FIRST_FORMAT_OF_1 for row in rows}
        self._rows = rows
        self.nodes = Nodes(catalog, compilers_are_own=len(formats) > 1)
        self.closures = [self.nodes.closure(row) for row in rows]
        self._shared = frozenset.intersection(*self.closures) if rows else frozenset()
        names = set(map(self.nodes.name, rows))
        self.root_name = names.pop() if len(names) == 1 else ""
        """The package of all builds; empty if there are several."""

    def found(self) -> list[Cause]:
        """All causes: the builds themselves, then what most others inherit."""
        groups = self._groups()
        self.nodes.read_own({node for group in groups.values() for nodes in group for node in nodes})
        causes: dict[tuple[str, str], tuple[Change, ...]] = {}
        for name, group in groups.items():
            if changes := self._changes(group):
                causes[name, ""] = changes
        for name, group in groups.items():
            switched = list(self._switched(group))
            for child, below in switched:
                if (child, "") in causes or below == groups.get(child):
                    continue
                if changes := self._changes(below):
                    causes[child, name or self.root_name] = changes
            if not switched and (name, "") not in causes and _differ(group):
                causes[name, ""] = (Change(UNLISTED, record_texts(self.nodes, group)),)
        return self._in_order(groups, causes)

    def _groups(self) -> dict[str, Group]:
        """The nodes of each name that are not all the same; an empty name stands for the roots."""
        common = {name: frozenset(nodes) for name, nodes in self._by_name(self._shared).items()}
        by_name = [self._by_name(closure - self._shared) for closure in self.closures]
        roots = [frozenset({row} if self.root_name else ()) for row in self._rows]
        groups: dict[str, Group] = {"": tuple(roots)} if self.root_name else {}
        for name in sorted({name for nodes in by_name for name in nodes}):
            pairs, shared = zip(by_name, roots, strict=True), common.get(name, frozenset())
            groups[name] = tuple(shared.union(nodes.get(name, ())) - root for nodes, root in pairs)
        return groups

    def _by_name(self, nodes: Iterable[int]) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for node in nodes:
            found.setdefault(self.nodes.name(node), set()).add(node)
        return found

    def _changes(self, group: Group) -> tuple[Change, ...]:
        """In what the nodes of one name differ in themselves; nothing if only one build has them."""
        if not _differ(group):
            return ()
        present = {nodes for nodes in group if nodes}
        ignored = self.nodes.ignored(chain.from_iterable(present))
        if len({self._own(nodes, ignored) for nodes in present}) < 2:
            return ()
        shared = frozenset.intersection(*present)
        if all(nodes - shared for nodes in present):
            group = tuple(nodes - shared for nodes in group)
        return tuple(changes_of(self.nodes, group, ignored))

    def _own(self, nodes: Iterable[int], ignored: frozenset[str]) -> frozenset[Hashable]:
        return frozenset(self.nodes.own(node, ignored) for node in nodes)

    def _switched(self, group: Group) -> Iterator[tuple[str, Group]]:
        """The dependencies of some nodes that are not the same in all builds.

        Two builds of one package may change places: all DAGs have both, but not below the same nodes.
        """
        if not _differ(group):
            return
        # Most builds have the same nodes of a name.
        children = {
            nodes: self._by_name(target for node in nodes for target, _ in self.nodes.edges(node))
            for nodes in set(group)
        }
        for name in sorted({name for by_name in children.values() for name in by_name}):
            of_nodes = {nodes: frozenset(by_name.get(name, ())) for nodes, by_name in children.items()}
            below = tuple(of_nodes[nodes] for nodes in group)
            if _differ(below):
                yield name, below

    def _in_order(
        self, groups: dict[str, Group], causes: dict[tuple[str, str], tuple[Change, ...]]
    ) -> list[Cause]:
        users = self._users() if causes else {}
        found = []
        for (name, below), changes in causes.items():
            nodes: NodeSet = frozenset().union(*groups.get(below or name, ())) - self._shared
            above = {self.nodes.name(node) for node in _reached(nodes, users)} | {below} - {""}
            package = name or self.root_name
            found.append(Cause(package, not name, changes, tuple(sorted(above - {package})), below))
        return sorted(found, key=lambda c: (not c.is_root, -len(c.above), c.name, c.below))

    def _users(self) -> dict[int, list[int]]:
        """The nodes that depend on each node directly, of those that not all builds have."""
        users: dict[int, list[int]] = {}
        everything: NodeSet = frozenset().union(*self.closures)
        for node in everything - self._shared:
            for target, _ in self.nodes.edges(node):
                users.setdefault(target, []).append(node)
        return users


def root_causes(catalog: Catalog, rows: Sequence[int]) -> list[Cause]:
    """The nodes that differ in themselves: the builds, then what most others inherit."""
    return Causes(catalog, rows).found()


def _differ(group: Group) -> bool:
    """Whether several builds have nodes in a group, and not the same ones."""
    return len({nodes for nodes in group if nodes}) > 1


def _reached(nodes: NodeSet, edges: dict[int, list[int]]) -> set[int]:
    """What some nodes lead to, without themselves."""
    met = set(nodes)
    pending: Iterable[int] = nodes
    while pending:
        pending = {target for node in pending for target in edges.get(node, ())} - met
        met |= pending
    return met - nodes
