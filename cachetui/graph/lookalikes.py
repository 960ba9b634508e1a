"""What sets builds apart that look the same in every column: their direct dependencies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cachetui.catalog import Catalog, Edge
from cachetui.version import version_key

COMPARED = 200
"""Builds that are compared; kinds of more are described by these."""

SHORT_HASH = 7


@dataclass(frozen=True, slots=True)
class Difference:
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
    having: dict[str, int] = {}
    for row in compared:
        found = catalog.edges(row)
        for edge in found:
            edges.setdefault(edge.dependency.name, []).append(edge)
        for name in {edge.dependency.name for edge in found}:
            having[name] = having.get(name, 0) + 1
    all_of_them = [
        Difference(
            name=name,
            versions=_versions(catalog, met),
            builds=len({edge.dependency.dag_hash for edge in met}),
            having=having[name],
            compared=len(compared),
        )
        for name, met in edges.items()
    ]
    differing = [found for found in all_of_them if found.builds > 1 or found.having < found.compared]
    return sorted(differing, key=lambda d: (len(d.versions) < 2, d.having == d.compared, -d.builds, d.name))


def _versions(catalog: Catalog, edges: Sequence[Edge]) -> tuple[str, ...]:
    column = catalog.column("version")
    return tuple(sorted({column[edge.row] for edge in edges if edge.row is not None}, key=version_key))


def distinguished(catalog: Catalog, rows: Sequence[int]) -> dict[int, str]:
    """Row to the dependencies that set it apart from the other rows, as Spack writes them."""
    found = differences(catalog, rows)
    names = [difference.name for difference in found]
    by_version = {d.name for d in found if len(d.versions) > 1 or d.having < d.compared}
    return {row: _differing_edges(catalog, row, names, by_version) for row in rows[:COMPARED]}


def _differing_edges(catalog: Catalog, row: int, names: Sequence[str], by_version: set[str]) -> str:
    edges = {edge.dependency.name: edge for edge in catalog.edges(row)}
    texts: list[str] = []
    for name in names:
        edge = edges.get(name)
        if edge is None:
            continue
        version = f"@{catalog.column('version')[edge.row]}" if edge.row is not None else ""
        told = version if name in by_version else f"/{edge.dependency.dag_hash[:SHORT_HASH]}"
        texts.append(f"^{name}{told}")
    return " ".join(texts)
