"""Decompress gzip and deflate within limits: no mirror decides how much memory or disk is used."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from cachetui.bounded import INDEX, RATIO, SMALL
from cachetui.errors import SourceError

GZIP = b"\x1f\x8b"
"""The first bytes of gzip data."""

CHUNK = 1 << 16
"""Bytes per read."""

STEP = 1 << 18
"""Bytes per step of decompression, at most."""

MOST_MEMBERS = 100_000
"""Members of a gzip file; each costs time, also an empty one. Blocks of 64 kB make 6 GB of them."""

TOO_BIG = f"decompresses to more than {RATIO} times its size; refused"

_GZIP_WINDOW = 31
_ZLIB_WINDOW = 15
_RAW_WINDOW = -15


def limit_of(size: int) -> int:
    """Return how many bytes a compressed file of `size` bytes may decompress to."""
    return min(max(size * RATIO, SMALL), INDEX)


class Unpacker:
    """Decompresses gzip of any number of members, or deflate, piece by piece.

    Args:
        is_gzip: False: deflate, with the header of zlib or, as some servers send it, without.
    """

    def __init__(self, is_gzip: bool = True) -> None:
        self._is_gzip = is_gzip
        self._members = 0
        self._stream = zlib.decompressobj(wbits=_GZIP_WINDOW if is_gzip else _ZLIB_WINDOW)
        self._has_begun = False

    @property
    def is_complete(self) -> bool:
        """Whether what was fed ends where the data ends."""
        return self._stream.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what some bytes decompress to, at most STEP bytes at a time. Raises zlib.error."""
        for start in range(0, len(data), CHUNK):
            yield from self._fed(data[start : start + CHUNK])

    def _fed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._stream.eof and not (data := self._next_member(data)):
                return
            if not self._is_gzip and not self._has_begun:
                self._choose_window(data)
            self._has_begun = True
            if piece := self._stream.decompress(data, STEP):
                yield piece
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            # A full piece may leave more output inside the stream, with nothing left of the input.
            while len(piece) == STEP and not data and not self._stream.eof:
                if piece := self._stream.decompress(b"", STEP):
                    yield piece

    def _next_member(self, data: bytes) -> bytes:
        """Begin the next member of a gzip file; zeros between members, and at the end, are padding."""
        if not self._is_gzip:
            raise zlib.error("there is more data behind its end")
        if data := data.lstrip(b"\0"):
            self._members += 1
            if self._members > MOST_MEMBERS:
                raise zlib.error(f"more than {MOST_MEMBERS:,} members")
            self._stream = zlib.decompressobj(wbits=_GZIP_WINDOW)
        return data

    def _choose_window(self, data: bytes) -> None:
        if data[0] & 0x0F != zlib.DEFLATED:
            self._stream = zlib.decompressobj(wbits=_RAW_WINDOW)


def unpacked(data: bytes, place: str, limit: int = INDEX) -> bytes:
    """Decompress gzip data in memory. Raises SourceError for damaged, truncated or oversized data."""
    content = io.BytesIO()
    unpack(io.BytesIO(data), content, len(data), place, limit)
    return content.getvalue()


def unpack(stream: BinaryIO, target: BinaryIO, size: int, place: str, limit: int = INDEX) -> None:
    """Decompress a gzip stream of `size` bytes into a file. Raises SourceError as `unpacked` does."""
    packed, left = Unpacker(), min(limit_of(size), limit)
    try:
        while chunk := stream.read(CHUNK):
            for piece in packed.feed(chunk):
                left -= len(piece)
                if left < 0:
                    raise SourceError(place, TOO_BIG)
                target.write(piece)
    except zlib.error as error:
        raise SourceError(place, f"damaged gzip data ({error}); download it again") from error
    if not packed.is_complete:
        raise SourceError(place, "truncated gzip data; download it again")
