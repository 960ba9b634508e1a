"""`cachetui mirrors`: the state of every mirror, without asking one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cachetui import paths
from tests.builders.homes import World
from tests.builders.mirrors import index, mirror, v2, v3
from tests.conftest import Call
from tests.refresh.world import forbidden, gone
from tests.servers.faults import faulty

HEADINGS = ["name", "url", "layout", "age", "builds", "state", "where"]
"""Without that of views, where there are none."""

URL = "https://cache.example/m"


def report(call: Call, *arguments: str) -> dict[str, Any]:
    """The JSON object."""
    done = call("mirrors", "--format", "json", *arguments)
    assert done.err == ""
    found: dict[str, Any] = json.loads(done.out)
    return found


def states(call: Call, *arguments: str) -> dict[str, tuple[str, str, int | None]]:
    """State, reason and records by name."""
    return {
        each["name"]: (each["state"], each["reason"], each["records"])
        for each in report(call, *arguments)["mirrors"]
    }


def test_no_mirrors(world: World, call: Call) -> None:
    done = call("mirrors")
    assert (done.code, done.out) == (1, "")
    assert "no mirror is configured in Spack here; --public lists" in done.err
    again = call("mirrors", "--format", "json")
    assert (again.code, json.loads(again.out)["mirrors"], again.err) == (1, [], done.err)


def test_table(world: World, call: Call) -> None:
    here = mirror(world.folder / "x", 1, 2)
    file = world.mirrors(f"here: {here}", f"far: '{URL}'", "src: {url: 'https://s.example', binary: false}")
    call("list", "here")
    done = call("mirrors")
    assert (done.code, done.err) == (0, "")
    heading, *lines = [" ".join(line.split()) for line in done.lines]
    assert heading.split() == HEADINGS
    assert lines == [
        f"here {here} v2 less than a minute 2 on this machine {file}:2",
        f"far {URL} - - - never read {file}:3",
        f"src https://s.example - - - source only {file}:4",
    ]


def test_no_mirror_is_contacted(world: World, call: Call) -> None:
    with faulty({}, forbidden) as server:
        world.mirrors(f"m: {server.url}/m")
        for arguments in ((), ("--max-age", "0"), (f"{server.url}/other",), ("--offline",)):
            assert call("mirrors", *arguments).code == 0


def test_states_of_a_remote_mirror(world: World, call: Call) -> None:
    with faulty(v2("/m", index(1, 2, 3))) as server:
        world.mirrors(f"m: {server.url}/m")
        assert states(call) == {"m": ("never read", "", None)}
        call("list")
        assert states(call) == {"m": ("up to date", "", 3)}
        assert states(call, "--max-age", "0") == {"m": ("older", "", 3)}
        server.table.update(v2("/m", index(1)))
        call("refresh")
        assert states(call) == {"m": ("up to date", "", 1)}
    call("refresh")
    state, reason, records = states(call)["m"]
    assert (state, records) == ("failed", 1)
    assert reason.startswith("cannot connect")


def test_mirror_that_was_never_read_has_a_reason(world: World, call: Call) -> None:
    with faulty({}) as server:
        world.mirrors(f"m: {server.url}/m", f"n: {mirror(world.folder / 'n', 1)}")
        assert call("list").code == 3
        state, reason, records = states(call)["m"]
        assert (state, records) == ("failed", None)
        assert "no index of a build cache" in reason and "404 Not Found" in reason


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("/nowhere", "no such file or folder"),
        ("sftp://user:hunter2@host/m", "sftp:// is not supported"),
        ("https:///m", "has no host"),
    ],
)
def test_unreadable_mirror(world: World, url: str, reason: str, call: Call) -> None:
    world.mirrors(f"bad: {url}", f"good: {mirror(world.folder / 'm', 1)}")
    found = states(call)
    assert found["bad"][0] == "failed" and reason in found["bad"][1]
    assert found["good"][0] == "on this machine"
    assert "hunter2" not in call("mirrors").out


def test_json(world: World, call: Call) -> None:
    with faulty(v3("/m", index(1), "mine")) as server:
        file = world.mirrors("m:", f"  url: {server.url}/m", "  view: mine")
        call("list")
        (found,) = report(call)["mirrors"]
    assert found.pop("age") >= 0
    assert found.pop("checked").endswith("+00:00")
    assert found == {
        "name": "m",
        "url": f"{server_url(found)}",
        "layout": "v3",
        "view": "mine",
        "state": "up to date",
        "reason": "",
        "records": 1,
        "binary": True,
        "tag": "",
        "stack": "",
        "where": f"{file}:2",
        "scope": "user",
    }


def server_url(found: dict[str, Any]) -> str:
    url = str(found["url"])
    assert url.startswith("http://127.0.0.1:") and url.endswith("/m")
    return url


def test_locations_are_listed_too(world: World, call: Call) -> None:
    here = mirror(world.folder / "x", 1)
    world.mirrors(f"m: '{URL}'")
    found = report(call, here, "nobody", "https://u:hunter2@cache.example/o?key=hunter2")["mirrors"]
    assert [each["where"] for each in found[1:]] == ["named"] * 3
    assert [each["state"] for each in found] == ["never read", "on this machine", "failed", "never read"]
    assert found[3]["url"] == "https://cache.example/o?\u2026"
    assert "no mirror of that name" in found[2]["reason"]


def test_notes_on_what_was_not_understood(world: World, call: Call) -> None:
    file = world.mirrors(f"m: '{URL}'", "n: [1, 2]")
    note = f"{file}:3: mirror 'n' is neither a URL nor a mapping"
    done = call("mirrors")
    assert (done.code, done.err) == (3, f"cachetui: {note}\n")
    assert report(call)["notes"] == [note]


def test_mirrors_file_of_stackinator(world: World, call: Call) -> None:
    file = world.mirrors()
    file.write_text("buildcache:\n  url: /store/cache\n  enabled: true\nbootstrap: {}\n")
    done = call("mirrors")
    assert done.code == 3
    assert str(file) in done.err and "not a mirrors.yaml of Spack" in done.err


@pytest.mark.parametrize(
    "key", ["https://gone.example/old__v3__mine", "https://u:hunter2@gone.example/old__v3__mine"]
)
def test_index_cached_by_spack_for_no_mirror(world: World, key: str, call: Call) -> None:
    file = world.cache_index(key, index(1), age=7200)
    world.cache_index(f"{URL}__v3", index(1))
    world.mirrors(f"m: '{URL}'")
    done = call("mirrors")
    assert "hunter2" not in done.out
    line = " ".join(done.lines[2].split())
    assert line == (
        "old https://gone.example/old v3 mine 2 hours - older: no mirror is configured for it; "
        f"Spack has its index {file}"
    )
    assert len(done.lines) == 3


def test_index_cached_by_spack_for_a_folder(world: World, call: Call) -> None:
    folder = mirror(world.folder / "a b", 1)
    world.cache_index(f"file://{folder.replace(' ', '%20')}__v2", index(1))
    for url in (f"'{folder}'", f"'file://{folder}'", f"'file://{folder.replace(' ', '%20')}/'"):
        world.mirrors(f"m: {url}")
        assert [each["name"] for each in report(call)["mirrors"]] == ["m"]


def test_secrets_are_not_printed(world: World, call: Call) -> None:
    world.mirrors(
        "m: {url: 'https://who:hunter2@cache.example/m', access_pair: [me, hunter2]}",
        "n: {url: 's3://bucket/n', access_token: hunter2, access_pair: {id: me, secret: hunter2}}",
    )
    for form in ("table", "json"):
        done = call("mirrors", "--format", form)
        assert done.code == 0
        assert "hunter2" not in done.out + done.err
    assert all(b"hunter2" not in file.read_bytes() for file in paths.cache_dir().rglob("*.json"))


def test_unreadable_state_is_ignored(world: World, call: Call) -> None:
    with faulty(v2("/m", index(1))) as server:
        world.mirrors(f"m: {server.url}/m")
        call("list")
        for content in (b"", b"{", b"[]", b'{"checked": "x"}', b"\xff"):
            (state,) = paths.downloads_dir().glob("*.state")
            state.write_bytes(content)
            assert states(call) == {"m": ("never read", "", None)}
        gone(server)


@pytest.mark.parametrize("checked", ["1e300", "-1e300", "1e18"])
def test_impossible_time(world: World, checked: str, call: Call) -> None:
    with faulty(v2("/m", index(1))) as server:
        world.mirrors(f"m: {server.url}/m")
        call("list")
        (state,) = paths.downloads_dir().glob("*.state")
        kept = json.loads(state.read_bytes())
        state.write_text(json.dumps(kept).replace(str(kept["checked"]), checked))
        (found,) = report(call)["mirrors"]
        assert (found["name"], found["checked"]) == ("m", None)
        assert call("list", "--count").out == "1\n"


def test_sample_and_pages_are_listed(world: World, call: Call) -> None:
    done = call("mirrors", "sample")
    assert done.code == 0
    assert "on this machine" in done.out
