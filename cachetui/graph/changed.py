"""In what the nodes of one package differ between builds, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain

from msgspec import Struct

from cachetui.catalog import Parameters
from cachetui.graph.nodes import Nodes, NodeSet
from cachetui.spec import COMPILER_VIRTUALS, SHORT_HASH, flags_text, short_patches, variant_text

Values = tuple[str | None, ...]
"""A text for each build; None where a build does not have the node."""

Group = tuple[NodeSet, ...]
"""The nodes of one name in each build."""


UNLISTED = "record"
"""What differs in a node of which an index has no record, or which differs in nothing that an index lists."""


class Change(Struct, frozen=True):
    """One thing in which a node differs in itself.

    Args:
        what: an attribute, such as `version` or `target`; `^mpi`: a dependency, or a virtual with several
            providers.
    """

    what: str
    values: Values


_SINGLE = {
    "version": "version",
    "external": "external",
    "platform": "platform",
    "os": "os",
    "target": "target",
    "namespace": "namespace",
    "package hash": "package_hash",
}
"""What differs, and the column that has it."""


def changes_of(nodes: Nodes, group: Group, ignored: frozenset[str]) -> Iterator[Change]:
    """In what nodes differ, of which at least two builds have some.

    Args:
        ignored: columns that are not compared; `edges` for what nodes depend on.
    """
    every = list(chain.from_iterable(group))
    if not all(map(nodes.is_listed, every)):
        yield Change(UNLISTED, record_texts(nodes, group))
        return
    differing = nodes.differing(every) - ignored
    changes = list(_attributes(nodes, group, differing))
    if "parameters" in differing:
        changes += _parameters(nodes, group)
    if "edges" in differing:
        changes += _edges(nodes, group)
    if not changes:
        # Two nodes of one name may differ only in how their attributes are combined.
        changes = [Change("builds", _values(group, nodes.text))]
    yield from changes


def joined(texts: Iterable[str]) -> str | None:
    """The texts of the nodes that one build has: mostly one; None if it has none."""
    different = sorted(set(texts))
    return ", ".join(filter(None, different)) if different else None


def _values(group: Group, text: Callable[[int], str]) -> Values:
    texts = {some: joined(map(text, some)) for some in set(group)}
    return tuple(texts[some] for some in group)


def _differing(what: str, values: Values) -> Iterator[Change]:
    if len(set(values) - {None}) > 1:
        yield Change(what, values)


def record_texts(nodes: Nodes, group: Group) -> Values:
    """The hashes of nodes, short unless that makes some of them equal, and whether an index lists them."""
    every = set(chain.from_iterable(group))
    is_enough = len({nodes.dag_hash(node)[:SHORT_HASH] for node in every}) == len(every)

    def text(node: int) -> str:
        dag_hash = nodes.dag_hash(node)
        shown = f"/{dag_hash[:SHORT_HASH] if is_enough else dag_hash}" if dag_hash else "no hash"
        return shown if nodes.is_listed(node) else f"{shown} in no index"

    return _values(group, text)


def _attributes(nodes: Nodes, group: Group, differing: set[str]) -> Iterator[Change]:
    for what, name in _SINGLE.items():
        if name in differing:
            yield from _differing(what, _values(group, nodes.catalog.column(name).__getitem__))
    if "compilers" in differing:
        compilers = nodes.catalog.column("compilers")
        texts = {
            node: ", ".join(compilers[node] or ()) if nodes.compilers_are_own(node) else ""
            for node in chain.from_iterable(group)
        }
        yield from _differing("compiler", _values(group, texts.__getitem__))


def _parameters(nodes: Nodes, group: Group) -> Iterator[Change]:
    """Only those variants and flags that differ."""
    column = nodes.catalog.column("parameters")
    for what, texts in _PARAMETERS.items():
        of_nodes = {node: texts(column[node]) for node in chain.from_iterable(group)}
        common = set.intersection(*(set(each.items()) for each in of_nodes.values()))
        shown = {
            node: " ".join(text for name, text in each.items() if (name, text) not in common)
            for node, each in of_nodes.items()
        }
        yield from _differing(what, _values(group, shown.__getitem__))


def _variant_texts(parameters: Parameters) -> dict[str, str]:
    return {name: variant_text(name, value) for name, value in parameters.variants}


def _flag_texts(parameters: Parameters) -> dict[str, str]:
    return {name: flags_text(name, words) for name, words in parameters.flags}


def _patch_texts(parameters: Parameters) -> dict[str, str]:
    return {patch: patch for patch in short_patches(parameters.patches)}


_PARAMETERS: Mapping[str, Callable[[Parameters], dict[str, str]]] = {
    "variants": _variant_texts,
    "flags": _flag_texts,
    "patches": _patch_texts,
}


class _Use(Struct):
    """A dependency of the nodes of one build."""

    kinds: set[int]
    nodes: set[int]


_Uses = dict[str, _Use]
"""Name to what a build depends on."""


def _edges(nodes: Nodes, group: Group) -> Iterator[Change]:
    """Dependencies that came or went, other providers of a virtual, and other types of a dependency."""
    uses = [_uses(nodes, some) if some else None for some in group]
    present = [use for use in uses if use is not None]
    names = sorted({name for use in present for name in use})
    some_lack = [name for name in names if any(name not in use for use in present)]
    for virtual, providers in _served_by_several(nodes, present, some_lack).items():
        what = "compiler" if virtual in COMPILER_VIRTUALS else f"^{virtual}"
        yield Change(what, tuple(None if use is None else _providers(nodes, use, providers) for use in uses))
        some_lack = [name for name in some_lack if name not in providers]
    for name in some_lack:
        yield Change(f"^{name}", tuple(None if use is None else _version(nodes, use, name) for use in uses))
    for name in names:
        if all(name in use for use in present):
            texts = tuple(None if use is None else _kinds_text(nodes, use[name]) for use in uses)
            yield from _differing(f"^{name}", texts)


def _uses(nodes: Nodes, some: NodeSet) -> _Uses:
    uses: _Uses = {}
    for node in some:
        kinds = nodes.edge_kinds(node)
        for target, kind in nodes.edges(node):
            if kind in kinds:
                use = uses.setdefault(nodes.kinds[kind].name, _Use(set(), set()))
                use.kinds.add(kind)
                use.nodes.add(target)
    return uses


def _served_by_several(nodes: Nodes, uses: list[_Uses], names: list[str]) -> dict[str, list[str]]:
    """Map a virtual to the dependencies that provide it in some builds each; each is named once."""
    providers: dict[str, list[str]] = {}
    for name in names:
        kinds = {kind for use in uses if name in use for kind in use[name].kinds}
        for virtual in sorted({virtual for kind in kinds for virtual in nodes.kinds[kind].virtuals}):
            providers.setdefault(virtual, []).append(name)
    served: dict[str, list[str]] = {}
    for virtual, some in sorted(providers.items()):
        left = [name for name in some if not any(name in taken for taken in served.values())]
        if len(left) > 1:
            served[virtual] = left
    return served


def _providers(nodes: Nodes, uses: _Uses, names: Iterable[str]) -> str:
    shown = (nodes.name_and_version(node) for name in names if name in uses for node in uses[name].nodes)
    return joined(shown) or ""


def _version(nodes: Nodes, uses: _Uses, name: str) -> str:
    return joined(map(nodes.name_and_version, uses[name].nodes)) or "" if name in uses else ""


def _kinds_text(nodes: Nodes, use: _Use) -> str:
    kinds = [nodes.kinds[kind] for kind in use.kinds]
    return (
        joined(
            " ".join(kind.deptypes) + (f" as {','.join(kind.virtuals)}" if kind.virtuals else "")
            for kind in kinds
        )
        or ""
    )
