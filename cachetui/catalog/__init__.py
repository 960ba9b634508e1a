"""One immutable file with everything that can be asked about the builds of some sources."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cachetui.catalog.dag import Dag
from cachetui.catalog.facets import FACET_NAMES, FACETS, INDEXES, NO_COMPILER, Facet
from cachetui.catalog.reader import Catalog, Column, Edge, FacetIndex
from cachetui.catalog.schema import SCHEMA, EdgeKind, Parameters, Relation

if TYPE_CHECKING:
    from cachetui.catalog.ancestry import Descents, descents
    from cachetui.catalog.compiler import compile_catalog, stage, write_ancestry_file, write_catalog
    from cachetui.catalog.edge_table import EdgeTable
    from cachetui.catalog.kept import KeptPart, KeptParts
    from cachetui.catalog.packing import absorb, pack_staging
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
    "Descents",
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
    "descents",
    "pack_staging",
    "stage",
    "write_ancestry_file",
    "write_catalog",
]

_COMPILING = {
    "ancestry": ("Descents", "descents"),
    "compiler": ("compile_catalog", "stage", "write_ancestry_file", "write_catalog"),
    "edge_table": ("EdgeTable",),
    "kept": ("KeptPart", "KeptParts"),
    "packing": ("absorb", "pack_staging"),
    "staging": ("Staging",),
}


def __getattr__(name: str) -> Any:
    """What only compiling needs comes in when it is asked for: most starts open what is compiled."""
    for module, names in _COMPILING.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(name)
