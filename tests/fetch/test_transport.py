"""The wrapper of every transport: a caller never hangs while no data arrives."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cachetui.bounded import INDEX
from cachetui.errors import TransferError
from cachetui.fetch import transport
from cachetui.fetch.transport import InterruptibleTransport, Network, Reply, Request

LIMITS = Network(connect_timeout=1.0, read_timeout=2.0)
"""Limits that the transport below does not enforce, as behind some SOCKS proxies."""

LIMIT = LIMITS.silence


class Silent:
    """A transport that sends some chunks and then hangs; without `opens`, it hangs at once."""

    def __init__(self, chunks: int, opens: bool = True) -> None:
        self._chunks = chunks
        self._opens = opens
        self.is_silent = threading.Event()
        self.end = threading.Event()

    @contextmanager
    def open(self, request: Request) -> Iterator[Reply]:
        if not self._opens:
            self._wait()
        yield Reply(chunks=self._sent())

    def _sent(self) -> Iterator[bytes]:
        for _ in range(self._chunks):
            yield b"x"
        self._wait()

    def _wait(self) -> None:
        self.is_silent.set()
        self.end.wait()


class Clock:
    """Advances by a second per tick once the transport is silent."""

    def __init__(self, silent: Silent) -> None:
        self._silent = silent
        self.now = 0.0
        self.ticks = 0

    def tick(self) -> None:
        if self._silent.is_silent.is_set():
            self.now += 1.0
            self.ticks += 1
        assert self.ticks < 3 * LIMIT, "the transfer hangs"


@pytest.mark.parametrize(
    ("silent", "sent"),
    [(Silent(0, opens=False), b""), (Silent(0), b""), (Silent(3), b"xxx")],
    ids=["no answer", "an answer without bytes", "some bytes"],
)
def test_silence_ends_a_transfer(silent: Silent, sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(silent)
    request = Request("https://u:secret@host/m", limit=INDEX)
    monkeypatch.setattr(transport, "monotonic", lambda: clock.now)
    monkeypatch.setattr(transport, "PACE", 0.001)
    received = b""
    try:
        with (
            pytest.raises(TransferError, match=r"timed out: no data received|too slow") as caught,
            InterruptibleTransport(silent, LIMITS, clock.tick).open(request) as reply,
        ):
            for chunk in reply.chunks:
                received += chunk
                clock.now += 2 * LIMIT  # what the caller does is not the mirror's time
    finally:
        silent.end.set()
    assert caught.value.unreachable
    assert "secret" not in str(caught.value)
    assert received == sent
    assert LIMIT <= clock.ticks <= LIMIT + 1 + len(sent)
