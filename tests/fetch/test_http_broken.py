"""Mirrors over HTTP that break off in the middle."""

from __future__ import annotations

import httpx
import pytest

from cachetui.errors import TransferError
from cachetui.fetch import Network, address_of
from tests.builders.mirrors import INDEX, OTHER, V2, V3, blob_path, packed, served, v2_files, v3_files
from tests.fetch.reader import Raw, Reader, text
from tests.servers.exchange import Reply
from tests.servers.faults import (
    Behaviour,
    Content,
    Cut,
    Exchange,
    Gzipped,
    InTurn,
    Redirect,
    Reset,
    Server,
    Status,
)

BLOB = f"/m/{blob_path(INDEX)}"
HALF = len(INDEX) // 2


def ranges(server: Server, path: str = BLOB) -> list[str]:
    """Return the ranges of a path that were requested since the last call; empty: the whole file."""
    asked = [request.headers.get("range", "") for request in server.requests if request.path == path]
    server.requests.clear()
    return asked


def broken_off(reader: Reader, server: Server, path: str, data: bytes, etag: str = "") -> None:
    """Make one try that receives half of the file."""
    server.table[path] = InTurn(Cut(data, len(data) // 2, etag), Raw(b""), Content(data, etag))
    patient, reader.network = reader.network, Network(tries=1, first_wait=0.01)
    assert "was lost" in reader.refusal(f"{server.url}/m").reason
    reader.network = patient
    server.requests.clear()


# Resumed downloads


@pytest.mark.parametrize("kind", [Cut, Reset])
@pytest.mark.parametrize("at", [1, HALF, len(INDEX) - 1])
def test_download_is_resumed(reader: Reader, server: Server, kind: type[Cut], at: int) -> None:
    server.table[BLOB] = kind(INDEX, at)
    state = reader.update(f"{server.url}/m")
    assert text(state) == INDEX
    assert ranges(server) == ["", f"bytes={at}-"]
    assert reader.progress == sorted(reader.progress)
    assert reader.progress[-1] == (len(INDEX), len(INDEX))


def test_broken_off_before_the_first_byte(reader: Reader, server: Server) -> None:
    server.table[BLOB] = InTurn(Raw(b""), Raw(b"HTTP/1.1 200 OK\r\nContent-Le"), Cut(INDEX, 0))
    assert text(reader.update(f"{server.url}/m")) == INDEX
    assert ranges(server) == [""] * 4


def test_retries_continue_while_data_arrives(reader: Reader, server: Server) -> None:
    reader.network = Network(tries=2, first_wait=0.001)
    server.table[BLOB] = Dripping(len(INDEX) // 9)
    assert text(reader.update(f"{server.url}/m")) == INDEX
    assert len(ranges(server)) > 8


class Dripping:
    """A blob of which each answer sends a few more bytes."""

    def __init__(self, step: int) -> None:
        self.step = step

    def __call__(self, exchange: Exchange) -> None:
        reply = Content(INDEX).reply(exchange.request)
        exchange.send_head(reply, len(reply.body))
        exchange.write(reply.body[: self.step])
        exchange.cut()


def test_manifest_that_breaks_off(reader: Reader, server: Server) -> None:
    manifest = v3_files(INDEX)[V3]
    server.table[f"/m/{V3}"] = Cut(manifest, 20)
    assert text(reader.update(f"{server.url}/m")) == INDEX


def test_manifest_that_breaks_off_every_time(reader: Reader, server: Server, waits: list[float]) -> None:
    manifest = v3_files(INDEX)[V3]
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"
    server.table[f"/m/{V3}"] = Raw(head + manifest)
    assert "was lost" in reader.refusal(f"{server.url}/m").reason
    assert len(server.requests) == reader.network.tries == len(waits) + 1


def test_partial_download_is_saved_for_the_next_run(reader: Reader, server: Server) -> None:
    broken_off(reader, server, BLOB, INDEX)
    assert reader.part() == INDEX[:HALF]
    assert text(reader.update(f"{server.url}/m")) == INDEX
    assert ranges(server) == [f"bytes={HALF}-"]
    assert not [name for name in reader.left() if ".part" in name]


@pytest.mark.parametrize("then", [Status(400), Status(404), Status(401), Status(500)])
def test_partial_download_survives_errors(
    reader: Reader, server: Server, waits: list[float], then: Behaviour
) -> None:
    server.table[BLOB] = InTurn(Cut(INDEX, HALF), then)
    reader.refusal(f"{server.url}/m")
    assert reader.part() == INDEX[:HALF]


def test_layout_v2_is_resumed_by_etag(reader: Reader, server: Server) -> None:
    del server.table[f"/m/{V3}"]
    broken_off(reader, server, f"/m/{V2}", INDEX, '"one"')
    assert text(reader.update(f"{server.url}/m")) == INDEX
    (request,) = [request for request in server.requests if request.path == f"/m/{V2}"]
    assert (request.headers["range"], request.headers["if-range"]) == (f"bytes={HALF}-", '"one"')


def test_without_an_etag_the_download_starts_over(reader: Reader, server: Server) -> None:
    del server.table[f"/m/{V3}"]
    broken_off(reader, server, f"/m/{V2}", INDEX)
    assert reader.left() == [name for name in reader.left() if name.endswith(".state")]
    assert text(reader.update(f"{server.url}/m")) == INDEX
    assert ranges(server, f"/m/{V2}") == [""]


NEW = INDEX.replace(b'"version"', b'"Version"', 1)


class HeedlessPart:
    """A server that supports ranges but not If-Range."""

    def __call__(self, exchange: Exchange) -> None:
        headers = {name: value for name, value in exchange.request.headers.items() if name != "if-range"}
        exchange.send(Content(NEW, '"two"').reply(exchange.request._replace(headers=headers)))


@pytest.mark.parametrize("behaviour", [Content(NEW, '"two"'), HeedlessPart(), Gzipped(NEW, '"two"')])
def test_partial_download_of_an_older_index(reader: Reader, server: Server, behaviour: Behaviour) -> None:
    del server.table[f"/m/{V3}"]
    broken_off(reader, server, f"/m/{V2}", INDEX, '"one"')
    server.table[f"/m/{V2}"] = behaviour
    assert text(reader.update(f"{server.url}/m")) == NEW


def test_partial_download_of_another_blob(reader: Reader, server: Server) -> None:
    broken_off(reader, server, BLOB, INDEX)
    server.table.update(served(v3_files(OTHER)))
    assert text(reader.update(f"{server.url}/m")) == OTHER
    assert ranges(server, f"/m/{blob_path(OTHER)}") == [""]


def test_damaged_partial_download(reader: Reader, server: Server) -> None:
    broken_off(reader, server, BLOB, INDEX)
    (name,) = [name for name in reader.left() if name.endswith(".part")]
    (reader.store.folder / name).write_bytes(b"x" * HALF)
    assert text(reader.update(f"{server.url}/m")) == INDEX
    assert ranges(server) == [f"bytes={HALF}-", ""]


def test_partial_download_that_is_complete(reader: Reader, server: Server) -> None:
    broken_off(reader, server, BLOB, INDEX)
    (name,) = [name for name in reader.left() if name.endswith(".part")]
    (reader.store.folder / name).write_bytes(INDEX)
    assert text(reader.update(f"{server.url}/m")) == INDEX


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Range": f"bytes 0-9/{len(INDEX)}"}, INDEX[:10]),
        ({"Content-Range": f"bytes {HALF + 1}-/{len(INDEX)}"}, INDEX[HALF + 1 :]),
        ({"Content-Range": "", "Content-Encoding": "gzip"}, packed(INDEX[HALF:])),
        ({"Content-Range": f"bytes {HALF}-{len(INDEX) - 1}/*"}, b"?" * (len(INDEX) - HALF)),
    ],
)
def test_wrong_range_in_the_answer(
    reader: Reader, server: Server, headers: dict[str, str], body: bytes
) -> None:
    broken_off(reader, server, BLOB, INDEX)
    server.table[BLOB] = InTurn(lambda exchange: exchange.send(Reply(206, body, headers)), Content(INDEX))
    assert text(reader.update(f"{server.url}/m")) == INDEX
    assert ranges(server) == [f"bytes={HALF}-", ""]


def test_server_without_ranges_that_always_compresses(reader: Reader, server: Server) -> None:
    broken_off(reader, server, BLOB, INDEX)
    headers = {"Content-Encoding": "gzip"}
    server.table[BLOB] = Content(packed(INDEX), headers=headers, ranges=False)
    assert text(reader.update(f"{server.url}/m")) == INDEX


def test_index_without_a_length_that_ends_early(reader: Reader, server: Server, waits: list[float]) -> None:
    server.table = {**served(v2_files(INDEX)), f"/m/{V2}.hash": Status(404)}
    before = reader.update(f"{server.url}/m")
    for head in (
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % (HALF + 1000),
    ):
        server.table[f"/m/{V2}"] = Raw(head + INDEX[:HALF])
        error = reader.refusal(f"{server.url}/m")
        assert "truncated" in error.reason or "was lost" in error.reason
        state = reader.store.read(address_of(f"{server.url}/m"))
        assert (text(state), state.fetched) == (INDEX, before.fetched)


# Errors that are not the mirror's


@pytest.mark.parametrize(
    "host",
    ["xn--", "xn--a", "a" * 64, "a..b", "127.0.0.1:99999999999999999999", "[::g]", "1:1:1", "999.1.1.1"],
)
def test_redirect_to_an_invalid_host(reader: Reader, server: Server, host: str) -> None:
    server.table, server.otherwise = {}, Redirect(f"http://{host}/")
    reader.network = Network(tries=1)
    assert isinstance(reader.refusal(f"{server.url}/m"), TransferError)


@pytest.mark.parametrize("bug", [TypeError, AttributeError, KeyError, AssertionError, ValueError])
def test_a_bug_is_not_reported_as_a_broken_connection(
    reader: Reader, server: Server, monkeypatch: pytest.MonkeyPatch, bug: type[Exception]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise bug("a bug")

    with monkeypatch.context() as patched:
        patched.setattr(httpx.Client, "stream", broken)
        with pytest.raises(bug, match="a bug"):
            reader.update(f"{server.url}/m")
    monkeypatch.setattr(httpx.Response, "iter_raw", broken)
    with pytest.raises(bug, match="a bug"):
        reader.update(f"{server.url}/m")
