"""Bring what a mirror holds onto this machine, as plain files."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cachetui.fetch.address import (
    REMOTE_SCHEMES,
    Access,
    Address,
    address_of,
    is_digest,
    is_view_name,
    joined,
    manifest_path,
    mirror_root,
    scheme_of,
)

if TYPE_CHECKING:
    from cachetui.fetch.downloads import WEB_PAGE, OnBytes, Wanted, difference, download, file_digest
    from cachetui.fetch.registry import MANIFEST_TYPES, blob_url, layer_digest, manifest_url
    from cachetui.fetch.session import Session
    from cachetui.fetch.store import IndexState, Store
    from cachetui.fetch.transport import Network, Patient
    from cachetui.fetch.unpacking import GZIP, unpacked

__all__ = [
    "GZIP",
    "MANIFEST_TYPES",
    "REMOTE_SCHEMES",
    "WEB_PAGE",
    "Access",
    "Address",
    "IndexState",
    "Network",
    "OnBytes",
    "Patient",
    "Session",
    "Store",
    "Wanted",
    "address_of",
    "blob_url",
    "difference",
    "download",
    "file_digest",
    "is_digest",
    "is_view_name",
    "joined",
    "layer_digest",
    "manifest_path",
    "manifest_url",
    "mirror_root",
    "scheme_of",
    "unpacked",
]

_LATE = {
    "downloads": ("WEB_PAGE", "OnBytes", "Wanted", "difference", "download", "file_digest"),
    "registry": ("MANIFEST_TYPES", "blob_url", "layer_digest", "manifest_url"),
    "session": ("Session",),
    "store": ("IndexState", "Store"),
    "transport": ("Network", "Patient"),
    "unpacking": ("GZIP", "unpacked"),
}


def __getattr__(name: str) -> Any:
    """What only a transfer needs comes in when it is asked for: most starts open what is compiled."""
    for module, names in _LATE.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(name)
