"""Layout v3: a manifest names the index, a blob that is named by its checksum.

<mirror>/v3/manifests/index/index.manifest.json            the default index
<mirror>/v3/manifests/index/<view>/index.manifest.json     the index of a view
<mirror>/blobs/sha256/<first two digits>/<64 digits>       the index itself
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from cachetui.errors import SourceError
from cachetui.files import unexpected_content
from cachetui.sources.base import NEWEST_DATABASE
from cachetui.text import clean, reason_of

BLOBS = "blobs"

MANIFEST_VERSION = 3

_INSTALL = "application/vnd.spack.install."
"""How the media type of a binary begins."""

_DATABASE = re.compile(r"application/vnd\.spack\.db\.v(\d{1,6})\+json")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SIGNED = b"-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = b"-----BEGIN PGP SIGNATURE-----"
_COMPRESSIONS = ("gzip", "none", "")


_Number = Annotated[int, Meta(le=2**63 - 1)]
"""A number that a message may repeat: JSON has them of a thousand digits."""


class Blob(Struct, frozen=True, rename="camel"):
    """A blob as a manifest names it.

    Args:
        content_length, checksum: of the bytes as they are stored, compressed or not.
    """

    content_length: _Number = -1
    media_type: str = ""
    compression: str = ""
    checksum_algorithm: str = ""
    checksum: str = ""

    @property
    def path(self) -> str:
        """The path, relative to the mirror."""
        return f"{BLOBS}/{self.checksum_algorithm}/{self.checksum[:2]}/{self.checksum}"


class _Manifest(Struct):
    version: _Number = 0
    data: list[Blob] = []


def index_blob(text: bytes, place: str) -> Blob:
    """Return the newest index in a manifest whose version is known; if none is, the oldest.

    Raises:
        SourceError: it is not a manifest of layout v3, or lists no index that can be read.
    """
    manifest = _decoded(unsigned(text), place)
    if manifest.version != MANIFEST_VERSION:
        raise SourceError(place, f"manifest version {manifest.version}, expected {MANIFEST_VERSION}")
    found = [(int(match[1]), blob) for blob in manifest.data if (match := _DATABASE.match(blob.media_type))]
    if not found:
        raise SourceError(place, "the manifest lists no index")
    known = [each for each in found if each[0] <= NEWEST_DATABASE]
    _, blob = max(known, key=_version) if known else min(found, key=_version)
    return _checked(blob, place)


def install_blob(text: bytes, place: str) -> Blob | None:
    """The binary that the manifest of a spec names; None if it names none. Raises SourceError."""
    found = [b for b in _decoded(unsigned(text), place).data if b.media_type.startswith(_INSTALL)]
    return found[0] if found and found[0].content_length >= 0 else None


def _version(found: tuple[int, Blob]) -> int:
    return found[0]


def _decoded(text: bytes, place: str) -> _Manifest:
    start = text[:256].lstrip()
    if not start.startswith(b"{"):
        raise SourceError(place, unexpected_content("a manifest", start))
    try:
        return msgspec.json.decode(text, type=_Manifest)
    except (ValueError, RecursionError) as error:
        raise SourceError(place, f"not a manifest: {reason_of(error)}") from error


def _checked(blob: Blob, place: str) -> Blob:
    """Return the blob if its checksum can safely be part of a path, and its format is known."""
    checksum = blob.checksum.lower()
    if blob.checksum_algorithm != "sha256":
        shown = clean(blob.checksum_algorithm)[:20]
        raise SourceError(place, f"unknown checksum algorithm {shown!r}; only sha256 is supported")
    if not _SHA256.fullmatch(checksum):
        raise SourceError(place, f"the checksum {clean(blob.checksum)[:70]!r} is not 64 hexadecimal digits")
    if blob.content_length < 0:
        raise SourceError(place, "the manifest does not state the length of the index")
    if blob.compression not in _COMPRESSIONS:
        shown = clean(blob.compression)[:20]
        raise SourceError(place, f"unknown compression {shown!r}; only gzip is supported")
    return msgspec.structs.replace(blob, checksum=checksum)


def is_clearsigned(text: bytes) -> bool:
    """Whether a manifest carries a signature, which is not verified here."""
    return text.lstrip().startswith(_SIGNED)


def unsigned(text: bytes) -> bytes:
    """Return the text inside a clearsigned message (RFC 4880, section 7), other texts unchanged."""
    if not is_clearsigned(text):
        return text
    lines = text.lstrip().replace(b"\r\n", b"\n").split(b"\n")
    body = lines[lines.index(b"") + 1 :] if b"" in lines else []
    if _SIGNATURE in body:
        body = body[: body.index(_SIGNATURE)]
    return b"\n".join(line.removeprefix(b"- ") for line in body)
