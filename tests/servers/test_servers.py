"""The servers of the tests do what their docstrings say."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import select
import socket
import threading
from collections.abc import Iterator
from http.client import IncompleteRead
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.builders.mirrors import index
from tests.servers.asking import READER, ask, basic, signed_in
from tests.servers.exchange import Exchange
from tests.servers.faults import (
    ACCESS_DENIED,
    Behaviour,
    Content,
    Cut,
    Gzipped,
    Html,
    InTurn,
    Missing,
    NeedsBasic,
    NeedsToken,
    Redirect,
    Reset,
    Slow,
    Stall,
    Status,
    Tokens,
    contents,
    faulty,
    image,
    too_many,
)
from tests.servers.moto_server import make_bucket, put_tree, s3_server
from tests.servers.nginx import nginx, requests
from tests.servers.oci import MANIFEST, TAG, digest_of
from tests.servers.registry import private_registry, push_index, registry

INDEX = index()
NAME = "build_cache/index.json"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with an index and a file whose name must be quoted in URLs."""
    folder = tmp_path / "a mirror"
    (folder / "build_cache").mkdir(parents=True)
    (folder / NAME).write_bytes(INDEX)
    (folder / "build_cache/g++ 1.json").write_bytes(b"{}")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a server keeps its own files."""
    return tmp_path / "server"


@pytest.fixture
def server(root: Path, folder: Path) -> Iterator[str]:
    """An nginx whose other origin does not exist."""
    with nginx(root, folder, elsewhere="http://elsewhere.invalid") as url:
        yield url


def test_nginx_serves_files_with_strong_etags(server: str) -> None:
    first = ask(f"{server}/plain/{NAME}", headers={"Accept-Encoding": "gzip"})
    assert (first.status, first.body) == (200, INDEX)
    assert first.headers["etag"].startswith('"')
    assert first.headers["content-type"] == "application/json"
    again = ask(f"{server}/plain/{NAME}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert ask(f"{server}/plain/build_cache/g++%201.json").body == b"{}"
    assert ask(f"{server}/plain/v3/layout.json").status == 404


def test_nginx_compresses_and_weakens_the_etag(server: str) -> None:
    answer = ask(f"{server}/gzip/{NAME}", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(answer.body) == INDEX
    assert answer.headers["etag"].startswith('W/"')
    known = {"Accept-Encoding": "gzip", "If-None-Match": answer.headers["etag"]}
    assert ask(f"{server}/gzip/{NAME}", headers=known).status == 304


def test_nginx_redirects_to_itself_and_to_another_origin(server: str) -> None:
    moved, elsewhere = ask(f"{server}/moved/{NAME}"), ask(f"{server}/elsewhere/{NAME}")
    assert (moved.status, moved.headers["location"]) == (302, f"{server}/plain/{NAME}")
    assert (elsewhere.status, elsewhere.headers["location"]) == (302, f"http://elsewhere.invalid/{NAME}")


def test_nginx_asks_for_the_password_of_the_reader(server: str) -> None:
    private = f"{server}/private/{NAME}"
    assert ask(private).status == 401
    assert ask(private, headers=signed_in(("reader", "wrong"))).status == 401
    assert ask(private, headers=signed_in(READER)).body == INDEX


def test_nginx_logs_each_request(server: str, folder: Path) -> None:
    ask(f"{server}/private/{NAME}?a=1", headers={**signed_in(READER), "Range": "bytes=3-"})
    ask(f"{server}/plain/{NAME}", "HEAD", headers={"If-None-Match": '"x"'})
    first, second = requests(folder)
    assert first == ("GET", f"/private/{NAME}?a=1", 206, basic(READER), "", "bytes=3-")
    assert second == ("HEAD", f"/plain/{NAME}", 200, "", '"x"', "")


def test_nginx_writes_to_one_folder_and_stops_with_its_context(root: Path, folder: Path) -> None:
    with nginx(root, folder, extra="location /more/ { return 418; }") as url:
        assert ask(f"{url}/more/").status == 418
        assert (folder / "pid").exists()
    with pytest.raises(ConnectionError):
        ask(url)
    assert [logged.status for logged in requests(folder)] == [418]


def test_nginx_reports_errors_of_its_configuration(root: Path, folder: Path) -> None:
    with pytest.raises(AssertionError, match="nonsense"), nginx(root, folder, extra="nonsense;"):
        pass


def test_the_registry_serves_the_pushed_index(folder: Path) -> None:
    with registry(folder) as url:
        digest = push_index(url, "spack/cache", INDEX)
        manifest = ask(f"{url}/v2/spack/cache/manifests/{TAG}", headers={"Accept": MANIFEST})
        assert digest_of(manifest.body) == digest == manifest.headers["docker-content-digest"]
        layer = json.loads(manifest.body)["layers"][0]
        assert layer["mediaType"] == "application/vnd.oci.image.layer.v1.tar+gzip"
        assert ask(f"{url}/v2/spack/cache/blobs/{layer['digest']}").body == INDEX
        assert ask(f"{url}/v2/spack/cache/manifests/other").status == 404


def test_the_private_registry_asks_for_the_password_of_the_reader(folder: Path) -> None:
    with private_registry(folder) as url:
        push_index(url, "cache", INDEX, READER)
        place = f"{url}/v2/cache/blobs/{digest_of(INDEX)}"
        assert ask(place, headers=signed_in(READER)).body == INDEX
        refused = ask(place)
        assert refused.status == 401
        assert refused.headers["www-authenticate"] == 'Basic realm="private"'
        assert ask(place, headers=signed_in(("reader", "wrong"))).status == 401


def test_s3_serves_and_lists_a_tree(root: Path) -> None:
    with s3_server() as endpoint:
        make_bucket(endpoint, "public", public=True)
        put_tree(endpoint, "public", "a/mirror", root)
        first = ask(f"{endpoint}/public/a/mirror/{NAME}")
        assert (first.status, first.body) == (200, INDEX)
        again = ask(f"{endpoint}/public/a/mirror/{NAME}", headers={"If-None-Match": first.headers["etag"]})
        assert again.status == 304
        listed = ask(f"{endpoint}/public?list-type=2&prefix=a/mirror/").body.decode()
        keys = re.findall("<Key>(.*?)</Key>", listed)
        assert keys == ["a/mirror/build_cache/g++ 1.json", f"a/mirror/{NAME}"]
        assert b"NoSuchKey" in ask(f"{endpoint}/public/a/mirror/v3/layout.json").body


def test_s3_refuses_anonymous_requests_for_a_private_bucket(root: Path) -> None:
    with s3_server() as endpoint:
        make_bucket(endpoint, "private")
        put_tree(endpoint, "private", "mirror", root)
        refused = ask(f"{endpoint}/private/mirror/{NAME}")
    assert refused.status == 403


def test_content_supports_conditional_requests() -> None:
    with faulty({"/i": Content(INDEX, 'W/"a"'), "/none": Content(INDEX)}) as server:
        assert ask(f"{server.url}/i?x=1").body == INDEX
        for known in ('"a"', 'W/"a"', '"b", W/"a"', "*"):
            assert ask(f"{server.url}/i", headers={"If-None-Match": known})[::2] == (304, b"")
        assert ask(f"{server.url}/i", headers={"If-None-Match": '"b"'}).status == 200
        assert ask(f"{server.url}/none", headers={"If-None-Match": '"a"'}).status == 200
        head = ask(f"{server.url}/i", "HEAD")
        assert (head.headers["content-length"], head.body) == (str(len(INDEX)), b"")
        assert server.requests[0][:2] == ("GET", "/i?x=1")
        assert server.requests[1].headers["if-none-match"] == '"a"'


def test_the_answer_to_head_has_no_body() -> None:
    with (
        faulty({"/i": Content(INDEX)}) as server,
        socket.create_connection(server.socket.getsockname(), timeout=20) as client,
        client.makefile("rb") as answer,
    ):
        client.sendall(b"HEAD /i HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        assert answer.read().endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("headers", "status", "body"),
    [
        ({"Range": "bytes=3-"}, 206, b"3456789"),
        ({"Range": "bytes=3-4"}, 206, b"34"),
        ({"Range": "bytes=-2"}, 206, b"89"),
        ({"Range": "bytes=3-", "If-Range": '"a"'}, 206, b"3456789"),
        ({"Range": "bytes=3-", "If-Range": '"b"'}, 200, b"0123456789"),
        ({"Range": "bytes=4-3"}, 200, b"0123456789"),
        ({"Range": "lines=3-"}, 200, b"0123456789"),
        ({"Range": "bytes=10-"}, 416, b""),
    ],
)
def test_content_supports_ranges(headers: dict[str, str], status: int, body: bytes) -> None:
    with faulty({"/i": Content(b"0123456789", '"a"')}) as server:
        assert ask(f"{server.url}/i", headers=headers)[::2] == (status, body)


def test_content_without_ranges_sends_the_whole_body() -> None:
    with faulty({"/i": Content(INDEX, ranges=False), "/w": Content(INDEX, 'W/"a"')}) as server:
        assert ask(f"{server.url}/i", headers={"Range": "bytes=3-"}).status == 200
        assert ask(f"{server.url}/w", headers={"Range": "bytes=3-", "If-Range": 'W/"a"'}).status == 200


def test_each_fault_answers_with_its_status() -> None:
    behaviours: dict[str, Behaviour] = {
        "/gone": Missing(),
        "/denied": ACCESS_DENIED,
        "/much": too_many(7),
        "/broken": Status(500, b"oops"),
        "/login": Html(),
        "/moved": Redirect("/login", 307),
    }
    with faulty(behaviours) as server:
        answers = {path: ask(server.url + path) for path in [*behaviours, "/unknown"]}
    assert [answer.status for answer in answers.values()] == [404, 403, 429, 500, 200, 307, 404]
    assert b"<Code>AccessDenied</Code>" in answers["/denied"].body
    assert answers["/much"].headers["retry-after"] == "7"
    assert answers["/login"].headers["content-type"].startswith("text/html")
    assert answers["/moved"].headers["location"] == "/login"


def test_a_truncated_body_can_be_resumed() -> None:
    with faulty({"/i": Cut(b"0123456789", 4, '"a"')}) as server:
        assert ask(f"{server.url}/i", "HEAD").headers["content-length"] == "10"
        with pytest.raises(IncompleteRead) as cut:
            ask(f"{server.url}/i")
        assert cut.value.partial == b"0123"
        rest = ask(f"{server.url}/i", headers={"Range": "bytes=4-", "If-Range": '"a"'})
        assert (rest.status, rest.body) == (206, b"456789")


def test_a_reset_connection_can_be_resumed() -> None:
    with faulty({"/i": Reset(b"0123456789", 4, '"a"')}) as server:
        with pytest.raises(ConnectionResetError):
            ask(f"{server.url}/i")
        assert ask(f"{server.url}/i", headers={"Range": "bytes=4-"}).body == b"456789"


def test_a_slow_body_pauses_before_each_piece() -> None:
    pauses: list[float | None] = []

    class Watched(Exchange):
        """Does not really wait."""

        def pause(self, seconds: float | None = None) -> None:
            pauses.append(seconds)

    def slow(exchange: Exchange) -> None:
        exchange.__class__ = Watched
        Slow(b"0123456789", 4, 5.0)(exchange)

    with faulty({"/i": slow}) as server:
        assert ask(f"{server.url}/i").body == b"0123456789"
    assert pauses == [5.0] * 4


def test_a_stalled_answer_ends_with_the_server() -> None:
    with faulty({"/i": Stall(b"01")}) as server:
        client = socket.create_connection(server.socket.getsockname(), timeout=20)
        client.sendall(b"GET /i HTTP/1.1\r\nHost: here\r\n\r\n")
        answer = b""
        while not answer.endswith(b"\r\n\r\n01"):
            answer += client.recv(1000)
        assert b"Content-Length: 1000\r\n" in answer
        assert select.select([client], [], [], 0.05) == ([], [], [])
    with client:
        assert client.recv(1000) == b""


def test_a_request_can_be_waited_for() -> None:
    with faulty({"/i": Content(INDEX)}) as server:
        thread = threading.Thread(target=ask, args=(f"{server.url}/i", "HEAD"))
        thread.start()
        assert server.wait_for("/i").method == "HEAD"
        thread.join(20)


def test_behaviours_in_turn_are_counted_for_each_path() -> None:
    flaky = InTurn(Status(500), Status(503), Content(INDEX))
    with faulty({"/a": flaky, "/b": flaky}) as server:
        assert [ask(f"{server.url}/a").status for _ in range(4)] == [500, 503, 200, 200]
        assert ask(f"{server.url}/b").status == 500


def test_a_body_is_compressed_only_if_gzip_is_accepted() -> None:
    with faulty({"/i": Gzipped(INDEX, 'W/"a"')}) as server:
        packed = ask(f"{server.url}/i", headers={"Accept-Encoding": "br, gzip;q=0.5", "Range": "bytes=3-"})
        assert (packed.status, packed.headers["content-encoding"]) == (200, "gzip")
        assert gzip.decompress(packed.body) == INDEX
        for accepted in ("identity", "gzip;q=0"):
            assert ask(f"{server.url}/i", headers={"Accept-Encoding": accepted}).body == INDEX


def test_basic_authentication_is_required() -> None:
    with faulty({"/i": NeedsBasic(Content(INDEX), *READER)}) as server:
        refused = ask(f"{server.url}/i", headers=signed_in(("reader", "wrong")))
        assert (refused.status, refused.headers["www-authenticate"]) == (401, 'Basic realm="private"')
        assert ask(f"{server.url}/i", headers=signed_in(READER)).body == INDEX


def test_a_bearer_token_is_required_and_issued() -> None:
    table = {path: NeedsToken(inner, "good") for path, inner in image("cache", INDEX).items()}
    with faulty({**table, "/token": Tokens("good")}) as server:
        manifest = f"{server.url}/v2/cache/manifests/{TAG}"
        challenge = ask(manifest).headers["www-authenticate"]
        asked = dict(re.findall('(\\w+)="(.*?)"', challenge))
        assert asked == {
            "realm": f"{server.url}/token",
            "service": "registry",
            "scope": "repository:cache:pull",
        }
        token = json.loads(ask(asked["realm"] + "?service=registry").body)["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        digest = json.loads(ask(manifest, headers=bearer).body)["layers"][0]["digest"]
        assert ask(f"{server.url}/v2/cache/blobs/{digest}", headers=bearer).body == INDEX
        assert ask(manifest, headers={"Authorization": "Bearer bad"}).status == 401


def test_tokens_are_issued_to_users_only() -> None:
    table = {
        "/closed": Tokens("good", *READER),
        "/half": Tokens("good", *READER, anonymous="weak", key="access_token"),
    }
    with faulty(table) as server:
        assert ask(f"{server.url}/closed").status == 401
        assert json.loads(ask(f"{server.url}/closed", headers=signed_in(READER)).body)["token"] == "good"
        assert json.loads(ask(f"{server.url}/half").body)["access_token"] == "weak"
        assert ask(f"{server.url}/half", headers=signed_in(("reader", "wrong"))).status == 401


def test_servers_have_their_own_origin_and_tables_that_can_change(root: Path) -> None:
    with faulty(contents(root, "/m")) as there, faulty({}, otherwise=Html()) as here:
        here.table["/m"] = Redirect(f"{there.url}/m/{NAME}")
        place = ask(f"{here.url}/m").headers["location"]
        assert urlsplit(place).netloc != urlsplit(here.url).netloc
        answer = ask(place)
        assert (answer.body, answer.headers["etag"]) == (INDEX, f'"{hashlib.sha256(INDEX).hexdigest()[:16]}"')
        assert ask(f"{there.url}/m/build_cache/g%2B%2B%201.json").status == 200
        assert ask(f"{here.url}/other").headers["content-type"].startswith("text/html")


def test_an_error_in_a_behaviour_fails_the_test() -> None:
    def broken(exchange: Exchange) -> None:
        raise LookupError("a mistake in a test")

    with (
        pytest.raises(LookupError, match="a mistake"),
        faulty({"/i": broken}) as server,
        pytest.raises(ConnectionError),
    ):
        ask(f"{server.url}/i")
