"""Texts that may be shown: without control characters, without passwords."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^/?#]*)(.*)", re.DOTALL)


def clean(text: str) -> str:
    """The text without control, direction and other unprintable characters (U+FFFD stands for each)."""
    if text.isprintable():
        return str(text)
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


class Login(NamedTuple):
    """A URL and what stood before its host."""

    url: str
    user: str = ""
    password: str = ""


def without_login(url: str) -> Login:
    """The URL without `user:password@`, and these two."""
    match = _URL.fullmatch(url)
    if match is None:
        return Login(str(url))
    scheme, authority, rest = match.groups()
    login, found, host = authority.rpartition("@")
    if not found and _is_split_password(authority):
        # A password with a slash in it that nobody has escaped: rather lose a path than show it.
        inner, found, rest = rest.rpartition("@")
        login, host = authority + inner, ""
    if not found:
        return Login(str(url))
    user, _, password = login.partition(":")
    return Login(scheme + host + rest, unquote(user), unquote(password))


def _is_split_password(authority: str) -> bool:
    host, colon, port = authority.rpartition(":")
    return bool(colon) and not host.startswith("[") and not port.isdigit()
