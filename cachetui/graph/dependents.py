"""What depends on a build: directly by deptype, and transitively over some deptypes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct
from pyroaring import BitMap

from cachetui.catalog import RUNTIME_DEPTYPES, Catalog, Relation
from cachetui.spec import DEPTYPES


class UsedBy(Struct, frozen=True):
    """The dependents of a build.

    Args:
        direct: deptype to the rows with such an edge to it.
        transitive: over the deptypes that were asked for.
    """

    direct: Mapping[str, BitMap]
    transitive: BitMap


def used_by(catalog: Catalog, row: int, deptypes: Collection[str] = RUNTIME_DEPTYPES) -> UsedBy:
    """Find what depends on a build.

    Args:
        deptypes: those that the transitive dependents are reached by; link and run by default.
    """
    return UsedBy(
        {deptype: direct_dependents(catalog, row, [deptype]) for deptype in DEPTYPES},
        transitive_dependents(catalog, BitMap([row]), deptypes),
    )


def direct_dependents(catalog: Catalog, row: int, deptypes: Collection[str] | None = None) -> BitMap:
    """The builds with an edge to a build; with `deptypes`, an edge of any of these."""
    kinds = catalog.dag.edge_kinds
    found = catalog.dag.dependents_by_kind(row).items()
    return BitMap.union(
        BitMap(),
        *(
            rows
            for kind, rows in found
            if deptypes is None or not set(deptypes).isdisjoint(kinds[kind].deptypes)
        ),
    )


def _kinds_of(catalog: Catalog, deptypes: Collection[str]) -> set[int]:
    """The numbers of the edge kinds with any of these deptypes."""
    kinds = enumerate(catalog.dag.edge_kinds)
    return {number for number, kind in kinds if not set(deptypes).isdisjoint(kind.deptypes)}


def transitive_dependents(catalog: Catalog, rows: BitMap, deptypes: Collection[str]) -> BitMap:
    """The builds that reach any of some rows by edges of these deptypes."""
    if set(deptypes) >= set(DEPTYPES):
        return catalog.dag.ancestors(rows, Relation.ALL)
    if set(deptypes) == RUNTIME_DEPTYPES:
        return catalog.dag.ancestors(rows, Relation.RUNTIME)
    # For other deptypes no ancestors are stored: go up edge by edge.
    kinds = _kinds_of(catalog, deptypes)
    found, new = BitMap(), rows
    while new:
        new = catalog.dag.dependents(new, kinds) - found
        found |= new
    return found
