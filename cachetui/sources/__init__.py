"""Read the builds of a mirror, in any layout, as batches of specs."""

from typing import TYPE_CHECKING

from cachetui.doors import late_names
from cachetui.sources.base import (
    Batch,
    Divisible,
    NotDivisible,
    Problem,
    Problems,
    Report,
    Source,
    SourcePart,
    none_readable,
    skipped,
)
from cachetui.sources.detect import (
    SAMPLE,
    layout_of,
    local_path,
    open_path,
    root_of,
    shown_location,
)
from cachetui.sources.index import IndexFile
from cachetui.sources.pages import PageTree

if TYPE_CHECKING:
    from cachetui.sources.binary import (
        NO_SIZE,
        SIGNED,
        UNKNOWN,
        UNSIGNED,
        Binary,
        local_binary,
        remote_binary,
    )
    from cachetui.sources.layouts import update_index
    from cachetui.sources.mirror import MirrorSource
    from cachetui.sources.specfile import forget_parsed
    from cachetui.sources.wanted import Wanted, WantedLine, WantedRoot
    from cachetui.sources.wanted_file import is_wanted, read_wanted, read_wanted_file
else:
    # Import what only mirrors behind a network need on first use.
    __getattr__ = late_names(
        __name__,
        {
            "binary": (
                "NO_SIZE",
                "SIGNED",
                "UNKNOWN",
                "UNSIGNED",
                "Binary",
                "local_binary",
                "remote_binary",
            ),
            "layouts": ("update_index",),
            "mirror": ("MirrorSource",),
            "specfile": ("forget_parsed",),
            "wanted": ("Wanted", "WantedLine", "WantedRoot"),
            "wanted_file": ("is_wanted", "read_wanted", "read_wanted_file"),
        },
    )


__all__ = [
    "NO_SIZE",
    "SAMPLE",
    "SIGNED",
    "UNKNOWN",
    "UNSIGNED",
    "Batch",
    "Binary",
    "Divisible",
    "IndexFile",
    "MirrorSource",
    "NotDivisible",
    "PageTree",
    "Problem",
    "Problems",
    "Report",
    "Source",
    "SourcePart",
    "Wanted",
    "WantedLine",
    "WantedRoot",
    "forget_parsed",
    "is_wanted",
    "layout_of",
    "local_binary",
    "local_path",
    "none_readable",
    "open_path",
    "read_wanted",
    "read_wanted_file",
    "remote_binary",
    "root_of",
    "shown_location",
    "skipped",
    "update_index",
]
