"""The texts in JSON, cleaned: a catalog of somebody else may hold escape sequences."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec

from cachetui.text import clean

_PLAIN = bytes(set(range(32, 127)) - {ord("\\")})
"""What may stand in JSON without any look at its texts: all but escapes and other scripts."""


def clean_json(data: bytes) -> bytes:
    """JSON with all its texts cleaned. Raises ValueError."""
    if not data.translate(None, _PLAIN):
        return data
    return msgspec.json.encode(_cleaned(msgspec.json.decode(data)))


def clean_entry(text: str) -> str:
    """An entry of the meta, a plain text or JSON, with all its texts cleaned."""
    data = text.encode(errors="replace")
    if not data.translate(None, _PLAIN):
        return text
    if data[:1] in (b"[", b"{"):
        with suppress(msgspec.DecodeError):  # a name may begin with a bracket, too
            return clean_json(data).decode()
    return clean(text)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return list(map(_cleaned, value))
    if isinstance(value, dict):
        return {clean(key): _cleaned(each) for key, each in value.items()}
    return value
