"""Bring a catalog up to date: open the sources, compile what changed, open the catalog."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cachetui.refresh.findings import KEPT_PROBLEMS
from cachetui.refresh.opening import Opened, at_hand, open_catalog, up_to_date
from cachetui.refresh.policy import Policy
from cachetui.refresh.progress import OnProgress, Progress

if TYPE_CHECKING:
    from cachetui.locate.public import PublicMirror
    from cachetui.locate.report import MirrorReport, Report, list_public, mirrors_report

__all__ = [
    "KEPT_PROBLEMS",
    "MirrorReport",
    "OnProgress",
    "Opened",
    "Policy",
    "Progress",
    "PublicMirror",
    "Report",
    "at_hand",
    "list_public",
    "mirrors_report",
    "open_catalog",
    "up_to_date",
]

_REPORTING = {
    "public": ("PublicMirror",),
    "report": ("MirrorReport", "Report", "list_public", "mirrors_report"),
}


def __getattr__(name: str) -> Any:
    """What only tells of mirrors comes in when it is asked for."""
    for module, names in _REPORTING.items():
        if name in names:
            return getattr(import_module(f"cachetui.locate.{module}"), name)
    raise AttributeError(name)
