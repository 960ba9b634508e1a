"""One immutable file with everything that can be asked about the builds of some sources."""

from cachetui.catalog.dag import Dag
from cachetui.catalog.facets import FACET_NAMES, FACETS, INDEXES, NO_COMPILER, Facet
from cachetui.catalog.mirror_info import MirrorInfo, mirrors_entry
from cachetui.catalog.reader import Catalog, Column, Edge, FacetIndex
from cachetui.catalog.schema import SCHEMA, EdgeKind, Parameters, Relation

__all__ = [
    "FACETS",
    "FACET_NAMES",
    "INDEXES",
    "NO_COMPILER",
    "SCHEMA",
    "Catalog",
    "Column",
    "Dag",
    "Edge",
    "EdgeKind",
    "Facet",
    "FacetIndex",
    "MirrorInfo",
    "Parameters",
    "Relation",
    "mirrors_entry",
]
