"""A small server with a table of paths and behaviours, which records its requests."""

from __future__ import annotations

import os
import socket
import socketserver
import struct
import sys
import termios
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fcntl import ioctl
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple
from urllib.parse import urlsplit

PATIENCE = 20.0
"""Seconds after which waiting for a client fails the test."""


class Request(NamedTuple):
    """A request: the path includes the query, the names of the headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer; Content-Length is added."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    """In place of the usual words for the status."""


class Exchange:
    """One request and the means to answer it, well or badly."""

    def __init__(self, handler: Handler, request: Request) -> None:
        self.request = request
        self.url = handler.server.url
        self._handler = handler

    def turn(self, behaviour: object) -> int:
        """How many requests for this path a behaviour has answered before."""
        return self._handler.server.turn(urlsplit(self.request.path).path, behaviour)

    def send(self, reply: Reply) -> None:
        """Send an answer, to HEAD without its body."""
        self.send_head(reply, len(reply.body))
        self.write(reply.body)

    def send_head(self, reply: Reply, length: int) -> None:
        """Send the status and the headers with this Content-Length."""
        self._handler.send_response(reply.status, reply.reason or None)
        for name, value in reply.headers.items():
            self._handler.send_header(name, value)
        if reply.status not in (204, 304):
            self._handler.send_header("Content-Length", str(length))
        self._handler.end_headers()

    def write(self, data: bytes) -> None:
        """Send a part of the body."""
        if self.request.method != "HEAD":
            self._handler.wfile.write(data)

    def pause(self, seconds: float | None = None) -> None:
        """Wait for some seconds, or until the server is closed."""
        self._handler.server.closing.wait(seconds)

    def cut(self) -> None:
        """Close the connection in order."""
        self._handler.close_connection = True

    def reset(self) -> None:
        """Reset the connection once the client has received what was sent."""
        self.cut()
        connection = self._handler.connection
        while _unacknowledged(connection) and not self._handler.server.closing.wait(0.001):
            pass
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # The files of the handler keep a socket open beyond its close().
        os.close(connection.detach())


Behaviour = Callable[[Exchange], None]


class Handler(BaseHTTPRequestHandler):
    """Records each request and lets the behaviour of its path answer."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer any method."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers)
        self.server.note(request)
        self.server.behaviour_at(urlsplit(self.path).path)(Exchange(self, request))

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


class Server(socketserver.TCPServer):
    """Serves a table, which can change meanwhile; each connection has a thread."""

    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, table: Mapping[str, Behaviour], otherwise: Behaviour) -> None:
        self.table = dict(table)
        self.otherwise = otherwise
        self.requests: list[Request] = []
        self.errors: list[BaseException] = []
        self.closing = threading.Event()
        self._turns: Counter[tuple[str, object]] = Counter()
        self._noted = threading.Condition()
        self._connections: dict[threading.Thread, socket.socket] = {}
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """The origin, without a slash at its end."""
        return "http://{}:{}".format(*self.socket.getsockname())

    def wait_for(self, path: str) -> Request:
        """Wait for a request for a path; the last one."""
        with self._noted:
            assert self._noted.wait_for(lambda: self._last(path), PATIENCE), f"nobody asked for {path}"
            return self._last(path)[0]

    def _last(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path][-1:]

    def behaviour_at(self, path: str) -> Behaviour:
        """The behaviour of a path."""
        return self.table.get(path, self.otherwise)

    def note(self, request: Request) -> None:
        """Record a request."""
        with self._noted:
            self.requests.append(request)
            self._noted.notify_all()

    def turn(self, path: str, behaviour: object) -> int:
        """Count the requests for a path that a behaviour answers."""
        with self._noted:
            self._turns[path, behaviour] += 1
            return self._turns[path, behaviour] - 1

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection in a thread."""
        thread = threading.Thread(target=self._converse, args=(request, client_address), daemon=True)
        self._connections[thread] = request
        thread.start()

    def _converse(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except Exception:  # noqa: BLE001 - what a behaviour raised fails the test in faulty()
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Store the error of a behaviour; a client that goes away is no error."""
        error = sys.exc_info()[1]
        if error and not isinstance(error, ConnectionError):
            self.errors.append(error)

    def close(self) -> None:
        """Close all connections, stalled ones too, and wait for their threads."""
        self.closing.set()
        self.shutdown()
        for thread, connection in self._connections.items():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE)
        self.server_close()


@contextmanager
def faulty(table: Mapping[str, Behaviour], otherwise: Behaviour | None = None) -> Iterator[Server]:
    """Serve a table of paths (as requested, without query) on a free port.

    Args:
        otherwise: what happens to all other paths; without it they are missing.
    """
    server = Server(table, otherwise or _missing)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()
    for error in server.errors:
        raise error


def _missing(exchange: Exchange) -> None:
    exchange.send(Reply(404, b"Not Found\n", {"Content-Type": "text/plain"}))


def _unacknowledged(connection: socket.socket) -> int:
    """The bytes that the other side has not received yet; 0 if the system does not say."""
    try:
        answer = ioctl(connection.fileno(), termios.TIOCOUTQ, b"\0" * 4)
    except OSError:
        return 0
    return int.from_bytes(answer, sys.byteorder)
