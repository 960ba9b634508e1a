"""Values as lines of text, for the command line and the browser alike."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cachetui.render.builds import (
    LIST_FORMATS,
    check_sort,
    describe,
    edge_text,
    show_json,
    show_text,
    sorted_rows,
)
from cachetui.render.packages import PACKAGE_FORMATS
from cachetui.render.trees import tree_lines

if TYPE_CHECKING:
    from cachetui.render.mirrors import MIRROR_FORMATS, PUBLIC_FORMATS, facts, state_text

__all__ = [
    "LIST_FORMATS",
    "MIRROR_FORMATS",
    "PACKAGE_FORMATS",
    "PUBLIC_FORMATS",
    "check_sort",
    "describe",
    "edge_text",
    "facts",
    "show_json",
    "show_text",
    "sorted_rows",
    "state_text",
    "tree_lines",
]


def __getattr__(name: str) -> Any:
    """What shows mirrors comes in when it is asked for: it reads Spack's configuration."""
    if name in ("MIRROR_FORMATS", "PUBLIC_FORMATS", "facts", "state_text"):
        return getattr(import_module(f"{__name__}.mirrors"), name)
    raise AttributeError(name)
