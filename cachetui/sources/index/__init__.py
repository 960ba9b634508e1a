"""Read the JSON index of a mirror."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cachetui.sources.index.file import IndexFile, Stored

if TYPE_CHECKING:
    from cachetui.sources.index.database import check_whole

__all__ = ["IndexFile", "Stored", "check_whole"]


def __getattr__(name: str) -> Any:
    """What reads an index comes in when it is asked for: most starts open what is compiled."""
    if name == "check_whole":
        return import_module(f"{__name__}.database").check_whole
    raise AttributeError(name)
