"""Specs to a catalog file."""

from cachetui.catalog.compile.ancestry import Descents, descents
from cachetui.catalog.compile.compiler import compile_catalog, stage, write_ancestry_file, write_catalog
from cachetui.catalog.compile.edge_table import EdgeTable
from cachetui.catalog.compile.kept import KeptPart, KeptParts
from cachetui.catalog.compile.packing import absorb, pack_staging
from cachetui.catalog.compile.staging import Staging

__all__ = [
    "Descents",
    "EdgeTable",
    "KeptPart",
    "KeptParts",
    "Staging",
    "absorb",
    "compile_catalog",
    "descents",
    "pack_staging",
    "stage",
    "write_ancestry_file",
    "write_catalog",
]
