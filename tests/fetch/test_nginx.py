"""Mirrors served by a real nginx."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cachetui.fetch import Access, Network
from cachetui.secret import Secret
from tests.builders.mirrors import INDEX, OTHER, V2, V3, blob_path, v2_files, v3_files, write_files
from tests.fetch.reader import Reader, text
from tests.servers.asking import READER
from tests.servers.nginx import Logged, nginx, requests


class Mirrors(NamedTuple):
    """A mirror of each layout, at `v2` and `v3`, and the log of the server."""

    url: str
    root: Path
    folder: Path

    def log(self) -> list[Logged]:
        return requests(self.folder)


@pytest.fixture
def mirrors(tmp_path: Path) -> Iterator[Mirrors]:
    root, folder = tmp_path / "root", tmp_path / "nginx"
    write_files(root / "v2", v2_files(INDEX))
    write_files(root / "v3", v3_files(INDEX))
    with nginx(root, folder) as url:
        yield Mirrors(url, root, folder)


@pytest.mark.parametrize("location", ["plain", "gzip", "moved"])
@pytest.mark.parametrize(("layout", "first"), [("v2", V2), ("v3", V3)])
def test_index_and_confirmation(
    reader: Reader, mirrors: Mirrors, location: str, layout: str, first: str
) -> None:
    url = f"{mirrors.url}/{location}/{layout}"
    state = reader.update(url)
    assert (state.layout, text(state)) == (layout, INDEX)
    assert state.etag.startswith('W/"' if location == "gzip" else '"')
    again = reader.update(url)
    assert (again.fetched, again.checked > state.checked) == (state.fetched, True)
    last = mirrors.log()[-1]
    assert (last.status, last.if_none_match) == (304, state.etag)
    assert last.uri.endswith(first)


def test_new_index_replaces_the_old_one(reader: Reader, mirrors: Mirrors) -> None:
    url = f"{mirrors.url}/gzip/v2"
    reader.update(url)
    write_files(mirrors.root / "v2", v2_files(OTHER))
    assert text(reader.update(url)) == OTHER


def test_login(reader: Reader, mirrors: Mirrors) -> None:
    url = f"{mirrors.url}/private/v3"
    assert text(reader.update(url, Access(READER[0], Secret(READER[1])))) == INDEX
    assert text(reader.update(url.replace("//", "//reader:s3cret@"))) == INDEX


@pytest.mark.parametrize(
    "access", [Access(), Access("reader", Secret("wrong")), Access("nobody", Secret("s3cret"))]
)
def test_no_login(reader: Reader, mirrors: Mirrors, access: Access) -> None:
    error = reader.refusal(f"{mirrors.url}/private/v3", access)
    assert "401 Unauthorized" in error.reason
    assert len(mirrors.log()) == 1


@pytest.mark.parametrize("location", ["plain", "gzip"])
@pytest.mark.parametrize(("layout", "path"), [("v2", V2), ("v3", blob_path(INDEX))])
def test_download_is_resumed(reader: Reader, mirrors: Mirrors, location: str, layout: str, path: str) -> None:
    url = f"{mirrors.url}/{location}/{layout}"
    stop_in_the_middle(reader, url)
    part = reader.part()
    assert part and INDEX.startswith(part)
    assert text(reader.update(url)) == INDEX
    (asked,) = [request for request in mirrors.log() if request.range]
    # A compressed answer has a weak ETag, so that layout v2 starts over.
    assert (asked.uri, asked.range) == (f"/{location}/{layout}/{path}", f"bytes={len(part)}-")
    assert asked.status == 206


class Enough(Exception):
    """Raised by a tick after some bytes."""


def stop_in_the_middle(reader: Reader, url: str) -> None:
    def stop() -> None:
        if reader.progress:
            raise Enough

    reader.network = Network()
    with pytest.raises(Enough):
        reader.update(url, tick=stop)


def test_missing_mirror(reader: Reader, mirrors: Mirrors) -> None:
    reason = reader.refusal(f"{mirrors.url}/plain/nowhere").reason
    assert reason.count("404 Not Found") == 2
