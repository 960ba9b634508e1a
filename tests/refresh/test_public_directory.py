"""The directory of public build caches: downloaded, cached, or invalid."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.config import PublicPlaces
from cachetui.refresh import Policy, list_public
from tests.builders.homes import World
from tests.builders.mirrors import index, v2
from tests.conftest import Call
from tests.refresh.world import PUBLIC, asked, forbidden, gone, places
from tests.servers.faults import Content, Html, faulty

BLOB = "blobs/sha256/ab/" + "ab" * 32

LISTED = {
    "develop": [
        {"label": "root", "url": f"s3://bucket/develop/{BLOB}"},
        {"label": "e4s", "url": "s3://bucket/develop/e4s/build_cache/index.json"},
        {"label": "elsewhere", "url": "s3://other/develop/x/build_cache/index.json"},
        {"label": "hostile", "url": "s3://bucket/a\x1b[2J/build_cache/index.json"},
    ],
    "v1.0": [{"label": "hep", "url": f"s3://bucket/v1.0/hep/{BLOB}", "more": 1}, {}],
}


def listed(content: object = None) -> Content:
    return Content(json.dumps(LISTED if content is None else content).encode())


def test_directory_as_a_table(world: World, call: Call) -> None:
    with faulty({"/list.json": listed()}) as server:
        world.settings(PUBLIC.format(url=server.url))
        done = call("mirrors", "--public")
        assert (done.code, done.err) == (0, "")
        assert [line.split() for line in done.lines] == [
            ["name", "url"],
            ["develop", f"{server.url}/develop"],
            ["develop/e4s", f"{server.url}/develop/e4s"],
            ["v1.0/hep", f"{server.url}/v1.0/hep"],
        ]


def test_directory_as_json(world: World, call: Call) -> None:
    with faulty({"/list.json": listed()}) as server:
        world.settings(PUBLIC.format(url=server.url))
        found = json.loads(call("mirrors", "--public", "--format", "json").out)
        assert found[:2] == [
            {"name": "develop", "ref": "develop", "stack": None, "url": f"{server.url}/develop"},
            {"name": "develop/e4s", "ref": "develop", "stack": "e4s", "url": f"{server.url}/develop/e4s"},
        ]


def test_directory_is_downloaded_once_a_day_or_with_max_age_0(world: World, call: Call) -> None:
    with faulty({"/list.json": listed()}) as server:
        world.settings(PUBLIC.format(url=server.url))
        for arguments, times in (((), 1), ((), 0), (("--max-age", "0"), 1), (("--offline",), 0)):
            assert call("mirrors", "--public", *arguments).code == 0
            assert len(asked(server)) == times
        (file,) = paths.downloads_dir().glob("public*.json")
        yesterday = time.time() - 90_000
        os.utime(file, (yesterday, yesterday))
        call("mirrors", "--public")
        assert len(asked(server)) == 1


def test_other_directory_has_its_own_cache(world: World, call: Call) -> None:
    with faulty({"/list.json": listed()}) as server, faulty({"/list.json": listed({})}) as other:
        world.settings(PUBLIC.format(url=server.url))
        assert call("mirrors", "--public").code == 0
        world.settings(PUBLIC.format(url=other.url))
        done = call("mirrors", "--public")
        assert (done.code, done.out) == (1, "")
        assert asked(other) == ["/list.json"]


def test_offline_without_a_cached_directory(world: World, call: Call) -> None:
    with faulty({}, forbidden) as server:
        world.settings(PUBLIC.format(url=server.url))
        done = call("mirrors", "--public", "--offline")
        assert (done.code, done.out) == (3, "")
        assert done.err == (f"cachetui: {server.url}/list.json: never downloaded; connect once to fetch it\n")


def test_cached_directory_is_shown_if_the_server_fails(world: World, call: Call) -> None:
    with faulty({"/list.json": listed()}) as server:
        world.settings(PUBLIC.format(url=server.url))
        before = call("mirrors", "--public").out
        gone(server)
        done = call("mirrors", "--public", "--max-age", "0")
        assert (done.code, done.out) == (0, before)
        assert done.err.count("\n") == 1
        assert "500 Internal Server Error; showing the directory downloaded last" in done.err


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[]", "not a directory of mirrors: Expected `object`, got `array`"),
        (b"{", "not a directory of mirrors: Input data was truncated"),
        (b'{"a": [7]}', "not a directory of mirrors: a, entry 1: Expected `object`, got `int`"),
        (b'{"\xff": []}', "not a directory of mirrors: 'utf-8' codec"),
        (b"[" * 100_000, "not a directory of mirrors"),
        (b"", "not a directory of mirrors"),
    ],
)
def test_invalid_directory_is_a_one_line_error(world: World, content: bytes, reason: str, call: Call) -> None:
    with faulty({"/list.json": Content(content)}) as server:
        world.settings(PUBLIC.format(url=server.url))
        done = call("mirrors", "--public")
        assert (done.code, done.out, done.err.count("\n")) == (3, "", 1)
        assert done.err.startswith(f"cachetui: {server.url}/list.json: {reason}")
        assert list(paths.downloads_dir().rglob("*")) == []


def test_login_page_is_a_one_line_error(world: World, call: Call) -> None:
    with faulty({}, Html()) as server:
        world.settings(PUBLIC.format(url=server.url))
        done = call("mirrors", "--public")
        assert (done.code, done.err.count("\n")) == (3, 1)


def test_a_bad_entry_is_counted_and_named(world: World, call: Call) -> None:
    bad = {"develop": [{"label": 1}, {"label": "e4s", "url": "s3://bucket/a/build_cache/index.json"}]}
    with faulty({"/list.json": Content(json.dumps(bad).encode())}) as server:
        world.settings(PUBLIC.format(url=server.url))
        done = call("mirrors", "--public")
        assert (done.code, len(done.lines)) == (0, 2)
        assert "1 entry of the directory left out: develop, entry 1: " in done.err


def test_no_directory_is_configured(world: World, call: Call) -> None:
    world.settings("public: {directory: ''}")
    done = call("mirrors", "--public")
    assert (done.code, done.err) == (3, "cachetui: public build caches: no directory is configured\n")


def test_directory_that_cannot_be_cached_is_shown(world: World, call: Call) -> None:
    paths.cache_dir().parent.mkdir(parents=True, exist_ok=True)
    paths.cache_dir().write_text("in the way")
    with faulty({"/list.json": listed()}) as server:
        world.settings(PUBLIC.format(url=server.url))
        assert len(call("mirrors", "--public").lines) == 4


def test_listed_url_wins_over_the_name_pattern(world: World, call: Call) -> None:
    moved = {"v1.0": [{"label": "odd name", "url": "s3://bucket/moved/build_cache/index.json"}]}
    with faulty({"/list.json": listed(moved), **v2("/moved", index(1))}) as server:
        world.settings(PUBLIC.format(url=server.url))
        call("mirrors", "--public")
        assert places("v1.0/odd name") == {1: {("v1.0/odd name", "v1.0", "odd name", "")}}


def test_failed_write_of_the_directory_leaves_no_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with faulty({"/list.json": Content(b"{}")}) as server:
        policy = Policy(public=PublicPlaces(f"{server.url}/list.json"))
        assert list_public(policy) == ([], "")
    assert list(Path(paths.downloads_dir()).iterdir()) == []
