"""Read the JSON index of a mirror."""

from typing import TYPE_CHECKING

from cachetui.doors import late_names
from cachetui.sources.index.file import IndexFile, StoredBytes

if TYPE_CHECKING:
    from cachetui.sources.index.database import check_complete
else:
    # Import what reads an index on first use: most starts open a compiled catalog.
    __getattr__ = late_names(__name__, {"database": ("check_complete",)})


__all__ = ["IndexFile", "StoredBytes", "check_complete"]
