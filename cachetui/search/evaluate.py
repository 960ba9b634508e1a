"""A query to the rows that meet it: bitmaps of each demand, by the meaning that it has to one Spack.

`%gcc@11` is the compiler attribute to Spack 0.23, and a direct dependency to 1.x (of a record that an older
Spack wrote: the compiler attribute). `^zlib` is anything below to 0.23, build dependencies of build
dependencies too; to 1.x what is linked or run, all the way down, and direct build dependencies. `^mpi` is an
edge of the latter that provides `mpi`: virtuals are known by the edges of the index, and as in Spack nothing
but the hash, the version and the direct dependencies of a provider is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace
from pyroaring import BitMap

from cachetui.catalog import EdgeKind, Relation
from cachetui.query import Compiler, Dialect, Query, QueryEdge, QueryNode
from cachetui.search.attributes import Attributes
from cachetui.search.matching import AttributeMatcher, any_of
from cachetui.version import VersionList, VersionSyntaxError, parse_versions

FIRST_FORMAT_OF_1 = 5
"""Spec formats below were written by Spack 0.x; a record of unknown format tells no more than those."""

BUILTIN_OF_LEGACY = {
    "clang": "llvm",
    "oneapi": "intel-oneapi-compilers",
    "rocmcc": "llvm-amdgpu",
    "intel": "intel-oneapi-compilers-classic",
    "arm": "acfl",
}
"""What a compiler was called before Spack 1.0 -> the package that it is."""


class Demand(Struct, frozen=True):
    """One thing that a query asks of a spec.

    Args:
        text: in words.
        rows: the records that meet it.
        note: what of it is not looked at; empty if all is.
    """

    text: str
    rows: BitMap
    note: str = ""


class Evaluator:
    """Answers queries over one catalog. Raises UnknownTarget for a range of targets that are none."""

    def __init__(self, attributes: Attributes) -> None:
        self.catalog = attributes.catalog
        self._all = BitMap(range(len(self.catalog)))
        self.matcher = AttributeMatcher(attributes, self._all)

    def rows_of(self, dialect: Dialect) -> BitMap:
        """The records that were written by a Spack of this dialect."""
        return self._records[dialect]

    @cached_property
    def _records(self) -> dict[Dialect, BitMap]:
        formats = self.catalog.facet("spec_format")
        pairs = zip(formats.values, formats.bitmaps, strict=True)
        rows = any_of(found for number, found in pairs if int(number) >= FIRST_FORMAT_OF_1)
        return {Dialect.SPACK_0: self._all - rows, Dialect.SPACK_1: rows}

    # a query is met where all its demands are

    def demands(self, query: Query, dialect: Dialect) -> list[Demand]:
        """What a query asks for, name aside, with the records of any Spack that meet it."""
        return [
            *self._node_demands(query.root, dialect),
            *(self._below_demand(each, dialect) for each in query.dependencies),
        ]

    def evaluate(self, query: Query, dialect: Dialect) -> BitMap:
        """The listed records of a dialect that meet a query."""
        rows = self.catalog.listed & self.rows_of(dialect)
        rows &= self.named(query.root)
        for demand in self.demands(query, dialect):
            rows &= demand.rows
        return rows

    def named(self, node: QueryNode) -> BitMap:
        """The rows of a package, or of the packages that provide a virtual; all without a name."""
        if not node.name:
            return self._all
        rows = BitMap(self.catalog.package_rows(node.name))
        return rows or self._providers(node.name, node.versions)

    def is_virtual(self, name: str) -> bool:
        """Whether a name is no package here, but provided by some."""
        return bool(name) and not self.catalog.package_rows(name) and name in self._virtuals

    def _providers(self, virtual: str, versions: VersionList | None) -> BitMap:
        dag, kinds = self.catalog.dag, self._virtuals.get(virtual, set())
        packages = {dag.edge_kinds[kind].name for kind in kinds if dag.targets({kind})}
        rows = any_of(BitMap(self.catalog.package_rows(name)) for name in packages)
        return (rows | self._tell(virtual)) - self._tell_otherwise(virtual, versions)

    # nodes

    def _node(self, node: QueryNode, dialect: Dialect) -> BitMap:
        """The rows that meet a node, listed or not."""
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
        return demands + [Demand(_direct_text(each), self._beside(each)) for each in node.direct]

    def _compiled_by(self, compiler: Compiler) -> BitMap:
        return self.matcher.compiler(lambda name: name == compiler.name, compiler.versions, Dialect.SPACK_0)

    # virtuals

    @cached_property
    def _virtuals(self) -> dict[str, set[int]]:
        """Virtual to the kinds of edges that provide it; those that only a record itself names have none."""
        kinds: dict[str, set[int]] = {}
        for number, kind in enumerate(self.catalog.dag.edge_kinds):
            for virtual in kind.virtuals:
                kinds.setdefault(virtual, set()).add(number)
        for provided in self.catalog.values("provided_virtuals"):
            for text in provided:
                kinds.setdefault(text.partition("@")[0], set())
        return kinds

    @property
    def virtuals(self) -> Iterable[str]:
        """The names of all virtuals."""
        return self._virtuals

    def _tell(self, virtual: str) -> BitMap:
        """The rows whose own records say that they provide a virtual."""
        return self._provided_where(lambda texts: virtual in {text.partition("@")[0] for text in texts})

    def _tell_otherwise(self, virtual: str, versions: VersionList | None) -> BitMap:
        """The rows whose own records say that they do not provide it, or not in these versions."""

        def provides(text: str) -> bool:
            name, _, provided = text.partition("@")
            if name != virtual or versions is None or not provided:
                return name == virtual
            with suppress(VersionSyntaxError):  # it is what some record says
                return parse_versions(provided).intersects(versions)
            return True

        return self._provided_where(lambda texts: bool(texts) and not any(map(provides, texts)))

    def _provided_where(self, is_so: Callable[[tuple[str, ...]], bool]) -> BitMap:
        values = self.catalog.values("provided_virtuals")
        return self._where("provided_virtuals", {i for i, texts in enumerate(values) if is_so(texts)})

    def _where(self, column: str, ids: set[int]) -> BitMap:
        """The rows with one of some values of a column."""
        if not ids:
            return BitMap()
        return BitMap([row for row, i in enumerate(self.catalog.column(column).ids) if i in ids])

    # dependencies

    def _below(self, dependency: QueryEdge, dialect: Dialect) -> BitMap:
        """The rows that have a dependency somewhere below them (`^`)."""
        node, virtuals = dependency.node, set(dependency.virtuals)
        if self.is_virtual(node.name):
            virtuals.add(node.name)
            meant = self._provider_nodes(node)
            rows = self._all
        else:
            meant = self._node(node, dialect)
            rows = self.reaching(meant, dialect)
            if dialect is Dialect.SPACK_0 and node.name:
                # 0.23 looks at edges and at specs apart: any edge to the package may provide the virtual.
                meant = self.named(node)
        for virtual in virtuals:
            rows = rows & self._served(virtual, meant)
        return self._where_due(dependency, rows, dialect)

    def _below_demand(self, dependency: QueryEdge, dialect: Dialect) -> Demand:
        node, text = dependency.node, str(dependency)
        if not node.name and not node.hash_prefix and node != QueryNode():
            text += " (of any dependency)"
        return Demand(text, self._below(dependency, dialect), self.virtual_note(node))

    def virtual_note(self, node: QueryNode) -> str:
        """What is not looked at of a virtual: attributes, as in Spack; versions where the index has none."""
        if not self.is_virtual(node.name):
            return ""
        looked_at = QueryNode(
            node.name, versions=node.versions, hash_prefix=node.hash_prefix, direct=node.direct
        )
        ignored = node != looked_at
        unknown = node.versions is not None and not any(self.catalog.values("provided_virtuals"))
        what = " and ".join(
            filter(None, ["versions of it, which the index does not tell," * unknown, "attributes" * ignored])
        )
        return f"{node.name} is a virtual: {what} are not looked at" if what else ""

    def _provider_nodes(self, node: QueryNode) -> BitMap:
        """What a virtual node may stand for: its hash, version and direct dependencies are looked at."""
        rows = self._all - self._tell_otherwise(node.name, node.versions)
        if node.hash_prefix:
            rows &= self.matcher.hash_prefix(node.hash_prefix)
        for dependency in node.direct:
            rows &= self._beside(dependency)
        return rows

    def reaching(self, rows: BitMap, dialect: Dialect) -> BitMap:
        """The rows that `^` with some rows means: those that have any of them below."""
        dag = self.catalog.dag
        if dialect is Dialect.SPACK_0:
            return dag.ancestors(rows, Relation.ALL)
        return dag.ancestors(rows, Relation.RUNTIME) | dag.dependents(rows, self._direct_kinds)

    def _served(self, virtual: str, providers: BitMap) -> BitMap:
        """The rows with an edge, at run time or to build directly, by which a provider serves a virtual."""
        dag, kinds = self.catalog.dag, self._virtuals.get(virtual, set())
        direct = dag.dependents(providers, kinds & self._build_kinds)
        return dag.ancestors_by(providers, kinds, Relation.RUNTIME) | direct

    @cached_property
    def _build_kinds(self) -> set[int]:
        return self._kinds(lambda kind: "build" in kind.deptypes)

    @cached_property
    def _direct_kinds(self) -> set[int] | None:
        """The kinds of edges to build with, and maybe of those at run time; None: that is all kinds."""
        others = self._kinds(lambda kind: set(kind.deptypes) <= {"test"})
        return self._build_kinds if others else None

    def _kinds(self, is_meant: Callable[[EdgeKind], bool]) -> set[int]:
        return {number for number, kind in enumerate(self.catalog.dag.edge_kinds) if is_meant(kind)}

    def _beside(self, dependency: QueryEdge) -> BitMap:
        """The rows that have a direct dependency (`%`), by the meaning of Spack 1.x."""
        node = dependency.node
        builtin = BUILTIN_OF_LEGACY.get(node.name, node.name)
        kinds = self._kinds(lambda kind: set(dependency.deptypes) <= set(kind.deptypes))
        virtuals = set(dependency.virtuals)
        if self.is_virtual(builtin):
            virtuals.add(builtin)
            meant = self._provider_nodes(node)
        else:
            meant = self._node(replace(node, name=builtin), Dialect.SPACK_1)
        rows = self.catalog.dag.dependents(meant, kinds) if not virtuals else self._all
        for virtual in virtuals:
            rows = rows & self.catalog.dag.dependents(meant, kinds & self._virtuals.get(virtual, set()))
        old = self.rows_of(Dialect.SPACK_0)
        if old:
            rows = rows - old | self._built_with(node, builtin) & old
        return self._where_due(dependency, rows, Dialect.SPACK_1)

    def _built_with(self, node: QueryNode, builtin: str) -> BitMap:
        """The rows whose compiler attribute meets a node, which has nothing but a name and versions then."""
        if replace(node, name="", versions=None) != QueryNode():
            return BitMap()
        return self.matcher.compiler(
            lambda name: builtin in ("", BUILTIN_OF_LEGACY.get(name, name)), node.versions, Dialect.SPACK_1
        )

    def _where_due(self, dependency: QueryEdge, rows: BitMap, dialect: Dialect) -> BitMap:
        """With the rows that do not meet the condition of a dependency."""
        if dependency.when is None:
            return rows
        due = self.named(dependency.when.root)
        for demand in self.demands(dependency.when, dialect):
            due = due & demand.rows
        return rows | (self._all - due)


def _direct_text(dependency: QueryEdge) -> str:
    """A direct dependency, with a word on what is its own and not the spec's."""
    node = dependency.node
    alone = QueryNode(node.name, node.namespace, node.versions)
    own = replace(node, name="", namespace="", versions=None)
    text = str(replace(dependency, node=alone))
    return text if own == QueryNode() else f"{text} ({own} of {node.name or 'that dependency'})"
