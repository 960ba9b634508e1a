"""The facets and columns that depend on this machine, and on all that a build needs."""

from __future__ import annotations

from collections.abc import Mapping

from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.search import COMPLETE, NO, UNKNOWN, YES, YES_WORDS, Attribute, Partition


def attributes_here() -> tuple[Attribute, ...]:
    """The attributes, in the order of the sidebar; nothing is read or computed before it is asked for."""
    return (Partition(COMPLETE, YES_WORDS[COMPLETE], _complete),)


def without_dependencies(catalog: Catalog) -> BitMap:
    """The builds whose source does not list dependencies."""
    return catalog.facet("spec_format").rows("0")


def _complete(catalog: Catalog) -> Mapping[str, BitMap]:
    from cachetui.graph import incomplete

    every = BitMap(range(len(catalog)))
    unknown = without_dependencies(catalog)
    lacking = incomplete(catalog) - unknown
    return {YES: every - lacking - unknown, NO: lacking, UNKNOWN: unknown}
