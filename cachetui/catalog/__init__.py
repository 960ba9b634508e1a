"""One immutable file with everything that can be asked about the builds of some sources."""

from typing import TYPE_CHECKING

from cachetui.catalog.dag import Dag
from cachetui.catalog.facets import INDEXES, NO_COMPILER, Facet
from cachetui.catalog.mirror_info import MirrorInfo, mirrors_entry
from cachetui.catalog.reader import Catalog, Column, Edge, FacetIndex
from cachetui.catalog.schema import (
    HASH_BYTES,
    LOOKALIKE_COLUMNS,
    NO_ROW,
    RUNTIME_DEPTYPES,
    SCHEMA,
    EdgeKind,
    Parameters,
    Relation,
)
from cachetui.doors import late_names

if TYPE_CHECKING:
    from cachetui.catalog.verifying import verify
else:
    # Import on demand what a start does not need.
    __getattr__ = late_names(__name__, {"verifying": ("verify",)})

__all__ = [
    "HASH_BYTES",
    "INDEXES",
    "LOOKALIKE_COLUMNS",
    "NO_COMPILER",
    "NO_ROW",
    "RUNTIME_DEPTYPES",
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
    "verify",
]
