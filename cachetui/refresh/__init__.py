"""Bring a catalog up to date: open the sources, compile what changed, open the catalog."""

from typing import TYPE_CHECKING

from cachetui.doors import late_names
from cachetui.refresh.damage import recover, set_aside
from cachetui.refresh.opened import Opened
from cachetui.refresh.opening import open_cached, open_catalog
from cachetui.refresh.policy import Policy
from cachetui.refresh.progress import OPENING, MirrorProgress, OnProgress, Progress
from cachetui.refresh.read_report import MAX_PROBLEMS

if TYPE_CHECKING:
    from cachetui.refresh.asking import Asking
    from cachetui.refresh.binaries import BinaryFinder, known_binary
    from cachetui.refresh.generations import Generation, generation_at, kept_generations, why_none_is_kept
    from cachetui.refresh.memory import return_freed
    from cachetui.refresh.public_directory import list_public
    from cachetui.refresh.reaching import Reached, reach_mirrors
    from cachetui.refresh.sweeping import leftovers, tidy
else:
    # Import on demand what a start does not need.
    __getattr__ = late_names(
        __name__,
        {
            "asking": ("Asking",),
            "binaries": ("BinaryFinder", "known_binary"),
            "generations": ("Generation", "generation_at", "kept_generations", "why_none_is_kept"),
            "memory": ("return_freed",),
            "public_directory": ("list_public",),
            "reaching": ("Reached", "reach_mirrors"),
            "sweeping": ("leftovers", "tidy"),
        },
    )


__all__ = [
    "MAX_PROBLEMS",
    "OPENING",
    "Asking",
    "BinaryFinder",
    "Generation",
    "MirrorProgress",
    "OnProgress",
    "Opened",
    "Policy",
    "Progress",
    "Reached",
    "generation_at",
    "kept_generations",
    "known_binary",
    "leftovers",
    "list_public",
    "open_cached",
    "open_catalog",
    "reach_mirrors",
    "recover",
    "return_freed",
    "set_aside",
    "tidy",
    "why_none_is_kept",
]
