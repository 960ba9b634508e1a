"""Read a mirror in whatever layout it has, and hand out its specs."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cachetui.sources.address import (
    REMOTE_SCHEMES,
    Access,
    Address,
    address_of,
    mirror_root,
    scheme_of,
)
from cachetui.sources.base import Batch, Divided, Part, Problem, Report, Source, Undivided
from cachetui.sources.detect import SAMPLE, layout_of, local_path, open_path
from cachetui.sources.index import IndexFile

if TYPE_CHECKING:
    from cachetui.sources.kept import Kept, Store
    from cachetui.sources.mirror import MirrorSource
    from cachetui.sources.session import Session
    from cachetui.sources.transport import Network

__all__ = [
    "REMOTE_SCHEMES",
    "SAMPLE",
    "Access",
    "Address",
    "Batch",
    "Divided",
    "IndexFile",
    "Kept",
    "MirrorSource",
    "Network",
    "Part",
    "Problem",
    "Report",
    "Session",
    "Source",
    "Store",
    "Undivided",
    "address_of",
    "layout_of",
    "local_path",
    "mirror_root",
    "open_path",
    "scheme_of",
]

_BEHIND_NETWORK = {
    "kept": ("Kept", "Store"),
    "mirror": ("MirrorSource",),
    "session": ("Session",),
    "transport": ("Network",),
}


def __getattr__(name: str) -> Any:
    """What only mirrors behind a network need comes in when it is asked for."""
    for module, names in _BEHIND_NETWORK.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(name)
