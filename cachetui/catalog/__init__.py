"""One immutable file with everything that can be asked about the builds of some sources."""

from cachetui.catalog.compiler import compile_catalog, stage, write_ancestry_file, write_catalog
from cachetui.catalog.dag import Dag
from cachetui.catalog.edge_table import EdgeTable
from cachetui.catalog.facets import FACET_NAMES, FACETS, INDEXES, NO_COMPILER, Facet
from cachetui.catalog.kept import KeptPart, KeptParts
from cachetui.catalog.packing import absorb, pack_staging
from cachetui.catalog.reader import Catalog, Column, Edge, FacetIndex
from cachetui.catalog.schema import SCHEMA, EdgeKind, Parameters, Relation
from cachetui.catalog.staging import Staging

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
    "EdgeTable",
    "Facet",
    "FacetIndex",
    "KeptPart",
    "KeptParts",
    "Parameters",
    "Relation",
    "Staging",
    "absorb",
    "compile_catalog",
    "pack_staging",
    "stage",
    "write_ancestry_file",
    "write_catalog",
]
