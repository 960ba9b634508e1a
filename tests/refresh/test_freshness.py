"""When mirrors are asked for changes, and what is shown when they do not answer."""

from __future__ import annotations

import os
import resource
import shutil
import signal
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.errors import Cancelled, SourceError
from cachetui.fetch import IndexState, Network
from cachetui.locate import save_counts
from cachetui.refresh import Progress, open_cached, open_catalog, updating
from cachetui.refresh.found import find_sources
from cachetui.refresh.policy import Policy
from tests.builders.homes import World
from tests.builders.mirrors import etag_of, index, mirror, v2, v3
from tests.conftest import Call
from tests.refresh.files import files
from tests.refresh.world import (
    asked,
    configured,
    downloaded_indexes,
    everything_below,
    forbidden,
    gone,
    numbers,
    opened,
)
from tests.servers.faults import (
    Behaviour,
    Content,
    Html,
    InTurn,
    Missing,
    NeedsBasic,
    Stall,
    Status,
    faulty,
)

NOW = Policy(max_age=0)
OFFLINE = Policy(offline=True)


def test_mirror_is_not_asked_before_max_age(world: World) -> None:
    with faulty(v3("/m", index(1))) as server:
        assert opened(f"{server.url}/m").compiled
        asked(server)
        again = opened(f"{server.url}/m")
        assert (again.compiled, again.notes, again.stale, asked(server)) == (False, (), (), [])


@pytest.mark.parametrize("make", [v2, v3])
def test_mirror_is_asked_for_changes_after_max_age(world: World, make: type) -> None:
    with faulty(make("/m", index(1))) as server:
        opened(f"{server.url}/m")
        (first,) = downloaded_indexes()
        server.requests.clear()
        again = opened(f"{server.url}/m", policy=NOW)
        assert not again.compiled
        known = [r.headers["if-none-match"] for r in server.requests if "if-none-match" in r.headers]
        assert len(known) == 1
        assert len(server.requests) == (1 if make is v3 else 2)
        assert downloaded_indexes() == [first]


def test_changed_index_replaces_the_old_one(world: World) -> None:
    with faulty(v2("/m", index(1))) as server:
        assert numbers(f"{server.url}/m") == {1}
        (catalog,), (former,) = paths.catalog_dir().iterdir(), downloaded_indexes()
        server.table.update(v2("/m", index(1, 2)))
        assert numbers(f"{server.url}/m") == {1}
        assert numbers(f"{server.url}/m", policy=NOW) == {1, 2}
        assert list(paths.catalog_dir().iterdir()) == [catalog]
        (file,) = downloaded_indexes()
        assert file != former
        assert file.read_bytes() == index(1, 2)


def test_offline_uses_no_network(world: World) -> None:
    with faulty(v2("/m", index(1))) as server:
        numbers(f"{server.url}/m")
        server.table.clear()
        server.otherwise = forbidden
        world.settings("offline: true")
        assert numbers(f"{server.url}/m", policy=configured(max_age=0)) == {1}
        for policy in (OFFLINE, Policy(offline=True, max_age=0), Policy(offline=True, force=True)):
            assert numbers(f"{server.url}/m", policy=policy) == {1}
        with pytest.raises(SourceError, match="never downloaded; connect once to fetch it"):
            opened(f"{server.url}/other", policy=OFFLINE)


def test_first_start_offline_is_a_one_line_error(world: World, call: Call) -> None:
    with faulty({}, forbidden) as server:
        done = call("list", "--offline", f"{server.url}/m")
        assert (done.code, done.out) == (3, "")
        assert done.err == (f"cachetui: m ({server.url}/m): never downloaded; connect once to fetch it\n")


def test_last_index_of_an_unreachable_mirror_is_shown(world: World, call: Call) -> None:
    with faulty(v2("/m", index(1))) as server:
        call("list", f"{server.url}/m")
        gone(server)
        line = f"cachetui: m ({server.url}/m): 500 Internal Server Error; "
        line += "showing its index from less than a minute ago\n"
        done = call("list", "--count", "--max-age", "0", f"{server.url}/m")
        assert (done.code, done.out, done.err) == (0, "1\n", line)
        asked(server)
        done = call("list", "--count", f"{server.url}/m")
        assert (done.code, done.out, done.err) == (0, "1\n", line)
        assert asked(server) == []
        shown = open_cached([f"{server.url}/m"], configured())
        assert shown is not None
        shown.catalog.close()
        assert (shown.stale, shown.is_due) == ((line.removeprefix("cachetui: ").rstrip(),), False)


def test_warning_ends_when_the_mirror_answers_again(world: World) -> None:
    with faulty(v2("/m", index(1))) as server:
        location = f"{server.url}/m"
        numbers(location)
        gone(server)
        assert opened(location, policy=NOW).stale
        server.table, server.otherwise = v2("/m", index(1)), Missing()
        assert not opened(location, policy=NOW).stale
        assert not opened(location).stale


BAD: dict[str, tuple[Behaviour, str]] = {
    "for ever": (Status(500), "500 Internal Server Error"),
    "forbidden": (Status(401), "401 Unauthorized; give credentials"),
    "web page": (Html(), "a web page"),
    "empty": (Content(b""), "the index is empty"),
    "no index": (Content(b"[]"), "not an index"),
}


@pytest.mark.parametrize("bad", BAD)
def test_mirror_that_was_never_read_does_not_hide_the_others(world: World, bad: str, call: Call) -> None:
    behaviour, reason = BAD[bad]
    with faulty({**v2("/good", index(1)), "/bad/build_cache/index.json": behaviour}) as server:
        world.mirrors(f"good: {server.url}/good", f"bad: {server.url}/bad", f"here: {mirror(world.scope, 2)}")
        for turn in range(2):
            done = call("list", "--count")
            assert (done.code, done.out) == (3, "2\n")
            (line,) = done.err.splitlines()
            assert line.startswith(f"cachetui: bad ({server.url}/bad): ") and reason in line
            assert bool(asked(server)) is (turn == 0)


def test_wrong_checksum_is_a_failure(world: World) -> None:
    with faulty({**v3("/good", index(1)), **v3("/bad", index(2), checksum="a" * 64)}) as server:
        result = opened(f"{server.url}/good", f"{server.url}/bad")
        (failure,) = result.failures
        assert "checksum" in failure
        assert numbers(f"{server.url}/good", f"{server.url}/bad") == {1}
        assert not downloaded_indexes()[1:]


def test_new_reason_is_shown_without_compiling_again(world: World) -> None:
    turns = InTurn(Status(404), Html(), Status(401))
    with faulty({**v2("/good", index(1)), "/bad/build_cache/index.json": turns}) as server:
        locations = f"{server.url}/good", f"{server.url}/bad"
        results = [opened(*locations, policy=NOW) for _ in range(3)]
        assert [each.compiled for each in results] == [True, False, False]
        for each, reason in zip(results, ("404 Not Found", "a web page", "401 Unauthorized"), strict=True):
            (failure,) = each.failures
            assert reason in failure


def test_only_mirror_is_asked_at_every_start(world: World) -> None:
    with faulty({}) as server:
        for _ in range(2):
            with pytest.raises(SourceError, match="404"):
                opened(f"{server.url}/m")
            assert asked(server)


def test_failed_mirror_beside_local_sources_is_not_asked_again(world: World) -> None:
    with faulty({}) as server:
        for times in (True, False):
            assert numbers(f"{server.url}/m", mirror(world.folder / "m", 1)) == {1}
            assert bool(asked(server)) is times


def test_count_is_not_stored_for_a_newer_index(world: World) -> None:
    with faulty(v2("/m", index(1, 2))) as server:
        (_, source), *_ = find_sources([f"{server.url}/m"], configured()).remote
        numbers(f"{server.url}/m")
        assert source.state.records == 2
        server.table.update(v2("/m", index(1, 2, 3)))
        numbers(f"{server.url}/m", policy=NOW)
        save_counts([(source, 2)])
        assert source.reload().records == 3


def test_complete_catalog_is_not_replaced_by_a_smaller_one(world: World) -> None:
    with faulty(v2("/b", index(2))) as server:
        locations = mirror(world.folder / "a", 1), f"{server.url}/b"
        numbers(*locations)
        shutil.rmtree(locations[0])
        gone(server)
        seen: list[Progress] = []
        result = open_catalog(locations, seen.append, configured(max_age=0))
        result.catalog.close()
        assert [len(result.failures), len(result.stale)] == [1, 1]
        assert "showing the catalog compiled at an earlier start" in result.notes
        assert {progress.phase for progress in seen} == {"downloading"}
        assert numbers(*locations, policy=NOW) == {1, 2}


def test_refresh_command_always_asks(world: World, call: Call) -> None:
    with faulty(v2("/m", index(1))) as server:
        call("list", f"{server.url}/m")
        asked(server)
        done = call("refresh", f"{server.url}/m")
        assert done.code == 0 and asked(server)
        assert Path(done.out.strip()).parent == paths.catalog_dir()
        assert done.err == "cachetui: 1 builds of 1 packages in m\n"
        gone(server)
        done = call("refresh", f"{server.url}/m")
        assert (done.code, len(asked(server))) == (3, 2)
        assert "500 Internal Server Error; showing its index from less than a minute ago" in done.err


@pytest.mark.parametrize(
    ("checked", "failed", "there", "due"),
    [
        (-1, 0, True, False),
        (-99, 0, True, True),
        (-99, -1, True, False),
        (-1, 0, False, True),
        (-1, -1, False, False),
        (+500, 0, True, True),
        (0, 0, False, True),
    ],
)
def test_is_due(tmp_path: Path, checked: int, failed: int, there: bool, due: bool) -> None:
    now = tmp_path.stat().st_mtime
    file = tmp_path / "index"
    if there:
        file.touch()
    state = IndexState(file=str(file), checked=checked and now + checked, failed=failed and now + failed)
    assert Policy(max_age=60).is_due(state) is due
    assert Policy(max_age=0).is_due(state)
    assert Policy(force=True).is_due(state)


# Where nothing can be written


def test_unwritable_folder_is_reported(world: World, call: Call) -> None:
    paths.cache_dir().mkdir(parents=True)
    paths.downloads_dir().write_text("in the way")
    with faulty(v2("/m", index(1))) as server:
        done = call("list", f"{server.url}/m")
        assert (done.code, done.out) == (3, "")
        assert done.err == f"cachetui: m ({server.url}/m): {paths.downloads_dir()}: Not a directory\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_folder_without_permission_is_reported(world: World, call: Call) -> None:
    paths.downloads_dir().mkdir(parents=True)
    paths.downloads_dir().chmod(0o500)
    with faulty(v2("/m", index(1))) as server:
        done = call("list", f"{server.url}/m")
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert "Permission denied" in done.err


def test_full_disk_is_reported(world: World, call: Call) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with faulty(v2("/m", index(*range(3000)))) as server:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
        try:
            done = call("list", f"{server.url}/m")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, ignored)
        assert (done.code, done.out) == (3, "")
        assert done.err == f"cachetui: m ({server.url}/m): {paths.downloads_dir()}: File too large\n"
        assert len(numbers(f"{server.url}/m")) == 3000


# Credentials

PAIRS = {
    "literal": "access_pair: {id: someone, secret: hunter2hunter2}",
    "variables": "access_pair: {id_variable: WHO, secret_variable: WHAT}",
    "list": "access_pair: [someone, hunter2hunter2]",
}


@pytest.mark.parametrize("pair", PAIRS)
def test_credentials_reach_only_the_server(
    world: World, pair: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHO", "someone")
    monkeypatch.setenv("WHAT", "hunter2hunter2")
    table = {
        path: NeedsBasic(inner, "someone", "hunter2hunter2") for path, inner in v2("/m", index(1)).items()
    }
    with faulty(table) as server:
        world.mirrors(f"m: {{url: '{server.url}/m', {PAIRS[pair]}}}")
        calls = [("list", "-v"), ("mirrors",), ("mirrors", "--format", "json"), ("refresh",), ("list", "m")]
        for done in [*(call(*each) for each in calls), call("list", f"{server.url}/m")]:
            assert done.code == 0
            assert "hunter2" not in done.out + done.err
        gone(server)
        assert "hunter2" not in call("refresh").err
    stored = everything_below(paths.cache_dir())
    assert stored and b"hunter2" not in stored


def test_credentials_in_a_url_are_not_shown(world: World, call: Call) -> None:
    table = {path: NeedsBasic(inner, "u", "hunter2") for path, inner in v2("/m", index(1)).items()}
    with faulty(table) as server:
        url = server.url.replace("://", "://u:hunter2@") + "/m"
        for arguments in (("list", url), ("refresh", url), ("mirrors", url), ("list", f"{url}x")):
            done = call(*arguments)
            assert "hunter2" not in done.out + done.err
        assert numbers(url) == {1}
    stored = everything_below(paths.cache_dir())
    assert stored and b"hunter2" not in stored


# How far it is, and stopping


def test_lost_index_is_downloaded_and_read_again(world: World) -> None:
    one, two = index(1), index(2)
    with faulty({**v2("/one", one), **v2("/two", two)}) as server:
        locations = f"{server.url}/one", f"{server.url}/two"
        numbers(locations[1])
        numbers(locations[0])
        (lost,) = [file for file in downloaded_indexes() if file.read_bytes() == one]
        lost.unlink()
        table, otherwise = dict(server.table), server.otherwise
        gone(server)
        assert numbers(*locations) == {2}
        server.table.update(table)
        server.otherwise = otherwise
        assert numbers(*locations, policy=NOW) == {1, 2}


def test_download_reports_progress_and_resumes_after_cancel(world: World) -> None:
    before, now = index(0), index(*range(30_000))
    with faulty(v2("/m", before)) as server:
        location = f"{server.url}/m"
        numbers(location)
        compiled = everything_below(paths.catalog_dir())
        half = Stall(now[: len(now) // 2], len(now), {"ETag": etag_of(now)})
        server.table.update(v2("/m", now))
        path = "/m/build_cache/index.json"
        server.table[path] = InTurn(half, server.table[path])
        seen: list[Progress] = []

        def stop(progress: Progress) -> None:
            seen.append(progress)
            if progress.done:
                raise Cancelled("stopped")

        with pytest.raises(Cancelled):
            open_catalog([location], stop, NOW)
        assert [seen[0].phase, seen[0].source, seen[0].done] == ["downloading", "m", 0]
        assert (seen[-1].total, 0 < seen[-1].done < len(now)) == (len(now), True)
        assert "MB/s" in seen[-1].numbers
        assert everything_below(paths.catalog_dir()) == compiled
        (part,) = paths.downloads_dir().glob("*.part")
        size = part.stat().st_size
        assert part.read_bytes() == now[:size] != b""
        assert len(numbers(location, policy=NOW)) == 30_000
        (request,) = [r for r in server.requests if "range" in r.headers]
        assert (request.headers["range"], request.headers["if-range"]) == (f"bytes={size}-", etag_of(now))
        assert not any(name.endswith(".part") for name in files(paths.downloads_dir()))


def test_waiting_for_an_answer_can_be_cancelled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updating, "network_of", lambda config: Network(tries=2, first_wait=60.0))

    def stop(progress: Progress) -> None:
        if len(server.requests) > 0:
            raise Cancelled("stopped")
        assert progress.numbers == "checking for updates"

    with faulty({}, Status(503)) as server, pytest.raises(Cancelled):
        open_catalog([f"{server.url}/m"], stop, configured())


def test_command_reports_broken_credentials(
    world: World, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with faulty({}) as server:
        monkeypatch.setenv("S3_ENDPOINT_URL", server.url)
        result = call("list", mirror(tmp_path / "here", 1), "s3://b/m")
    assert "s3://b/m: read anonymously: the AWS credentials cannot be used (" in result.err
    assert "The config profile (nobody) could not be found" in result.err
