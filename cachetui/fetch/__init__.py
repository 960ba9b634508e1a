"""Download the indexes of mirrors as plain files."""

from typing import TYPE_CHECKING

from cachetui.doors import late_names
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
    from cachetui.fetch.downloads import DownloadRequest, OnReceived, download, file_digest, mismatch
    from cachetui.fetch.registry import (
        MANIFEST_TYPES,
        blob_url,
        image_url,
        last_layer_size,
        layer_digest,
        manifest_url,
    )
    from cachetui.fetch.session import Session
    from cachetui.fetch.store import NEVER_DOWNLOADED, IndexState, Store
    from cachetui.fetch.transport import Network, Request, RetryingTransport, content_of
    from cachetui.fetch.unpacking import GZIP, Unpacker, unpacked
else:
    # Import what only a transfer needs on first use: most starts open a compiled catalog.
    __getattr__ = late_names(
        __name__,
        {
            "downloads": ("DownloadRequest", "OnReceived", "download", "file_digest", "mismatch"),
            "registry": (
                "MANIFEST_TYPES",
                "blob_url",
                "image_url",
                "last_layer_size",
                "layer_digest",
                "manifest_url",
            ),
            "session": ("Session",),
            "store": ("NEVER_DOWNLOADED", "IndexState", "Store"),
            "transport": ("Network", "Request", "RetryingTransport", "content_of"),
            "unpacking": ("GZIP", "Unpacker", "unpacked"),
        },
    )


__all__ = [
    "GZIP",
    "MANIFEST_TYPES",
    "NEVER_DOWNLOADED",
    "REMOTE_SCHEMES",
    "Access",
    "Address",
    "DownloadRequest",
    "IndexState",
    "Network",
    "OnReceived",
    "Request",
    "RetryingTransport",
    "Session",
    "Store",
    "Unpacker",
    "address_of",
    "blob_url",
    "content_of",
    "download",
    "file_digest",
    "image_url",
    "is_digest",
    "is_view_name",
    "joined",
    "last_layer_size",
    "layer_digest",
    "manifest_path",
    "manifest_url",
    "mirror_root",
    "mismatch",
    "scheme_of",
    "unpacked",
]
