"""What mirrors say of the binary of a build: its size, its date, its signature."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cachetui.render.spans import Line
from cachetui.text import clean, counted

if TYPE_CHECKING:
    from cachetui.install import Download
    from cachetui.sources import Binary

_KEY_ID = 16
"""Characters of a key's id, the end of its fingerprint."""


def size_text(size: int) -> str:
    """Format a size: `12.3 MB`."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return counted(size, "byte")


def binary_line(binary: Binary | None) -> Line:
    """A binary in one line: size, date, signature; `-` with the reason for what is not known."""
    if binary is None:
        return (("-", "muted"),)
    size = size_text(binary.size) if binary.size >= 0 else "-"
    day = f", {_day(binary.modified)}" if binary.modified else ""
    comma = " " if size == "-" else ", "
    reason = _reason(binary)
    note = ((f"{comma}{reason}", "muted"),) if reason else ()
    return ((f"{size}{day}", ""), *note, (f", {signature_text(binary)}", ""))


def _reason(binary: Binary) -> str:
    """Why something is not known; a registry, for one, may send no date."""
    no_date = binary.size >= 0 and not binary.modified
    return clean(binary.note) or ("the server gives no date" if no_date else "")


def signature_text(binary: Binary) -> str:
    """Whether a binary is signed, and by which key; nothing was verified."""
    if binary.signature == "unknown":
        return "signature unknown"
    return f"{binary.signature} (key {binary.key[-_KEY_ID:]})" if binary.key else binary.signature


def closure_text(download: Download) -> str:
    """What an install of all that is needed downloads; empty if the closure is unknown."""
    if not download.closure:
        return ""
    many = f"{download.closure:,} {'binary' if download.closure == 1 else 'binaries'}"
    if download.unknown:
        return f"- for {many} by link and run: {download.unknown:,} of unknown size"
    return f"{size_text(download.closure_size)} in {many} by link and run"


def _day(moment: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(moment))


# on the command line


def download_lines(download: Download) -> Iterator[tuple[str, Line]]:
    """(label, line) for each mirror, then for the closure."""
    for mirror, binary in download.binaries:
        name = f"{mirror.name} view {mirror.view}" if mirror.view else mirror.name
        yield "binary", (*binary_line(binary), (f", in {clean(name)}", "muted"))
    if text := closure_text(download):
        yield "download", ((text, ""),)


def download_data(download: Download) -> dict[str, object]:
    """As data; what is not known is null."""
    return {
        "binaries": [
            {
                "mirror": mirror.name,
                "view": mirror.view,
                "size": binary.size if binary.size >= 0 else None,
                "date": _instant(binary.modified) if binary.modified else None,
                "signature": binary.signature,
                "key": binary.key or None,
                "note": _reason(binary),
            }
            for mirror, binary in download.binaries
        ],
        "closure_size": download.closure_size if download.closure_size >= 0 else None,
    }


def _instant(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
