"""HTTP and HTTPS: conditional and range requests, proxies, certificates, credentials that do not leak."""

from __future__ import annotations

import os
import ssl
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from email.utils import parsedate_to_datetime
from functools import cached_property
from netrc import NetrcParseError
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import NamedTuple

import httpx
from socksio import SOCKSError

from cachetui import __version__
from cachetui.bounded import TOKEN, too_long
from cachetui.errors import MissingError, ResumeError, SourceError, TransferError
from cachetui.fetch.address import Access
from cachetui.fetch.transport import Network, Reply, Request
from cachetui.fetch.unpacking import TOO_BIG, Unpacker, limit_of
from cachetui.secret import foreign
from cachetui.text import clean, redacted

BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Status codes after which a retry may succeed."""

MISSING = frozenset({403, 404, 410})
"""Status codes of a missing file; object stores answer 403 to users who may not list the bucket."""

CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

MOST_REDIRECTS = 10

MOST_DIGITS = 19
"""Digits of a Content-Length that is believed."""

SHORT = 16 << 10
"""Bytes of a body of no interest that are read for the sake of the connection."""


class HttpTransport:
    """Reads one mirror; redirects to other hosts are followed without its credentials.

    Args:
        advice: returns what is told beside the status 401.
    """

    def __init__(
        self, network: Network, auth: httpx.Auth | None = None, advice: Callable[[], str] = str
    ) -> None:
        self._network = network
        self._auth = auth
        self._advice = advice
        self._lock = Lock()
        self._users = 0
        self._is_closed = False

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
                event_hooks={"response": [lambda response: _bound(response, network)]},
            )
        except OSError as error:
            reason = clean(error.strerror or str(error))
            raise TransferError("the network", f"cannot load the certificates: {reason}") from error
        except (ValueError, ImportError, httpx.InvalidURL) as error:  # their texts may contain a password
            reason = "cannot use the proxy set by http_proxy, https_proxy or all_proxy"
            raise TransferError("the network", reason) from error

    @contextmanager
    def open(self, request: Request) -> Iterator[Reply]:
        """See `Transport`."""
        place = request.place
        with self._used(place) as client, ExitStack() as stack:
            with _translated_errors(place):
                method = "HEAD" if request.head else "GET"
                response = stack.enter_context(
                    client.stream(
                        method, request.url, headers=_headers(request), extensions={_STREAMED: True}
                    )
                )
            if response.status_code == httpx.codes.UNAUTHORIZED:
                raise _status_error(response, place, self._advice())
            yield _reply(request, response, place)

    def ask(
        self,
        method: str,
        url: str,
        content: bytes | str | None,
        headers: Mapping[str, str],
        seconds: float | None = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return the status, the headers and the content of a small answer, whatever its status.

        Args:
            seconds: to connect, and between two pieces of the answer; None: as for any request.

        Raises:
            TransferError: there is no answer.
            SourceError: it is longer than that of a token server.
        """
        place = redacted(url)
        sent = {**headers, "Accept-Encoding": "identity"}
        with (
            self._used(place) as client,
            _translated_errors(place),
            client.stream(
                method,
                url,
                content=content,
                headers=sent,
                extensions={_ASKED: True},
                follow_redirects=False,
                timeout=httpx.USE_CLIENT_DEFAULT if seconds is None else httpx.Timeout(seconds),
            ) as response,
        ):
            received = _received_within(response, TOKEN, self._network)
            if received is None:
                raise SourceError(place, too_long(TOKEN))
            return response.status_code, response.headers, received

    def close(self) -> None:
        """Close all connections; those of a request that was given up, once its thread has ended."""
        with self._lock:
            self._is_closed = True
        self._close_unused()

    @contextmanager
    def _used(self, place: str) -> Iterator[httpx.Client]:
        with self._lock:
            if self._is_closed:
                raise TransferError(place, "given up")
            self._users += 1
        try:
            yield self._client
        finally:
            with self._lock:
                self._users -= 1
            self._close_unused()

    def _close_unused(self) -> None:
        """A thread that is still connecting would open a connection that nobody closes."""
        with self._lock:
            is_over = self._is_closed and not self._users
        if is_over and "_client" in self.__dict__:
            self._client.close()


class _Failure(NamedTuple):
    """How to report some errors of the libraries; `{}` in the reason becomes the error's text."""

    errors: tuple[type[Exception], ...]
    reason: str
    retryable: bool = False
    unreachable: bool = False


_FAILURES = (
    _Failure((httpx.ConnectTimeout,), "timed out: cannot connect", retryable=True, unreachable=True),
    _Failure((httpx.TimeoutException,), "timed out: no data received", retryable=True),
    _Failure((httpx.ConnectError,), "cannot connect ({})", unreachable=True),
    _Failure((httpx.TooManyRedirects,), "too many redirects"),
    _Failure((httpx.UnsupportedProtocol, httpx.ProxyError, httpx.DecodingError), "{}"),
    _Failure((httpx.HTTPError,), "the connection was lost ({})", retryable=True),
    # httpx accepts URLs with hosts that IDNA refuses, and with ports beyond 65535.
    _Failure((httpx.InvalidURL, UnicodeError, OverflowError), "invalid URL ({})"),
    # httpcore translates the errors of all its libraries except socksio.
    _Failure((SOCKSError,), "the SOCKS proxy failed ({})"),
)
"""All errors that a request may raise; the first match counts. Any other error is a bug in cachetui."""

_FOREIGN = tuple(error for failure in _FAILURES for error in failure.errors)


@contextmanager
def _translated_errors(place: str) -> Iterator[None]:
    """Turn the errors of the libraries into TransferError."""
    try:
        yield
    except _FOREIGN as error:
        failure = next(each for each in _FAILURES if isinstance(error, each.errors))
        reason = failure.reason.format(foreign(error) or "reset")
        raise TransferError(
            place, reason, retryable=failure.retryable, unreachable=failure.unreachable
        ) from error


def basic_auth(access: Access) -> httpx.Auth | None:
    """Return the credentials for requests to the mirror itself; None if there are none."""
    if not access.user:
        return None
    password = access.password.reveal().encode(errors="replace")
    return httpx.BasicAuth(access.user.encode(errors="replace"), password)


def _netrc() -> httpx.Auth | None:
    file = os.environ.get("NETRC") or os.path.expanduser("~/.netrc")
    with suppress(OSError, ValueError, NetrcParseError):  # a broken ~/.netrc is ignored
        if os.path.isfile(file):
            return httpx.NetRCAuth(file)
    return None


def _ssl_context(network: Network) -> ssl.SSLContext:
    """Return a context that trusts the system, certifi and the bundles of the user. Raises OSError."""
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
    # A range of compressed bytes could not be decompressed. Only gzip is asked for, as zlib decompresses it
    # in steps of a bounded size.
    encoding = "identity" if request.offset or request.raw else "gzip"
    headers = {"Accept": request.accept or "*/*", "Accept-Encoding": encoding}
    if request.etag:
        headers["If-None-Match"] = _if_none_match(request.etag)
    if request.offset:
        headers["Range"] = f"bytes={request.offset}-"
        if request.resume_etag:
            headers["If-Range"] = request.resume_etag.removeprefix("W/")
    return headers


def _if_none_match(etag: str) -> str:
    """Return the header for an ETag; one without quotes is sent both ways, as Spack may have removed them."""
    return etag if etag.endswith('"') else f'"{etag}", {etag}'


def _etag(response: httpx.Response) -> str:
    """Return the ETag of a response, or "" if it cannot be sent back."""
    etag: str = response.headers.get("ETag", "")
    return etag if etag.isascii() and etag.isprintable() else ""


def _reply(request: Request, response: httpx.Response, place: str) -> Reply:
    etag = _etag(response)
    if response.status_code == httpx.codes.NOT_MODIFIED and request.etag:
        return Reply(etag=etag or request.etag, unchanged=True)
    if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        raise ResumeError(place, "the server cannot resume this download")
    if response.status_code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
        raise _status_error(response, place)
    offset = _offset(request, response, place)
    body = _Body(response, place, offset, request.limit, raw=bool(offset) or request.raw)
    length = _length(response)
    if length is not None and not request.head:
        body.check_received(length)
    return Reply(
        etag=etag,
        offset=offset,
        total=None if length is None else offset + length,
        chunks=body.chunks(),
        received=lambda: offset + response.num_bytes_downloaded,
        modified=_modified(response),
    )


def _modified(response: httpx.Response) -> float:
    """Return when the content was written; 0 if the server does not say so."""
    with suppress(ValueError, OverflowError):
        return max(parsedate_to_datetime(response.headers.get("Last-Modified", "")).timestamp(), 0.0)
    return 0.0


def _offset(request: Request, response: httpx.Response, place: str) -> int:
    """Return the offset of the first byte. Raises ResumeError if it is not the one that was requested."""
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        return 0
    content_range = response.headers.get("Content-Range", "")
    is_compressed = response.headers.get("Content-Encoding", "identity") != "identity"
    if is_compressed or not content_range.startswith(f"bytes {request.offset}-"):
        raise ResumeError(place, "the server sent a different range than requested")
    etag = _etag(response)
    if request.resume_etag and etag and etag.removeprefix("W/") != request.resume_etag.removeprefix("W/"):
        raise ResumeError(place, "the file has changed since the download began")
    return request.offset


def _length(response: httpx.Response) -> int | None:
    """Return the size of the body, as the server states it."""
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < MOST_DIGITS else None


class _Body:
    """The body of a response, of which no more is accepted than the limit of its request.

    Args:
        raw: yield it as it is sent, as servers declare a stored .gz file to be an encoding.
    """

    def __init__(self, response: httpx.Response, place: str, offset: int, limit: int, raw: bool) -> None:
        self._response = response
        self._place = place
        self._offset = offset
        self._limit = limit
        self._unpacker = None if raw else _unpacker(response, place)

    def check_received(self, size: int) -> None:
        """Raise SourceError for a size of the body, as it is sent, that is too much."""
        # gzip makes what cannot be compressed a little longer.
        more = self._limit // 1000 + 1024 if self._unpacker else 0
        if self._offset + size > self._limit + more:
            raise SourceError(self._place, too_long(self._limit))

    def chunks(self) -> Iterator[bytes]:
        """Yield the content."""
        size = self._offset
        for received in self._received():
            for piece in self._decoded(received):
                size += len(piece)
                if self._unpacker and size > limit_of(self._response.num_bytes_downloaded):
                    raise SourceError(self._place, TOO_BIG)
                if size > self._limit:
                    raise SourceError(self._place, too_long(self._limit))
                yield piece
        if self._unpacker and self._response.num_bytes_downloaded and not self._unpacker.is_complete:
            raise TransferError(self._place, "the connection was lost (truncated gzip data)", retryable=True)

    def _received(self) -> Iterator[bytes]:
        with _translated_errors(self._place):
            # No chunk size: httpx would drop an incomplete last chunk when the connection breaks off.
            for chunk in self._response.iter_raw():
                self.check_received(self._response.num_bytes_downloaded)
                yield chunk

    def _decoded(self, received: bytes) -> Iterator[bytes]:
        if self._unpacker is None:
            yield received
            return
        try:
            yield from self._unpacker.feed(received)
        except zlib.error as error:
            raise SourceError(
                self._place, f"damaged {_encodings(self._response)[0]} data ({error})"
            ) from error


def _encodings(response: httpx.Response) -> list[str]:
    named = response.headers.get_list("Content-Encoding", split_commas=True)
    return [name for each in named if (name := each.strip().lower()) not in ("", "identity")]


def _unpacker(response: httpx.Response, place: str) -> Unpacker | None:
    """Return what undoes the encoding of a body; None if it has none. Raises SourceError."""
    encodings = _encodings(response)
    if not encodings:
        return None
    if len(encodings) > 1 or encodings[0] not in ("gzip", "x-gzip", "deflate"):
        shown = clean(", ".join(encodings))[:40]
        raise SourceError(place, f"the server encodes it as {shown!r}; only gzip, once, is accepted")
    return Unpacker(is_gzip=encodings[0] != "deflate")


_STREAMED = "cachetui.streamed"
"""The extension of the requests whose body is read by `_Body`; httpx itself reads all others, whole."""

_ASKED = "cachetui.asked"
"""The extension of the requests of `HttpTransport.ask`, which reads refusals too."""


def _bound(response: httpx.Response, network: Network) -> None:
    """Bound the bodies that httpx reads: those of redirects, of refusals, and of token servers."""
    location = response.headers.get("Location", "").strip().lower()
    if response.has_redirect_location and response.url.scheme == "https" and location.startswith("http:"):
        raise TransferError(redacted(str(response.url)), "redirects from https to http; refused")
    asked = response.request.extensions
    if _ASKED in asked or (response.is_success and _STREAMED in asked):
        return
    if response.is_success:
        content = _small_content(response, network)
    else:
        content = b""
        if (_length(response) or 0) <= SHORT and not response.is_server_error:
            with suppress(httpx.HTTPError):  # read to the end, so that the connection can be used again
                _received_within(response, SHORT, network)
    response.stream.close()  # type: ignore[union-attr]
    for name in ("Content-Encoding", "Content-Length"):
        response.headers.pop(name, None)
    response.stream = httpx.ByteStream(content)


def _small_content(response: httpx.Response, network: Network) -> bytes:
    """Return the answer of a token server. Raises SourceError, TransferError."""
    place = redacted(str(response.url))
    unpacker = _unpacker(response, place)
    received = _received_within(response, TOKEN, network)
    if received is None:
        raise SourceError(place, too_long(TOKEN))
    if unpacker is None:
        return received
    content = b""
    try:
        for piece in unpacker.feed(received):
            content += piece
            if len(content) > TOKEN:
                raise SourceError(place, too_long(TOKEN))
    except zlib.error as error:
        raise SourceError(place, f"damaged data ({error})") from error
    return content


def _received_within(response: httpx.Response, limit: int, network: Network) -> bytes | None:
    """Return a short body as it is sent; None if it is longer. Raises TransferError if it takes too long."""
    end, content = monotonic() + network.answer_seconds, b""
    for chunk in response.stream:  # type: ignore[union-attr]
        content += chunk
        if len(content) > limit:
            return None
        if monotonic() > end:
            raise TransferError(redacted(str(response.url)), "too slow: no complete answer")
    return content


def _status_error(response: httpx.Response, place: str, advice: str = "") -> MissingError | TransferError:
    code = response.status_code
    reason = f"{code} {httpx.codes.get_reason_phrase(code)}".strip()  # its own words may quote a secret
    if code in MISSING:
        return MissingError(place, reason)
    if code == httpx.codes.UNAUTHORIZED:
        how = "give credentials: access_pair in mirrors.yaml, user:password@ in the URL, or ~/.netrc"
        reason += f"; {advice or how}"
    after = response.headers.get("Retry-After", "")
    retry_after = float(after) if after.isascii() and after.isdecimal() else 0.0
    return TransferError(place, reason, retryable=code in BUSY, retry_after=retry_after)
