"""How bytes come from a mirror: one `Transport` per kind of URL, all with one method.

Two wrappers fit around any of them: `RetryingTransport` retries what may succeed later, and
`InterruptibleTransport` lets the caller stop at any time, also while no data arrives.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import count
from time import monotonic, sleep
from typing import Any, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from cachetui.errors import SourceError, TransferError
from cachetui.text import redacted

CHUNK = 1 << 18
"""Bytes per read."""

PACE = 0.1
"""Seconds between two calls of `tick`."""

AHEAD = 8
"""Chunks that are read ahead of the caller."""

SILENCE = 4
"""A transfer without data ends after this many time limits: one answer may take several, for a redirect
or a token."""

LONGEST_WAIT = 60.0
"""Seconds waited at most, even if a mirror asks for more (Retry-After)."""

Tick = Callable[[], None]
"""Called regularly during a wait; an exception it raises ends the transfer."""


class Network(Struct, frozen=True):
    """Timeouts, certificates and retries.

    Args:
        connect_timeout, read_timeout: in seconds; the latter between two pieces of an answer.
        verify: whether certificates are checked.
        ca_bundle: a file of certificates to trust in addition to those of the system.
        tries: how often a request that may succeed later is sent.
        first_wait: seconds before the second try; doubled before each further one.
        fail_fast: a mirror that does not answer at all is not asked again.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    verify: bool = True
    ca_bundle: str = ""
    tries: int = 5
    first_wait: float = 1.0
    fail_fast: bool = False


class Request(Struct, frozen=True):
    """A request for the content of a URL.

    Args:
        etag: of the copy that is cached; the content is not sent again if it still has this ETag.
        offset: the byte to resume from.
        resume_etag: the ETag that the content must still have to be resumed.
        accept: the media types that are understood.
        raw: return the bytes as they are stored, compressed or not.
        head: ask for the size and the date alone; no bytes follow.
    """

    url: str
    etag: str = ""
    offset: int = 0
    resume_etag: str = ""
    accept: str = ""
    raw: bool = False
    head: bool = False


class Reply(Struct):
    """The answer to a request.

    Args:
        etag: as the mirror sent it; may be a weak one.
        offset: of the first byte: 0, or that of the request.
        total: size of the whole content as it is sent, in bytes; None if unknown.
        chunks: the bytes; their iterator raises TransferError.
        unchanged: the content still has the `etag` of the request; no bytes follow.
        received: returns how many bytes of the content are here, those before the offset included.
        modified: when the content was written, in seconds since 1970; 0 if unknown.
    """

    etag: str = ""
    offset: int = 0
    total: int | None = None
    chunks: Iterator[bytes] = field(default_factory=lambda: iter(()))
    unchanged: bool = False
    received: Callable[[], int] = lambda: 0
    modified: float = 0.0


class Transport(Protocol):
    """Reads one kind of URL."""

    def open(self, request: Request) -> AbstractContextManager[Reply]:
        """Send a request. Raises MissingError, TransferError, and ResumeError if it cannot be resumed."""


class RetryingTransport:
    """Retries a request that may succeed later: the mirror was too busy, too slow, or hung up at once."""

    def __init__(self, inner: Transport, network: Network, tick: Tick) -> None:
        self._inner = inner
        self._network = network
        self._tick = tick

    @contextmanager
    def open(self, request: Request) -> Iterator[Reply]:
        """See `Transport`."""
        manager, reply = self._opened(request)
        try:
            yield reply
        finally:
            manager.__exit__(None, None, None)

    def _opened(self, request: Request) -> tuple[AbstractContextManager[Reply], Reply]:
        for attempt in range(1, max(self._network.tries, 1) + 1):
            manager = self._inner.open(request)
            try:
                return manager, manager.__enter__()
            except TransferError as error:
                last = attempt >= self._network.tries or (self._network.fail_fast and error.unreachable)
                if last or not error.retryable:
                    raise
                self.wait(attempt, error.retry_after)
        raise AssertionError

    def read_small(self, url: str, limit: int, etag: str = "", accept: str = "") -> tuple[bytes | None, str]:
        """Return (content, ETag) of a small file; the content is None if it still has the given ETag."""
        for attempt in count(1):
            with self.open(Request(url, etag, accept=accept)) as reply:
                if reply.unchanged:
                    return None, reply.etag
                try:
                    return _content(reply, url, limit), reply.etag
                except TransferError as error:
                    if not error.retryable or attempt >= self.tries:
                        raise
            self.wait(attempt)
        raise AssertionError

    @property
    def tries(self) -> int:
        """How often a request is sent at most."""
        return self._network.tries

    def wait(self, attempt: int, retry_after: float = 0.0) -> None:
        """Wait before the try after `attempt`."""
        pause(max(self._network.first_wait * 2 ** (attempt - 1), min(retry_after, LONGEST_WAIT)), self._tick)


def _content(reply: Reply, url: str, limit: int) -> bytes:
    content = b""
    for chunk in reply.chunks:
        content += chunk
        if len(content) > limit:
            raise SourceError(redacted(url), f"longer than {limit:,} bytes")
    return content


def pause(seconds: float, tick: Tick) -> None:
    """Wait, calling `tick` regularly."""
    end = monotonic() + seconds
    while (left := end - monotonic()) > 0:
        tick()
        sleep(min(PACE, left))
    tick()


class InterruptibleTransport:
    """Runs each transfer in a thread, so that the caller can stop while no data arrives.

    A blocking read cannot be interrupted, and not every wait of the libraries has a limit: a SOCKS proxy may
    be silent for ever.
    """

    def __init__(self, inner: Transport, network: Network, tick: Tick) -> None:
        self._inner = inner
        self._silence = SILENCE * (network.connect_timeout + network.read_timeout)
        self._tick = tick

    @contextmanager
    def open(self, request: Request) -> Iterator[Reply]:
        """See `Transport`."""
        transfer = _Transfer(self._inner, request, self._silence)
        # A daemon: the program does not wait for a thread that may be stuck.
        threading.Thread(target=transfer.run, name="transfer", daemon=True).start()
        try:
            reply: Reply = transfer.next(self._tick)
            chunks = transfer.chunks(self._tick)
            yield replace(reply, chunks=chunks)
        finally:
            transfer.abandoned.set()


class _Transfer:
    """Puts a reply and its chunks into a queue, followed by None, or by the exception that ended it."""

    def __init__(self, transport: Transport, request: Request, silence: float) -> None:
        self.abandoned = threading.Event()
        self._transport = transport
        self._request = request
        self._silence = silence
        self._queue: queue.Queue[Any] = queue.Queue(AHEAD)

    def run(self) -> None:
        """Transfer until the end, or until `abandoned` is set."""
        try:
            with self._transport.open(self._request) as reply:
                self._put(reply)
                for chunk in reply.chunks:
                    if not self._put(chunk):
                        return
            self._put(None)
        except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
            self._put(error)

    def _put(self, item: object) -> bool:
        while not self.abandoned.is_set():
            with suppress(queue.Full):
                self._queue.put(item, timeout=PACE)
                return True
        return False

    def next(self, tick: Tick) -> Any:
        """Return the next item of the queue; raise it if it is an exception."""
        end = monotonic() + self._silence
        while True:
            try:
                item = self._queue.get(timeout=PACE)
            except queue.Empty:
                tick()
                if monotonic() > end:
                    place = redacted(self._request.url)
                    raise TransferError(place, "timed out: no data received", unreachable=True) from None
                continue
            if isinstance(item, Exception):
                raise item
            return item

    def chunks(self, tick: Tick) -> Iterator[bytes]:
        """Yield the bytes of the reply."""
        while (chunk := self.next(tick)) is not None:
            tick()
            yield chunk
