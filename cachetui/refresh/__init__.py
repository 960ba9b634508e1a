"""Bring a catalog up to date: open the sources, compile what changed, open the catalog."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cachetui.refresh.findings import KEPT_PROBLEMS
from cachetui.refresh.opened import Opened
from cachetui.refresh.opening import at_hand, open_catalog, up_to_date
from cachetui.refresh.policy import Policy
from cachetui.refresh.progress import OnProgress, Progress

if TYPE_CHECKING:
    from cachetui.refresh.public_directory import list_public

__all__ = [
    "KEPT_PROBLEMS",
    "OnProgress",
    "Opened",
    "Policy",
    "Progress",
    "at_hand",
    "list_public",
    "open_catalog",
    "up_to_date",
]


def __getattr__(name: str) -> Any:
    """Import on demand what asks the network."""
    if name == "list_public":
        return import_module(f"{__name__}.public_directory").list_public
    raise AttributeError(name)
