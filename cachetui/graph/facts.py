"""The facts in which `spack diff` compares two builds, known from the catalog alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct
from pyroaring import BitMap

from cachetui.catalog import Catalog, Edge
from cachetui.graph.nodes import FIRST_FORMAT_OF_1
from cachetui.spec import Spec

Facts = tuple[tuple[str, str], ...]
"""(fact, its arguments joined by blanks), in Spack's order."""

_Fact = tuple[str, ...]


class FactDifference(Struct, frozen=True):
    """Two builds as `spack diff --json` compares them.

    Args:
        unknown: dependencies of which no source has a record: their own facts are left out.
    """

    a_name: str
    b_name: str
    intersect: Facts
    a_not_b: Facts
    b_not_a: Facts
    unknown: tuple[str, ...]


def fact_difference(catalog: Catalog, a: int, b: int) -> FactDifference:
    """Compare two builds by the facts of the Spack that reads the records of both."""
    is_new = _read_by_1(catalog, a, b)
    of_a, of_b = _Facts(catalog, a, is_new), _Facts(catalog, b, is_new)
    return FactDifference(
        _name(catalog, a),
        _name(catalog, b),
        _joined(of_a.facts & of_b.facts),
        _joined(of_a.facts - of_b.facts),
        _joined(of_b.facts - of_a.facts),
        tuple(sorted(of_a.unknown | of_b.unknown)),
    )


def _read_by_1(catalog: Catalog, a: int, b: int) -> bool:
    """Whether Spack 1.x alone reads both: an index with one record of its formats is closed to 0.23."""
    formats, mirrors = catalog.facet("spec_format"), catalog.facet("mirror")
    new = BitMap().union(*(formats.rows(each) for each in formats.values if int(each) >= FIRST_FORMAT_OF_1))
    if a in new or b in new:
        return True
    shared = [rows for rows in map(mirrors.rows, mirrors.values) if a in rows and b in rows]
    return bool(shared) and all(rows & new for rows in shared)


def _name(catalog: Catalog, row: int) -> str:
    spec = catalog.spec(row)
    return f"{spec.name}@{spec.version}/{spec.dag_hash}"


def _joined(facts: Iterable[_Fact]) -> Facts:
    return tuple((fact, " ".join(arguments)) for fact, *arguments in sorted(facts))


class _Facts:
    """The facts of a build and its dependencies, which Spack's solver setup derives from concrete specs.

    The gcc runtime and the libc are solved anew on each host: Spack 0.23 skips them; 1.x states that they are
    needed, and follows the edges of the root alone.
    """

    def __init__(self, catalog: Catalog, root: int, is_new: bool) -> None:
        self._catalog = catalog
        self._is_new = is_new
        self.unknown: set[str] = set()
        edges = _closure_edges(catalog, root)
        self._provided: dict[str, set[str]] = {}
        for edge in (edge for row in edges for edge in edges[row]):
            self._provided.setdefault(_key(edge), set()).update(edge.dependency.virtuals)
        self.facts: set[_Fact] = set()
        pending, met = [root], {root}
        while pending:
            row = pending.pop()
            spec = catalog.spec(row)
            self.facts.update(self._of_node(spec))
            for edge in self._followed(spec, edges[row], row == root):
                if edge.row is None:
                    self.unknown.add(_key(edge))
                elif edge.row not in met:
                    met.add(edge.row)
                    pending.append(edge.row)

    def _of_node(self, spec: Spec) -> Iterator[_Fact]:
        name = spec.name
        yield "node", name
        yield "version", name, spec.version
        for fact, value in (
            ("namespace", spec.namespace),
            ("node_platform", spec.platform),
            ("node_os", spec.os),
            (_target_fact(spec.target), spec.target),
            ("package_hash", spec.package_hash),
        ):
            if value:
                yield fact, name, value
        yield "hash", name, spec.dag_hash
        yield from _parameter_facts(spec)
        if self._is_new and spec.external:
            yield "external", name
            yield "needs_libc", name
        if not self._is_new:
            for compiler in spec.compilers or ():
                compiler_name, _, version = compiler.partition("@")
                yield "node_compiler", name, compiler_name
                yield "node_compiler_version", name, compiler_name, version
        for virtual in self._provided.get(f"{name}/{spec.dag_hash}", ()):
            yield "virtual_on_incoming_edges", name, virtual

    def _followed(self, spec: Spec, edges: Iterable[Edge], is_root: bool) -> Iterator[Edge]:
        """Add the facts of the edges of a node, and give those that lead to nodes with facts."""
        for edge in edges:
            dependency = edge.dependency
            is_runtime, is_libc = dependency.name == "gcc-runtime", "libc" in dependency.virtuals
            if self._is_new and is_runtime and edge.row is not None:
                version = self._catalog.column("version")[edge.row]
                self.facts.add(("compatible_runtime", spec.name, dependency.name, f"{version}:"))
            if self._is_new and is_libc:
                self.facts.add(("needs_libc", spec.name))
            if (is_runtime or is_libc) and not (self._is_new and is_root):
                continue
            for kind in dependency.deptypes:
                self.facts.add(("depends_on", spec.name, dependency.name, kind))
            for virtual in dependency.virtuals:
                self.facts.add(("virtual_on_edge", spec.name, dependency.name, virtual))
                self.facts.add(("virtual_node", virtual))
            if dependency.dag_hash:
                self.facts.add(("hash", dependency.name, dependency.dag_hash))
            yield edge


def _closure_edges(catalog: Catalog, root: int) -> dict[int, list[Edge]]:
    """Each row that a build reaches, and its edges."""
    edges: dict[int, list[Edge]] = {}
    pending = [root]
    while pending:
        row = pending.pop()
        if row not in edges:
            edges[row] = catalog.edges(row)
            pending += (edge.row for edge in edges[row] if edge.row is not None)
    return edges


def _key(edge: Edge) -> str:
    return f"{edge.dependency.name}/{edge.dependency.dag_hash}"


def _target_fact(target: str) -> str:
    from archspec.cpu import TARGETS

    return "node_target" if target in TARGETS else "node_target_satisfies"


def _parameter_facts(spec: Spec) -> Iterator[_Fact]:
    for name, value in (*spec.variants, ("patches", spec.patches)):
        for part in value if isinstance(value, tuple) else (value,):
            yield "variant_value", spec.name, name, str(part)
    for name, words in spec.flags:
        for word in words:
            term = ",".join(map(_quoted, (name, word, " ".join(words), "none")))
            yield "node_flag", spec.name, f"node_flag({term})"


def _quoted(text: str) -> str:
    """Write a string of a logic program."""
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'
