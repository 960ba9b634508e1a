"""What sets look-alikes apart: their direct dependencies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from cachetui.catalog import Catalog, Edge
from cachetui.spec import SHORT_HASH
from cachetui.version import version_key

COMPARED = 200
"""The number of look-alikes that are compared; these stand for the others."""

_Uses = Mapping[int, Sequence[Edge]]
"""Row to its edges to one dependency."""


class Difference(Struct, frozen=True):
    """A dependency, or a virtual with several providers, in which look-alikes differ.

    Args:
        name: of the dependency or virtual.
        values: the versions of the dependency, oldest first; `name@version` of each provider.
        builds: the number of different builds of it.
        having: the number of look-alikes that depend on it.
        compared: the number of look-alikes.
    """

    name: str
    values: tuple[str, ...]
    builds: int
    having: int
    compared: int

    def __str__(self) -> str:
        if len(self.values) > 1:
            text = f"{self.name}: {' or '.join(self.values)}"
        else:
            text = "@".join((self.name, *self.values))
        if self.having < self.compared:
            return f"{text} (in {self.having} of {self.compared})"
        return text if len(self.values) > 1 else f"{text} ({self.builds} builds)"


def dependencies_known(catalog: Catalog, rows: Sequence[int]) -> bool:
    """Whether any of the builds comes from a source that lists dependencies."""
    return any(catalog.edges(row) for row in rows[:COMPARED])


def differences(catalog: Catalog, rows: Sequence[int]) -> list[Difference]:
    """Compare the direct dependencies of builds: by version first, then by absence, then by build."""
    compared = rows[:COMPARED]
    uses = _differing_uses(catalog, compared)
    served = _served_by_several(uses, len(compared))
    found = [
        _difference(catalog, virtual, {name: uses.pop(name) for name in names}, len(compared))
        for virtual, names in served.items()
    ]
    return _in_order([*found, *(_difference(catalog, n, {n: use}, len(compared)) for n, use in uses.items())])


def _differing_uses(catalog: Catalog, rows: Sequence[int]) -> dict[str, _Uses]:
    """Map each dependency that is not the same build in all rows to the edges of the rows that have it."""
    uses: dict[str, dict[int, list[Edge]]] = {}
    for row in rows:
        for name, edges in _by_name(catalog, row).items():
            uses.setdefault(name, {})[row] = edges
    return {
        name: use
        for name, use in uses.items()
        if len(use) < len(rows) or len({frozenset(map(_dag_hash, edges)) for edges in use.values()}) > 1
    }


def _served_by_several(uses: Mapping[str, _Uses], compared: int) -> dict[str, list[str]]:
    """Map a virtual to the dependencies that serve it in some rows each: they stand for each other."""
    providers: dict[str, list[str]] = {}
    for name, use in sorted(uses.items()):
        if len(use) < compared:
            edges = (edge for edges in use.values() for edge in edges)
            for virtual in {virtual for edge in edges for virtual in edge.dependency.virtuals}:
                providers.setdefault(virtual, []).append(name)
    served: dict[str, list[str]] = {}
    for virtual, names in sorted(providers.items()):
        left = [name for name in names if not any(name in taken for taken in served.values())]
        if len(left) > 1:  # a compiler serves c, cxx and fortran: it is named once
            served[virtual] = left
    return served


def _difference(catalog: Catalog, name: str, uses: Mapping[str, _Uses], compared: int) -> Difference:
    """Sum up one dependency, or the providers of one virtual."""
    values: list[str] = []
    for provider, use in uses.items():
        versions = _versions(catalog, [edge for edges in use.values() for edge in edges])
        if len(uses) == 1:
            values += versions
        else:
            values += [f"{provider}@{version}" for version in versions] or [provider]
    edges = [edge for use in uses.values() for edges in use.values() for edge in edges]
    having = {row for use in uses.values() for row in use}
    return Difference(name, tuple(values), len(set(map(_dag_hash, edges))), len(having), compared)


def _in_order(found: Iterable[Difference]) -> list[Difference]:
    return sorted(found, key=lambda d: (len(d.values) < 2, d.having == d.compared, -d.builds, d.name))


def _dag_hash(edge: Edge) -> str:
    return edge.dependency.dag_hash


def _versions(catalog: Catalog, edges: Sequence[Edge]) -> list[str]:
    column = catalog.column("version")
    return sorted({column[edge.row] for edge in edges if edge.row is not None}, key=version_key)


def distinguished(catalog: Catalog, rows: Sequence[int]) -> dict[int, str]:
    """Map each row to the dependencies that set it apart from the others, as Spack writes them."""
    compared = rows[:COMPARED]
    uses = _differing_uses(catalog, compared)
    found = _in_order(_difference(catalog, name, {name: use}, len(compared)) for name, use in uses.items())
    by_version = {d.name: len(d.values) > 1 or d.having < d.compared for d in found}
    texts = {row: _differing_edges(catalog, row, by_version) for row in compared}
    same = {text for text, times in Counter(texts.values()).items() if times > 1}
    return {
        row: _differing_edges(catalog, row, by_version, hashes=True) if text in same else text
        for row, text in texts.items()
    }


def _differing_edges(catalog: Catalog, row: int, by_version: Mapping[str, bool], hashes: bool = False) -> str:
    """Write dependencies by version or by hash; with `hashes`, by both where versions are equal."""
    edges = _by_name(catalog, row)
    versions = catalog.column("version")
    texts: dict[str, None] = {}
    for name, use_version in by_version.items():
        for edge in edges.get(name, ()):
            version = f"@{versions[edge.row]}" if use_version and edge.row is not None else ""
            dag_hash = f"/{edge.dependency.dag_hash[:SHORT_HASH]}" if hashes or not use_version else ""
            texts[f"^{name}{version}{dag_hash}"] = None
    return " ".join(texts)


def _by_name(catalog: Catalog, row: int) -> dict[str, list[Edge]]:
    """Map names to the direct dependencies of a row; two builds of one package are possible."""
    edges: dict[str, list[Edge]] = {}
    for edge in catalog.edges(row):
        edges.setdefault(edge.dependency.name, []).append(edge)
    return edges
