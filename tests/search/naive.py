"""A query answered spec by spec, the long way: walks every DAG and looks at every attribute."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

import archspec.cpu
from msgspec.structs import replace

from cachetui.paths import provides_file
from cachetui.query import Dialect, Query, QueryEdge, QueryNode, Variant, parse
from cachetui.spec import Dependency as Edge
from cachetui.spec import Spec
from cachetui.version import INFINITY_WORDS, WORDS_0_23, VersionList, parse_versions

ALIASES = {
    "clang": "llvm",
    "oneapi": "intel-oneapi-compilers",
    "rocmcc": "llvm-amdgpu",
    "intel": "intel-oneapi-compilers-classic",
    "arm": "acfl",
}

FACTS: dict[str, list[list[str]]] = json.loads(provides_file().read_bytes())["provides"]
"""Virtual to [package, versions, condition], the last two of which may be left out."""

Follow = Callable[[Edge], bool]


def is_runtime(edge: Edge) -> bool:
    """Whether the DAG at run time has the edge."""
    return bool({"link", "run"} & set(edge.deptypes))


def is_build(edge: Edge) -> bool:
    """Whether the edge is needed to build."""
    return "build" in edge.deptypes


def dialect_of(spec: Spec) -> Dialect:
    """By whose meaning a record is matched."""
    return Dialect.SPACK_1 if spec.spec_format >= 5 else Dialect.SPACK_0


class Naive:
    """Answers over some specs; `compilers` of each must be resolved."""

    def __init__(self, specs: Iterable[Spec]) -> None:
        self.specs = {spec.dag_hash: spec for spec in specs}
        self.packages = {spec.name for spec in self.specs.values()}
        edges = [edge for spec in self.specs.values() for edge in spec.dependencies]
        self.providers = {
            (virtual, edge.name) for edge in edges if edge.dag_hash in self.specs for virtual in edge.virtuals
        }
        self.virtuals = {virtual for edge in edges for virtual in edge.virtuals}
        for spec in self.specs.values():
            self.virtuals |= {text.partition("@")[0] for text in spec.provided_virtuals}
        self.virtuals |= {v for v, facts in FACTS.items() if any(fact[0] in self.packages for fact in facts)}
        self.ends = {(virtual, edge.dag_hash) for edge in edges for virtual in edge.virtuals}

    def matches(self, spec: Spec, query: Query) -> bool:
        """Whether a record is listed and meets a query, by the meaning of the Spack that wrote it."""
        return spec.listed and self.meets(spec, query, dialect_of(spec))

    def meets(self, spec: Spec, query: Query, dialect: Dialect) -> bool:
        """Whether a spec meets a whole query."""
        return self.is_node(spec, query.root, dialect) and all(
            self.has(spec, dependency, dialect) for dependency in query.dependencies
        )

    # nodes

    def is_virtual(self, name: str) -> bool:
        """Whether a name is no package, but provided."""
        return name in self.virtuals and name not in self.packages

    def is_node(self, spec: Spec, node: QueryNode, dialect: Dialect) -> bool:
        """Whether a spec is what a node asks for."""
        virtual = self.is_virtual(node.name)
        if virtual and not self.provides(spec, node.name, node.versions):
            return False
        if not virtual and node.name not in ("", spec.name):
            return False
        words = WORDS_0_23 if dialect is Dialect.SPACK_0 else INFINITY_WORDS
        versions = node.versions
        told = bool(spec.version) and versions is not None and versions.contains(spec.version, words)
        versioned = virtual or versions is None or versions.is_any or told
        return (
            versioned
            and node.namespace in ("", spec.namespace)
            and self.is_arch(spec, node, dialect)
            and all(self.has_variant(spec, variant) for variant in node.variants)
            and all(set(flags.words) <= set(dict(spec.flags).get(flags.name, ())) for flags in node.flags)
            and (node.compiler is None or any(self.is_compiler(c, node, words) for c in spec.compilers or ()))
            and spec.dag_hash.startswith(node.hash_prefix)
            and all(self.has(spec, direct, dialect) for direct in node.direct)
        )

    def provides(self, spec: Spec, virtual: str, versions: VersionList | None) -> bool:
        """Whether a spec provides a virtual: by its record, the recipes, an edge, or edges to its package."""
        if spec.provided_virtuals:
            return provides_itself(spec, virtual, versions)
        provided = self.in_recipes(spec, virtual)
        if provided or (virtual, spec.dag_hash) in self.ends:
            return not provided or fits(provided, versions)
        is_in_recipes = any(fact[0] == spec.name for fact in FACTS.get(virtual, ()))
        return not is_in_recipes and (virtual, spec.name) in self.providers

    def is_possible(self, spec: Spec, virtual: str, versions: VersionList | None) -> bool:
        """Whether nothing speaks against that a spec provides a virtual in one of these versions."""
        if spec.provided_virtuals:
            return provides_itself(spec, virtual, versions)
        provided = self.in_recipes(spec, virtual)
        return not provided or fits(provided, versions)

    def in_recipes(self, spec: Spec, virtual: str) -> list[str]:
        """The versions in which a spec provides a virtual by the recipes; empty texts are any version."""
        dialect = dialect_of(spec)
        facts = [[*fact, "", ""] for fact in FACTS.get(virtual, ()) if fact[0] == spec.name]
        return [
            fact[1].replace("{version}", spec.version)
            for fact in facts
            if self.meets(spec, parse(f"{fact[0]} {fact[2]}", dialect), dialect)
        ]

    def serves(self, parent: Spec, edge: Edge, virtual: str) -> bool:
        """Whether an edge provides a virtual; those of old formats do if they lead to a provider."""
        if edge.virtuals or parent.spec_format >= 4:
            return virtual in edge.virtuals
        end = self.specs[edge.dag_hash]
        return not end.provided_virtuals and bool(self.in_recipes(end, virtual))

    def is_compiler(self, compiler: str, node: QueryNode, words: tuple[str, ...]) -> bool:
        """Whether `name@version` is the compiler of a node."""
        assert node.compiler is not None
        name, _, version = compiler.partition("@")
        versions = node.compiler.versions
        return name == node.compiler.name and (
            versions is None or (bool(version) and versions.contains(version, words))
        )

    def is_arch(self, spec: Spec, node: QueryNode, dialect: Dialect) -> bool:
        """Whether platform, os and target are what a node asks for."""
        star = dialect is Dialect.SPACK_1
        pairs = ((spec.platform, node.platform), (spec.os, node.os))
        if not all(asked in ("", has) or (asked == "*" and star and has) for has, asked in pairs):
            return False
        asked = node.target.split(",")
        if not node.target or (star and "*" in asked and spec.target):
            return True
        return any(is_target(spec.target, part) for part in asked)

    def has_variant(self, spec: Spec, variant: Variant) -> bool:
        """Whether a spec, or for a propagated variant its whole DAG, has it so."""
        if not variant.propagated:
            return has_so(spec, variant)
        nodes = [spec, *(end for _, end in self.edges(spec, lambda edge: True))]
        return all(has_so(node, variant) for node in nodes if variant.name in settings(node))

    # dependencies

    def edges(self, root: Spec, follow: Follow) -> Iterator[tuple[Edge, Spec]]:
        """All edges below a spec with their ends."""
        return ((edge, end) for _, edge, end in self.all_edges(root, follow))

    def all_edges(self, root: Spec, follow: Follow) -> Iterator[tuple[Spec, Edge, Spec]]:
        """All edges below a spec with both ends."""
        pending, seen = [root], set[str]()
        while pending:
            parent = pending.pop()
            for edge in parent.dependencies:
                end = self.specs.get(edge.dag_hash)
                if end is not None and follow(edge):
                    yield parent, edge, end
                    if end.dag_hash not in seen:
                        seen.add(end.dag_hash)
                        pending.append(end)

    def direct(self, spec: Spec) -> list[tuple[Edge, Spec]]:
        """The direct edges of a spec with their ends."""
        return [(e, self.specs[e.dag_hash]) for e in spec.dependencies if e.dag_hash in self.specs]

    def has(self, spec: Spec, dependency: QueryEdge, dialect: Dialect) -> bool:
        """Whether a spec has a dependency, or need not."""
        if dependency.when is not None and not self.meets(spec, dependency.when, dialect):
            return True
        return (self.beside if dependency.direct else self.below)(spec, dependency, dialect)

    def beside(self, spec: Spec, dependency: QueryEdge, dialect: Dialect) -> bool:
        """Whether a spec has a direct dependency."""
        node = dependency.node
        name = ALIASES.get(node.name, node.name)
        if dialect_of(spec) is Dialect.SPACK_0:
            plain = node == QueryNode(node.name, versions=node.versions)
            return plain and any(is_legacy(c, name, node.versions) for c in spec.compilers or ())
        edges = [
            (e, end) for e, end in self.direct(spec) if set(dependency.deptypes) <= set(e.deptypes)
        ]  # fmt: skip
        virtuals = {*dependency.virtuals, *([name] if self.is_virtual(name) else [])}
        found = [e for e, end in edges if self.is_end(end, node, name, dialect)]
        return bool(found) and all(any(virtual in e.virtuals for e in found) for virtual in virtuals)

    def is_end(self, end: Spec, node: QueryNode, name: str, dialect: Dialect) -> bool:
        """Whether a spec may stand at the end of an edge to a node, itself or as a provider."""
        if not self.is_virtual(name):
            return name in ("", end.name) and self.is_node(end, replace(node, name=""), dialect)
        return (
            self.is_possible(end, name, node.versions)
            and end.dag_hash.startswith(node.hash_prefix)
            and all(self.has(end, each, dialect) for each in node.direct)
        )

    def below(self, spec: Spec, dependency: QueryEdge, dialect: Dialect) -> bool:
        """Whether a spec has a dependency somewhere below it."""
        node = dependency.node
        virtual = self.is_virtual(node.name)
        virtuals = {*dependency.virtuals, *([node.name] if virtual else [])}
        near = [
            *self.all_edges(spec, is_runtime),
            *((spec, edge, end) for edge, end in self.direct(spec) if is_build(edge)),
        ]
        ends = [each for each in near if self.is_end(each[2], node, node.name, dialect)]
        everything = [end for _, end in self.edges(spec, lambda edge: True)]
        if dialect is Dialect.SPACK_0 and not virtual:
            if not any(self.is_end(end, node, node.name, dialect) for end in everything):
                return False
            if node.name:
                ends = [each for each in near if each[2].name == node.name]
        elif dialect is Dialect.SPACK_0 and (node.versions is not None or node.hash_prefix):
            found = (end for end in everything if self.provides(end, node.name, node.versions))
            if not any(self.is_end(end, node, node.name, dialect) for end in found):
                return False
            ends = [each for each in near if self.is_possible(each[2], node.name, None)]
        elif not ends:
            return False
        return all(any(self.serves(p, e, each) for p, e, _ in ends) for each in virtuals)


def settings(spec: Spec) -> dict[str, object]:
    """Variants and patches by name."""
    return {**dict(spec.variants), **({"patches": spec.patches} if spec.patches else {})}


def has_so(spec: Spec, variant: Variant) -> bool:
    """Whether a spec itself has a variant so."""
    if variant.name not in settings(spec):
        return False
    value = settings(spec)[variant.name]
    if isinstance(variant.value, bool) or isinstance(value, bool):
        return value is variant.value or variant.value == ()
    values = {value} if isinstance(value, str) else set(value)  # type: ignore[call-overload]
    asked = set(variant.value)
    if variant.exact:
        return values == asked
    if variant.name == "patches":
        return all(any(patch.startswith(digits) for patch in values) for digits in asked)
    return asked <= values


def provides_itself(spec: Spec, virtual: str, versions: VersionList | None) -> bool:
    """Whether a record says that it provides a virtual in one of these versions."""
    for text in spec.provided_virtuals:
        name, _, provided = text.partition("@")
        if name == virtual:
            return versions is None or not provided or parse_versions(provided).intersects(versions)
    return False


def fits(provided: Iterable[str], versions: VersionList | None) -> bool:
    """Whether a virtual is provided in one of these versions."""
    return any(versions is None or not v or parse_versions(v).intersects(versions) for v in provided)


def is_legacy(compiler: str, name: str, versions: VersionList | None) -> bool:
    """Whether the compiler attribute of an old record is a package of Spack 1.x."""
    own, _, version = compiler.partition("@")
    if name and ALIASES.get(own, own) != name:
        return False
    return versions is None or (bool(version) and versions.contains(version))


def is_target(target: str, asked: str) -> bool:
    """Whether a target is a name or within a range, by archspec's comparisons."""
    low, colon, high = asked.partition(":")
    if not colon:
        return target == low
    own = archspec.cpu.TARGETS.get(target) or archspec.cpu.generic_microarchitecture(target)
    return bool(target) and (not low or own >= low) and (not high or own <= high)
