"""Servers that want to use up memory, disk or time: each is refused, and nothing of theirs is kept."""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from cachetui.errors import SourceError, TransferError
from cachetui.fetch import Access, Network, Request, transport
from cachetui.fetch.http import _bound
from cachetui.secret import Secret
from tests.builders.mirrors import INDEX, V2, V3, blob_path, entry, manifest, packed, served, v3_files
from tests.fetch.reader import Raw, Reader, text
from tests.servers.endless import OK, Endless
from tests.servers.faults import (
    Behaviour,
    Content,
    Exchange,
    NeedsToken,
    Redirect,
    Server,
    Status,
    Tokens,
    faulty,
    image,
)

BLOB = f"/m/{blob_path(INDEX)}"
MB = 1 << 20


def endless(start: bytes = b'{"version":', pause: float = 0.0, head: str = OK) -> Endless:
    return Endless(start, b" " if pause else b" " * MB, head, pause)


def chunked() -> Endless:
    return Endless(b"", b"%x\r\n%b\r\n" % (MB, b"{" * MB), f"{OK}\r\nTransfer-Encoding: chunked")


def bomb(layers: int = 1, megabytes: int = 64) -> bytes:
    data = gzip.compress(b'{"x":"' + b"a" * 8 * MB) * (megabytes // 8)  # in members, as that is quick to make
    for _ in range(layers - 1):
        data = gzip.compress(data)
    return data


def encoded(data: bytes, *names: str) -> Content:
    return Content(data, headers={"Content-Encoding": ", ".join(names)})


def refused(reader: Reader, url: str, access: Access | None = None) -> SourceError:
    """Return the error of a mirror; nothing of it may be left."""
    error = reader.refusal(url, access)
    assert [name for name in reader.left() if not name.endswith(".state")] == []
    return error


MANIFESTS: list[tuple[str, Callable[[], Behaviour], str]] = [
    ("endless", endless, "longer than 1,048,576 bytes"),
    ("chunked", chunked, "longer than 1,048,576 bytes"),
    ("told", lambda: Raw(f"{OK}\r\nContent-Length: {10**17}\r\n\r\n{{".encode()), "longer than"),
    ("encoded twice", lambda: encoded(bomb(2), "gzip", "gzip"), "'gzip, gzip'; only gzip"),
    ("encoded twice in two headers", lambda: encoded(bomb(2), "gzip", "deflate"), "only gzip, once"),
    ("brotli", lambda: encoded(b"\x0b\x02\x80{}\x03", "br"), "encodes it as 'br'"),
    ("zstd", lambda: encoded(b"\x28\xb5\x2f\xfd", "zstd"), "encodes it as 'zstd'"),
    ("gzip", lambda: encoded(bomb(), "gzip"), "longer than 1,048,576 bytes"),
    ("deflate", lambda: encoded(zlib.compress(b"{" * 64 * MB, 9), "deflate"), "longer than 1,048,576"),
    ("not gzip", lambda: encoded(b"{}", "gzip"), "damaged gzip data"),
    ("empty blocks", lambda: Endless(b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b"\0\0\0\xff\xff" * 9999,
     f"{OK}\r\nContent-Encoding: gzip"), "longer than"),
]  # fmt: skip


@pytest.mark.parametrize(("behaviour", "reason"), [c[1:] for c in MANIFESTS], ids=[c[0] for c in MANIFESTS])
def test_manifest(reader: Reader, server: Server, behaviour: Callable[[], Behaviour], reason: str) -> None:
    server.table[f"/m/{V3}"] = behaviour()
    assert reason in refused(reader, f"{server.url}/m").reason
    assert len(server.requests) == 1


@pytest.mark.parametrize("behaviour", [endless, chunked])
def test_blob_that_is_longer_than_its_manifest_says(
    reader: Reader, server: Server, behaviour: Callable[[], Endless]
) -> None:
    server.table[BLOB] = behaviour()
    assert f"longer than {len(INDEX):,} bytes" in refused(reader, f"{server.url}/m").reason


def test_index_without_a_told_length(reader: Reader, server: Server) -> None:
    reader.network = Network(largest=3 * MB)
    server.table = {f"/m/{V2}": chunked()}
    assert "longer than 3,145,728 bytes" in refused(reader, f"{server.url}/m").reason


def test_blob_that_the_settings_do_not_allow(reader: Reader, server: Server) -> None:
    reader.network = Network(largest=len(INDEX) - 1)
    assert "the setting max_index" in refused(reader, f"{server.url}/m").reason
    assert [request.path for request in server.requests] == [f"/m/{V3}"]


@pytest.mark.parametrize(
    ("stored", "reason"),
    [(gzip.compress(b"{" + b" " * 64 * MB), "times its size"), (packed(INDEX)[:-9], "truncated gzip data")],
)
def test_blob_that_is_what_its_manifest_says_and_cannot_be_unpacked(
    reader: Reader, server: Server, stored: bytes, reason: str
) -> None:
    server.table.update(served(v3_files(stored, compression="gzip")))
    assert reason in refused(reader, f"{server.url}/m").reason


def test_numbers_without_end_are_not_repeated(reader: Reader, server: Server) -> None:
    for listed in (manifest(entry(INDEX, contentLength=10**400)), manifest(entry(INDEX), version=10**400)):
        server.table[f"/m/{V3}"] = Content(listed)
        assert len(refused(reader, f"{server.url}/m").reason) < 200


def test_blob_that_does_not_fit_on_the_disk(reader: Reader, server: Server) -> None:
    server.table.update(served(v3_files(INDEX, contentLength=10**18)))
    reader.network = Network(largest=10**19)
    assert "No space left" in refused(reader, f"{server.url}/m").reason
    assert [request.path for request in server.requests] == [f"/m/{V3}"]


def test_full_disk_leaves_nothing_behind(
    reader: Reader, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.table[BLOB] = Content(INDEX, '"resumable"')

    def full(received: int, total: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reader, "progress", type("Full", (list,), {"append": lambda *_: full(0, 0)})())
    assert "No space left" in refused(reader, f"{server.url}/m").reason


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "identity, gzip", "deflate", "raw deflate"])
def test_one_encoding_is_undone(reader: Reader, server: Server, encoding: str) -> None:
    data = packed(INDEX) if "gzip" in encoding.lower() else zlib.compress(INDEX)
    data = data[2:-4] if encoding.startswith("raw") else data
    server.table[BLOB] = encoded(data, encoding.removeprefix("raw "))
    assert text(reader.update(f"{server.url}/m")) == INDEX
    assert {request.headers["accept-encoding"] for request in server.requests} == {"gzip"}


def test_members_of_gzip_are_read_whole(reader: Reader, server: Server) -> None:
    half = len(INDEX) // 2
    data = gzip.compress(INDEX[:half]) + gzip.compress(b"") + gzip.compress(INDEX[half:]) + b"\0" * 512
    server.table = served(v3_files(data, compression="gzip"))
    assert text(reader.update(f"{server.url}/m")) == INDEX


# Redirects and refusals: bodies that nobody reads


@pytest.mark.parametrize("status", [302, 401, 404, 500])
def test_endless_body_of_another_status(
    reader: Reader, server: Server, waits: list[float], status: int
) -> None:
    behaviour = endless(head=f"HTTP/1.1 {status} Moved\r\nLocation: /m/{V3}?x")
    server.table[f"/m/{V3}"] = behaviour
    refused(reader, f"{server.url}/m")
    assert behaviour.ended.wait(20)
    assert behaviour.sent < 64 * MB


def test_bomb_in_a_redirect(reader: Reader, server: Server) -> None:
    headers = {"Content-Encoding": "gzip, gzip", "Location": "/elsewhere"}
    server.table[f"/m/{V3}"] = Status(302, bomb(2), headers)
    server.table["/elsewhere"] = Content(v3_files(INDEX)[V3])
    assert text(reader.update(f"{server.url}/m")) == INDEX


def test_a_hundred_redirects(reader: Reader, server: Server) -> None:
    server.table[f"/m/{V3}"] = Redirect("/0")
    server.table.update({f"/{n}": Redirect(f"/{n + 1}") for n in range(100)})
    assert refused(reader, f"{server.url}/m").reason == "too many redirects"
    assert len(server.requests) < 15


@pytest.mark.parametrize("location", ["http://host/x", "HTTP://host/x"])
def test_redirect_to_a_connection_that_is_not_encrypted(location: str) -> None:
    request = httpx.Request("GET", "https://host/m")
    with pytest.raises(TransferError, match="from https to http"):
        _bound(httpx.Response(302, headers={"Location": location}, request=request), Network())


@pytest.mark.parametrize(
    "head", [b"X: " + b"x" * 2 * MB, b"\r\n".join(b"X-%d: x" % n for n in range(100_000))]
)
def test_header_bomb(reader: Reader, server: Server, head: bytes) -> None:
    reader.network = Network(tries=1)
    server.table[f"/m/{V3}"] = Raw(OK.encode() + b"\r\n" + head + b"\r\n\r\n{}")
    assert isinstance(refused(reader, f"{server.url}/m"), TransferError)


# Time


@pytest.fixture
def hurried(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """A reader that waits for a second or two, long enough for an honest answer of a busy machine."""
    monkeypatch.setattr(transport, "ANSWER", 1.0)
    monkeypatch.setattr(transport, "WINDOW", 2.0)
    reader.network = Network(connect_timeout=1.0, read_timeout=20.0, first_wait=0.01)
    yield reader


@pytest.mark.parametrize("path", [f"/m/{V3}", BLOB])
def test_one_byte_after_the_other(hurried: Reader, server: Server, path: str) -> None:
    server.table[path] = Endless(
        b"{", b" ", f"{OK}\r\nContent-Length: {len(INDEX) if path == BLOB else 500_000}", 0.05
    )
    error = hurried.refusal(f"{server.url}/m")
    assert isinstance(error, TransferError) and error.unreachable
    assert "too slow" in error.reason or "timed out" in error.reason


def test_slow_headers(hurried: Reader, server: Server) -> None:
    server.table[f"/m/{V3}"] = _SlowHeaders()
    assert "timed out" in refused(hurried, f"{server.url}/m").reason


class _SlowHeaders:
    def __call__(self, exchange: Exchange) -> None:
        exchange.cut()
        exchange.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not exchange._handler.server.closing.is_set():
            exchange.write(b"x")
            exchange.pause(0.05)


def test_last_byte_that_does_not_come(hurried: Reader, server: Server) -> None:
    class AllButOne:
        def __call__(self, exchange: Exchange) -> None:
            exchange.write(f"{OK}\r\nContent-Length: {len(INDEX)}\r\n\r\n".encode() + INDEX[:-1])
            exchange.pause()
            exchange.cut()

    server.table[BLOB] = AllButOne()
    assert isinstance(hurried.refusal(f"{server.url}/m"), TransferError)
    assert hurried.part() == INDEX[:-1]
    server.table[BLOB] = Content(INDEX)
    assert text(hurried.update(f"{server.url}/m")) == INDEX
    assert server.requests[-1].headers["range"] == f"bytes={len(INDEX) - 1}-"


def test_a_byte_with_each_connection(reader: Reader, server: Server, waits: list[float]) -> None:
    class Dripping:
        def __call__(self, exchange: Exchange) -> None:
            reply = Content(INDEX).reply(exchange.request)
            exchange.send_head(reply, len(reply.body))
            exchange.write(reply.body[:1])
            exchange.cut()

    server.table[BLOB] = Dripping()
    assert "was lost" in reader.refusal(f"{server.url}/m").reason
    assert len(waits) == 20


@pytest.mark.parametrize(
    ("limit", "sizes", "reason"),
    [
        (MB, [1] * 100, "too slow: no complete answer within 30 seconds"),
        (9 * MB, [1] * 100, "too slow: less than 4 kB a second for 30 seconds"),
        (9 * MB, [9000] * 100 + [1] * 100, "too slow: less than 4 kB a second for 30 seconds"),
        (9 * MB, [0] * 100, "timed out: no data received"),
        (9 * MB, [9000] * 7199, ""),
    ],
)
def test_patience(limit: int, sizes: list[int], reason: str) -> None:
    patience = transport.Patience(Request("https://host", limit=limit), Network())
    lost = [text for size in sizes if (text := patience.lost(1.0, size))]
    assert lost[:1] == ([reason] if reason else [])


def test_a_suspended_program_does_not_blame_the_mirror() -> None:
    patience = transport.Patience(Request("https://host", limit=MB), Network())
    assert patience.lost(1e6, 0) == ""


# Credentials


USER = Access("reader", Secret("s3cret"))


def registry(server: Server, realm: str) -> str:
    server.table = {
        path: NeedsToken(behaviour, "t0ken", realm) for path, behaviour in image("cache", INDEX).items()
    }
    return f"oci+{server.url}/cache"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda: endless(b'{"token":"'), "longer than 65,536 bytes"),
        (lambda: encoded(bomb(1, 8), "gzip"), "longer than 65,536 bytes"),
        (lambda: encoded(bomb(2), "gzip", "gzip"), "only gzip, once"),
    ],
)
def test_token(reader: Reader, server: Server, answer: Callable[[], Behaviour], reason: str) -> None:
    url = registry(server, "/token")
    server.table["/token"] = answer()
    assert reason in refused(reader, url).reason


def test_password_stays_with_its_registry(reader: Reader, server: Server) -> None:
    with faulty({"/token": Tokens("t0ken", "reader", "s3cret")}) as elsewhere:
        url = registry(server, f"{elsewhere.url}/token")
        error = refused(reader, url, USER)
        assert "is another host" in error.reason and "docker login" in error.reason
        assert [request.headers.get("authorization") for request in elsewhere.requests] == [None]


def test_docker_login_goes_to_the_token_server_that_the_registry_names(
    reader: Reader, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = server.url.removeprefix("http://")
    login = {"auths": {host: {"username": "reader", "password": "s3cret"}}}
    (tmp_path / "config.json").write_text(json.dumps(login))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with faulty({"/token": Tokens("t0ken", "reader", "s3cret")}) as elsewhere:
        assert text(reader.update(registry(server, f"{elsewhere.url}/token"))) == INDEX


# All of it in a process that can neither have much memory nor write big files


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1500 * MB, 1500 * MB))
    resource.setrlimit(resource.RLIMIT_FSIZE, (8 * MB, 8 * MB))


def test_a_process_with_little_memory_and_disk(server: Server, tmp_path: Path) -> None:
    told = v3_files(b"{}", contentLength=100)
    server.table = {
        f"/bomb/{V3}": encoded(bomb(2, 1000), "gzip", "gzip"),
        f"/gzip/{V3}": encoded(bomb(1, 1000), "gzip"),
        f"/chunked/{V3}": chunked(),
        f"/good/{V2}": Content(INDEX),
        f"/index/{V2}": encoded(bomb(1, 1000), "gzip"),
        f"/endless/{V3}": Content(told[V3]),
        f"/endless/{blob_path(b'{}')}": endless(b"{"),
        "/v2/x/manifests/index.spack": Status(
            401, b"", {"WWW-Authenticate": f'Bearer realm="{server.url}/t"'}
        ),
        "/t": endless(b'{"token":"'),
    }
    names = ("bomb", "gzip", "chunked", "endless", "index", "good")
    locations = [*(f"{server.url}/{name}" for name in names), f"oci+{server.url}/x"]
    folders = ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")
    done = subprocess.run(
        [sys.executable, "-m", "cachetui", "list", *locations, "--count"],
        env={**os.environ, **{name: str(tmp_path / name) for name in folders}},
        preexec_fn=limited,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert int(done.stdout) > 100, done.stderr
    refusals = [line for line in done.stderr.splitlines() if "refused" in line or "only gzip" in line]
    assert len(refusals) == 6, done.stderr
    assert [str(file) for file in tmp_path.rglob("*.part*")] == []
