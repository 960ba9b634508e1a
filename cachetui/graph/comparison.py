"""Some builds side by side: root causes, attributes, dependencies by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from cachetui.catalog import Catalog
from cachetui.graph.causes import Cause, Causes
from cachetui.graph.changed import Values
from cachetui.graph.nodes import Nodes, NodeSet
from cachetui.graph.summary import Reason, summary
from cachetui.spec import Spec, short_patches

MOST_COMPARED = 8

_PLACE_PARTS = ("mirror", "stack", "tag", "view")


class Build(Struct, frozen=True):
    """A build that is compared, or a dependency of one.

    Args:
        row: None if no source lists it.
        version: empty if that is unknown.
        dag_hash: empty if no source names it.
    """

    row: int | None
    name: str
    version: str
    dag_hash: str


class Attribute(Struct, frozen=True):
    """An attribute of the builds.

    Args:
        values: None where a build does not have it.
        is_variant: whether it is a variant; its values are `on`, `off` or the value.
    """

    name: str
    values: Values
    is_variant: bool = False

    @property
    def is_equal(self) -> bool:
        """Whether all builds have the same value."""
        return len(set(self.values)) == 1


class ComparedDependency(Struct, frozen=True):
    """The dependencies of one name.

    Args:
        builds: for each build that is compared, its dependencies of this name: mostly one.
        is_direct: whether one of the builds depends on it directly.
        is_cause: whether it differs in itself.
    """

    name: str
    builds: tuple[tuple[Build, ...], ...]
    is_direct: bool
    is_cause: bool

    @property
    def is_equal(self) -> bool:
        """Whether all builds depend on the same builds of it."""
        return len(set(self.builds)) == 1


class Comparison(Struct, frozen=True):
    """Some builds side by side.

    Args:
        dependencies: direct ones first, then by name.
        dependencies_known: whether all come from sources that list dependencies.
    """

    builds: tuple[Build, ...]
    causes: tuple[Cause, ...]
    reasons: tuple[Reason, ...]
    attributes: tuple[Attribute, ...]
    dependencies: tuple[ComparedDependency, ...]
    dependencies_known: bool

    @property
    def is_one_package(self) -> bool:
        """Whether all are builds of one package."""
        return len({build.name for build in self.builds}) == 1

    @property
    def is_same_build(self) -> bool:
        """Whether they are one and the same build."""
        return len({build.dag_hash for build in self.builds}) == 1


def compare(catalog: Catalog, rows: Sequence[int]) -> Comparison:
    """Compare builds, of one package or of several."""
    found = Causes(catalog, rows)
    nodes = found.nodes
    causes = tuple(found.found())
    return Comparison(
        tuple(_build(nodes, row) for row in rows),
        causes,
        tuple(summary(causes)),
        tuple(_attributes([catalog.spec(row) for row in rows])),
        tuple(_dependencies(nodes, rows, found.closures, {cause.name for cause in causes})),
        all(map(nodes.knows_dependencies, rows)),
    )


def _build(nodes: Nodes, node: int) -> Build:
    if not nodes.is_listed(node):
        return Build(None, nodes.name(node), "", nodes.dag_hash(node))
    return Build(node, nodes.name(node), nodes.catalog.column("version")[node], nodes.dag_hash(node))


def _attributes(specs: Sequence[Spec]) -> Iterator[Attribute]:
    """All attributes that one of the builds has."""
    yield Attribute("package", tuple(spec.name for spec in specs))
    for name in ("version", "compiler", "platform", "os", "target"):
        yield from _attribute(name, (_text(spec, name) for spec in specs))
    variants = [dict(spec.variants) for spec in specs]
    for name in sorted({name for each in variants for name in each}):
        values = tuple(_variant_value(each[name]) if name in each else None for each in variants)
        yield Attribute(name, values, is_variant=True)
    flags = [dict(spec.flags) for spec in specs]
    for name in sorted({name for each in flags for name in each}):
        yield from _attribute(name, (" ".join(each.get(name, ())) for each in flags))
    yield from _attribute("patches", (" ".join(short_patches(spec.patches)) for spec in specs))
    yield from _attribute("external", (spec.external for spec in specs))
    yield from _attribute("binary", (_binary(spec) for spec in specs))
    for part in _PLACE_PARTS:
        names = ({getattr(place, part) for place in spec.places} for spec in specs)
        yield from _attribute(part, (", ".join(sorted(filter(None, each))) for each in names))
    yield from _attribute("provides", (", ".join(spec.provided_virtuals) for spec in specs))
    yield from _attribute("namespace", (spec.namespace for spec in specs))
    yield from _attribute("package hash", (spec.package_hash for spec in specs))
    yield from _attribute("spec format", (str(spec.spec_format or "") for spec in specs))


def _text(spec: Spec, name: str) -> str:
    return ", ".join(spec.compilers or ()) if name == "compiler" else str(getattr(spec, name))


def _attribute(name: str, texts: Iterable[str]) -> Iterator[Attribute]:
    """An attribute, unless no build has it."""
    values = tuple(text or None for text in texts)
    if any(values):
        yield Attribute(name, values)


def _variant_value(value: bool | str | tuple[str, ...]) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else ",".join(value)


def _binary(spec: Spec) -> str:
    if spec.external:
        return "external"
    return "cached" if spec.has_binary else "installed" if spec.in_buildcache else "none"


def _dependencies(
    nodes: Nodes, rows: Sequence[int], closures: Sequence[NodeSet], causes: set[str]
) -> Iterator[ComparedDependency]:
    by_name: dict[str, list[list[int]]] = {}
    for position, (row, closure) in enumerate(zip(rows, closures, strict=True)):
        for node in closure - {row}:
            by_name.setdefault(nodes.name(node), [[] for _ in rows])[position].append(node)
    direct = {nodes.name(target) for row in rows for target, _ in nodes.edges(row)}
    for name in sorted(by_name, key=lambda name: (name not in direct, name)):
        # Rows of one package stand newest version first.
        builds = tuple(tuple(_build(nodes, node) for node in sorted(some)) for some in by_name[name])
        yield ComparedDependency(name, builds, name in direct, name in causes)
