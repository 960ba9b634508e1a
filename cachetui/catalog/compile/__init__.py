"""Specs to a catalog file."""

from cachetui.catalog.compile.ancestry import Descents, descents
from cachetui.catalog.compile.compiler import compile_catalog, stage, write_ancestry_file, write_catalog
from cachetui.catalog.compile.edge_table import EdgeTable
from cachetui.catalog.compile.packing import absorb, pack_staging
from cachetui.catalog.compile.room import NoRoomError, Room
from cachetui.catalog.compile.staging import Staging
from cachetui.catalog.compile.stored_parts import StoredPart, StoredParts

__all__ = [
    "Descents",
    "EdgeTable",
    "NoRoomError",
    "Room",
    "Staging",
    "StoredPart",
    "StoredParts",
    "absorb",
    "compile_catalog",
    "descents",
    "pack_staging",
    "stage",
    "write_ancestry_file",
    "write_catalog",
]
