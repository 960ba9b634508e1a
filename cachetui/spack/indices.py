"""The indexes that Spack has downloaded: their mirrors and files."""

from __future__ import annotations

import os
import re
import stat
from typing import Any

import msgspec

from cachetui.bounded import SPACK_FILE, read_file
from cachetui.spack.texts import plain_text, without_login
from cachetui.spack.values import CachedIndex
from cachetui.text import redacted

_KEY = re.compile(r"(.*)__v([0-9]{1,4})(?:__(.*))?", re.DOTALL)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)


def cached_indexes(misc_cache: str) -> tuple[list[CachedIndex], list[str]]:
    """List the indexes that exist and are not empty, with a line for each entry that is invalid."""
    folder = os.path.join(os.path.abspath(misc_cache), "indices") if misc_cache else ""
    contents = os.path.join(folder, "contents.json")
    if not folder or not os.path.lexists(contents):
        return [], []
    try:
        entries = _decoded(contents)
    except ValueError as error:
        return [], [plain_text(f"{contents}: {error}")]
    found: list[CachedIndex] = []
    notes: list[str] = []
    for key, entry in entries.items():
        try:
            index = _index(folder, key, entry)
        except ValueError as error:
            notes.append(plain_text(f"{contents}: {redacted(key)}: {error}"))
            continue
        if index is not None:
            found.append(index)
    return found, notes


def _decoded(contents: str) -> dict[str, Any]:
    """Read the entries by key. Raises ValueError."""
    try:
        content = read_file(contents, SPACK_FILE)
    except OSError as error:
        raise ValueError(error.strerror or "cannot be read") from error
    try:
        entries = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("not JSON") from error
    if not isinstance(entries, dict):
        raise ValueError("not a list of indexes")
    return entries


def _index(folder: str, key: str, entry: object) -> CachedIndex | None:
    """Read an entry; None if its file is missing or empty. Raises ValueError."""
    if not isinstance(entry, dict):
        raise ValueError("not an entry for an index")
    sha256, name, etag = entry.get("index_hash"), entry.get("index_path"), entry.get("etag")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise ValueError("'index_hash' is not a SHA-256")
    if not isinstance(name, str) or not _is_plain(name):
        raise ValueError("'index_path' is not the name of a file")
    file = os.path.join(folder, name)
    try:
        found = os.stat(file)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode) or not found.st_size:
        return None
    match = _KEY.fullmatch(key)
    url, layout, view = match.groups() if match else (key, "2", None)
    return CachedIndex(
        url=_url(url),
        layout=int(layout),
        view=plain_text(view or ""),
        file=file,
        sha256=sha256.lower(),
        etag=etag if isinstance(etag, str) else "",
        modified=found.st_mtime,
    )


def _is_plain(name: str) -> bool:
    return name.isprintable() and name not in ("", ".", "..") and "/" not in name


def _url(url: str) -> str:
    """Remove the login and trailing slashes, as in the URL of a mirror."""
    plain = plain_text(without_login(url).url)
    short = plain.rstrip("/")
    return short if short and not short.endswith(":") else plain
