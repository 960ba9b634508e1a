"""Evaluates a query to rows: a bitmap for each demand, by the semantics of one Spack.

In Spack 0.23 `%gcc@11` is the compiler attribute; in 1.x it is a direct dependency (in records of an older
Spack: the compiler attribute). In 0.23 `^zlib` matches any transitive dependency, build dependencies of
build dependencies too; in 1.x link and run dependencies, transitively, and direct build dependencies. `^mpi`
matches such an edge that provides `mpi` (see `providers`); as in Spack, only the hash, the version and the
direct dependencies of a provider are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace
from pyroaring import BitMap

from cachetui.catalog import RUNTIME_DEPTYPES, EdgeKind, Relation
from cachetui.query import Compiler, Dialect, Query, QueryEdge, QueryNode, parse
from cachetui.search.attributes import Attributes
from cachetui.search.matching import AttributeMatcher, any_of
from cachetui.search.providers import Providers

FIRST_FORMAT_OF_1 = 5
"""Spack 0.x wrote older spec formats; a record without a format is read like those."""

FIRST_FORMAT_WITH_VIRTUALS = 4
"""Edges of older spec formats do not say which virtuals they provide."""

BUILTIN_OF_LEGACY = {
    "clang": "llvm",
    "oneapi": "intel-oneapi-compilers",
    "rocmcc": "llvm-amdgpu",
    "intel": "intel-oneapi-compilers-classic",
    "arm": "acfl",
}
"""The name of a compiler before Spack 1.0 -> its package."""


class Demand(Struct, frozen=True):
    """One condition of a query.

    Args:
        text: the condition as spec syntax.
        rows: the records that meet it.
        note: the part of it that is ignored; empty if none is.
    """

    text: str
    rows: BitMap
    note: str = ""


class Evaluator:
    """Evaluates queries over one catalog. Raises UnknownTarget for a range of unknown targets."""

    def __init__(self, attributes: Attributes) -> None:
        self.catalog = attributes.catalog
        self._all = BitMap(range(len(self.catalog)))
        self.matcher = AttributeMatcher(attributes, self._all)
        self.providers = Providers(self.catalog, self._holding)

    def rows_of(self, dialect: Dialect) -> BitMap:
        """The records that a Spack of this dialect wrote."""
        return self._records[dialect]

    @cached_property
    def _records(self) -> dict[Dialect, BitMap]:
        rows = self._since_format(FIRST_FORMAT_OF_1)
        return {Dialect.SPACK_0: self._all - rows, Dialect.SPACK_1: rows}

    def _since_format(self, first: int) -> BitMap:
        formats = self.catalog.facet("spec_format")
        pairs = zip(formats.values, formats.bitmaps, strict=True)
        return any_of(found for number, found in pairs if int(number) >= first)

    # queries: a spec matches if it meets all demands

    def demands(self, query: Query, dialect: Dialect) -> list[Demand]:
        """The demands of a query except the name, with the records of any Spack that meet them."""
        return [
            *self._node_demands(query.root, dialect),
            *(self._below_demand(each, dialect) for each in query.dependencies),
        ]

    def evaluate(self, query: Query, dialect: Dialect) -> BitMap:
        """The listed records of a dialect that match a query."""
        rows = self.catalog.listed & self.rows_of(dialect)
        rows &= self.named(query.root)
        for demand in self.demands(query, dialect):
            rows &= demand.rows
        return rows

    def named(self, node: QueryNode) -> BitMap:
        """The rows of a package, or of the providers of a virtual; all rows without a name."""
        if not node.name:
            return self._all
        rows = BitMap(self.catalog.package_rows(node.name))
        return rows or self.providers.rows((node.name, node.versions))

    def is_virtual(self, name: str) -> bool:
        """Whether a name is a virtual and not a package of this catalog."""
        return bool(name) and not self.catalog.package_rows(name) and self.providers.is_known(name)

    def _holding(self, package: str, when: str) -> BitMap:
        """The rows of a package that meet a condition, each as the Spack that wrote it reads that."""
        found = BitMap()
        for dialect, records in self._records.items():
            rows = records & BitMap(self.catalog.package_rows(package))
            if rows:
                query = parse(f"{package} {when}", dialect)
                for demand in self.demands(query, dialect):
                    rows = rows & demand.rows
            found |= rows
        return found

    # nodes

    def _node(self, node: QueryNode, dialect: Dialect) -> BitMap:
        """The rows that match a node, listed or not."""
        rows = self.named(node)
        for demand in self._node_demands(node, dialect):
            rows = rows & demand.rows
        return rows

    def _node_demands(self, node: QueryNode, dialect: Dialect) -> list[Demand]:
        have = self.matcher
        demands: list[Demand] = []
        if node.versions is not None and not self.is_virtual(node.name):
            demands.append(Demand(f"@{node.versions}", have.version(node.name, node.versions, dialect)))
        demands += [Demand(str(variant), have.variant(variant)) for variant in node.variants]
        demands += [Demand(str(flags), have.flags(flags)) for flags in node.flags]
        demands += [Demand(f"{key}={value}", have.key(key, value, dialect)) for key, value in node.assigned()]
        if node.compiler is not None:
            demands.append(Demand(str(node.compiler), self._compiled_by(node.compiler)))
        if node.hash_prefix:
            demands.append(Demand(f"/{node.hash_prefix}", have.hash_prefix(node.hash_prefix)))
        return demands + [Demand(_direct_text(each), self._with_direct(each)) for each in node.direct]

    def _compiled_by(self, compiler: Compiler) -> BitMap:
        return self.matcher.compiler(lambda name: name == compiler.name, compiler.versions, Dialect.SPACK_0)

    # dependencies

    def _with_below(self, dependency: QueryEdge, dialect: Dialect) -> BitMap:
        """The rows with a transitive dependency (`^`)."""
        node, virtuals = dependency.node, set(dependency.virtuals)
        # 0.23 matches edges and specs separately: any edge to the package may provide the virtual.
        apart = dialect is Dialect.SPACK_0 and bool(node.name)
        if self.is_virtual(node.name):
            virtuals.add(node.name)
            nodes = self._provider_nodes(node)
            rows = self._all
            if apart and (node.versions is not None or node.hash_prefix):
                rows = self.reaching(nodes & self.named(node), dialect)
                nodes = self._provider_nodes(QueryNode(node.name))
        else:
            nodes = self._node(node, dialect)
            rows = self.reaching(nodes, dialect)
            if apart:
                nodes = self.named(node)
        for virtual in virtuals:
            rows = rows & self._served(virtual, nodes)
        return self._or_condition_unmet(dependency, rows, dialect)

    def _below_demand(self, dependency: QueryEdge, dialect: Dialect) -> Demand:
        node, text = dependency.node, str(dependency)
        if not node.name and not node.hash_prefix and node != QueryNode():
            text += " (of any dependency)"
        return Demand(text, self._with_below(dependency, dialect), self.virtual_note(node))

    def virtual_note(self, node: QueryNode) -> str:
        """Say what is ignored for a virtual: attributes, as in Spack; versions where they are not known."""
        if not self.is_virtual(node.name):
            return ""
        compared = QueryNode(
            node.name, versions=node.versions, hash_prefix=node.hash_prefix, direct=node.direct
        )
        ignored = [self._unknown_versions(node.name)] if node.versions is not None else []
        ignored += ["attributes"] * (node != compared)
        what = " and ".join(filter(None, ignored))
        return f"{node.name} is a virtual: {what} are ignored" if what else ""

    def _unknown_versions(self, virtual: str) -> str:
        packages, there_are_others = self.providers.unversioned(virtual)
        if not packages:
            return ""
        whose = f"not known of {', '.join(packages)}" if there_are_others else "the index records none"
        return f"versions ({whose})"

    def _provider_nodes(self, node: QueryNode) -> BitMap:
        """The possible providers of a virtual node, by its hash, version and direct dependencies."""
        rows = self._all - self.providers.refuted((node.name, node.versions))
        if node.hash_prefix:
            rows &= self.matcher.hash_prefix(node.hash_prefix)
        for dependency in node.direct:
            rows &= self._with_direct(dependency)
        return rows

    def reaching(self, rows: BitMap, dialect: Dialect) -> BitMap:
        """The rows that depend on any of some rows, in the sense of `^`."""
        dag = self.catalog.dag
        if dialect is Dialect.SPACK_0:
            return dag.ancestors(rows, Relation.ALL)
        return dag.ancestors(rows, Relation.RUNTIME) | dag.dependents(rows, self._direct_kinds)

    def _served(self, virtual: str, providers: BitMap) -> BitMap:
        """The rows with a transitive runtime edge or a direct build edge that provides a virtual."""
        dag, kinds = self.catalog.dag, self.providers.kinds(virtual)
        direct = dag.dependents(providers, kinds & self._build_kinds)
        rows = dag.ancestors_by(providers, kinds, Relation.RUNTIME) | direct
        if not self._without_virtuals:
            return rows
        # As Spack reads such records: an edge to a provider provides it.
        known = providers & self.providers.by_recipes(virtual)
        users = dag.dependents(known, self._silent_kinds & self._runtime_kinds) & self._without_virtuals
        built = dag.dependents(known, self._silent_kinds & self._build_kinds) & self._without_virtuals
        return BitMap.union(rows, users, dag.ancestors(users, Relation.RUNTIME), built)

    @cached_property
    def _without_virtuals(self) -> BitMap:
        """The rows whose edges do not say which virtuals they provide."""
        return self._all - self._since_format(FIRST_FORMAT_WITH_VIRTUALS)

    @cached_property
    def _silent_kinds(self) -> set[int]:
        return self._kinds(lambda kind: not kind.virtuals)

    @cached_property
    def _runtime_kinds(self) -> set[int]:
        return self._kinds(lambda kind: not RUNTIME_DEPTYPES.isdisjoint(kind.deptypes))

    @cached_property
    def _build_kinds(self) -> set[int]:
        return self._kinds(lambda kind: "build" in kind.deptypes)

    @cached_property
    def _direct_kinds(self) -> set[int] | None:
        """The kinds of build edges; None: all kinds, which `dependents` answers without looking at each edge.

        `reaching` adds runtime edges anyway, so that only edges of tests alone have to be left out.
        """
        others = self._kinds(lambda kind: set(kind.deptypes) <= {"test"})
        return self._build_kinds if others else None

    def _kinds(self, matches: Callable[[EdgeKind], bool]) -> set[int]:
        return {number for number, kind in enumerate(self.catalog.dag.edge_kinds) if matches(kind)}

    def _with_direct(self, dependency: QueryEdge) -> BitMap:
        """The rows with a direct dependency (`%`), by the semantics of Spack 1.x."""
        node = dependency.node
        builtin = BUILTIN_OF_LEGACY.get(node.name, node.name)
        kinds = self._kinds(lambda kind: set(dependency.deptypes) <= set(kind.deptypes))
        virtuals = set(dependency.virtuals)
        if self.is_virtual(builtin):
            virtuals.add(builtin)
            nodes = self._provider_nodes(node)
        else:
            nodes = self._node(replace(node, name=builtin), Dialect.SPACK_1)
        rows = self.catalog.dag.dependents(nodes, kinds) if not virtuals else self._all
        for virtual in virtuals:
            rows = rows & self.catalog.dag.dependents(nodes, kinds & self.providers.kinds(virtual))
        old = self.rows_of(Dialect.SPACK_0)
        if old:
            rows = rows - old | self._built_with(node, builtin) & old
        return self._or_condition_unmet(dependency, rows, Dialect.SPACK_1)

    def _built_with(self, node: QueryNode, builtin: str) -> BitMap:
        """The rows whose compiler attribute matches a node, if that has only a name and versions."""
        if replace(node, name="", versions=None) != QueryNode():
            return BitMap()
        return self.matcher.compiler(
            lambda name: builtin in ("", BUILTIN_OF_LEGACY.get(name, name)), node.versions, Dialect.SPACK_1
        )

    def _or_condition_unmet(self, dependency: QueryEdge, rows: BitMap, dialect: Dialect) -> BitMap:
        """Add the rows for which the condition (`when=`) of a dependency does not hold."""
        if dependency.when is None:
            return rows
        due = self.named(dependency.when.root)
        for demand in self.demands(dependency.when, dialect):
            due = due & demand.rows
        return rows | (self._all - due)


def _direct_text(dependency: QueryEdge) -> str:
    """Write a direct dependency, and say which attributes are its own and not the root's."""
    node = dependency.node
    alone = QueryNode(node.name, node.namespace, node.versions)
    own = replace(node, name="", namespace="", versions=None)
    text = str(replace(dependency, node=alone))
    return text if own == QueryNode() else f"{text} ({own} of {node.name or 'that dependency'})"
