"""Checksums for names of files and for fingerprints; those of what may be secret do not give it away."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from zlib import crc32

from cachetui import paths
from cachetui.files import new_file, read_own, replace_file
from cachetui.text import is_secret

KEY_BYTES = 32


def checksum(text: str) -> str:
    """Return a checksum of a URL or location, in 16 hexadecimal digits; keyed if it may hold a secret."""
    if any(mark in text for mark in ("?", "#", "@", "%40")) or is_secret(text):
        return keyed(text)
    data = text.encode(errors="replace")
    # hashlib would load OpenSSL at each start.
    return f"{crc32(data):08x}{crc32(data[::-1]):08x}"


def keyed(text: str) -> str:
    """Return 16 hexadecimal digits; without the key of this user, not even a short text can be guessed."""
    from hashlib import blake2b

    data = text.encode(errors="surrogateescape")
    return blake2b(data, key=_key(paths.cache_dir() / "key"), digest_size=8).hexdigest()


@lru_cache(maxsize=4)
def _key(file: Path) -> bytes:
    """The key of this user, made when first needed; where it cannot be kept, each process has its own."""
    with suppress(OSError):
        return _stored_key(file)
    with suppress(OSError):
        return _new_key(file)
    return os.urandom(KEY_BYTES)


def _stored_key(file: Path) -> bytes:
    """Raises OSError."""
    key = read_own(file)
    if len(key) != KEY_BYTES:
        raise OSError(f"{file}: damaged")
    return key


def _new_key(file: Path) -> bytes:
    """Store a key, unless another process was faster, whose key it then is. Raises OSError."""
    key = os.urandom(KEY_BYTES)
    aside = new_file(file)
    try:
        replace_file(aside, key)
        try:
            os.link(aside, file, follow_symlinks=False)
        except OSError:  # there is one; or the file system has no links
            with suppress(OSError):
                return _stored_key(file)
            os.replace(aside, file)
    finally:
        with suppress(OSError):
            aside.unlink()
    return _stored_key(file)
