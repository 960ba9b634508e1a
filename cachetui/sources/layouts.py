"""How an index is found and kept up to date in each layout: v3 first, then v2, as Spack does."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

from cachetui.errors import MissingError, SourceError
from cachetui.fetch import (
    MANIFEST_TYPES,
    Address,
    IndexState,
    OnBytes,
    Patient,
    Session,
    Store,
    Wanted,
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
from cachetui.sources.index import check_whole
from cachetui.sources.manifest_v3 import MAX_MANIFEST, index_blob, is_clearsigned
from cachetui.text import clean, redacted

V2_INDEX = "build_cache/index.json"
V2_HASH = f"{V2_INDEX}.hash"

_HASH = re.compile(rb"\s*([0-9a-f]{64})\s*\Z")
_MAX_HASH = 4096


class Exchange(Struct, frozen=True):
    """One mirror, what is kept of it, and the way to it."""

    transport: Patient
    address: Address
    store: Store
    state: IndexState
    on_bytes: OnBytes

    def known(self, layout: str) -> IndexState:
        """What is kept, if it came by this layout and is still there; else nothing."""
        usable = self.state.layout == layout and self.state.has_index
        return self.state if usable else IndexState(url=redacted(self.address.url))

    def confirmed(self, etag: str) -> IndexState:
        """The mirror says that what is kept is its index."""
        now = time.time()
        return self.store.update(self.address, checked=now, etag=etag, failed=0.0, failure="")

    def downloaded(self, layout: str, wanted: Wanted, etag: str = "", note: str = "") -> IndexState:
        """Download and keep an index; the ETag is its own if no other is given."""
        arrived = download(
            self.transport, wanted, self.store.part_file(self.address), self.on_bytes, check_whole
        )
        if arrived is None:
            return self.confirmed(wanted.etag)
        file = self.store.index_file(self.address, arrived.sha256)
        now = time.time()
        try:
            size = arrived.file.stat().st_size
            os.replace(arrived.file, file)
            state = IndexState(
                url=redacted(self.address.url),
                layout=layout,
                file=str(file),
                sha256=arrived.sha256,
                etag=etag or arrived.etag,
                size=size,
                fetched=now,
                checked=now,
                note=note,
            )
            self.store.write(self.address, state)
        except OSError as error:
            arrived.file.unlink(missing_ok=True)
            raise unreadable(file, error) from error
        return state


def update_index(
    session: Session, store: Store, address: Address, on_bytes: OnBytes, fail_fast: bool = False
) -> IndexState:
    """Ask a mirror whether what is kept is its index, and fetch it if not.

    Args:
        fail_fast: there is something to show in its place, as where something is kept: who does not answer
            at all is not asked again.

    Raises:
        TransferError: the mirror cannot be reached; what is kept stays, with the reason.
        MissingError: it has no index.
        SourceError: it has one that cannot be used.
    """
    state = store.read(address)
    try:
        with session.connected(address, fail_fast or state.has_index) as transport:
            return _updated(Exchange(transport, address, store, state, on_bytes))
    except SourceError as error:
        store.update(address, failed=time.time(), failure=error.reason)
        raise


def _updated(exchange: Exchange) -> IndexState:
    missing: list[MissingError] = []
    for name in layouts_of(exchange.address):
        try:
            return _LAYOUTS[name](exchange)
        except MissingError as error:
            missing.append(error)
    tried = "; ".join(f"{error.place}: {error.reason}" for error in missing)
    raise MissingError(redacted(exchange.address.url), f"no index of a build cache ({tried})")


def layouts_of(address: Address) -> Sequence[str]:
    """The layouts that are tried, in order."""
    if address.scheme.startswith("oci"):
        return ("oci",)
    if address.layout:
        return (address.layout,)
    return ("v3",) if address.view else ("v3", "v2")


def _v3(exchange: Exchange) -> IndexState:
    address, known = exchange.address, exchange.known("v3")
    if address.view and not is_view_name(address.view):
        raise SourceError(redacted(address.url), f"{clean(address.view)!r} cannot name a view")
    url = joined(address.url, manifest_path(quote(address.view, safe="", errors="replace")))
    text, etag = exchange.transport.small(url, MAX_MANIFEST, known.etag)
    if text is None:
        return exchange.confirmed(etag)
    state = _v3_index(exchange, text, url, etag)
    signed = is_clearsigned(text)
    return state if state.signed == signed else exchange.store.update(address, signed=signed)


def _v3_index(exchange: Exchange, manifest: bytes, url: str, etag: str) -> IndexState:
    """Fetch the index that a manifest names, unless it is the one that is kept."""
    blob = index_blob(manifest, redacted(url))
    if blob.checksum == exchange.known("v3").sha256:
        return exchange.confirmed(etag)
    blob_url = joined(exchange.address.url, blob.path)
    wanted = Wanted(blob_url, blob.checksum, blob.content_length, stored=blob.compression == "gzip")
    try:
        return exchange.downloaded("v3", wanted, etag)
    except MissingError as error:
        raise SourceError(
            error.place, f"its manifest names it, and it is missing ({error.reason})"
        ) from error


def _v2(exchange: Exchange) -> IndexState:
    address, known = exchange.address, exchange.known("v2")
    if known.sha256 and not known.etag and _told_hash(exchange) == known.sha256:
        return exchange.confirmed("")
    state = exchange.downloaded("v2", Wanted(joined(address.url, V2_INDEX), etag=known.etag))
    if state.fetched == known.fetched:
        return state
    if _told_hash(exchange) in ("", state.sha256):
        return state
    return exchange.store.update(address, note=f"{V2_HASH} is that of another index; Spack does not mind")


def _told_hash(exchange: Exchange) -> str:
    """The checksum that lies beside the index; empty if none does. It may be out of step."""
    with suppress(SourceError):
        text, _ = exchange.transport.small(joined(exchange.address.url, V2_HASH), _MAX_HASH)
        if match := _HASH.match(text or b""):
            return match[1].decode()
    return ""


def _oci(exchange: Exchange) -> IndexState:
    address, known = exchange.address, exchange.known("oci")
    url = manifest_url(address.url)
    text, etag = exchange.transport.small(url, MAX_MANIFEST, known.etag, MANIFEST_TYPES)
    if text is None:
        return exchange.confirmed(etag)
    digest = layer_digest(text, redacted(url))
    if digest == known.sha256:
        return exchange.confirmed(etag)
    return exchange.downloaded("oci", Wanted(blob_url(address.url, digest), digest, stored=True), etag)


def _file(exchange: Exchange) -> IndexState:
    """An index by its own URL; the name of a blob tells its checksum."""
    url = exchange.address.url
    name = Path(url.partition("?")[0]).name
    digest = name if is_digest(name) else ""
    known = exchange.known("file")
    return exchange.downloaded("file", Wanted(url, digest, etag=known.etag))


_LAYOUTS: Mapping[str, Callable[[Exchange], IndexState]] = {"v3": _v3, "v2": _v2, "oci": _oci, "file": _file}
