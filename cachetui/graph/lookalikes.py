"""What sets builds apart that look the same in every column: their direct dependencies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cachetui.catalog import Catalog

COMPARED = 200
"""Builds that are compared; kinds of more are described by these."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A dependency that is not the same build everywhere.

    Args:
        builds: how many different builds of it the look-alikes use.
        lacking: how many look-alikes do without it.
    """

    name: str
    builds: int
    lacking: int = 0


def dependencies_known(catalog: Catalog, rows: Sequence[int]) -> bool:
    """Whether any of the builds comes from a source that lists dependencies."""
    return any(catalog.edges(row) for row in rows[:COMPARED])


def differences(catalog: Catalog, rows: Sequence[int]) -> list[Difference]:
    """The direct dependencies in which builds differ, those with most variety first."""
    compared = rows[:COMPARED]
    builds: dict[str, set[str]] = {}
    having: dict[str, int] = {}
    for row in compared:
        edges = {edge.dependency.name: edge.dependency.dag_hash for edge in catalog.edges(row)}
        for name, dag_hash in edges.items():
            builds.setdefault(name, set()).add(dag_hash)
            having[name] = having.get(name, 0) + 1
    found = [Difference(name, len(hashes), len(compared) - having[name]) for name, hashes in builds.items()]
    differing = [difference for difference in found if difference.builds > 1 or difference.lacking]
    return sorted(differing, key=lambda difference: (-difference.builds, difference.name))
