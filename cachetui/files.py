"""Files on this machine: read, compared, replaced in one step."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cachetui.errors import SourceError
from cachetui.text import clean

PRIVATE = 0o600
"""The mode of a file that other users must not read: a URL in it may hold a signature."""

ABANDONED_SECONDS = 3600.0
"""Seconds without a write after which the writer of a temporary file is gone."""


def file_fingerprint(file: Path) -> str:
    """Return name, size and modification time (ns) of a file. Raises SourceError."""
    try:
        stat = file.stat()
    except OSError as error:
        raise unreadable(file, error) from error
    return f"{clean(file.name)} {stat.st_size} {stat.st_mtime_ns}"


def read_bytes(file: Path) -> bytes:
    """Return the content of a file. Raises SourceError with its path."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise unreadable(file, error) from error


def unreadable(file: Path, error: OSError) -> SourceError:
    """Return an OSError as `path: Permission denied`; transient, as the file may become readable."""
    return SourceError(clean(str(file)), error.strerror or str(error), transient=True)


def unexpected_content(expected: str, start: bytes) -> str:
    """Return why the first bytes of a file are not those of, say, "an index"."""
    if not start:
        return "the file is empty"
    if start.startswith(b"<"):
        return f"a web page, not {expected}; is there a login or a proxy in between?"
    return f"not {expected}: it begins with {clean(start[:20].decode(errors='replace'))!r}"


@contextmanager
def replacing(file: Path, mode: int = PRIVATE, durable: bool = False) -> Iterator[Path]:
    """Provide an empty file to write; it replaces `file` in the end, or is removed after an error.

    Readers, also on other machines, find the old content or all of the new one. Raises OSError.

    Args:
        mode: of the new file, less the umask.
        durable: the same holds after a power failure.
    """
    aside = new_file(file, mode)
    try:
        yield aside
        if durable:
            _flush_to_disk(aside)
        os.replace(aside, file)
    finally:
        with suppress(OSError):
            aside.unlink()


def replace_file(file: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Write a file in one step; see `replacing`. Raises OSError."""
    with replacing(file, mode) as aside:
        aside.write_bytes(content)


def new_file(file: Path, mode: int = PRIVATE) -> Path:
    """Create an empty file beside `file` that no other process has, and the folder. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned(file.parent.glob(f".{file.name}.*"))
    # Not by `tempfile`: its files have mode 600 whatever the umask is, and it is slow to import.
    aside = file.with_name(f".{file.name}.{os.urandom(8).hex()}")
    os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    return aside


def remove_abandoned(files: Iterable[Path]) -> None:
    """Remove the temporary files of processes that were killed."""
    for file in files:
        with suppress(OSError):
            if time.time() - file.stat().st_mtime > ABANDONED_SECONDS:
                file.unlink()


def _flush_to_disk(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
