"""Values as lines of text, for the command line and the browser alike."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cachetui.render.lists import LIST_FORMATS, check_sort, sorted_rows
from cachetui.render.mirrors import (
    MIRROR_FORMATS,
    PUBLIC_FORMATS,
    mirror_facts,
    mirror_summary,
    notes_heading,
    spack_facts,
    state_text,
    where_text,
)
from cachetui.render.packages import PACKAGE_FORMATS

if TYPE_CHECKING:
    from cachetui.render.builds import SHOW_FORMATS, build_facts, describe, edge_text, shared_facts
    from cachetui.render.empty import no_package_found, nothing_found, why_none
    from cachetui.render.lookalikes import lookalikes_text
    from cachetui.render.trees import tree_lines

__all__ = [
    "LIST_FORMATS",
    "MIRROR_FORMATS",
    "PACKAGE_FORMATS",
    "PUBLIC_FORMATS",
    "SHOW_FORMATS",
    "build_facts",
    "check_sort",
    "describe",
    "edge_text",
    "lookalikes_text",
    "mirror_facts",
    "mirror_summary",
    "no_package_found",
    "notes_heading",
    "nothing_found",
    "shared_facts",
    "sorted_rows",
    "spack_facts",
    "state_text",
    "tree_lines",
    "where_text",
    "why_none",
]

_LATE = {
    "builds": ("SHOW_FORMATS", "build_facts", "describe", "edge_text", "shared_facts"),
    "empty": ("no_package_found", "nothing_found", "why_none"),
    "lookalikes": ("lookalikes_text",),
    "trees": ("tree_lines",),
}


def __getattr__(name: str) -> Any:
    """Import on demand what reads catalogs: `--help` needs only the names of the formats."""
    for module, names in _LATE.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(name)
