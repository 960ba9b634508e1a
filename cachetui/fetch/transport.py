"""How bytes come from a mirror: one `Transport` for each kind of URL, all with one method.

What a caller needs beside it is put around any of them: `Patient` tries again, `Interruptible` lets the
caller stop at any time, also while nothing arrives.
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

from cachetui.errors import SourceError, TransferError
from cachetui.text import redacted

CHUNK = 1 << 18
"""Bytes that are handed on at once."""

PACE = 0.1
"""Seconds between two looks at whether to go on."""

AHEAD = 8
"""Chunks that are read before they are asked for."""

SILENCE = 4
"""How often the time limit is waited for, as one answer may take several: moved, or with a token."""

LONGEST_WAIT = 60.0
"""Seconds that are waited at most because a mirror asks to."""

Tick = Callable[[], None]
"""Called now and then during a wait; what it raises ends the transfer."""


class Network(Struct, frozen=True):
    """How a network is used.

    Args:
        connect_timeout, read_timeout: seconds; the latter between two pieces of an answer.
        verify: whether certificates are checked.
        ca_bundle: a file of certificates that are trusted beside those of the system.
        tries: how often something is asked for that may work at another time.
        first_wait: seconds before the second try; doubled before each further one.
        fail_fast: who does not answer at all is not asked again.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    verify: bool = True
    ca_bundle: str = ""
    tries: int = 5
    first_wait: float = 1.0
    fail_fast: bool = False


class Request(Struct, frozen=True):
    """What is asked for.

    Args:
        etag: of what is known already; if it is that still, nothing is sent.
        start: the byte to begin with.
        same: the ETag that what is there must still have for that.
        accept: the media types that are understood.
        stored: the bytes are wanted as they are stored, packed or not.
    """

    url: str
    etag: str = ""
    start: int = 0
    same: str = ""
    accept: str = ""
    stored: bool = False


class Reply(Struct):
    """What comes.

    Args:
        etag: as the mirror told it; weak ones too.
        start: the byte that it begins with: 0, or what was asked for.
        total: bytes of all of it as they are sent; None: not told.
        chunks: the bytes; their iterator raises TransferError.
        unchanged: it is what the request's `etag` stands for; there are no bytes.
        received: how many bytes have been sent so far.
    """

    etag: str = ""
    start: int = 0
    total: int | None = None
    chunks: Iterator[bytes] = field(default_factory=lambda: iter(()))
    unchanged: bool = False
    received: Callable[[], int] = lambda: 0


class Transport(Protocol):
    """Brings bytes from where a kind of URL leads."""

    def open(self, request: Request) -> AbstractContextManager[Reply]:
        """Ask for something. Raises MissingError, TransferError, and ResumeError if it cannot begin there."""


class Patient:
    """Tries again what may work at another time: too busy, too slow, or broken off before it began."""

    def __init__(self, inner: Transport, network: Network, tick: Tick) -> None:
        self._inner = inner
        self._network = network
        self._tick = tick

    @contextmanager
    def open(self, request: Request) -> Iterator[Reply]:
        """See `Transport`."""
        opened = self._opened(request)
        try:
            yield opened[1]
        finally:
            opened[0].__exit__(None, None, None)

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

    def small(self, url: str, limit: int, etag: str = "", accept: str = "") -> tuple[bytes | None, str]:
        """(content, ETag) of something small; None: it is what the ETag stands for."""
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
        """How often something is asked for."""
        return self._network.tries

    def wait(self, attempt: int, retry_after: float = 0.0) -> None:
        """Wait before the try after `attempt`."""
        pause(max(self._network.first_wait * 2 ** (attempt - 1), min(retry_after, LONGEST_WAIT)), self._tick)


def _content(reply: Reply, url: str, limit: int) -> bytes:
    content = b""
    for chunk in reply.chunks:
        content += chunk
        if len(content) > limit:
            raise SourceError(redacted(url), f"it is longer than {limit:,} bytes")
    return content


def pause(seconds: float, tick: Tick) -> None:
    """Wait, and let that be interrupted."""
    end = monotonic() + seconds
    while (left := end - monotonic()) > 0:
        tick()
        sleep(min(PACE, left))
    tick()


class Interruptible:
    """Asks in a thread, so that the caller is never stuck where no byte arrives.

    Not all that libraries wait for has a limit: a SOCKS proxy may be silent for ever.
    """

    def __init__(self, inner: Transport, network: Network, tick: Tick) -> None:
        self._inner = inner
        self._silence = SILENCE * (network.connect_timeout + network.read_timeout)
        self._tick = tick

    @contextmanager
    def open(self, request: Request) -> Iterator[Reply]:
        """See `Transport`."""
        pump = _Pump(self._inner, request, self._silence)
        # Not waited for at the end of the program: it may be stuck.
        threading.Thread(target=pump.run, name="transfer", daemon=True).start()
        try:
            reply: Reply = pump.next(self._tick)
            yield Reply(
                reply.etag, reply.start, reply.total, pump.chunks(self._tick), reply.unchanged, reply.received
            )
        finally:
            pump.abandoned.set()


class _Pump:
    """Puts a reply and its chunks into a queue, and at the end None, or what went wrong."""

    def __init__(self, transport: Transport, request: Request, silence: float) -> None:
        self.abandoned = threading.Event()
        self._transport = transport
        self._request = request
        self._silence = silence
        self._queue: queue.Queue[Any] = queue.Queue(AHEAD)

    def run(self) -> None:
        """Until the end, or until nobody wants it any more."""
        try:
            with self._transport.open(self._request) as reply:
                self._put(reply)
                for chunk in reply.chunks:
                    if not self._put(chunk):
                        return
            self._put(None)
        except Exception as error:  # noqa: BLE001 - is raised where it was asked for
            self._put(error)

    def _put(self, item: object) -> bool:
        while not self.abandoned.is_set():
            with suppress(queue.Full):
                self._queue.put(item, timeout=PACE)
                return True
        return False

    def next(self, tick: Tick) -> Any:
        """The next that comes. Raises what went wrong."""
        end = monotonic() + self._silence
        while True:
            try:
                item = self._queue.get(timeout=PACE)
            except queue.Empty:
                tick()
                if monotonic() > end:
                    place = redacted(self._request.url)
                    raise TransferError(place, "nothing arrived for too long", unreachable=True) from None
                continue
            if isinstance(item, Exception):
                raise item
            return item

    def chunks(self, tick: Tick) -> Iterator[bytes]:
        """The bytes of the reply."""
        while (chunk := self.next(tick)) is not None:
            tick()
            yield chunk
