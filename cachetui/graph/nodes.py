"""The nodes of several DAGs by number: what each has of its own, and what it depends on, undecoded."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from cachetui.catalog import Catalog
from cachetui.spec import COMPILER_VIRTUALS

NodeSet = frozenset[int]

FIRST_FORMAT_OF_1 = 5
"""The first spec format of Spack 1.x, in which compilers are dependencies."""

OWN_COLUMNS = (
    "version",
    "compilers",
    "platform",
    "os",
    "target",
    "parameters",
    "external",
    "namespace",
    "package_hash",
)
"""The columns in which a node can differ in itself."""

OFTEN_UNKNOWN = ("external", "namespace", "package_hash")
"""Columns that pages do not have, and old formats not all."""


class Nodes:
    """The nodes of a catalog's DAGs: rows, dependencies that no source lists, and those without a hash.

    Args:
        compilers_are_own: compare compilers also where they are dependencies, because some records have them
            as attributes.
    """

    def __init__(self, catalog: Catalog, compilers_are_own: bool = False) -> None:
        self.catalog = catalog
        self.kinds = catalog.dag.edge_kinds
        self._rows = len(catalog)
        self._compilers_are_own = compilers_are_own
        self._packages = catalog.column("package")
        self._formats = catalog.column("spec_format")
        self._own = [catalog.column(name).ids for name in OWN_COLUMNS]
        self._edges: dict[int, tuple[tuple[int, int], ...]] = {}
        self._names: dict[int, str] = {}
        self._nameless: dict[str, int] = {}
        self._kinds: dict[int, frozenset[int]] = {}
        self._ids: dict[int, tuple[int, ...]] = {}

    def is_listed(self, node: int) -> bool:
        """Whether a source lists the node: it is a row."""
        return 0 <= node < self._rows

    def name(self, node: int) -> str:
        """The package of a node."""
        name = self._names.get(node)
        if name is None:
            name = self._names[node] = self._packages[node]
        return name

    def dag_hash(self, node: int) -> str:
        """The hash of a node; empty if no source names it."""
        return "" if node < 0 else self.catalog.dag_hash(node)

    def name_and_version(self, node: int) -> str:
        """A node as `name@version`; its name alone if no source lists it."""
        if not self.is_listed(node):
            return self.name(node)
        return f"{self.name(node)}@{self.catalog.column('version')[node]}"

    def text(self, node: int) -> str:
        """The attributes of a node as Spack writes them, without its name."""
        spec = self.catalog.spec(node)
        return f"@{spec.version}{spec.parameters_text()}{spec.architecture_text()}"

    def edges(self, node: int) -> tuple[tuple[int, int], ...]:
        """(dependency, number of the edge kind) of each edge of a node."""
        edges = self._edges.get(node)
        if edges is None:
            edges = self._edges[node] = tuple(self._read(node)) if self.is_listed(node) else ()
        return edges

    def _read(self, node: int) -> Iterable[tuple[int, int]]:
        for target, kind in zip(*self.catalog.edge_numbers(node), strict=True):
            if target >= self._rows:
                name = self.kinds[kind].name
                if not self.catalog.dependency_hash(target):
                    target = self._nameless.setdefault(name, -1 - len(self._nameless))
                self._names.setdefault(target, name)
            yield target, kind

    def closure(self, root: int) -> NodeSet:
        """A node and all that it depends on."""
        met = {root}
        pending = [root]
        while pending:
            found = {target for node in pending for target, _ in self.edges(node)} - met
            met |= found
            pending = list(found)
        return frozenset(met)

    def compilers_are_own(self, node: int) -> bool:
        """Whether the compilers of a node are compared as attributes: else they are dependencies."""
        return self._compilers_are_own or self._formats[node] < FIRST_FORMAT_OF_1

    def knows_dependencies(self, node: int) -> bool:
        """Whether the source of a node lists dependencies; pages do not."""
        return bool(self._formats[node] or self.edges(node))

    def own(self, node: int, ignored: frozenset[str] = frozenset()) -> Hashable:
        """What a node has of its own, as numbers that are equal where the values are.

        Args:
            ignored: columns that are not compared; `edges` for what it depends on.
        """
        if not self.is_listed(node):
            return node
        ids = self._numbers(node)
        edges = frozenset() if "edges" in ignored else self.edge_kinds(node)
        if ignored:
            ids = tuple(i for i, name in zip(ids, OWN_COLUMNS, strict=True) if name not in ignored)
        return ids, edges

    def read_own(self, nodes: Iterable[int]) -> None:
        """Read what some nodes have of their own, all at once."""
        rows = [node for node in nodes if node not in self._ids and self.is_listed(node)]
        columns = [numbers.of(rows) for numbers in self._own]
        at = OWN_COLUMNS.index("compilers")
        columns[at] = [
            ids if self.compilers_are_own(row) else -1 for row, ids in zip(rows, columns[at], strict=True)
        ]
        self._ids.update(zip(rows, zip(*columns, strict=True), strict=True))

    def _numbers(self, node: int) -> tuple[int, ...]:
        """The numbers of the values in OWN_COLUMNS."""
        if node not in self._ids:
            self.read_own([node])
        return self._ids[node]

    def differing(self, nodes: Iterable[int]) -> set[str]:
        """The columns in which listed nodes differ; `edges` for what they depend on."""
        nodes = list(nodes)
        values = zip(*map(self._numbers, nodes), strict=True)
        found = {name for name, ids in zip(OWN_COLUMNS, values, strict=True) if len(set(ids)) > 1}
        return found | {"edges"} if len(set(map(self.edge_kinds, nodes))) > 1 else found

    def edge_kinds(self, node: int) -> frozenset[int]:
        """The numbers of the edge kinds of a node; without compilers where these are attributes of others."""
        kinds = self._kinds.get(node)
        if kinds is None:
            kinds = frozenset([kind for _, kind in self.edges(node)])
            if self._compilers_are_own:
                kinds = frozenset(kind for kind in kinds if not self.is_compiler_edge(kind))
            self._kinds[node] = kinds
        return kinds

    def is_compiler_edge(self, kind: int) -> bool:
        """Whether an edge leads to a compiler."""
        return not COMPILER_VIRTUALS.isdisjoint(self.kinds[kind].virtuals)

    def ignored(self, nodes: Iterable[int]) -> frozenset[str]:
        """The columns that cannot be compared, since some of these nodes do not have them."""
        ignored: set[str] = set()
        listed = [node for node in nodes if self.is_listed(node)]
        if not all(map(self.knows_dependencies, listed)):
            return frozenset({"edges", *OFTEN_UNKNOWN})
        for name in OFTEN_UNKNOWN[1:]:
            column = self.catalog.column(name)
            if any(not column[node] for node in listed):
                ignored.add(name)
        return frozenset(ignored)
