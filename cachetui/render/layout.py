"""Cells and values laid out as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, repeat


def aligned(columns: Iterable[Sequence[str]]) -> Iterator[str]:
    """Pad cells to their column; columns with nothing below their heading are left out."""
    padded: list[Iterator[str]] = []
    for column in columns:
        if any(islice(column, 1, None)):
            width = max(map(len, column))
            padded.append(map(str.ljust, column, repeat(width)))
    return map(str.rstrip, map("  ".join, zip(*padded, strict=True)))


def indented_json(data: object) -> str:
    """Write plain data as JSON over several lines."""
    import msgspec  # late: the command line imports the tables of formats for its help

    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode()
