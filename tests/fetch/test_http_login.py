"""Mirrors over HTTP behind logins, redirects and proxies: which hosts get a password."""

from __future__ import annotations

import gc
import socketserver
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from cachetui.errors import TransferError
from cachetui.fetch import Access, Network
from cachetui.secret import Secret
from tests.builders.mirrors import INDEX, V2, V3, blob_path, served, v2_files, v3_files
from tests.fetch.reader import Raw, Reader, text
from tests.servers.asking import READER, basic
from tests.servers.faults import (
    Behaviour,
    NeedsBasic,
    Redirect,
    Server,
    Status,
    faulty,
)

USER = Access(READER[0], Secret(READER[1]))


@pytest.fixture
def private() -> Iterator[Server]:
    """A mirror for one user."""
    table: dict[str, Behaviour] = {
        path: NeedsBasic(behaviour, *READER) for path, behaviour in served(v3_files(INDEX)).items()
    }
    with faulty(table, Status(401)) as server:
        yield server


def with_user(server: Server, user: str = "reader:s3cret") -> str:
    return f"{server.url}/m".replace("//", f"//{user}@")


def logins(server: Server) -> list[str]:
    """Return the Authorization header of each request."""
    return [request.headers.get("authorization", "") for request in server.requests]


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A netrc file with the password for this host."""
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login {} password {}\n".format(*READER))
    monkeypatch.setenv("NETRC", str(file))
    return file


# Basic authentication


def test_user_of_the_url(reader: Reader, private: Server) -> None:
    state = reader.update(with_user(private))
    assert (text(state), state.url) == (INDEX, f"{private.url}/m")
    assert b"s3cret" not in b"".join(file.read_bytes() for file in reader.store.folder.iterdir())


def test_configured_user(reader: Reader, private: Server) -> None:
    assert text(reader.update(f"{private.url}/m", USER)) == INDEX


def test_user_of_netrc(reader: Reader, private: Server, netrc: Path) -> None:
    assert text(reader.update(f"{private.url}/m")) == INDEX


def test_netrc_in_the_home(
    reader: Reader, private: Server, netrc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NETRC")
    monkeypatch.setenv("HOME", str(tmp_path))
    netrc.rename(tmp_path / ".netrc")
    assert text(reader.update(f"{private.url}/m")) == INDEX


def test_url_overrides_netrc(reader: Reader, private: Server, netrc: Path) -> None:
    netrc.write_text("machine 127.0.0.1 login reader password wrong\n")
    assert text(reader.update(with_user(private))) == INDEX


@pytest.mark.parametrize("content", [b"machine", b"\xff", b"\0", b"machine 127.0.0.1\n"])
def test_malformed_netrc(reader: Reader, server: Server, netrc: Path, content: bytes) -> None:
    netrc.write_bytes(content)
    assert text(reader.update(f"{server.url}/m")) == INDEX


@pytest.mark.parametrize("user", ["", "reader:wr0ng@", "reader@", "r%C3%A4der:%00wr0ng%FF@", "r\udcff:x@"])
def test_wrong_user(reader: Reader, private: Server, user: str) -> None:
    error = reader.refusal(f"{private.url}/m".replace("//", f"//{user}"))
    assert isinstance(error, TransferError)
    assert "401 Unauthorized; give credentials" in error.reason
    assert "wr0ng" not in str(error)
    assert len(private.requests) == 1


@pytest.mark.parametrize("password", ["p@ss:w/rd?#%", "\u00e4\u4e2d", "a b"])
def test_password_with_special_characters(reader: Reader, private: Server, password: str) -> None:
    for path, behaviour in served(v3_files(INDEX)).items():
        private.table[path] = NeedsBasic(behaviour, "me", password)
    assert text(reader.update(f"{private.url}/m", Access("me", Secret(password)))) == INDEX
    assert text(reader.update(with_user(private, f"me:{quote(password, safe='')}"))) == INDEX


# Redirects


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirect_to_another_server(reader: Reader, server: Server, private: Server, code: int) -> None:
    private.table = {f"/m/{path}": Redirect(f"{server.url}/m/{path}", code) for path in v3_files(INDEX)}
    assert text(reader.update(with_user(private))) == INDEX
    assert set(logins(private)) == {basic(READER)}
    assert set(logins(server)) == {""}


def test_redirect_to_another_server_with_netrc(
    reader: Reader, server: Server, private: Server, netrc: Path
) -> None:
    private.table = {f"/m/{path}": Redirect(f"{server.url}/m/{path}") for path in v3_files(INDEX)}
    assert text(reader.update(f"{private.url}/m")) == INDEX
    assert set(logins(server)) == {""}


def test_redirect_within_the_server(reader: Reader, private: Server) -> None:
    private.table.update({f"/moved/{path}": Redirect(f"/m/{path}") for path in v3_files(INDEX)})
    assert text(reader.update(with_user(private).replace("/m", "/moved"))) == INDEX


def test_redirect_loop(reader: Reader, server: Server) -> None:
    server.table[f"/m/{V3}"] = Redirect(f"/m/{V3}")
    assert reader.refusal(f"{server.url}/m").reason == "too many redirects"
    assert len(server.requests) < 20


@pytest.mark.parametrize(
    "location", ["ftp://127.0.0.1/x", "http://[", "http://127.0.0.1:99999/", "file:///etc/passwd", "//", ""]
)
def test_invalid_redirect(reader: Reader, server: Server, location: str) -> None:
    server.table[f"/m/{V3}"] = Raw(
        f"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n".encode()
    )
    reader.network = Network(tries=1)
    assert isinstance(reader.refusal(f"{server.url}/m"), TransferError)


# Proxies


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_proxy(reader: Reader, server: Server, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, server.url)
    assert text(reader.update("http://mirror.invalid/m")) == INDEX
    assert [request.path for request in server.requests] == [
        f"http://mirror.invalid/m/{path}" for path in (V3, blob_path(INDEX))
    ]


def test_proxy_with_a_password(reader: Reader, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.url.replace("//", "//me:pr0xy@"))
    assert text(reader.update("http://reader:s3cret@mirror.invalid/m")) == INDEX
    headers = server.requests[0].headers
    sent = (headers["proxy-authorization"], headers["authorization"])
    assert sent == (basic(("me", "pr0xy")), basic(READER))


def test_no_proxy(reader: Reader, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://nobody.invalid:1")
    monkeypatch.setenv("no_proxy", "localhost,127.0.0.1")
    assert text(reader.update(f"{server.url}/m")) == INDEX


@pytest.mark.parametrize(
    "proxy",
    [
        "ftp://me:pr0xy@127.0.0.1:1",
        "http://me:pr0xy/x@127.0.0.1:1",
        "http://me:pr0xy#x@127.0.0.1:1",
        "http://[pr0xy",
        "socks9://me:pr0xy@127.0.0.1:1",
        "http://127.0.0.1:99999",
        "\x1b[31m",
    ],
)
def test_invalid_proxy(reader: Reader, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    reader.network = Network(tries=1, connect_timeout=1)
    error = reader.refusal("http://mirror.invalid/m")
    assert isinstance(error, TransferError)
    assert "pr0xy" not in str(error)


class Nonsense(socketserver.BaseRequestHandler):
    """Answers every request with a line that is no protocol."""

    def handle(self) -> None:
        self.request.recv(1000)
        self.request.sendall(b"\x1b[31mwhat?\r\n\r\n")


@pytest.fixture
def nonsense() -> Iterator[str]:
    with socketserver.TCPServer(("127.0.0.1", 0), Nonsense) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def sockets_left_open() -> Iterator[None]:
    """Collect the sockets that httpcore leaves open when a SOCKS proxy fails."""
    yield
    for thread in threading.enumerate():
        if thread.name == "transfer":
            thread.join()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.usefixtures("sockets_left_open")
@pytest.mark.parametrize("kind", ["socks5", "socks5h", "http"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxy_that_talks_nonsense(
    reader: Reader, nonsense: str, monkeypatch: pytest.MonkeyPatch, kind: str, scheme: str
) -> None:
    monkeypatch.setenv("all_proxy", f"{kind}://{nonsense}")
    reader.network = Network(tries=1)
    assert isinstance(reader.refusal(f"{scheme}://mirror.invalid/m"), TransferError)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.usefixtures("sockets_left_open")
def test_error_names_the_socks_proxy(reader: Reader, nonsense: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", f"socks5://{nonsense}")
    error = reader.refusal("http://mirror.invalid/m")
    assert error.reason == "the SOCKS proxy failed (Malformed reply)"


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.usefixtures("sockets_left_open")
def test_silent_proxy(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    reader.network = Network(connect_timeout=0.02, read_timeout=0.02)
    with faulty({}) as server:
        monkeypatch.setenv("all_proxy", server.url.replace("http", "socks5", 1))
        error = reader.refusal("http://mirror.invalid/m")
    assert isinstance(error, TransferError) and error.unreachable
    assert error.reason == "timed out: no data received"


def test_proxy_that_refuses(reader: Reader, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.table, server.otherwise = {}, Status(407)
    monkeypatch.setenv("http_proxy", server.url)
    assert "407" in reader.refusal("http://mirror.invalid/m").reason


# Certificates


@pytest.mark.parametrize("content", [b"", b"no certificate", b"\0\xff"])
def test_invalid_certificate_bundle(reader: Reader, server: Server, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bundle").write_bytes(content)
    reader.network = Network(ca_bundle=str(tmp_path / "bundle"))
    assert "cannot load the certificates" in reader.refusal(f"{server.url}/m").reason


@pytest.mark.parametrize("bundle", ["", "nowhere", "."])
@pytest.mark.parametrize("verify", [True, False])
def test_missing_certificate_bundle(reader: Reader, server: Server, bundle: str, verify: bool) -> None:
    reader.network = Network(ca_bundle=bundle, verify=verify)
    assert text(reader.update(f"{server.url}/m")) == INDEX


def test_server_without_certificates(reader: Reader, server: Server) -> None:
    error = reader.refusal(f"{server.url}/m".replace("http", "https", 1))
    assert isinstance(error, TransferError) and "cannot connect" in error.reason


def test_wrong_scheme(reader: Reader, server: Server) -> None:
    server.table = served(v2_files(INDEX))
    server.table[f"/m/{V2}"] = Redirect(f"{server.url}/m/{V2}".replace("http", "https", 1))
    assert "cannot connect" in reader.refusal(f"{server.url}/m").reason


def test_user_agent(reader: Reader, server: Server) -> None:
    reader.update(f"{server.url}/m")
    for request in server.requests:
        assert request.headers["user-agent"].startswith("cachetui/")
        assert request.method == "GET"
