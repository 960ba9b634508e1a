"""Decompress gzip within limits: no mirror decides how much memory or disk is used."""

from __future__ import annotations

import zlib
from typing import BinaryIO

from cachetui.errors import SourceError

GZIP = b"\x1f\x8b"
"""The first bytes of gzip data."""

MAX_RATIO = 100
"""How many times its size an index may decompress to; real ones reach 12."""

LEAST_LIMIT = 1 << 20
"""Bytes that an index of any size may decompress to."""

CHUNK = 1 << 18
"""Bytes per read."""

TOO_BIG = f"decompresses to more than {MAX_RATIO} times its size; refused"

_GZIP_WINDOW = 31


def limit_of(size: int) -> int:
    """Return how many bytes a compressed file of `size` bytes may decompress to."""
    return max(size * MAX_RATIO, LEAST_LIMIT)


def unpacked(data: bytes, place: str) -> bytes:
    """Decompress gzip data in memory. Raises SourceError for damaged, truncated or oversized data."""
    stream = zlib.decompressobj(wbits=_GZIP_WINDOW)
    try:
        content = stream.decompress(data, limit_of(len(data)))
    except zlib.error as error:
        raise SourceError(place, f"damaged gzip data ({error}); download it again") from error
    if stream.unconsumed_tail:
        raise SourceError(place, TOO_BIG)
    if not stream.eof:
        raise SourceError(place, "truncated gzip data; download it again")
    return content


def unpack(stream: BinaryIO, target: BinaryIO, size: int, place: str) -> None:
    """Decompress a gzip stream of `size` bytes into a file. Raises SourceError as `unpacked` does."""
    packed = zlib.decompressobj(wbits=_GZIP_WINDOW)
    try:
        while not packed.eof and (chunk := stream.read(CHUNK)):
            while chunk and not packed.eof:
                target.write(packed.decompress(chunk, CHUNK * MAX_RATIO))
                chunk = packed.unconsumed_tail
                if target.tell() > limit_of(size):
                    raise SourceError(place, TOO_BIG)
    except zlib.error as error:
        raise SourceError(place, f"damaged gzip data ({error})") from error
    if not packed.eof:
        raise SourceError(place, "truncated gzip data")
