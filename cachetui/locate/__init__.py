"""What a location means: paths, configured mirrors and public names to sources; the states of mirrors."""

from typing import TYPE_CHECKING

from cachetui.doors import late_names
from cachetui.locate.locations import LocationResolver, ResolvedLocation, is_catalog

if TYPE_CHECKING:
    from cachetui.locate.counts import cached_count, save_counts
    from cachetui.locate.installed import config_here, databases_here, installed_here
    from cachetui.locate.public import (
        PublicMirror,
        cached_directory,
        directory_file,
        find_public,
        public_place,
        read_directory,
    )
    from cachetui.locate.report import MirrorStatus, SpackReport, mirrors_report
else:
    # Import on demand what a start on a compiled catalog does not need.
    __getattr__ = late_names(
        __name__,
        {
            "counts": ("cached_count", "save_counts"),
            "installed": ("config_here", "databases_here", "installed_here"),
            "public": (
                "PublicMirror",
                "directory_file",
                "cached_directory",
                "find_public",
                "public_place",
                "read_directory",
            ),
            "report": ("MirrorStatus", "SpackReport", "mirrors_report"),
        },
    )


__all__ = [
    "LocationResolver",
    "MirrorStatus",
    "PublicMirror",
    "ResolvedLocation",
    "SpackReport",
    "cached_count",
    "cached_directory",
    "config_here",
    "databases_here",
    "directory_file",
    "find_public",
    "installed_here",
    "is_catalog",
    "mirrors_report",
    "public_place",
    "read_directory",
    "save_counts",
]
