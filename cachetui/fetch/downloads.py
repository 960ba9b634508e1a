"""Download an index into a plain file: resume where a transfer broke off, verify, decompress."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from cachetui.bounded import MANIFEST, open_regular, too_long
from cachetui.errors import ResumeError, SourceError, TransferError
from cachetui.fetch.transport import CHUNK, Reply, Request, RetryingTransport
from cachetui.fetch.unpacking import GZIP, unpack
from cachetui.files import is_own, new_file, open_own, replace_file, unexpected_content, unreadable
from cachetui.text import redacted

OnReceived = Callable[[int, int], None]
"""Called with the bytes received and the bytes in all (0: unknown); may raise to stop."""

Check = Callable[[Path, str], None]
"""Called with a downloaded file and its place; raises SourceError if it is not what was requested."""

MOST_BREAKS = 20
"""How often a transfer may break off while fewer than GAIN bytes are gained."""

GAIN = 64 << 10

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_FIRST_BYTES = (b"{", GZIP, b"\xef\xbb\xbf{")


class DownloadRequest(Struct, frozen=True):
    """What to download.

    Args:
        sha256, length: of the bytes as they are stored, if the layout publishes them.
        etag: of the copy that is cached.
        raw: the stored file is compressed by itself, so that a transfer encoding must not be undone.
    """

    url: str
    sha256: str = ""
    length: int = -1
    etag: str = ""
    raw: bool = False

    @property
    def place(self) -> str:
        """The URL for messages."""
        return redacted(self.url)


class Download(Struct, frozen=True):
    """A finished download: the plain file, with checksum and ETag of the bytes as the mirror stores them."""

    file: Path
    sha256: str
    etag: str


class _Origin(Struct):
    """Where a partial download comes from; other users may read this file, so that the URL is redacted."""

    url: str = ""
    sha256: str = ""
    etag: str = ""


class _PartialDownload:
    """A download that may be incomplete, in a file that no other process writes to.

    Args:
        saved_file: where it is saved between two runs; `file` is the private copy that is written to.
    """

    def __init__(self, saved_file: Path) -> None:
        self._saved_file = saved_file
        self._saved_origin = saved_file.with_name(f"{saved_file.name}.json")
        self.file = new_file(saved_file)
        self.origin = _Origin()
        self.was_resumed = False
        with suppress(OSError, ValueError):
            with open_own(self._saved_origin) as stream:
                origin = msgspec.json.decode(stream.read(MANIFEST), type=_Origin)
            if not is_own(saved_file):
                return  # there is none, or one that another user may have put there
            os.replace(saved_file, self.file)  # only one of several processes gets it
            if is_own(self.file):  # nobody has put another one there meanwhile
                self.origin = origin
                return
        if not is_own(self.file):
            with suppress(OSError):
                self.file.unlink()
            self.file = new_file(saved_file)

    @property
    def size(self) -> int:
        """Bytes received so far."""
        return self.file.lstat().st_size

    def can_resume(self, wanted: DownloadRequest) -> bool:
        """Whether a checksum or an ETag can prove that its bytes are the first ones of what is wanted."""
        origin = self.origin
        is_provable = bool(origin.sha256 or origin.etag)
        return is_provable and (origin.url, origin.sha256) == (wanted.place, wanted.sha256) and self.size > 0

    def start(self, wanted: DownloadRequest, reply: Reply) -> None:
        """Prepare for a reply: continue at the end, or start over."""
        self.was_resumed = reply.offset > 0
        if not self.was_resumed:
            self._empty()
        etag = reply.etag or (self.origin.etag if self.was_resumed else "")
        self.origin = _Origin(wanted.place, wanted.sha256, etag)

    def discard(self) -> None:
        """Drop all bytes."""
        self._empty()
        self.origin = _Origin()

    def _empty(self) -> None:
        open_own(self.file, "wb").close()  # which follows no link, and writes to nobody else's file

    def digest(self) -> str:
        """The checksum of its bytes. Raises OSError."""
        with open_own(self.file) as stream:
            return _digest(stream)

    def save(self) -> None:
        """Save what the next run can resume; remove everything else."""
        with suppress(OSError):
            if self.size and (self.origin.sha256 or self.origin.etag):
                replace_file(self._saved_origin, msgspec.json.encode(self.origin))
                os.replace(self.file, self._saved_file)
                return
            self._saved_origin.unlink(missing_ok=True)
        with suppress(OSError):
            self.file.unlink()


def download(
    transport: RetryingTransport,
    wanted: DownloadRequest,
    part_file: Path,
    on_received: OnReceived,
    check: Check,
) -> Download | None:
    """Download an index into the folder of `part_file`; return None if the cached copy is up to date.

    Args:
        part_file: where an incomplete download is saved.
        check: inspects the plain file before it is returned.

    Raises:
        TransferError: the transfer broke off; what was received is saved for the next run.
        MissingError: the mirror has no such file.
        SourceError: the content is not an index; nothing of it is saved.
    """
    try:
        part = _PartialDownload(part_file)
    except OSError as error:
        raise unreadable(part_file.parent, error) from error
    try:
        return _verified(transport, wanted, part, on_received, check)
    except OSError as error:
        raise unreadable(part_file.parent, error) from error
    finally:
        part.save()


def _verified(
    transport: RetryingTransport,
    wanted: DownloadRequest,
    part: _PartialDownload,
    on_received: OnReceived,
    check: Check,
) -> Download | None:
    if not _transfer(transport, wanted, part, on_received):
        return None
    # The checksum is of the whole file, as its first bytes may have been saved by an earlier run.
    digest = part.digest()
    if part.was_resumed and mismatch(part.size, digest, wanted.length, wanted.sha256):
        part.discard()  # the index may have changed between the two transfers
        if not _transfer(transport, wanted, part, on_received):
            return None
        digest = part.digest()
    if problem := mismatch(part.size, digest, wanted.length, wanted.sha256):
        part.discard()
        raise SourceError(wanted.place, problem)
    etag = part.origin.etag
    try:
        plain = _plain_file(part, wanted.place, transport.largest)
    except SourceError:
        part.discard()  # its bytes are those that the mirror has: there is nothing to resume
        raise
    try:
        check(plain, wanted.place)
    except SourceError:
        plain.unlink(missing_ok=True)
        raise
    return Download(plain, digest, etag)


def _transfer(
    transport: RetryingTransport, wanted: DownloadRequest, part: _PartialDownload, on_received: OnReceived
) -> bool:
    """Receive the whole content, in as many tries as it takes; False if the cached copy is up to date."""
    limit = _limit(wanted, transport.largest)
    _check_room(part, wanted)
    furthest, attempt, breaks, gained = part.size, 1, 0, part.size
    while True:
        offset = part.size if part.can_resume(wanted) else 0
        # A partial download is newer than the cached copy, whose ETag is then of no use.
        etag = "" if offset else wanted.etag
        request = Request(wanted.url, etag, offset, part.origin.etag, raw=wanted.raw, limit=limit)
        try:
            with transport.open(request) as reply:
                if reply.unchanged:
                    return False
                part.start(wanted, reply)
                broken = _receive(reply, part, wanted.place, limit, on_received)
        except ResumeError:
            if not offset:
                raise
            part.discard()
            continue
        if broken is None:
            return True
        # Tries are counted only while no byte is gained: a slow line may break off often.
        attempt = 1 if part.size > furthest else attempt + 1
        furthest = max(furthest, part.size)
        breaks, gained = (0, furthest) if furthest >= gained + GAIN else (breaks + 1, gained)
        if attempt > transport.tries or breaks > MOST_BREAKS:
            raise broken
        transport.wait(attempt)


def _limit(wanted: DownloadRequest, largest: int) -> int:
    """Return the bytes to accept: those that the mirror publishes, if that is not too many."""
    if wanted.length > largest:
        reason = f"it has {wanted.length:,} bytes, more than the {largest:,} of the setting max_index"
        raise SourceError(wanted.place, reason)
    return largest if wanted.length < 0 else wanted.length


def _check_room(part: _PartialDownload, wanted: DownloadRequest) -> None:
    """Raise OSError if what a mirror publishes does not fit on the disk, before any of it is written."""
    room = os.statvfs(part.file)
    if wanted.length - part.size > room.f_bavail * room.f_frsize:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _receive(
    reply: Reply, part: _PartialDownload, place: str, limit: int, on_received: OnReceived
) -> TransferError | None:
    """Append the reply to the file; return the error if the transfer broke off and can be resumed."""
    try:
        with open_own(part.file, "ab") as stream:
            for chunk in reply.chunks:
                if not stream.tell():
                    _check_first_bytes(chunk, place)
                if stream.tell() + len(chunk) > limit:
                    raise SourceError(place, too_long(limit))
                stream.write(chunk)
                on_received(reply.received(), reply.total or 0)
    except TransferError as error:
        if not error.retryable:
            raise
        return error
    except SourceError:
        part.discard()  # what is refused leaves nothing behind
        raise
    except OSError as error:
        if error.errno in _FULL:
            part.discard()
        raise
    return None


def _check_first_bytes(chunk: bytes, place: str) -> None:
    start = chunk[:256].lstrip()
    if not any(start.startswith(known) or known.startswith(start) for known in _FIRST_BYTES):
        raise SourceError(place, unexpected_content("an index", start))


def mismatch(size: int, digest: str, length: int, sha256: str) -> str:
    """Compare size and checksum of an index with what the mirror publishes; return what differs, or "".

    Args:
        length, sha256: as published; -1 and empty if they are not.
    """
    if not size:
        return "the index is empty"
    if length not in (-1, size):
        return f"received {size:,} of {length:,} bytes; try again"
    if sha256 not in ("", digest):
        return f"wrong checksum: {digest[:12]}, expected {sha256[:12]}; try again"
    return ""


def file_digest(file: Path) -> str:
    """Return the sha256 of a file in hexadecimal. Raises OSError."""
    with open_regular(file) as stream:
        return _digest(stream)


def _digest(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _plain_file(part: _PartialDownload, place: str, largest: int) -> Path:
    """Move or decompress the download into a plain file: only plain files can be read in parts."""
    plain = new_file(part.file)
    with open_own(plain, "wb") as target, open_own(part.file) as stream:
        is_packed = stream.read(len(GZIP)) == GZIP
        stream.seek(0)
        try:
            if is_packed:
                unpack(stream, target, part.size, place, largest)
        except BaseException:
            plain.unlink(missing_ok=True)
            raise
    if not is_packed:
        os.replace(part.file, plain)
        open_own(part.file, "xb").close()
    part.discard()
    return plain
