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

from cachetui.bounded import INDEX, MANIFEST, too_long
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

ANSWER = 20.0
"""Seconds that a small answer may take in all, redirects and tokens included, beyond those to connect."""

WINDOW = 30.0
"""Seconds of waiting over which the rate of a big answer is measured."""

LEAST_RATE = 4 << 10
"""Bytes a second that a big answer must have."""

WHOLE = 7200.0
"""Seconds that a big answer may take in all; what was received may be resumed at the next refresh."""

LONGEST_WAIT = 30.0
"""Seconds waited at most, even if a mirror asks for more (Retry-After)."""

TRYING = 60.0
"""Seconds after which nothing is tried again."""

STALL = 1.0
"""Seconds of a wait that count at most: more pass while the program is suspended."""

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
        largest: bytes of an index, at most.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    verify: bool = True
    ca_bundle: str = ""
    tries: int = 5
    first_wait: float = 1.0
    fail_fast: bool = False
    largest: int = INDEX

    @property
    def silence(self) -> float:
        """Seconds without data after which a transfer ends."""
        return SILENCE * (self.connect_timeout + self.read_timeout)

    @property
    def answer_seconds(self) -> float:
        """Seconds that a small answer may take in all."""
        return min(ANSWER + self.connect_timeout, self.silence)


class Request(Struct, frozen=True):
    """A request for the content of a URL.

    Args:
        etag: of the copy that is cached; the content is not sent again if it still has this ETag.
        offset: the byte to resume from.
        resume_etag: the ETag that the content must still have to be resumed.
        accept: the media types that are understood.
        raw: return the bytes as they are stored, compressed or not.
        head: ask for the size and the date alone; no bytes follow.
        limit: bytes of the content, at most; more are refused, decompressed or not.
        shown: the URL for messages, if the one that is requested is signed.
    """

    url: str
    etag: str = ""
    offset: int = 0
    resume_etag: str = ""
    accept: str = ""
    raw: bool = False
    head: bool = False
    limit: int = MANIFEST
    shown: str = ""

    @property
    def place(self) -> str:
        """The URL for messages."""
        return redacted(self.shown or self.url)

    @property
    def is_big(self) -> bool:
        """Whether its answer may take as long as its rate is good."""
        return self.limit > MANIFEST and not self.head


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
        begun = monotonic()
        for attempt in range(1, max(self._network.tries, 1) + 1):
            manager = self._inner.open(request)
            try:
                return manager, manager.__enter__()
            except TransferError as error:
                last = attempt >= self._network.tries or (self._network.fail_fast and error.unreachable)
                last = last or monotonic() - begun > TRYING
                if last or not error.retryable:
                    raise
                self.wait(attempt, error.retry_after)
        raise AssertionError

    def read_small(self, url: str, limit: int, etag: str = "", accept: str = "") -> tuple[bytes | None, str]:
        """Return (content, ETag) of a small file; the content is None if it still has the given ETag."""
        begun = monotonic()
        for attempt in count(1):
            with self.open(Request(url, etag, accept=accept, limit=limit)) as reply:
                if reply.unchanged:
                    return None, reply.etag
                try:
                    return content_of(reply, url, limit), reply.etag
                except TransferError as error:
                    if not error.retryable or attempt >= self.tries or monotonic() - begun > TRYING:
                        raise
            self.wait(attempt)
        raise AssertionError

    @property
    def largest(self) -> int:
        """Bytes of an index, at most."""
        return self._network.largest

    @property
    def tries(self) -> int:
        """How often a request is sent at most."""
        return self._network.tries

    def wait(self, attempt: int, retry_after: float = 0.0) -> None:
        """Wait before the try after `attempt`."""
        pause(max(self._network.first_wait * 2 ** (attempt - 1), min(retry_after, LONGEST_WAIT)), self._tick)


def content_of(reply: Reply, url: str, limit: int) -> bytes:
    """Return the content of a small file. Raises SourceError if it is longer than `limit` bytes."""
    pieces, left = [], limit
    for chunk in reply.chunks:
        left -= len(chunk)
        if left < 0:
            raise SourceError(redacted(url), too_long(limit))
        pieces.append(chunk)
    return b"".join(pieces)


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
        self._network = network
        self._tick = tick

    @contextmanager
    def open(self, request: Request) -> Iterator[Reply]:
        """See `Transport`."""
        transfer = _Transfer(self._inner, request, self._network)
        # A daemon: the program does not wait for a thread that may be stuck.
        threading.Thread(target=transfer.run, name="transfer", daemon=True).start()
        try:
            reply: Reply = transfer.next(self._tick)
            chunks = transfer.chunks(self._tick)
            yield replace(reply, chunks=chunks)
        finally:
            transfer.abandoned.set()


class Patience:
    """How long a transfer is waited for.

    Only waiting counts: a disk that is slow, or a program that is suspended, is not the mirror's fault.
    """

    def __init__(self, request: Request, network: Network) -> None:
        self._is_big = request.is_big
        self._end = monotonic() + WHOLE
        self._window = min(WINDOW, network.silence) if request.is_big else network.answer_seconds
        self._waited = 0.0
        self._size = 0

    def lost(self, waited: float, size: int) -> str:
        """Count a wait, and the bytes that came of it; return why the transfer is given up, or ""."""
        self._waited += min(waited, STALL)
        self._size += size
        if self._is_big and monotonic() > self._end:
            return f"too slow: not complete after {WHOLE:.0f} seconds"
        if self._waited < self._window:
            return ""
        if not self._size:
            return "timed out: no data received"
        if not self._is_big:
            return f"too slow: no complete answer within {self._window:.0f} seconds"
        if self._size < LEAST_RATE * self._window:
            return f"too slow: less than {LEAST_RATE >> 10} kB a second for {self._window:.0f} seconds"
        self._waited, self._size = 0.0, 0
        return ""


_NOTHING = object()
"""Stands for an item that has not come yet."""


class _Transfer:
    """Puts a reply and its chunks into a queue, followed by None, or by the exception that ended it."""

    def __init__(self, transport: Transport, request: Request, network: Network) -> None:
        self.abandoned = threading.Event()
        self._transport = transport
        self._request = request
        self._patience = Patience(request, network)
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
        while True:
            begun = monotonic()
            try:
                item = self._queue.get(timeout=PACE)
            except queue.Empty:
                tick()
                item = _NOTHING
            if isinstance(item, Exception):
                raise item
            # One that ends is not given up for having been slow.
            if item is not None:
                size = len(item) if isinstance(item, bytes) else 0
                if reason := self._patience.lost(monotonic() - begun, size):
                    raise TransferError(redacted(self._request.url), reason, unreachable=True)
            if item is not _NOTHING:
                return item

    def chunks(self, tick: Tick) -> Iterator[bytes]:
        """Yield the bytes of the reply."""
        while (chunk := self.next(tick)) is not None:
            tick()
            yield chunk
