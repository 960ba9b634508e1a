"""Behaviours for `faulty`: what servers, networks and proxies do to a request.

A behaviour is any callable that takes an `Exchange`; those here can be put into each other.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urljoin

from tests.servers.asking import basic
from tests.servers.exchange import Behaviour, Exchange, Reply, Request, Server, faulty
from tests.servers.oci import MANIFEST, TAG, digest_of, manifest_of

__all__ = [
    "ACCESS_DENIED",
    "Behaviour",
    "Content",
    "Cut",
    "Exchange",
    "Gzipped",
    "Html",
    "InTurn",
    "Missing",
    "NeedsBasic",
    "NeedsToken",
    "Redirect",
    "Reply",
    "Request",
    "Reset",
    "Server",
    "Silent",
    "Slow",
    "Stall",
    "Status",
    "Tokens",
    "contents",
    "faulty",
    "image",
    "too_many",
]

OCTETS = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Content:
    """A file, with conditional requests and ranges as in RFC 9110."""

    data: bytes
    etag: str = ""
    """The ETag as it is sent, with its quotes."""
    headers: Mapping[str, str] = field(default_factory=dict)
    ranges: bool = True

    def __call__(self, exchange: Exchange) -> None:
        exchange.send(self.reply(exchange.request))

    def reply(self, request: Request) -> Reply:
        """The answer to a request."""
        headers = {"Content-Type": OCTETS, **self.headers}
        if self.etag:
            headers["ETag"] = self.etag
        if self.ranges:
            headers["Accept-Ranges"] = "bytes"
        if self._is_known(request.headers.get("if-none-match", "")):
            return Reply(304, b"", headers)
        wanted = self._range(request)
        if wanted is None:
            return Reply(200, self.data, headers)
        size = len(self.data)
        if wanted.start >= size:
            return Reply(416, b"", {**headers, "Content-Range": f"bytes */{size}"})
        headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
        return Reply(206, self.data[wanted.start : wanted.stop], headers)

    def _is_known(self, known: str) -> bool:
        """If-None-Match compares weakly: W/ is ignored."""
        tags = re.findall(r'"[^"]*"', known)
        if not self.etag:
            return False
        plain = [tag.strip() for tag in known.split(",")]
        return "*" in plain or self.etag in plain or self.etag.removeprefix("W/") in tags

    def _range(self, request: Request) -> range | None:
        """The requested bytes; If-Range compares strongly, malformed ranges are ignored."""
        condition = request.headers.get("if-range")
        current = condition is None or (condition == self.etag and not condition.startswith("W/"))
        if request.method != "GET" or not self.ranges or not current:
            return None
        found = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))
        if not found or not any(found.groups()):
            return None
        size, (first, last) = len(self.data), found.groups()
        if not first:
            return range(max(0, size - int(last)), size)
        if last and int(last) < int(first):
            return None
        return range(int(first), min(int(last) + 1, size) if last else size)


@dataclass(frozen=True, slots=True)
class Status:
    """A status with a body of its own."""

    code: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, exchange: Exchange) -> None:
        exchange.send(Reply(self.code, self.body, self.headers))


ACCESS_DENIED = Status(
    403,
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code>'
    b"<Message>Access Denied</Message><RequestId>0</RequestId></Error>",
    {"Content-Type": "application/xml"},
)
"""What S3 answers for a missing file to those who may not list."""


def too_many(seconds: int | str) -> Status:
    """A rate limit, with the time to wait or the date to wait for."""
    return Status(429, b"slow down\n", {"Retry-After": str(seconds), "Content-Type": "text/plain"})


@dataclass(frozen=True, slots=True)
class Missing:
    """A missing file."""

    def __call__(self, exchange: Exchange) -> None:
        exchange.send(Reply(404, b"Not Found\n", {"Content-Type": "text/plain"}))


@dataclass(frozen=True, slots=True)
class Html:
    """The login page of a proxy or captive portal in place of the file."""

    body: bytes = b"<!DOCTYPE html>\n<html><head><title>Log in</title></head><body></body></html>\n"

    def __call__(self, exchange: Exchange) -> None:
        exchange.send(Reply(200, self.body, {"Content-Type": "text/html; charset=utf-8"}))


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect to a path of this server, or to a URL."""

    url: str
    code: int = 302

    def __call__(self, exchange: Exchange) -> None:
        exchange.send(Reply(self.code, b"", {"Location": self.url}))


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A file whose first GET is closed after `at` bytes of the body; later ones are complete."""

    data: bytes
    at: int
    etag: str = ""

    def __call__(self, exchange: Exchange) -> None:
        content = Content(self.data, self.etag)
        if exchange.request.method != "GET" or exchange.turn(self):
            return content(exchange)
        _send_beginning(exchange, content, self.at)
        exchange.cut()


@dataclass(frozen=True, slots=True, eq=False)
class Reset:
    """A file whose first GET is reset (RST) after `at` bytes of the body; later ones are complete."""

    data: bytes
    at: int
    etag: str = ""

    def __call__(self, exchange: Exchange) -> None:
        content = Content(self.data, self.etag)
        if exchange.request.method != "GET" or exchange.turn(self):
            return content(exchange)
        _send_beginning(exchange, content, self.at)
        exchange.reset()


def _send_beginning(exchange: Exchange, content: Content, length: int) -> None:
    """Send the headers of the whole answer and the beginning of its body."""
    reply = content.reply(exchange.request)
    exchange.send_head(reply, len(reply.body))
    exchange.write(reply.body[:length])


@dataclass(frozen=True, slots=True)
class Slow:
    """A file in pieces of one size, each after a pause in seconds."""

    data: bytes
    pieces: int
    pause: float
    etag: str = ""

    def __call__(self, exchange: Exchange) -> None:
        reply = Content(self.data, self.etag).reply(exchange.request)
        exchange.send_head(reply, len(reply.body))
        step = max(1, -(-len(reply.body) // self.pieces))
        for start in range(0, len(reply.body), step):
            exchange.pause(self.pause)
            exchange.write(reply.body[start : start + step])


@dataclass(frozen=True, slots=True)
class Stall:
    """Headers, the beginning of the body, and then nothing until the server is closed."""

    beginning: bytes = b""
    length: int = 1000
    headers: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, exchange: Exchange) -> None:
        exchange.send_head(Reply(200, b"", {"Content-Type": OCTETS, **self.headers}), self.length)
        exchange.write(self.beginning)
        exchange.pause()
        exchange.cut()


@dataclass(frozen=True, slots=True)
class Silent:
    """Nothing at all, not even headers, until the server is closed."""

    def __call__(self, exchange: Exchange) -> None:
        exchange.pause()
        exchange.cut()


class InTurn:
    """One behaviour for each request for a path, in turn; the last one repeats."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self.behaviours = behaviours

    def __call__(self, exchange: Exchange) -> None:
        self.behaviours[min(exchange.turn(self), len(self.behaviours) - 1)](exchange)


@dataclass(frozen=True, slots=True)
class Gzipped:
    """A file that is compressed, and has no ranges, for clients that accept gzip."""

    data: bytes
    etag: str = ""

    def __call__(self, exchange: Exchange) -> None:
        headers = {"Vary": "Accept-Encoding"}
        if not _accepts_gzip(exchange.request.headers.get("accept-encoding", "")):
            return Content(self.data, self.etag, headers)(exchange)
        headers["Content-Encoding"] = "gzip"
        Content(gzip.compress(self.data, mtime=0), self.etag, headers, ranges=False)(exchange)


def _accepts_gzip(accepted: str) -> bool:
    offers = [offer.replace(" ", "").split(";q=") for offer in accepted.lower().split(",")]
    return any(name in ("gzip", "*") and float("".join(rest) or 1) > 0 for name, *rest in offers)


@dataclass(frozen=True, slots=True)
class NeedsBasic:
    """A behaviour behind a user and password."""

    inner: Behaviour
    user: str
    password: str

    def __call__(self, exchange: Exchange) -> None:
        if exchange.request.headers.get("authorization") == basic((self.user, self.password)):
            return self.inner(exchange)
        _refuse(exchange, 'Basic realm="private"')


@dataclass(frozen=True, slots=True)
class NeedsToken:
    """A behaviour behind a bearer token, with the place that issues tokens (a path or a URL)."""

    inner: Behaviour
    token: str
    realm: str = "/token"
    service: str = "registry"
    scope: str = "repository:cache:pull"

    def __call__(self, exchange: Exchange) -> None:
        if exchange.request.headers.get("authorization") == f"Bearer {self.token}":
            return self.inner(exchange)
        realm = urljoin(exchange.url, self.realm)
        _refuse(exchange, f'Bearer realm="{realm}",service="{self.service}",scope="{self.scope}"')


@dataclass(frozen=True, slots=True)
class Tokens:
    """Issues a token to everybody, or only to a user.

    Args:
        anonymous: the token of those without credentials when there is a user; without it they get none.
        key: `token` or `access_token`, the name in the answer.
    """

    token: str
    user: str = ""
    password: str = ""
    anonymous: str = ""
    key: str = "token"

    def __call__(self, exchange: Exchange) -> None:
        token = self._token_for(exchange.request.headers.get("authorization"))
        if not token:
            return _refuse(exchange, 'Basic realm="tokens"')
        body = json.dumps({self.key: token, "expires_in": 300}).encode()
        exchange.send(Reply(200, body, {"Content-Type": "application/json"}))

    def _token_for(self, authorization: str | None) -> str:
        if not self.user or authorization == basic((self.user, self.password)):
            return self.token
        return "" if authorization else self.anonymous


def _refuse(exchange: Exchange, challenge: str) -> None:
    body = b'{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}'
    headers = {"WWW-Authenticate": challenge, "Content-Type": "application/json"}
    exchange.send(Reply(401, body, headers))


def contents(root: Path, at: str = "") -> dict[str, Behaviour]:
    """The files below a folder, with strong ETags, as a table whose paths begin with `at`."""
    table: dict[str, Behaviour] = {}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        data = path.read_bytes()
        etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        kind = "application/json" if path.suffix == ".json" else OCTETS
        table[f"{at}/{quote(path.relative_to(root).as_posix())}"] = Content(
            data, etag, {"Content-Type": kind}
        )
    return table


def image(name: str, index: bytes) -> dict[str, Behaviour]:
    """The manifest and the blob of an index in a registry, as a table."""
    manifest = manifest_of(index)
    about = {"Content-Type": MANIFEST, "Docker-Content-Digest": digest_of(manifest)}
    return {
        f"/v2/{name}/manifests/{TAG}": Content(manifest, f'"{digest_of(manifest)}"', about),
        f"/v2/{name}/blobs/{digest_of(index)}": Content(index),
    }
