"""Mirrors over HTTP that are busy, silent, or unreachable."""

from __future__ import annotations

import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cachetui.errors import TransferError
from cachetui.fetch import Network, Session, address_of
from cachetui.sources import update_index
from tests.builders.mirrors import INDEX, V3, blob_path, v3_files
from tests.fetch.reader import Reader, Stopped, nothing, text
from tests.servers.faults import (
    Content,
    InTurn,
    Server,
    Stall,
    Status,
    too_many,
)

BLOB = f"/m/{blob_path(INDEX)}"
HALF = len(INDEX) // 2


# Busy servers


def test_busy_at_first(reader: Reader, server: Server, waits: list[float]) -> None:
    server.table[BLOB] = InTurn(Status(500), Status(503), Content(INDEX))
    assert text(reader.update(f"{server.url}/m")) == INDEX
    assert waits == [0.01, 0.02]


def test_always_busy(reader: Reader, server: Server, waits: list[float]) -> None:
    server.table[f"/m/{V3}"] = Status(502)
    error = reader.refusal(f"{server.url}/m")
    assert isinstance(error, TransferError) and not error.unreachable
    assert error.reason == "502 Bad Gateway"
    assert waits == [0.01, 0.02, 0.04, 0.08]


@pytest.mark.parametrize(
    ("retry_after", "waited"),
    [
        (7, 7.0),
        (0, 0.01),
        ("9" * 400, 30.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 0.01),
        ("-5", 0.01),
        ("", 0.01),
    ],
)
def test_retry_after(
    reader: Reader, server: Server, waits: list[float], retry_after: int | str, waited: float
) -> None:
    server.table[f"/m/{V3}"] = InTurn(too_many(retry_after), Content(v3_files(INDEX)[V3]))
    assert text(reader.update(f"{server.url}/m")) == INDEX
    assert waits == [waited]


@pytest.mark.parametrize("code", [400, 401, 405, 501])
def test_permanent_errors_are_not_retried(
    reader: Reader, server: Server, waits: list[float], code: int
) -> None:
    server.table[f"/m/{V3}"] = Status(code)
    assert str(code) in reader.refusal(f"{server.url}/m").reason
    assert (len(server.requests), waits) == (1, [])


# Silent servers


def test_a_wait_for_data_can_be_stopped(reader: Reader, server: Server) -> None:
    server.table[BLOB] = Stall(INDEX[:HALF], len(INDEX))
    with pytest.raises(Stopped):
        reader.update(f"{server.url}/m", tick=lambda: stop_after(reader, HALF))
    part = reader.part()
    assert part and INDEX[:HALF].startswith(part)
    server.table[BLOB] = Content(INDEX)
    assert text(reader.update(f"{server.url}/m")) == INDEX
    assert server.requests[-1].headers["range"] == f"bytes={len(part)}-"


def stop_after(reader: Reader, size: int) -> None:
    if reader.progress and reader.progress[-1][0] >= size:
        raise Stopped


def test_a_wait_for_headers_can_be_stopped(reader: Reader, server: Server) -> None:
    server.table[f"/m/{V3}"] = lambda exchange: exchange.pause()

    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        reader.update(f"{server.url}/m", tick=stop)
    assert not reader.store.read(address_of(f"{server.url}/m")).failed


def test_a_wait_for_a_retry_can_be_stopped(reader: Reader, server: Server) -> None:
    reader.network = Network(first_wait=1000)
    server.table[f"/m/{V3}"] = Status(500)

    def stop() -> None:
        if server.requests:
            raise Stopped

    with pytest.raises(Stopped):
        reader.update(f"{server.url}/m", tick=stop)


def test_read_timeout(reader: Reader, server: Server, waits: list[float]) -> None:
    reader.network = Network(read_timeout=0.05, tries=2)
    server.table[BLOB] = Stall(INDEX[:HALF], len(INDEX))
    assert "timed out" in reader.refusal(f"{server.url}/m").reason
    assert len(reader.part()) == HALF


def test_the_program_can_exit_during_a_wait(server: Server, tmp_path: Path) -> None:
    server.table[BLOB] = Stall(INDEX[:HALF], len(INDEX))
    code = f"""
        from pathlib import Path
        from cachetui.fetch import Network, Session, Store, address_of
        from cachetui.sources import update_index
        def stop(done, total): raise SystemExit(7)
        with Session(Network(), lambda: None) as session:
            store = Store(Path({str(tmp_path)!r}))
            update_index(session, store, address_of({server.url + "/m"!r}), stop)
        """
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code)]
    done = subprocess.run(command, timeout=20, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (7, b"")


# Unreachable hosts


@pytest.fixture
def nobody() -> Iterator[socket.socket]:
    """A port without a listener."""
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        yield port


def test_an_unreachable_host_is_asked_once(reader: Reader, nobody: socket.socket, waits: list[float]) -> None:
    host = "http://{}:{}".format(*nobody.getsockname())
    with Session(reader.network, nothing) as session:
        for name in ("a", "b"):
            with pytest.raises(TransferError, match="cannot connect") as caught:
                address = address_of(f"{host}/{name}")
                update_index(session, reader.store, address, lambda done, total: None)
            assert caught.value.unreachable and caught.value.place.startswith(f"{host}/{name}")
            nobody.listen()
    nobody.setblocking(False)
    with suppress(BlockingIOError):
        pytest.fail(f"the second mirror was asked: {nobody.accept()}")
    assert waits == []


def test_unknown_host(reader: Reader, waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = reader.refusal("http://nobody.invalid/m")
    assert isinstance(error, TransferError) and error.unreachable and waits == []


def test_no_retry_if_there_is_a_local_copy(
    reader: Reader, server: Server, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpx

    url = f"{server.url}/m"

    def no_answer(*_: object, **__: object) -> None:
        raise httpx.ConnectTimeout("")

    with monkeypatch.context() as patched:
        patched.setattr(httpx.Client, "stream", no_answer)
        assert reader.refusal(url).reason == "timed out: cannot connect"
        assert len(waits) == 4
    reader.update(url)
    waits.clear()
    monkeypatch.setattr(httpx.Client, "stream", no_answer)
    assert reader.refusal(url).reason == "timed out: cannot connect"
    assert waits == []
