"""Plain requests, one connection each: no redirect is followed, nothing is decoded, no status raises."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlsplit

Credentials = tuple[str, str]

READER: Credentials = ("reader", "s3cret")
"""The user and password of all servers with a password."""


class Answer(NamedTuple):
    """An answer; the names of its headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    url: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Sends one request."""
    parts = urlsplit(url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    with closing(HTTPConnection(parts.netloc, timeout=20)) as connection:
        connection.request(method, target, body=body, headers=dict(headers or {}))
        with connection.getresponse() as response:
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, named, response.read())


def basic(credentials: Credentials) -> str:
    """The value of an Authorization header with a user and a password."""
    return "Basic " + base64.b64encode(":".join(credentials).encode()).decode()


def signed_in(credentials: Credentials | None) -> dict[str, str]:
    """The headers with the credentials, if there are any."""
    return {"Authorization": basic(credentials)} if credentials else {}
