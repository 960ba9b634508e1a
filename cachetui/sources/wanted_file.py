"""Files of what a user wants to have: `spack.lock`, `spec.json`, and lists of hashes and specs.

A file is taken by its content, so that one of any name, and stdin, are read alike.
"""

from __future__ import annotations

import io
import re
import zlib
from pathlib import Path

from cachetui.bounded import WANTED, open_regular
from cachetui.errors import SourceError
from cachetui.fetch import GZIP, Unpacker
from cachetui.files import unreadable
from cachetui.sources.lockfile import read_documents
from cachetui.sources.manifest_v3 import unsigned
from cachetui.sources.wanted import Wanted, WantedLine
from cachetui.text import clean

MOST_LINES = 100_000
"""Lines of a list."""

_LOCK = "spack.lock"
_DOCUMENT = re.compile(rb"\s*[\[{]")
_INDEX = re.compile(rb'\s*\{\s*"database"')
_MANIFEST = re.compile(rb'\s*\{\s*"(?:version"\s*:\s*\d+\s*,\s*"data|schemaVersion)"')
_ENVIRONMENT = re.compile(rb"(?:\s*(?:#[^\n]*|---)?\n)*spack:\s*(?:\n|#)")
_BOM = b"\xef\xbb\xbf"
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a]")
_HEAD = 4096
_GZIP_WINDOW = 31


def is_wanted(path: Path) -> bool:
    """Whether a path is a file to check, or the folder of an environment with one, and no build cache.

    Raises:
        SourceError: the file cannot be read.
    """
    if path.is_dir():
        return (path / _LOCK).is_file()
    if path.is_fifo():
        return True  # of <(...): what is read of it now is gone, and no catalog is compiled from a pipe
    try:
        with open_regular(path) as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise unreadable(path, error) from error
    if head.startswith(GZIP):
        # The first bytes are enough: the rest may be an index of hundreds of MB.
        head = _first_unpacked(head)
    head = head.removeprefix(_BOM)
    if _DOCUMENT.match(head):
        return not (_INDEX.match(head) or _MANIFEST.match(head))
    return not _NOT_TEXT.search(head) and not head.lstrip().startswith((b"---", b"<"))


def _first_unpacked(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=_GZIP_WINDOW).decompress(head, _HEAD)
    except zlib.error:
        return b"\x00"


def read_wanted_file(path: Path) -> Wanted:
    """Read a file, or the `spack.lock` in a folder.

    Raises:
        SourceError: it cannot be read, or holds nothing that can be checked.
    """
    file = path / _LOCK if path.is_dir() else path
    label = clean(str(file))
    try:
        with file.open("rb") as stream:
            return read_wanted(stream.read(WANTED + 1), label)
    except OSError as error:
        raise unreadable(file, error) from error


def read_wanted(data: bytes, place: str) -> Wanted:
    """Read the content of a file, or of stdin.

    Args:
        place: what it is called in messages.

    Raises:
        SourceError: it holds nothing that can be checked; says where, and what would do.
    """
    _check_size(data, place)
    if data.startswith(GZIP):
        data = _unpacked(data, place)
        _check_size(data, place)
    data = data.removeprefix(_BOM)
    if not data.strip():
        raise SourceError(
            place, "it is empty; give a spack.lock, a spec.json, or hashes or specs, one a line"
        )
    data = unsigned(data)
    if _DOCUMENT.match(data):
        return read_documents(data, place)
    if _ENVIRONMENT.match(data):
        raise SourceError(place, "this is a spack.yaml, which names no builds; give the spack.lock beside it")
    return _read_lines(data, place)


def _unpacked(data: bytes, place: str) -> bytes:
    packed, content = Unpacker(), io.BytesIO()
    try:
        for piece in packed.feed(data):
            content.write(piece)
            if content.tell() > WANTED:
                return content.getvalue()  # which is refused for its size
    except zlib.error as error:
        raise SourceError(place, f"damaged gzip data ({error}); copy the file again") from error
    if not packed.is_complete:
        raise SourceError(place, "truncated gzip data; copy the file again")
    return content.getvalue()


def _check_size(data: bytes, place: str) -> None:
    if len(data) > WANTED:
        raise SourceError(place, f"it is larger than {WANTED >> 20} MB; check its specs in parts, as a list")


def _read_lines(data: bytes, place: str) -> Wanted:
    """Read a list: what is behind `#` and empty lines do not count."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        at = data.count(b"\n", 0, error.start) + 1
        raise SourceError(f"{place}, line {at}", "not UTF-8; is it a spack.lock or a spec.json?") from error
    if _NOT_TEXT.search(data.replace(b"\x1b", b"")):
        raise SourceError(place, "neither JSON nor text; give a spack.lock, a spec.json or a list of hashes")
    given = text.splitlines()
    if len(given) > MOST_LINES:
        raise SourceError(place, f"it has more than {MOST_LINES:,} lines")
    lines = [
        WantedLine(f"{place}, line {number}", line)
        for number, each in enumerate(given, 1)
        if (line := _without_comment(each))
    ]
    if not lines:
        raise SourceError(place, "it has only comments; give hashes or specs, one a line")
    return Wanted(place, {}, lines=tuple(lines))


def _without_comment(line: str) -> str:
    return re.sub(r"(?:^|\s)#.*$", "", line).strip()
