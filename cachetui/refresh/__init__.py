"""Bring a catalog up to date: open the sources, compile what changed, open the catalog."""

from cachetui.refresh.findings import KEPT_PROBLEMS
from cachetui.refresh.opening import Opened, open_catalog, up_to_date
from cachetui.refresh.progress import Cancelled, OnProgress, Progress

__all__ = [
    "KEPT_PROBLEMS",
    "Cancelled",
    "OnProgress",
    "Opened",
    "Progress",
    "open_catalog",
    "up_to_date",
]
