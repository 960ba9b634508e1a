"""What sets look-alikes apart, in words."""

from __future__ import annotations

from collections.abc import Sequence

from cachetui.catalog import Catalog
from cachetui.graph import dependencies_known, differences

_NAMED_DIFFERENCES = 6


def lookalikes_text(catalog: Catalog, rows: Sequence[int]) -> str:
    """How many builds look the same, and what they differ in."""
    return f"{len(rows):,} builds are alike in every column. {_differences_text(catalog, rows)}"


def _differences_text(catalog: Catalog, rows: Sequence[int]) -> str:
    if not dependencies_known(catalog, rows):
        return _unknown_dependencies(catalog)
    found = differences(catalog, rows)
    if not found:
        return "Their direct dependencies are the same builds too."
    named, unnamed = found[:_NAMED_DIFFERENCES], len(found) - _NAMED_DIFFERENCES
    more = f"; and {unnamed} more" if unnamed > 0 else ""
    return f"They differ in {'; '.join(map(str, named))}{more}."


def _unknown_dependencies(catalog: Catalog) -> str:
    differ = "They differ in their dependencies, which pages do not list"
    if mirrors := " and ".join(catalog.facet("mirror").values):
        return f"{differ}; none of these hashes is in {mirrors}."
    return f"{differ}: open the index of the mirror too, and its builds merge with these by hash."
