"""Mirrors over HTTP: layouts, updates, compression, and content that is not an index."""

from __future__ import annotations

from typing import Any

import pytest

from cachetui.errors import MissingError
from cachetui.fetch import IndexState, address_of
from cachetui.spec import Place
from tests.builders.mirrors import (
    INDEX,
    OTHER,
    V2,
    V3,
    VIEW,
    blob_path,
    digest,
    etag_of,
    packed,
    served,
    v2_files,
    v3_files,
)
from tests.fetch.reader import Raw, Reader, text
from tests.servers.faults import (
    ACCESS_DENIED,
    Behaviour,
    Content,
    Gzipped,
    Html,
    Missing,
    Server,
    Slow,
    Status,
)

HASH = f"/m/{V2}.hash"


@pytest.fixture
def server(server: Server) -> Server:
    """A server with an empty table."""
    server.table = {}
    return server


def paths(server: Server) -> list[str]:
    """Return the paths below the mirror that were requested since the last call."""
    asked = [request.path.removeprefix("/m/") for request in server.requests]
    server.requests.clear()
    return asked


def fill(server: Server, *tables: dict[str, Behaviour]) -> str:
    """Replace the table of the server; return the URL of the mirror."""
    server.table = {path: behaviour for table in tables for path, behaviour in table.items()}
    return f"{server.url}/m"


def download_v2(reader: Reader, server: Server, index: bytes = INDEX, etag: str = '"one"') -> IndexState:
    """Return the state of a mirror of layout v2 after its first download."""
    state = reader.update(fill(server, {f"/m/{V2}": Content(index, etag)}))
    assert text(state) == index
    paths(server)
    return state


# Layouts


def test_layout_v3(reader: Reader, server: Server) -> None:
    state = reader.update(fill(server, served({**v3_files(INDEX), **v2_files(OTHER)})))
    assert (state.layout, state.sha256, state.size) == ("v3", digest(INDEX), len(INDEX))
    assert (text(state), state.etag) == (INDEX, etag_of(v3_files(INDEX)[V3]))
    assert paths(server) == [V3, blob_path(INDEX)]


@pytest.mark.parametrize("missing", [Missing(), ACCESS_DENIED, Status(410)])
def test_layout_v2_if_there_is_no_v3(reader: Reader, server: Server, missing: Behaviour) -> None:
    state = reader.update(fill(server, served(v2_files(INDEX)), {f"/m/{V3}": missing}))
    assert (state.layout, state.sha256, text(state), state.note) == ("v2", digest(INDEX), INDEX, "")
    assert paths(server) == [V3, V2, f"{V2}.hash"]


@pytest.mark.parametrize("missing", [Missing(), ACCESS_DENIED])
def test_no_index(reader: Reader, server: Server, missing: Behaviour) -> None:
    server.otherwise = missing
    error = reader.refusal(f"{server.url}/m")
    assert isinstance(error, MissingError)
    assert error.place == f"{server.url}/m"
    for path in (V3, V2):
        assert f"{server.url}/m/{path}: 40" in error.reason


def test_only_layout_v3_has_views(reader: Reader, server: Server) -> None:
    files = {**v3_files(INDEX, VIEW), **v3_files(OTHER), **v2_files(OTHER)}
    url = fill(server, served(files))
    assert text(reader.update(url, place=Place(view="mine"))) == INDEX
    assert text(reader.update(f"{url}/{VIEW}")) == INDEX
    assert text(reader.update(url)) == OTHER
    paths(server)
    assert isinstance(reader.refusal(url, place=Place(view="yours")), MissingError)
    assert paths(server) == [V3.replace("index.m", "yours/index.m")]


@pytest.mark.parametrize(
    ("view", "asked"), [("a b", "a%20b"), ("a?b#c", "a%3Fb%23c"), ("50%", "50%25"), ("\u00e4", "%C3%A4")]
)
def test_view_with_special_characters(reader: Reader, server: Server, view: str, asked: str) -> None:
    at = f"v3/manifests/index/{asked}/index.manifest.json"
    url = fill(server, served(v3_files(INDEX, at)))
    assert text(reader.update(url, place=Place(view=view))) == INDEX
    assert text(reader.update(f"{url}/{at}")) == INDEX


@pytest.mark.parametrize("view", ["..", "a/b", "%2e%2e/x"])
def test_invalid_view_name(reader: Reader, server: Server, view: str) -> None:
    assert "is not a valid view name" in reader.refusal(f"{server.url}/m", place=Place(view=view)).reason
    assert paths(server) == []


def test_index_by_its_own_url(reader: Reader, server: Server) -> None:
    url = fill(server, served({"some.json": INDEX, "some.json.gz": packed(INDEX), blob_path(INDEX): INDEX}))
    for name in ("some.json", "some.json.gz", blob_path(INDEX)):
        state = reader.update(f"{url}/{name}?token=a")
        assert (state.layout, text(state)) == ("file", INDEX)
        assert paths(server) == [f"{name}?token=a"]
    fill(server, {f"/m/{blob_path(INDEX)}": Content(OTHER)})
    assert "checksum" in reader.refusal(f"{url}/{blob_path(INDEX)}").reason


def test_query_is_sent_but_not_shown(reader: Reader, server: Server) -> None:
    url = fill(server, served(v2_files(INDEX)))
    assert text(reader.update(f"{url}/?signature=abc")) == INDEX
    assert paths(server) == [f"{path}?signature=abc" for path in (V3, V2, f"{V2}.hash")]
    fill(server, {})
    assert "abc" not in str(reader.refusal(f"{url}?signature=abc"))


# Updates


@pytest.mark.parametrize("etag", ['"one"', 'W/"one"', "one"])
def test_unchanged_index_is_not_sent_again(reader: Reader, server: Server, etag: str) -> None:
    before = download_v2(reader, server, etag=etag)
    state = reader.update(f"{server.url}/m")
    assert (paths(server), reader.progress) == ([V3, V2], [])
    assert state.checked > before.checked
    assert (state.fetched, state.etag, text(state)) == (before.fetched, etag, INDEX)


@pytest.mark.parametrize("etag", ["", "\u00e9", '"\u00e9"'])
def test_etag_that_cannot_be_sent_back(reader: Reader, server: Server, etag: str) -> None:
    assert download_v2(reader, server, etag=etag).etag == ""
    assert text(reader.update(f"{server.url}/m")) == INDEX


def test_new_index(reader: Reader, server: Server) -> None:
    before = download_v2(reader, server)
    after = download_v2(reader, server, OTHER, '"two"')
    assert after.fetched > before.fetched
    assert [name for name in reader.left() if name.endswith(".json")] == [after.file.rpartition("/")[2]]


def test_unchanged_manifest(reader: Reader, server: Server) -> None:
    url = fill(server, served(v3_files(INDEX)))
    before = reader.update(url)
    paths(server)
    state = reader.update(url)
    assert (paths(server), state.fetched, state.etag) == ([V3], before.fetched, before.etag)


def test_other_manifest_of_the_same_index(reader: Reader, server: Server) -> None:
    before = reader.update(fill(server, served(v3_files(INDEX))))
    state = reader.update(fill(server, served(v3_files(INDEX, more=1))))
    assert paths(server)[2:] == [V3]
    assert state.fetched == before.fetched and state.etag != before.etag


def test_mirror_that_switches_to_v3(reader: Reader, server: Server) -> None:
    download_v2(reader, server)
    state = reader.update(fill(server, served({**v3_files(OTHER), **v2_files(INDEX)})))
    assert (state.layout, text(state)) == ("v3", OTHER)
    state = reader.update(fill(server, served(v2_files(INDEX))))
    assert (state.layout, text(state)) == ("v2", INDEX)


@pytest.mark.parametrize("content", [digest(INDEX).encode(), b"\n" + digest(INDEX).encode() + b" \r\n"])
def test_hash_file_replaces_a_missing_etag(reader: Reader, server: Server, content: bytes) -> None:
    before = reader.update(fill(server, {f"/m/{V2}": Content(INDEX), HASH: Content(content)}))
    assert before.note == ""
    paths(server)
    state = reader.update(f"{server.url}/m")
    assert paths(server) == [V3, f"{V2}.hash"]
    assert (state.checked > before.checked, state.fetched) == (True, before.fetched)


def test_hash_file_out_of_date(reader: Reader, server: Server) -> None:
    url = fill(server, {f"/m/{V2}": Content(INDEX), HASH: Content(digest(OTHER).encode())})
    for _ in range(2):
        state = reader.update(url)
        assert text(state) == INDEX
        assert "index.json.hash does not match the index" in state.note


@pytest.mark.parametrize(
    "behaviour", [Missing(), Html(), Content(b""), Content(b"x" * 5000), Content(b"\xff" * 64), Status(500)]
)
def test_malformed_hash_file(reader: Reader, server: Server, behaviour: Behaviour) -> None:
    url = fill(server, {f"/m/{V2}": Content(INDEX), HASH: behaviour})
    for _ in range(2):
        state = reader.update(url)
        assert (text(state), state.note) == (INDEX, "")
    assert paths(server).count(V2) == 2


def test_lost_or_truncated_file_is_downloaded_again(reader: Reader, server: Server) -> None:
    state = download_v2(reader, server)
    with open(state.file, "wb") as file:
        file.write(INDEX[:100])
    assert text(reader.update(f"{server.url}/m")) == INDEX


# Compression


def test_compressed_transfer(reader: Reader, server: Server) -> None:
    url = fill(server, {f"/m/{V2}": Gzipped(INDEX, 'W/"one"')})
    state = reader.update(url)
    assert (text(state), state.sha256, state.etag) == (INDEX, digest(INDEX), 'W/"one"')
    assert reader.progress[-1] == (len(packed(INDEX)), len(packed(INDEX)))
    assert reader.update(url).fetched == state.fetched


def test_compressed_transfer_of_a_blob(reader: Reader, server: Server) -> None:
    url = fill(server, served(v3_files(INDEX)), {f"/m/{blob_path(INDEX)}": Gzipped(INDEX)})
    assert text(reader.update(url)) == INDEX


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}, {"Content-Encoding": "x-gzip"}])
def test_compressed_blob(reader: Reader, server: Server, headers: dict[str, str]) -> None:
    stored = packed(INDEX)
    files = v3_files(stored, compression="gzip")
    url = fill(server, served(files), {f"/m/{blob_path(stored)}": Content(stored, headers=headers)})
    state = reader.update(url)
    assert (text(state), state.sha256, state.size) == (INDEX, digest(stored), len(INDEX))
    paths(server)
    reader.update(url)
    assert paths(server) == [V3]


def test_compressed_index_of_layout_v2(reader: Reader, server: Server) -> None:
    assert text(reader.update(fill(server, served({V2: packed(INDEX)})))) == INDEX


BOMB = packed(b"{" + b" " * (200 << 20))


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_gzip_bomb(reader: Reader, server: Server, headers: dict[str, str]) -> None:
    url = fill(server, {f"/m/{V2}": Content(BOMB, headers=headers)})
    assert "times its size" in reader.refusal(url).reason


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (Content(packed(INDEX)[:-20]), "truncated gzip data"),
        (Content(packed(INDEX)[:99] + b"\xff" * 999), "damaged gzip data"),
        (Content(INDEX, headers={"Content-Encoding": "gzip"}), "rror -3"),
    ],
)
def test_damaged_compressed_index(reader: Reader, server: Server, behaviour: Behaviour, reason: str) -> None:
    assert reason in reader.refusal(fill(server, {f"/m/{V2}": behaviour})).reason


# Content that is not an index


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (Html(), "a web page"),
        (Html(b"\n\n  <html>"), "a web page"),
        (Content(b""), "the index is empty"),
        (Content(b" \n"), "the index is empty"),
        (Content(b"{}"), "no `database`"),
        (Content(b"null"), "not an index: it begins with 'null'"),
        (Content(b"\x1b[31mred"), "not an index: it begins with"),
        (Content(b"(\xb5/\xfd"), "not an index: it begins with"),
        (Content(INDEX[:-9]), "truncated or damaged JSON"),
        (Raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + INDEX[:9999]), "truncated or damaged JSON"),
        (Raw(b"what?\r\n\r\n"), "the connection was lost"),
        (Raw(b"HTTP/1.1 200 OK\r\nETag: \0\r\n\r\n{}"), "the connection was lost"),
        (Raw(b"HTTP/1.1 418 \x1b[31m\r\nContent-Length: 0\r\n\r\n"), "418"),
        (Status(451), "451 Unavailable For Legal Reasons"),
    ],
)
def test_other_content_is_not_stored(
    reader: Reader, server: Server, behaviour: Behaviour, reason: str
) -> None:
    before = download_v2(reader, server)
    error = reader.refusal(fill(server, {f"/m/{V2}": behaviour}))
    assert reason in error.reason
    state = reader.store.read(address_of(f"{server.url}/m"))
    assert (text(state), state.sha256, state.checked) == (INDEX, before.sha256, before.checked)


def test_malformed_manifest(reader: Reader, server: Server) -> None:
    url = fill(server, served(v2_files(INDEX)), {f"/m/{V3}": Html()})
    assert "a web page" in reader.refusal(url).reason
    fill(server, served(v2_files(INDEX)), {f"/m/{V3}": Content(b"{" + b" " * (1 << 20))})
    assert "longer than" in reader.refusal(url).reason


def test_manifest_of_a_missing_blob(reader: Reader, server: Server) -> None:
    files = {**v3_files(INDEX), **v2_files(OTHER)}
    del files[blob_path(INDEX)]
    error = reader.refusal(fill(server, served(files)))
    assert not isinstance(error, MissingError)
    assert "listed in the manifest but missing (404 Not Found)" in error.reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"checksum": digest(OTHER)}, "wrong checksum"),
        ({"contentLength": 7}, "longer than 7 bytes"),
    ],
)
def test_blob_that_does_not_match_the_manifest(
    reader: Reader, server: Server, changes: dict[str, Any], reason: str
) -> None:
    files = v3_files(INDEX, **changes)
    path = f"blobs/sha256/{digest(OTHER)[:2]}/{digest(OTHER)}"
    assert reason in reader.refusal(fill(server, served({**files, path: INDEX}))).reason
    assert reader.left() == [name for name in reader.left() if name.endswith(".state")]


def test_progress(reader: Reader, server: Server) -> None:
    reader.update(fill(server, {f"/m/{V2}": Slow(INDEX, pieces=8, pause=0.01)}))
    assert reader.progress == sorted(reader.progress) and len(reader.progress) > 3
    assert reader.progress[-1] == (len(INDEX), len(INDEX))
