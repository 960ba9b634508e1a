"""The indexes that Spack has downloaded replace those of mirrors that cannot be reached."""

from __future__ import annotations

import httpx
import pytest

from cachetui import paths
from cachetui.errors import SourceError
from cachetui.fetch import Network
from cachetui.refresh import Policy, updating
from tests.builders.homes import World
from tests.builders.mirrors import index, v2, v3
from tests.conftest import Call
from tests.refresh.world import downloaded_indexes, forbidden, gone, numbers, opened
from tests.servers.faults import Missing, faulty

OFFLINE = Policy(offline=True)
NOW = Policy(max_age=0)

URL = "https://cache.example/m"
DAYS = 86400.0


@pytest.mark.parametrize(
    ("key", "view", "layout"),
    [
        (URL, "", "v2"),
        (f"{URL}/", "", "v2"),
        (f"{URL}__v2", "", "v2"),
        (f"{URL}__v3", "", "v3"),
        (f"{URL}__v3__mine", "mine", "v3"),
        (f"{URL}__v3__a__b", "a__b", "v3"),
    ],
)
def test_all_forms_of_keys_are_found(world: World, key: str, view: str, layout: str, call: Call) -> None:
    world.cache_index(key, index(1, 2), age=2 * DAYS + 60)
    world.mirrors(f"m: {{url: '{URL}', view: '{view}'}}")
    shown = f"{URL} view {view}" if view else URL
    for _ in range(2):
        done = call("list", "--count", "--offline")
        assert (done.code, done.out) == (0, "2\n")
        assert done.err == f"cachetui: m ({shown}): showing the index that Spack downloaded 2 days ago\n"
    (line,) = call("mirrors").lines[1:]
    assert line.split()[:3] == ["m", URL, layout]
    assert "2 days" in line and "older" in line


@pytest.mark.parametrize("key", [f"{URL}__v3", f"{URL}__v3__other", "https://cache.example/n__v3__mine"])
def test_index_of_another_mirror_or_view_is_not_used(world: World, key: str) -> None:
    world.cache_index(key, index(1))
    world.mirrors(f"m: {{url: '{URL}', view: mine}}")
    with pytest.raises(SourceError, match="never downloaded"):
        opened(policy=OFFLINE)


def test_newer_layout_wins(world: World) -> None:
    world.cache_index(f"{URL}__v2", index(2))
    world.cache_index(f"{URL}__v3", index(3), age=100)
    world.mirrors(f"m: '{URL}'")
    assert numbers(policy=OFFLINE) == {3}


@pytest.mark.parametrize(("age", "expected"), [(+1000, {1}), (-1000, {2})])
def test_newer_index_wins(world: World, age: float, expected: set[int]) -> None:
    with faulty(v2("/m", index(1))) as server:
        world.mirrors(f"m: {server.url}/m")
        numbers()
        world.cache_index(f"{server.url}/m", index(2), age)
        assert numbers() == {1}
        server.otherwise = forbidden
        server.table.clear()
        assert numbers(policy=OFFLINE) == expected


def test_index_confirmed_later_wins(world: World) -> None:
    with faulty(v2("/m", index(1))) as server:
        world.mirrors(f"m: {server.url}/m")
        numbers()
        (file,) = downloaded_indexes()
        world.cache_index(f"{server.url}/m", index(1), -1000)
        assert numbers(policy=OFFLINE) == {1}
        assert downloaded_indexes() == [file]


def test_damaged_index_is_reported_and_does_not_hide_others(world: World) -> None:
    file = world.cache_index(f"{URL}__v3", index(1), sha256="0" * 64)
    world.cache_index("https://cache.example/good__v3", index(2))
    world.mirrors(f"bad: '{URL}'", "good: https://cache.example/good")
    result = opened(policy=OFFLINE)
    (failure,) = result.failures
    assert failure == f"bad ({URL}): never downloaded; connect once to fetch it"
    assert f"bad ({URL}): the index that Spack downloaded is damaged ({file})" in result.notes
    assert numbers(policy=OFFLINE) == {2}


def test_damaged_index_does_not_replace_a_good_one(world: World) -> None:
    with faulty(v2("/m", index(1))) as server:
        world.mirrors(f"m: {server.url}/m")
        numbers()
        world.cache_index(f"{server.url}/m", index(2), -1000, sha256="0" * 64)
        assert numbers(policy=OFFLINE) == {1}
        (file,) = downloaded_indexes()
        assert file.read_bytes() == index(1)


@pytest.mark.parametrize(
    "listed", ["", "[", "[]", "null", '{"x": 1}', '{"https://cache.example/m": {"index_hash": "../x"}}']
)
def test_unreadable_list_of_indexes(world: World, listed: str) -> None:
    file = world.cache_index(URL, index(1))
    (file.parent / "contents.json").write_text(listed)
    world.mirrors(f"m: '{URL}'")
    with pytest.raises(SourceError, match="never downloaded"):
        opened(policy=OFFLINE)


def test_catalog_survives_a_vanished_index(world: World) -> None:
    file = world.cache_index(URL, index(1))
    world.mirrors(f"m: '{URL}'")
    assert numbers(policy=OFFLINE) == {1}
    file.unlink()
    assert numbers(policy=OFFLINE) == {1}
    for catalog in paths.catalog_dir().iterdir():
        catalog.unlink()
    with pytest.raises(SourceError, match="never downloaded"):
        opened(policy=OFFLINE)


def test_index_that_spack_downloads_again_is_used(world: World) -> None:
    world.cache_index(URL, index(1), age=100)
    world.mirrors(f"m: '{URL}'")
    assert numbers(policy=OFFLINE) == {1}
    world.cache_index(URL, index(1, 2))
    assert numbers(policy=OFFLINE) == {1, 2}


def test_index_of_spack_is_used_if_the_mirror_does_not_answer(world: World, call: Call) -> None:
    with faulty({}) as server:
        gone(server)
        world.cache_index(f"{server.url}/m__v3", index(1), age=7200)
        world.mirrors(f"m: {server.url}/m")
        done = call("list", "--count")
        assert (done.code, done.out) == (0, "1\n")
        assert done.err == (
            f"cachetui: m ({server.url}/m): 500 Internal Server Error; "
            "showing the index that Spack downloaded 2 hours ago\n"
        )
        assert call("refresh").code == 3


def test_index_of_the_mirror_is_used_when_the_network_is_back(world: World) -> None:
    with faulty({}) as server:
        gone(server)
        file = world.cache_index(f"{server.url}/m__v3", index(1))
        world.mirrors(f"m: {server.url}/m")
        assert numbers() == {1}
        server.table, server.otherwise = v3("/m", index(1, 2)), Missing()
        result = opened(policy=NOW)
        assert (result.stale, result.notes) == ((), ())
        assert numbers() == {1, 2}
        assert file.exists()
        assert len(downloaded_indexes()) == 1


def test_index_of_spack_is_used_if_nothing_can_be_written(world: World, call: Call) -> None:
    paths.cache_dir().parent.mkdir(parents=True, exist_ok=True)
    paths.cache_dir().write_text("in the way")
    world.cache_index(URL, index(1))
    world.mirrors(f"m: '{URL}'")
    done = call("list", "--count", "--offline")
    assert (done.code, done.out) == (0, "1\n")
    assert "working from a temporary catalog" in done.err


@pytest.mark.parametrize("has_index", [True, False])
def test_silent_host_is_asked_once_if_spack_has_an_index(
    world: World, monkeypatch: pytest.MonkeyPatch, has_index: bool
) -> None:
    tries = []

    def silent(*_: object, **__: object) -> None:
        tries.append(1)
        raise httpx.ConnectTimeout("")

    monkeypatch.setattr(httpx.Client, "stream", silent)
    monkeypatch.setattr(updating, "network_of", lambda config: Network(tries=3, first_wait=0.001))
    if has_index:
        world.cache_index(f"{URL}__v3", index(3))
    world.mirrors(f"m: '{URL}'")
    if has_index:
        assert numbers() == {3}
    else:
        with pytest.raises(SourceError, match="cannot connect"):
            opened()
    assert len(tries) == (1 if has_index else 3)
