"""What sets builds apart that look the same in every column: their direct dependencies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from cachetui.catalog import Catalog, Edge
from cachetui.spec import SHORT_HASH
from cachetui.version import version_key

COMPARED = 200
"""Builds that are compared; kinds of more are described by these."""


class Difference(Struct, frozen=True):
    """A dependency that is not the same build everywhere.

    Args:
        versions: its versions, oldest first.
        builds: how many different builds of it there are.
        having: how many look-alikes depend on it.
        compared: how many look-alikes there are.
    """

    name: str
    versions: tuple[str, ...]
    builds: int
    having: int
    compared: int

    def __str__(self) -> str:
        text = f"{self.name} {' | '.join(self.versions)}".rstrip()
        if self.having < self.compared:
            return f"{text} (in {self.having} of {self.compared})"
        return text if len(self.versions) > 1 else f"{text} ({self.builds} builds of it)"


def dependencies_known(catalog: Catalog, rows: Sequence[int]) -> bool:
    """Whether any of the builds comes from a source that lists dependencies."""
    return any(catalog.edges(row) for row in rows[:COMPARED])


def differences(catalog: Catalog, rows: Sequence[int]) -> list[Difference]:
    """The direct dependencies in which builds differ: by version first, then by absence, then by build."""
    compared = rows[:COMPARED]
    edges: dict[str, list[Edge]] = {}
    used: dict[str, list[frozenset[str]]] = {}
    for row in compared:
        for name, found in _by_name(catalog, row).items():
            edges.setdefault(name, []).extend(found)
            used.setdefault(name, []).append(frozenset(edge.dependency.dag_hash for edge in found))
    all_of_them = [
        Difference(
            name=name,
            versions=_versions(catalog, edges[name]),
            builds=len(frozenset().union(*builds)),
            having=len(builds),
            compared=len(compared),
        )
        for name, builds in used.items()
    ]
    differing = [d for d in all_of_them if len(set(used[d.name])) > 1 or d.having < d.compared]
    return sorted(differing, key=lambda d: (len(d.versions) < 2, d.having == d.compared, -d.builds, d.name))


def _versions(catalog: Catalog, edges: Sequence[Edge]) -> tuple[str, ...]:
    column = catalog.column("version")
    return tuple(sorted({column[edge.row] for edge in edges if edge.row is not None}, key=version_key))


def distinguished(catalog: Catalog, rows: Sequence[int]) -> dict[int, str]:
    """Row to the dependencies that set it apart from the other rows, as Spack writes them."""
    found = differences(catalog, rows)
    by_version = {d.name: len(d.versions) > 1 or d.having < d.compared for d in found}
    texts = {row: _differing_edges(catalog, row, by_version) for row in rows[:COMPARED]}
    same = {text for text, times in Counter(texts.values()).items() if times > 1}
    return {
        row: _differing_edges(catalog, row, by_version, hashes=True) if text in same else text
        for row, text in texts.items()
    }


def _differing_edges(catalog: Catalog, row: int, by_version: Mapping[str, bool], hashes: bool = False) -> str:
    """Dependencies by version or by hash; with `hashes`, by both where the version alone is no help."""
    edges = _by_name(catalog, row)
    versions = catalog.column("version")
    texts: dict[str, None] = {}
    for name, told_by_version in by_version.items():
        for edge in edges.get(name, ()):
            version = f"@{versions[edge.row]}" if told_by_version and edge.row is not None else ""
            dag_hash = f"/{edge.dependency.dag_hash[:SHORT_HASH]}" if hashes or not told_by_version else ""
            texts[f"^{name}{version}{dag_hash}"] = None
    return " ".join(texts)


def _by_name(catalog: Catalog, row: int) -> dict[str, list[Edge]]:
    """The direct dependencies of a row; a package may be there in two builds."""
    edges: dict[str, list[Edge]] = {}
    for edge in catalog.edges(row):
        edges.setdefault(edge.dependency.name, []).append(edge)
    return edges
