"""Find and update the cached index of a mirror in each layout: v3 first, then v2, as Spack does."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

from cachetui.bounded import CHECKSUM, MANIFEST
from cachetui.errors import MissingError, SourceError
from cachetui.fetch import (
    MANIFEST_TYPES,
    Address,
    DownloadRequest,
    IndexState,
    OnReceived,
    RetryingTransport,
    Session,
    Store,
    blob_url,
    download,
    is_digest,
    is_view_name,
    joined,
    layer_digest,
    manifest_path,
    manifest_url,
)
from cachetui.files import unreadable
from cachetui.sources.index import check_complete
from cachetui.sources.manifest_v3 import index_blob, is_clearsigned
from cachetui.text import clean, redacted

V2_INDEX = "build_cache/index.json"
V2_HASH = f"{V2_INDEX}.hash"

_HASH = re.compile(rb"\s*([0-9a-f]{64})\s*\Z")


class IndexUpdate(Struct, frozen=True):
    """The update of one mirror's index: the mirror, the transport to it, and the cached copy."""

    transport: RetryingTransport
    address: Address
    store: Store
    state: IndexState
    on_received: OnReceived

    def cached(self, layout: str) -> IndexState:
        """Return the cached copy if it has this layout and is still readable; else an empty one."""
        usable = self.state.layout == layout and self.state.has_index
        return self.state if usable else IndexState(url=redacted(self.address.url))

    def confirm(self, etag: str) -> IndexState:
        """Record that the cached copy is up to date."""
        now = time.time()
        return self.store.update(
            self.address, checked=now, etag=etag, failed=0.0, failure="", unanswered=False
        )

    def download(self, layout: str, wanted: DownloadRequest, etag: str = "", note: str = "") -> IndexState:
        """Download and store an index.

        Args:
            etag: of its manifest; empty: that of the index itself is stored.
        """
        part_file = self.store.part_file(self.address)
        downloaded = download(self.transport, wanted, part_file, self.on_received, check_complete)
        if downloaded is None:
            return self.confirm(wanted.etag)
        file = self.store.index_file(self.address, downloaded.sha256)
        now = time.time()
        try:
            size = downloaded.file.stat().st_size
            os.replace(downloaded.file, file)
            state = IndexState(
                url=redacted(self.address.url),
                layout=layout,
                file=str(file),
                sha256=downloaded.sha256,
                etag=etag or downloaded.etag,
                size=size,
                fetched=now,
                checked=now,
                note=note,
            )
            self.store.write(self.address, state)
        except OSError as error:
            with suppress(OSError):
                downloaded.file.unlink()
            raise unreadable(file, error) from error
        return state


def update_index(
    session: Session,
    store: Store,
    address: Address,
    on_received: OnReceived,
    fail_fast: bool = False,
    afresh: bool = False,
) -> IndexState:
    """Ask a mirror whether the cached copy of its index is up to date, and download the index if not.

    Args:
        fail_fast: do not ask a mirror again that does not answer at all, as there is something else to show;
            implied by a cached copy.
        afresh: download it in any case.

    Raises:
        TransferError: the mirror cannot be reached; the cached copy stays, with the reason.
        MissingError: it has no index.
        SourceError: its index cannot be used.
    """
    state = store.read(address)
    try:
        with session.connect(address, fail_fast or state.has_index) as transport:
            known = IndexState(url=state.url) if afresh else state
            return _updated(IndexUpdate(transport, address, store, known, on_received))
    except SourceError as error:
        store.update(address, failed=time.time(), failure=error.reason, unanswered=False)
        raise


def _updated(update: IndexUpdate) -> IndexState:
    missing: list[MissingError] = []
    for name in layouts_of(update.address):
        try:
            return _LAYOUTS[name](update)
        except MissingError as error:
            missing.append(error)
    tried = "; ".join(f"{error.place}: {error.reason}" for error in missing)
    raise MissingError(redacted(update.address.url), f"no index of a build cache ({tried})")


def layouts_of(address: Address) -> Sequence[str]:
    """Return the layouts to try, in order."""
    if address.scheme.startswith("oci"):
        return ("oci",)
    if address.layout:
        return (address.layout,)
    return ("v3",) if address.view else ("v3", "v2")


def _v3(update: IndexUpdate) -> IndexState:
    address, cached = update.address, update.cached("v3")
    if address.view and not is_view_name(address.view):
        raise SourceError(redacted(address.url), f"{clean(address.view)!r} is not a valid view name")
    url = joined(address.url, manifest_path(quote(address.view, safe="", errors="replace")))
    text, etag = update.transport.read_small(url, MANIFEST, cached.etag)
    if text is None:
        return update.confirm(etag)
    state = _v3_index(update, text, url, etag)
    signed = is_clearsigned(text)
    return state if state.signed == signed else update.store.update(address, signed=signed)


def _v3_index(update: IndexUpdate, manifest: bytes, url: str, etag: str) -> IndexState:
    """Download the index that a manifest names, unless it is the cached one."""
    blob = index_blob(manifest, redacted(url))
    if blob.checksum == update.cached("v3").sha256:
        return update.confirm(etag)
    blob_url = joined(update.address.url, blob.path)
    wanted = DownloadRequest(blob_url, blob.checksum, blob.content_length, raw=blob.compression == "gzip")
    try:
        return update.download("v3", wanted, etag)
    except MissingError as error:
        raise SourceError(error.place, f"listed in the manifest but missing ({error.reason})") from error


def _v2(update: IndexUpdate) -> IndexState:
    address, cached = update.address, update.cached("v2")
    if cached.sha256 and not cached.etag and _published_hash(update) == cached.sha256:
        return update.confirm("")
    state = update.download("v2", DownloadRequest(joined(address.url, V2_INDEX), etag=cached.etag))
    if state.fetched == cached.fetched:
        return state
    if _published_hash(update) in ("", state.sha256):
        return state
    return update.store.update(address, note=f"{V2_HASH} does not match the index; Spack ignores that too")


def _published_hash(update: IndexUpdate) -> str:
    """Return the checksum that is published beside the index, which may be out of date; empty if none is."""
    with suppress(SourceError):
        text, _ = update.transport.read_small(joined(update.address.url, V2_HASH), CHECKSUM)
        if match := _HASH.match(text or b""):
            return match[1].decode()
    return ""


def _oci(update: IndexUpdate) -> IndexState:
    address, cached = update.address, update.cached("oci")
    url = manifest_url(address.url)
    text, etag = update.transport.read_small(url, MANIFEST, cached.etag, MANIFEST_TYPES)
    if text is None:
        return update.confirm(etag)
    digest = layer_digest(text, redacted(url))
    if digest == cached.sha256:
        return update.confirm(etag)
    return update.download("oci", DownloadRequest(blob_url(address.url, digest), digest, raw=True), etag)


def _file(update: IndexUpdate) -> IndexState:
    """Update an index that is named by its own URL; the name of a blob is its checksum."""
    url = update.address.url
    name = Path(url.partition("?")[0]).name
    digest = name if is_digest(name) else ""
    cached = update.cached("file")
    return update.download("file", DownloadRequest(url, digest, etag=cached.etag))


_LAYOUTS: Mapping[str, Callable[[IndexUpdate], IndexState]] = {
    "v3": _v3,
    "v2": _v2,
    "oci": _oci,
    "file": _file,
}
