"""An index from a mirror into a plain file: resumed where it broke off, checked, unpacked."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from cachetui.errors import ResumeError, SourceError, TransferError
from cachetui.fetch.transport import CHUNK, Patient, Reply, Request
from cachetui.fetch.unpacking import GZIP, TOO_BIG, limit_of, unpack
from cachetui.files import new_file, unreadable
from cachetui.text import clean, redacted

OnBytes = Callable[[int, int], None]
"""Told how many bytes came, and of how many (0: not known); may raise to stop."""

_BEGINNINGS = (b"{", GZIP, b"\xef\xbb\xbf{")

WEB_PAGE = "a web page came instead; is there a login or a proxy between?"

Check = Callable[[Path, str], None]
"""Called with the file and its place; raises SourceError if the file is not what was wanted."""


class Wanted(Struct, frozen=True):
    """What is to be downloaded.

    Args:
        sha256, length: of the bytes as they are stored, where the layout tells them.
        etag: of what is there already.
        stored: the bytes are packed where they are stored.
    """

    url: str
    sha256: str = ""
    length: int = -1
    etag: str = ""
    stored: bool = False

    @property
    def place(self) -> str:
        """For a person."""
        return redacted(self.url)


class Arrived(Struct, frozen=True):
    """What was downloaded: a plain file, and what it was as the mirror stores it."""

    file: Path
    sha256: str
    etag: str


class _Origin(Struct):
    """Of what a part is the beginning; others may read this file, so that the URL is redacted."""

    url: str = ""
    sha256: str = ""
    etag: str = ""


class _Part:
    """The beginning of a download, in a file that no other process writes to.

    Args:
        file: where it lies while nobody works on it.
    """

    def __init__(self, file: Path) -> None:
        self._rest = file
        self._rest_origin = file.with_name(f"{file.name}.json")
        self.file = new_file(file)
        self.origin = _Origin()
        self.resumed = False
        with suppress(OSError, ValueError):
            origin = msgspec.json.decode(self._rest_origin.read_bytes(), type=_Origin)
            os.replace(file, self.file)  # of several processes one gets it
            self.origin = origin

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self.file.stat().st_size

    def continues(self, wanted: Wanted) -> bool:
        """Whether it is known to be the beginning of what is wanted."""
        origin = self.origin
        known = bool(origin.sha256 or origin.etag)
        return known and (origin.url, origin.sha256) == (wanted.place, wanted.sha256) and self.size > 0

    def begin(self, wanted: Wanted, reply: Reply) -> None:
        """Go on at the end, or anew."""
        self.resumed = reply.start > 0
        if not self.resumed:
            os.truncate(self.file, 0)
        self.origin = _Origin(
            wanted.place, wanted.sha256, reply.etag or (self.origin.etag if self.resumed else "")
        )

    def forget(self) -> None:
        """What came is of no use."""
        os.truncate(self.file, 0)
        self.origin = _Origin()

    def leave(self) -> None:
        """Leave what another try may go on with, and nothing else."""
        with suppress(OSError):
            if self.size and (self.origin.sha256 or self.origin.etag):
                self._rest_origin.write_bytes(msgspec.json.encode(self.origin))
                os.replace(self.file, self._rest)
                return
            self._rest_origin.unlink(missing_ok=True)
        with suppress(OSError):
            self.file.unlink()


def download(
    transport: Patient, wanted: Wanted, part_file: Path, on_bytes: OnBytes, check: Check
) -> Arrived | None:
    """Download an index beside `part_file`; None if what is there already is it.

    Args:
        check: looks at the plain file before it is handed out.

    Raises:
        TransferError: it broke off; what came is kept for another try.
        MissingError: there is none.
        SourceError: what came is not the index; nothing of it is kept.
    """
    try:
        part = _Part(part_file)
    except OSError as error:
        raise unreadable(part_file.parent, error) from error
    try:
        return _arrived(transport, wanted, part, on_bytes, check)
    except OSError as error:
        raise unreadable(part_file.parent, error) from error
    finally:
        part.leave()


def _arrived(
    transport: Patient, wanted: Wanted, part: _Part, on_bytes: OnBytes, check: Check
) -> Arrived | None:
    if not _transfer(transport, wanted, part, on_bytes):
        return None
    digest = file_digest(part.file)
    if part.resumed and difference(part.size, digest, wanted.length, wanted.sha256):
        part.forget()  # it may be of two answers
        if not _transfer(transport, wanted, part, on_bytes):
            return None
        digest = file_digest(part.file)
    if problem := difference(part.size, digest, wanted.length, wanted.sha256):
        part.forget()
        raise SourceError(wanted.place, problem)
    etag = part.origin.etag
    plain = _plain_file(part, wanted.place)
    try:
        check(plain, wanted.place)
    except SourceError:
        plain.unlink(missing_ok=True)
        raise
    return Arrived(plain, digest, etag)


def _transfer(transport: Patient, wanted: Wanted, part: _Part, on_bytes: OnBytes) -> bool:
    """Bring all of it into the part, in as many tries as it takes; False if it is not needed."""
    furthest, attempt = part.size, 1
    while True:
        start = part.size if part.continues(wanted) else 0
        request = Request(
            wanted.url, "" if start else wanted.etag, start, part.origin.etag, stored=wanted.stored
        )
        try:
            with transport.open(request) as reply:
                if reply.unchanged:
                    return False
                part.begin(wanted, reply)
                broken = _receive(reply, part, wanted.place, on_bytes)
        except ResumeError:
            if not start:
                raise
            part.forget()
            continue
        if broken is None:
            return True
        attempt = 1 if part.size > furthest else attempt + 1
        furthest = max(furthest, part.size)
        if attempt > transport.tries:
            raise broken
        transport.wait(attempt)


def _receive(reply: Reply, part: _Part, place: str, on_bytes: OnBytes) -> TransferError | None:
    """Append what comes to the part; what broke off if it does not come to an end."""
    with part.file.open("ab") as stream:
        try:
            for chunk in reply.chunks:
                if not stream.tell():
                    _check_beginning(chunk, place)
                stream.write(chunk)
                received = reply.received()
                if stream.tell() > limit_of(received):
                    raise SourceError(place, TOO_BIG)
                on_bytes(received, reply.total or 0)
        except TransferError as error:
            if not error.retryable:
                raise
            return error
    return None


def _check_beginning(chunk: bytes, place: str) -> None:
    start = chunk[:256].lstrip()
    if start.startswith(b"<"):
        raise SourceError(place, WEB_PAGE)
    if not any(start.startswith(known) or known.startswith(start) for known in _BEGINNINGS):
        raise SourceError(
            place, f"not an index: it begins with {clean(start[:20].decode(errors='replace'))!r}"
        )


def difference(size: int, digest: str, length: int, sha256: str) -> str:
    """What is wrong with the bytes of an index that has a size and a digest; empty if nothing is.

    Args:
        length, sha256: what the mirror says; -1 and empty: nothing.
    """
    if not size:
        return "the index is empty"
    if length not in (-1, size):
        return f"{size:,} bytes came, and the mirror says that there are {length:,}; try again"
    if sha256 not in ("", digest):
        return f"its checksum is {digest[:12]}, and the mirror says {sha256[:12]}; try again"
    return ""


def file_digest(file: Path) -> str:
    """The sha256 of a file, in hexadecimal digits. Raises OSError."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _plain_file(part: _Part, place: str) -> Path:
    """The index as a plain file of its own: big ones are read in parts."""
    plain = new_file(part.file)
    with plain.open("wb") as target, part.file.open("rb") as stream:
        is_packed = stream.read(len(GZIP)) == GZIP
        stream.seek(0)
        try:
            if is_packed:
                unpack(stream, target, part.size, place)
        except BaseException:
            plain.unlink(missing_ok=True)
            raise
    if not is_packed:
        os.replace(part.file, plain)
        part.file.touch()
    part.forget()
    return plain
