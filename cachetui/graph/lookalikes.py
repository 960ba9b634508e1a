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
    used: dict[str, list[frozenset[str]]] = {}
    for row in compared:
        hashes: dict[str, set[str]] = {}
        for edge in catalog.edges(row):
            hashes.setdefault(edge.dependency.name, set()).add(edge.dependency.dag_hash)
        for name, found in hashes.items():
            used.setdefault(name, []).append(frozenset(found))
    differing = [
        Difference(name, len(frozenset().union(*builds)), len(compared) - len(builds))
        for name, builds in used.items()
        if len(set(builds)) > 1 or len(builds) < len(compared)
    ]
    return sorted(differing, key=lambda difference: (-difference.builds, difference.name))
