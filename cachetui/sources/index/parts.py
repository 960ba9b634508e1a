"""Split a big index into parts: runs of whole records, found without parsing what is between.

A boundary is where a record starts: `"<hash>": {"spec":`. The text between two boundaries, put in braces, is
a JSON object of records. The text before the first boundary and the text from the last one on form a small
index, which gives the version and proves that the file is complete. Cutting is safe because a match at any
other depth leaves the braces of a part unbalanced: it does not decode, and the index is read as a whole.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from msgspec import Struct

from cachetui.bounded import open_regular
from cachetui.files import unreadable
from cachetui.sources.base import Batch, NotDivisible, Report
from cachetui.sources.index.records import RecordReader
from cachetui.spec import Place

PART_BYTES = 2 << 20
"""About 50 ms of work: how often progress is shown and a refresh can be cancelled."""

BOUNDARY = re.compile(rb'"[a-z2-7]{32}"\s*:\s*\{\s*"spec"\s*:')
"""Where a record of an index begins."""

MOST_AT_ONCE = 2 * PART_BYTES
"""Bytes that are decoded in one call: as objects they may take many times the memory."""

_OPEN, _CLOSED = b"{}"

_WINDOW = 1 << 16
_OVERLAP = 256
_MOST_HEAD = 1 << 20
_TAIL = re.compile(rb"[ \t\r\n]*,?[ \t\r\n]*\Z")


class Identity(NamedTuple):
    """The state of a file; it changes if the file is replaced or written to."""

    device: int
    inode: int
    size: int
    modified: int


class Cuts(NamedTuple):
    """Where to split an index.

    Args:
        identity: of the file that was searched.
        boundaries: offsets at which records begin.
        ends: the text before the first boundary and the text from the last one on.
    """

    identity: Identity
    boundaries: list[int]
    ends: tuple[bytes, bytes]


class IndexPart(Struct, frozen=True, dict=True):
    """A run of records of an index.

    Args:
        place, label: of the index.
        first, end: offsets; the last part ends before the closing brace, the others after a comma.
    """

    file: Path
    place: Place
    label: str
    version: int
    identity: Identity
    first: int
    end: int
    is_last: bool

    key = stamp = ""
    """Not cached: a new index replaces all parts."""

    @property
    def size(self) -> int:
        """The size in bytes."""
        return self.end - self.first

    def batches(self, report: Report) -> Iterator[Batch]:
        """Yield all its specs. Raises SourceError, and NotDivisible if it is not a run of records."""
        reader = RecordReader(self.label, self.version, self.place)
        records = self._records()
        # One of the records may be large, and take many times the memory.
        read = reader.read_all if len(records) <= MOST_AT_ONCE else reader.read_each
        yield Batch(list(read(records, report)), self.size, self.size)

    def _records(self) -> memoryview:
        """The run in braces: a JSON object."""
        try:
            with open_regular(self.file) as stream:
                if _identity(stream) != self.identity:
                    raise NotDivisible("the file has changed")
                text = self._in_braces(stream)
        except OSError as error:
            raise unreadable(self.file, error) from error
        run = text[:-1]
        end = _TAIL.search(run, max(1, len(run) - _OVERLAP))
        if end is None or end[0].strip().startswith(b",") == self.is_last:
            raise NotDivisible("no comma between records")
        text[end.start()] = _CLOSED
        return text[: end.start() + 1]

    def _in_braces(self, stream: BinaryIO) -> memoryview:
        """The text of the part in braces, read to where it stays: it need not be copied."""
        text = memoryview(bytearray(self.size + 2))
        text[0], end = _OPEN, 1
        os.lseek(stream.fileno(), self.first, os.SEEK_SET)
        while end <= self.size and (read := os.readv(stream.fileno(), [text[end:-1]])):
            end += read
        text[end] = _CLOSED
        return text[: end + 1]


def find_cuts(file: Path) -> Cuts | None:
    """Find where to split an index into parts of about PART_BYTES; None if it is small or has no boundary."""
    try:
        with open_regular(file) as stream:
            identity = _identity(stream)
            if identity.size < 2 * PART_BYTES:
                return None
            first = _boundary(stream, 0, _MOST_HEAD)
            if first is None:
                return None
            boundaries = [first, *_later_boundaries(stream, first, identity.size)]
            last = boundaries[-1]
            ends = _pread(stream, 0, first), _pread(stream, last, identity.size - last)
            return Cuts(identity, boundaries, ends)
    except OSError as error:
        raise unreadable(file, error) from error


def _later_boundaries(stream: BinaryIO, first: int, size: int) -> Iterator[int]:
    offset = first + PART_BYTES
    while offset < size and (found := _boundary(stream, offset, size)) is not None:
        yield found
        offset = found + PART_BYTES


def _boundary(stream: BinaryIO, offset: int, limit: int) -> int | None:
    """Return the first offset from here on at which a record begins."""
    while offset < limit:
        # Windows overlap by more than the length of a boundary, so that none is missed between two.
        window = _pread(stream, offset, _WINDOW + _OVERLAP)
        if found := BOUNDARY.search(window):
            return offset + found.start()
        offset += _WINDOW
    return None


def _identity(stream: BinaryIO) -> Identity:
    stat = os.fstat(stream.fileno())
    return Identity(stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)


def _pread(stream: BinaryIO, offset: int, size: int) -> bytes:
    """Read `size` bytes, fewer at the end of the file."""
    pieces: list[bytes] = []
    while size > 0 and (piece := os.pread(stream.fileno(), size, offset)):
        pieces.append(piece)
        offset += len(piece)
        size -= len(piece)
    return b"".join(pieces)
