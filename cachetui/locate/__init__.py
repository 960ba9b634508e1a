"""What a location means: paths, configured mirrors and public names to sources; the states of mirrors."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cachetui.locate.locations import Located, Locations, is_catalog

if TYPE_CHECKING:
    from cachetui.locate.counts import known_count, remember_counts
    from cachetui.locate.public import PublicMirror, directory_file, kept_directory, read_directory
    from cachetui.locate.report import MirrorReport, Report, mirrors_report

__all__ = [
    "Located",
    "Locations",
    "MirrorReport",
    "PublicMirror",
    "Report",
    "directory_file",
    "is_catalog",
    "kept_directory",
    "known_count",
    "mirrors_report",
    "read_directory",
    "remember_counts",
]

_LATE = {
    "counts": ("known_count", "remember_counts"),
    "public": ("PublicMirror", "directory_file", "kept_directory", "read_directory"),
    "report": ("MirrorReport", "Report", "mirrors_report"),
}


def __getattr__(name: str) -> Any:
    """Import on demand what a start on a compiled catalog does not need."""
    for module, names in _LATE.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(name)
