"""Read the builds of a mirror, in any layout, as batches of specs."""

from typing import TYPE_CHECKING

from cachetui.doors import late_names
from cachetui.sources.base import (
    Batch,
    Divisible,
    NotDivisible,
    Problem,
    Report,
    Source,
    SourcePart,
    none_readable,
)
from cachetui.sources.detect import SAMPLE, layout_of, local_path, open_path, root_of, shown_location
from cachetui.sources.index import IndexFile
from cachetui.sources.pages import PageTree

if TYPE_CHECKING:
    from cachetui.sources.installed import installed_specs
    from cachetui.sources.layouts import update_index
    from cachetui.sources.mirror import MirrorSource
    from cachetui.sources.specfile import forget_parsed
else:
    # Import what only mirrors behind a network need on first use.
    __getattr__ = late_names(
        __name__,
        {
            "installed": ("installed_specs",),
            "layouts": ("update_index",),
            "mirror": ("MirrorSource",),
            "specfile": ("forget_parsed",),
        },
    )


__all__ = [
    "SAMPLE",
    "Batch",
    "Divisible",
    "IndexFile",
    "MirrorSource",
    "NotDivisible",
    "PageTree",
    "Problem",
    "Report",
    "Source",
    "SourcePart",
    "forget_parsed",
    "installed_specs",
    "layout_of",
    "local_path",
    "none_readable",
    "open_path",
    "root_of",
    "shown_location",
    "update_index",
]
