"""Layout v3: a manifest names the index, which lies among the blobs by its checksum.

<mirror>/v3/manifests/index/index.manifest.json            the default index
<mirror>/v3/manifests/index/<view>/index.manifest.json     that of a view
<mirror>/blobs/sha256/<first two digits>/<64 digits>       the index itself
"""

from __future__ import annotations

import re

import msgspec
from msgspec import Struct

from cachetui.errors import SourceError
from cachetui.fetch import WEB_PAGE
from cachetui.sources.base import NEWEST_DATABASE
from cachetui.text import clean

BLOBS = "blobs"

MANIFEST_VERSION = 3

MAX_MANIFEST = 1 << 20
"""Bytes; real ones have some hundred."""

_DATABASE = re.compile(r"application/vnd\.spack\.db\.v(\d{1,6})\+json")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SIGNED = b"-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = b"-----BEGIN PGP SIGNATURE-----"
_COMPRESSIONS = ("gzip", "none", "")


class Blob(Struct, frozen=True, rename="camel"):
    """A blob as a manifest names it.

    Args:
        content_length, checksum: of the bytes as they are stored, packed or not.
    """

    content_length: int = -1
    media_type: str = ""
    compression: str = ""
    checksum_algorithm: str = ""
    checksum: str = ""

    @property
    def path(self) -> str:
        """Below the mirror."""
        return f"{BLOBS}/{self.checksum_algorithm}/{self.checksum[:2]}/{self.checksum}"


class _Manifest(Struct):
    version: int = 0
    data: list[Blob] = []


def index_blob(text: bytes, place: str) -> Blob:
    """The newest index of those that a manifest lists that is understood; if none is, the oldest.

    Raises:
        SourceError: it is no manifest of layout v3, or lists no index that can be read.
    """
    manifest = _decoded(_unsigned(text), place)
    if manifest.version != MANIFEST_VERSION:
        raise SourceError(place, f"a manifest of version {manifest.version}, not {MANIFEST_VERSION}")
    found = [(int(match[1]), blob) for blob in manifest.data if (match := _DATABASE.match(blob.media_type))]
    if not found:
        raise SourceError(place, "the manifest lists no index")
    known = [each for each in found if each[0] <= NEWEST_DATABASE]
    _, blob = max(known, key=_version) if known else min(found, key=_version)
    return _checked(blob, place)


def _version(found: tuple[int, Blob]) -> int:
    return found[0]


def _decoded(text: bytes, place: str) -> _Manifest:
    start = text[:256].lstrip()
    if start.startswith(b"<"):
        raise SourceError(place, WEB_PAGE)
    if not start.startswith(b"{"):
        shown = clean(start[:20].decode(errors="replace"))
        raise SourceError(place, f"not a manifest: it begins with {shown!r}" if start else "it is empty")
    try:
        return msgspec.json.decode(text, type=_Manifest)
    except (ValueError, RecursionError) as error:
        raise SourceError(place, f"not a manifest: {clean(str(error))}") from error


def _checked(blob: Blob, place: str) -> Blob:
    """The blob with a checksum that may become a path."""
    checksum = blob.checksum.lower()
    if blob.checksum_algorithm != "sha256":
        shown = clean(blob.checksum_algorithm)[:20]
        raise SourceError(place, f"the checksum is by {shown!r}; only sha256 is understood")
    if not _SHA256.fullmatch(checksum):
        raise SourceError(place, f"the checksum {clean(blob.checksum)[:70]!r} is not 64 hexadecimal digits")
    if blob.content_length < 0:
        raise SourceError(place, "the manifest tells no length of the index")
    if blob.compression not in _COMPRESSIONS:
        raise SourceError(
            place, f"the index is packed by {clean(blob.compression)[:20]!r}; only gzip is understood"
        )
    return msgspec.structs.replace(blob, checksum=checksum)


def is_clearsigned(text: bytes) -> bool:
    """Whether a manifest carries a signature, which is not verified here."""
    return text.lstrip().startswith(_SIGNED)


def _unsigned(text: bytes) -> bytes:
    """The text inside a clearsigned message (RFC 4880, section 7); other texts as they are."""
    if not is_clearsigned(text):
        return text
    lines = text.lstrip().replace(b"\r\n", b"\n").split(b"\n")
    body = lines[lines.index(b"") + 1 :] if b"" in lines else []
    if _SIGNATURE in body:
        body = body[: body.index(_SIGNATURE)]
    return b"\n".join(line.removeprefix(b"- ") for line in body)
