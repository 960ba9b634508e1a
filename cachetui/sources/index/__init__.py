"""Read the JSON index of a mirror."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cachetui.sources.index.file import IndexFile, StoredBytes

if TYPE_CHECKING:
    from cachetui.sources.index.database import check_complete, open_records

__all__ = ["IndexFile", "StoredBytes", "check_complete", "open_records"]


def __getattr__(name: str) -> Any:
    """Import what reads an index on first use: most starts open a compiled catalog."""
    if name in ("check_complete", "open_records"):
        return getattr(import_module(f"{__name__}.database"), name)
    raise AttributeError(name)
