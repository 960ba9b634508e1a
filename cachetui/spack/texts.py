"""Text that may be shown: without control characters and passwords."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from cachetui.secret import Secret
from cachetui.text import clean

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^/?#]*)(.*)", re.DOTALL)


def plain_text(text: str) -> str:
    """Clean a text, which may be marked with its place, to a plain string that can be encoded."""
    return clean(str(text))


class Login(NamedTuple):
    """A URL without its login, and the login."""

    url: str
    user: str = ""
    password: Secret = Secret()
    written: str = ""
    """The URL with its variables, if any of the environment are in it."""


def without_login(url: str) -> Login:
    """Split `user:password@` off a URL."""
    match = _URL.fullmatch(url)
    if match is None:
        return Login(str(url))
    scheme, authority, rest = match.groups()
    login, found, host = authority.rpartition("@")
    if not found and _is_split_password(authority):
        # The password contains an unescaped slash: losing the path is better than showing the password.
        inner, found, rest = rest.rpartition("@")
        login, host = authority + inner, ""
    if not found:
        return Login(str(url))
    user, _, password = login.partition(":")
    return Login(scheme + host + rest, unquote(user), Secret(unquote(password)))


def _is_split_password(authority: str) -> bool:
    host, colon, port = authority.rpartition(":")
    return bool(colon) and not host.startswith("[") and not port.isdigit()
