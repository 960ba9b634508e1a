"""How much is read of what comes from outside, by kind, and files of this machine read within that."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from cachetui.errors import SourceError
from cachetui.files import unreadable

TOKEN = 64 << 10
"""Bytes of the answer of a token server; real ones have a few kB."""

CHECKSUM = 4 << 10
"""Bytes of a file that holds a checksum."""

MANIFEST = 1 << 20
"""Bytes of a manifest, or of the spec file of one build; real ones have a few hundred."""

DIRECTORY = 32 << 20
"""Bytes of the directory of public mirrors."""

SETTINGS = 4 << 20
"""Bytes of a configuration file of cachetui, Docker or the system."""

SPACK_FILE = 64 << 20
"""Bytes of a list of the indexes that Spack has downloaded."""

WANTED = 100 << 20
"""Bytes of a file to check, and of what it decompresses to; lock files of big environments have a few MB."""

PAGE = 256 << 20
"""Bytes of a page."""

INDEX = 4 * 10**9
"""Bytes of an index, as it is stored and as it is decompressed, unless `max_index` is set."""

RATIO = 50
"""How many times its size anything may decompress to; real indexes reach 12."""

SMALL = 1 << 20
"""Bytes that anything may decompress to, whatever its size."""

_CHUNK = 1 << 20

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def open_regular(file: Path | str) -> BinaryIO:
    """Open a regular file to read, without a buffer. Raises OSError for whatever else it is.

    A named pipe or a device would be waited for without end, so neither is opened in a way that waits.
    """
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
        if not stat.S_ISREG(mode):
            kind = _KINDS.get(stat.S_IFMT(mode), "something else")
            raise OSError(errno.EINVAL, f"{kind}, not a regular file", str(file))
        return os.fdopen(handle, "rb", buffering=0)
    except BaseException:
        os.close(handle)
        raise


def read_file(file: Path | str, limit: int) -> bytes:
    """Return the content of a regular file of at most `limit` bytes. Raises OSError."""
    with open_regular(file) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > limit:
            raise OSError(errno.EFBIG, too_long(limit), str(file))
        return read_stream(stream, limit, str(file), size + 1)


def read_stream(stream: BinaryIO, limit: int, name: str, size: int = 0) -> bytes:
    """Return what is left of a stream, which may be a pipe; at most `limit` bytes. Raises OSError.

    Args:
        size: of the first piece, if known: a file that is one piece is in memory only once.
    """
    pieces: list[bytes] = []
    left, ask = limit + 1, max(size, _CHUNK)
    while left > 0 and (piece := stream.read(min(left, ask))):
        pieces.append(piece)
        left -= len(piece)
        ask = _CHUNK
    if left <= 0:
        raise OSError(errno.EFBIG, too_long(limit), name)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def read_bytes(file: Path | str, limit: int = INDEX) -> bytes:
    """Return the content of a regular file. Raises SourceError with its path."""
    try:
        return read_file(file, limit)
    except OSError as error:
        if error.errno in (errno.EFBIG, errno.EINVAL):
            raise SourceError(unreadable(Path(file), error).place, error.strerror or "") from error
        raise unreadable(Path(file), error) from error


def too_long(limit: int) -> str:
    """Return the reason to refuse what is longer than `limit` bytes."""
    return f"longer than {limit:,} bytes; refused"
