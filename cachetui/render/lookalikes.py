"""What sets look-alikes apart, in words."""

from __future__ import annotations

from collections.abc import Sequence

from cachetui.catalog import Catalog
from cachetui.graph import dependencies_known, differences

_NAMED_DIFFERENCES = 6


def differ_in(catalog: Catalog, rows: Sequence[int]) -> Sequence[str]:
    """What builds that are alike in every column differ in, one thing each."""
    if not dependencies_known(catalog, rows):
        mirrors = " and ".join(catalog.facet("mirror").values)
        if mirrors:
            return ["dependencies, which pages do not list", f"none of these hashes is in {mirrors}"]
        return ["dependencies, which pages do not list; open the index of the mirror too to see them"]
    found = differences(catalog, rows)
    named, unnamed = found[:_NAMED_DIFFERENCES], len(found) - _NAMED_DIFFERENCES
    more = [f"and {unnamed} more"] if unnamed > 0 else []
    return [*map(str, named), *more]
