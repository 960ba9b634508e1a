"""HTTP and HTTPS: conditional and partial requests, proxies, certificates, credentials that do not leak."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from netrc import NetrcParseError
from pathlib import Path
from typing import NamedTuple

import httpx
from socksio import SOCKSError

from cachetui import __version__
from cachetui.errors import MissingError, ResumeError, TransferError
from cachetui.fetch.address import Access
from cachetui.fetch.transport import Network, Reply, Request
from cachetui.text import clean, redacted, redacted_text

BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which another try may help."""

MISSING = frozenset({403, 404, 410})
"""Object stores answer 403 for what is missing to those who may not list."""

CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

MOST_REDIRECTS = 10


class HttpTransport:
    """Asks one mirror; redirects to other hosts are followed without its credentials."""

    def __init__(self, network: Network, auth: httpx.Auth | None = None) -> None:
        self._network = network
        self._auth = auth

    @cached_property
    def _client(self) -> httpx.Client:
        network = self._network
        try:
            return httpx.Client(
                headers={"User-Agent": f"cachetui/{__version__}"},
                auth=self._auth or _netrc(),
                verify=_ssl_context(network),
                follow_redirects=True,
                max_redirects=MOST_REDIRECTS,
                timeout=httpx.Timeout(network.read_timeout, connect=network.connect_timeout),
            )
        except OSError as error:
            reason = clean(error.strerror or str(error))
            raise TransferError("the network", f"the certificates cannot be used: {reason}") from error
        except (ValueError, ImportError, httpx.InvalidURL) as error:  # their texts may have a password
            reason = "what http_proxy, https_proxy or all_proxy name is no proxy that can be used"
            raise TransferError("the network", reason) from error

    @contextmanager
    def open(self, request: Request) -> Iterator[Reply]:
        """See `Transport`."""
        place, client = redacted(request.url), self._client
        with ExitStack() as stack:
            with _translated_errors(place):
                response = stack.enter_context(client.stream("GET", request.url, headers=_headers(request)))
            yield _reply(request, response, place)

    def close(self) -> None:
        """Let go of all connections."""
        if "_client" in self.__dict__:
            self._client.close()


class _Failure(NamedTuple):
    """What an error of a library means; `{}` in the reason is the error's text."""

    errors: tuple[type[Exception], ...]
    reason: str
    retryable: bool = False
    unreachable: bool = False


_FAILURES = (
    _Failure(
        (httpx.ConnectTimeout,), "no connection within the time limit", retryable=True, unreachable=True
    ),
    _Failure((httpx.TimeoutException,), "nothing arrived within the time limit", retryable=True),
    _Failure((httpx.ConnectError,), "cannot connect ({})", unreachable=True),
    _Failure((httpx.TooManyRedirects,), "it is redirected for ever"),
    _Failure((httpx.UnsupportedProtocol, httpx.ProxyError, httpx.DecodingError), "{}"),
    _Failure((httpx.HTTPError,), "the connection broke off ({})", retryable=True),
    # Hosts that IDNA refuses and ports beyond 65535 pass httpx's check of a URL.
    _Failure((httpx.InvalidURL, UnicodeError, OverflowError), "this URL cannot be asked for ({})"),
    # httpcore translates the errors of all its libraries but socksio.
    _Failure((SOCKSError,), "the SOCKS proxy cannot be used ({})"),
)
"""All errors that a request may raise; the first entry that fits holds. Any other error is a bug of ours."""

_FOREIGN = tuple(error for failure in _FAILURES for error in failure.errors)


@contextmanager
def _translated_errors(place: str) -> Iterator[None]:
    """Raise TransferError for the errors of the libraries."""
    try:
        yield
    except _FOREIGN as error:
        failure = next(each for each in _FAILURES if isinstance(error, each.errors))
        reason = failure.reason.format(redacted_text(str(error)) or "reset")
        raise TransferError(
            place, reason, retryable=failure.retryable, unreachable=failure.unreachable
        ) from error


def basic_auth(access: Access) -> httpx.Auth | None:
    """User and password, for the mirror alone; None if there are none."""
    if not access.user:
        return None
    return httpx.BasicAuth(access.user.encode(errors="replace"), access.password.encode(errors="replace"))


def _netrc() -> httpx.Auth | None:
    file = os.environ.get("NETRC") or os.path.expanduser("~/.netrc")
    with suppress(OSError, ValueError, NetrcParseError):  # it is for other programs
        if os.path.isfile(file):
            return httpx.NetRCAuth(file)
    return None


def _ssl_context(network: Network) -> ssl.SSLContext:
    """What the system trusts, what certifi does, and what the user adds. Raises OSError."""
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    for bundle in (network.ca_bundle, *map(os.environ.get, CA_VARIABLES)):
        if bundle and (path := Path(bundle)).exists():
            context.load_verify_locations(*((None, str(path)) if path.is_dir() else (str(path), None)))
    if not network.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _headers(request: Request) -> dict[str, str]:
    headers = {"Accept": request.accept or "*/*"}
    if request.start or request.stored:
        headers["Accept-Encoding"] = "identity"  # a range of packed bytes could not be unpacked
    if request.etag:
        headers["If-None-Match"] = _known(request.etag)
    if request.start:
        headers["Range"] = f"bytes={request.start}-"
        if request.same:
            headers["If-Range"] = request.same.removeprefix("W/")
    return headers


def _known(etag: str) -> str:
    """An ETag for If-None-Match; where it has no quotes, either the mirror or Spack left them out."""
    return etag if etag.endswith('"') else f'"{etag}", {etag}'


def _etag(response: httpx.Response) -> str:
    """The ETag, if it can be sent back."""
    etag: str = response.headers.get("ETag", "")
    return etag if etag.isascii() and etag.isprintable() else ""


def _reply(request: Request, response: httpx.Response, place: str) -> Reply:
    etag = _etag(response)
    if response.status_code == httpx.codes.NOT_MODIFIED and request.etag:
        return Reply(etag=etag or request.etag, unchanged=True)
    if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        raise ResumeError(place, "the part that is missing is not there")
    if response.status_code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
        raise _refusal(response, place)
    start = _start(request, response, place)
    length = response.headers.get("Content-Length", "")
    return Reply(
        etag=etag,
        start=start,
        total=start + int(length) if length.isascii() and length.isdigit() else None,
        chunks=_chunks(response, place, raw=bool(start) or request.stored),
        received=lambda: start + response.num_bytes_downloaded,
    )


def _start(request: Request, response: httpx.Response, place: str) -> int:
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        return 0
    told = response.headers.get("Content-Range", "")
    packed = response.headers.get("Content-Encoding", "identity") != "identity"
    if packed or not told.startswith(f"bytes {request.start}-"):
        raise ResumeError(place, "the server sent another part than the one that was asked for")
    etag = _etag(response)
    if request.same and etag and etag.removeprefix("W/") != request.same.removeprefix("W/"):
        raise ResumeError(place, "the server sent a part of something else")
    return request.start


def _chunks(response: httpx.Response, place: str, raw: bool) -> Iterator[bytes]:
    """The content; raw: the bytes as they are sent, also where a server calls a packed file an encoding."""
    with _translated_errors(place):
        # Not in pieces of a size: what a broken connection leaves of the last one would be lost.
        yield from response.iter_raw() if raw else response.iter_bytes()


def _refusal(response: httpx.Response, place: str) -> MissingError | TransferError:
    code = response.status_code
    reason = f"{code} {redacted_text(response.reason_phrase)[:80]}".strip()
    if code in MISSING:
        return MissingError(place, reason)
    if code == httpx.codes.UNAUTHORIZED:
        reason += "; give credentials: access_pair in mirrors.yaml, user:password@ in the URL, or ~/.netrc"
    after = response.headers.get("Retry-After", "")
    retry_after = float(after) if after.isdecimal() else 0.0
    return TransferError(place, reason, retryable=code in BUSY, retry_after=retry_after)
