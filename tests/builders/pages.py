"""Builds pages of a site of build caches, with any records and any text."""

from __future__ import annotations

import json
from pathlib import Path

HASH = "abcdefghijklmnopqrstuvwxyz234567"
"""The hash of `record`."""


def page(*records: object, head: str = 'title: "zlib"\ncategories: [package, develop]') -> str:
    """The text of a page."""
    return f"---\n{head}\nspec_details: {json.dumps(records, ensure_ascii=False)}\n---"


def record(**changes: object) -> dict[str, object]:
    """A record of a page."""
    return {"hash": HASH, "versions": ["1.2"], "stacks": ["e4s"], **changes}


def write(root: Path, text: str | bytes, place: str = "_cache/develop/zlib/specs.md") -> Path:
    """Write a page, or another file of a site."""
    file = root / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file
