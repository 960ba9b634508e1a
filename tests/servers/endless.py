"""A server whose answer has no end."""

from __future__ import annotations

import threading

from tests.servers.exchange import Exchange

OK = "HTTP/1.1 200 OK"


class Endless:
    """Sends a start, then a piece again and again until the client goes away."""

    def __init__(self, start: bytes, piece: bytes, head: str = OK, pause: float = 0.0) -> None:
        self.start, self.piece, self.head, self.pause = start, piece, head, pause
        self.sent = 0
        self.ended = threading.Event()

    def __call__(self, exchange: Exchange) -> None:
        try:
            exchange.write(self.head.encode() + b"\r\nConnection: close\r\n\r\n" + self.start)
            while not exchange._handler.server.closing.is_set():
                exchange.write(self.piece)
                self.sent += len(self.piece)
                if self.pause:
                    exchange.pause(self.pause)
        finally:
            exchange.cut()
            self.ended.set()
