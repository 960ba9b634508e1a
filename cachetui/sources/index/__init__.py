"""Read the JSON index of a mirror."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cachetui.sources.index.file import IndexFile, StoredBytes

if TYPE_CHECKING:
    from cachetui.sources.index.database import check_complete

__all__ = ["IndexFile", "StoredBytes", "check_complete"]


def __getattr__(name: str) -> Any:
    """Import what reads an index on first use: most starts open a compiled catalog."""
    if name == "check_complete":
        return import_module(f"{__name__}.database").check_complete
    raise AttributeError(name)
