"""Files on this machine: read, told apart, replaced in one step."""

from __future__ import annotations

from pathlib import Path

from cachetui.errors import SourceError
from cachetui.text import clean


def file_fingerprint(file: Path) -> str:
    """Name, size and modification time (ns) of a file. Raises SourceError."""
    try:
        stat = file.stat()
    except OSError as error:
        raise unreadable(file, error) from error
    return f"{clean(file.name)} {stat.st_size} {stat.st_mtime_ns}"


def read_bytes(file: Path) -> bytes:
    """The content of a file. Raises SourceError with its place."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise unreadable(file, error) from error


def unreadable(file: Path, error: OSError) -> SourceError:
    """An OSError as one line: `path: Permission denied`. The file may be readable at the next start."""
    return SourceError(clean(str(file)), error.strerror or str(error), transient=True)
