"""One immutable file with everything that can be asked about the builds of some sources."""

from cachetui.catalog.compiler import compile_catalog, stage, write_catalog
from cachetui.catalog.facets import FACET_NAMES, FACETS, NO_COMPILER, Facet
from cachetui.catalog.reader import Catalog, Column, Edge, FacetIndex
from cachetui.catalog.schema import SCHEMA, Parameters
from cachetui.catalog.staging import Staging

__all__ = [
    "FACETS",
    "FACET_NAMES",
    "NO_COMPILER",
    "SCHEMA",
    "Catalog",
    "Column",
    "Edge",
    "Facet",
    "FacetIndex",
    "Parameters",
    "Staging",
    "compile_catalog",
    "stage",
    "write_catalog",
]
