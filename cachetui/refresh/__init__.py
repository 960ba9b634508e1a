"""Bring a catalog up to date: open the sources, compile what changed, open the catalog."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cachetui.refresh.opened import Opened
from cachetui.refresh.opening import open_cached, open_catalog
from cachetui.refresh.policy import Policy
from cachetui.refresh.progress import OnProgress, Progress
from cachetui.refresh.read_report import MAX_PROBLEMS

if TYPE_CHECKING:
    from cachetui.refresh.public_directory import list_public

__all__ = [
    "MAX_PROBLEMS",
    "OnProgress",
    "Opened",
    "Policy",
    "Progress",
    "list_public",
    "open_cached",
    "open_catalog",
]


def __getattr__(name: str) -> Any:
    """Import on demand what asks the network."""
    if name == "list_public":
        return import_module(f"{__name__}.public_directory").list_public
    raise AttributeError(name)
