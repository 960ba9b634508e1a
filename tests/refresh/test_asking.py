"""Mirrors are asked at the same time: silent and slow ones hold up no other, and are asked again later.

Nothing here is measured: what is silent stays so until its server is closed, so waiting for it would fail.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.errors import Cancelled, CatalogError, SourceError
from cachetui.fetch import IndexState, Network, OnReceived, Session
from cachetui.refresh import Progress, compiling, open_cached, open_catalog, updating
from cachetui.refresh import asking as asking_module
from cachetui.refresh.asking import Asking, Update
from cachetui.refresh.generations import _is_complete
from cachetui.refresh.policy import Policy
from cachetui.refresh.progress import MirrorProgress
from cachetui.sources import IndexFile, update_index
from cachetui.sources.base import Report, SourcePart
from tests.builders.homes import World
from tests.builders.mirrors import etag_of, index, mirror, v2, v3
from tests.conftest import Call
from tests.refresh.files import catalog_file
from tests.refresh.world import asked, numbers, opened
from tests.servers.faults import Content, Exchange, InTurn, Server, Silent, Slow, Stall, faulty

NO_WAIT = Policy(wait=0.0)
HOUR = 3600.0


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of a transfer alone would hold up a test for ever."""
    monkeypatch.setattr(updating, "network_of", lambda config: Network(HOUR, HOUR, tries=2, first_wait=0.0))


@pytest.fixture
def black_hole() -> Iterator[str]:
    """The URL of a port that accepts no connection and refuses none."""
    with ExitStack() as stack:
        port = stack.enter_context(socket.socket())
        port.bind(("127.0.0.1", 0))
        port.listen(0)
        for _ in range(4):
            queued = stack.enter_context(socket.socket())
            queued.setblocking(False)
            queued.connect_ex(port.getsockname())
        yield "http://{}:{}/m".format(*port.getsockname())


def silent(server: Server, *names: str) -> list[str]:
    """The URLs of mirrors of a server that say nothing."""
    for name in names:
        server.table[f"/{name}/v3/manifests/index/index.manifest.json"] = Silent()
    return [f"{server.url}/{name}" for name in names]


def test_the_good_mirror_is_shown_while_the_others_are_silent(world: World, black_hole: str) -> None:
    with faulty(v2("/good", index(1))) as server:
        late = silent(server, "one", "two")
        result = opened(*late, black_hole, f"{server.url}/good", policy=NO_WAIT)
        assert (len(result.catalog.mirrors), result.failures, result.stale) == (1, (), ())
        assert len(result.unanswered) == 3
        for line, url in zip(result.unanswered, [*late, black_hole], strict=True):
            assert f"({url}): no answer within " in line and line.endswith("; its builds are left out")


def test_a_dead_port_fails_and_the_others_are_shown(world: World) -> None:
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        dead = "http://{}:{}/m".format(*port.getsockname())
        with faulty(v2("/good", index(1))) as server:
            result = opened(dead, f"{server.url}/good")
    assert ["cannot connect" in line for line in result.failures] == [True]
    assert result.unanswered == ()


@pytest.mark.parametrize("length", [0, 20])
def test_a_mirror_that_stops_after_its_headers_is_not_waited_for(world: World, length: int) -> None:
    with faulty(v2("/good", index(1))) as server:
        server.table["/slow/build_cache/index.json"] = Stall(index(2)[:length], 4000)
        assert numbers(f"{server.url}/slow", f"{server.url}/good", policy=NO_WAIT) == {1}


def test_a_mirror_that_sends_a_byte_a_second_is_not_waited_for(world: World) -> None:
    content = index(2)
    with faulty(v2("/good", index(1))) as server:
        server.table["/slow/build_cache/index.json"] = Slow(content, len(content), 1.0)
        assert numbers(f"{server.url}/slow", f"{server.url}/good", policy=NO_WAIT) == {1}


def test_many_silent_mirrors_leave_their_place_to_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking_module, "SILENT_SECONDS", 0.0)
    with faulty(v2("/good", index(1))) as server:
        names = [f"silent{number}" for number in range(asking_module.AT_ONCE * 2)]
        assert numbers(*silent(server, *names), f"{server.url}/good", policy=NO_WAIT) == {1}


def test_a_local_mirror_is_shown_without_any_that_is_silent(world: World) -> None:
    with faulty({}) as server:
        locations = *silent(server, "m"), mirror(world.folder / "here", 1)
        result = opened(*locations, policy=Policy(wait=0.05))
        assert len(result.unanswered) == 1


def test_nothing_is_asked_for_nothing(world: World, call: Call) -> None:
    here = mirror(world.folder / "here", 1)
    with faulty(v2("/m", index(2))) as server:
        done = call("list", "--count", "--wait", "0", here, f"{server.url}/m")
        line = f"cachetui: m ({server.url}/m): not asked; its builds are left out (--wait all waits for it)\n"
        assert (done.code, done.out, done.err) == (0, "1\n", line)
        assert asked(server) == []
        assert call("list", "--count", here, f"{server.url}/m").out == "2\n"


def test_commands_say_which_mirror_was_not_waited_for(world: World, call: Call) -> None:
    with faulty(v2("/good", index(1))) as server:
        world.mirrors(f"late: {silent(server, 'late')[0]}", f"good: {server.url}/good")
        done = call("list", "--count", "--wait", "0.05s")
        assert (done.code, done.out) == (0, "1\n")
        (line,) = done.err.splitlines()
        assert line.startswith(f"cachetui: late ({server.url}/late): no answer within ")
        assert line.endswith(" s; its builds are left out (--wait all waits for it)")
        # What is not found may be there.
        for command in (["list", "-q", "cmake@99"], ["packages", "-q", "cmake@99"]):
            assert call(*command).code == 3


def test_an_older_index_is_used_and_said(world: World, call: Call) -> None:
    with faulty(v3("/late", index(2))) as server:
        world.mirrors(f"late: {server.url}/late", f"good: {mirror(world.scope, 1)}")
        assert call("list", "--count").out == "2\n"
        silent(server, "late")
        done = call("list", "--count", "--max-age", "0", "--wait", "0.05")
        assert (done.code, done.out) == (0, "2\n")
        (line,) = done.err.splitlines()
        assert f"late ({server.url}/late): no answer within " in line
        assert line.endswith("s; showing its index from less than a minute ago")


def test_a_mirror_that_did_not_answer_is_not_waited_for_at_each_start(world: World) -> None:
    with faulty(v2("/good", index(1))) as server:
        locations = *silent(server, "late"), f"{server.url}/good"
        first = opened(*locations, policy=Policy(wait=0.05))
        asked(server)
        again = opened(*locations, policy=Policy(wait=HOUR))
        assert (asked(server), again.compiled) == ([], False)
        assert again.unanswered == first.unanswered
        server.table.update(v3("/late", index(2)))
        assert numbers(*locations, policy=Policy(wait=HOUR, max_age=0)) == {1, 2}
        assert opened(*locations).unanswered == ()


def test_who_waits_for_all_asks_it_again(world: World) -> None:
    with faulty(v2("/good", index(1))) as server:
        locations = *silent(server, "late"), f"{server.url}/good"
        assert opened(*locations, policy=NO_WAIT).unanswered
        server.table.update(v3("/late", index(2)))
        assert numbers(*locations, policy=Policy()) == {1, 2}


def test_a_catalog_without_it_is_not_complete(world: World) -> None:
    with faulty(v2("/good", index(1))) as server:
        locations = *silent(server, "late"), f"{server.url}/good"
        opened(*locations, policy=NO_WAIT)
        assert not _is_complete(catalog_file())
        shown = open_cached(locations, Policy(wait=HOUR))
        assert shown is not None
        shown.catalog.close()
        # The browser asks it again at once, as nothing waits for it.
        assert (shown.is_due, shown.is_outdated, len(shown.unanswered)) == (True, False, 1)
        server.table.update(v3("/late", index(2)))
        opened(*locations, policy=Policy())
        assert _is_complete(catalog_file())


def test_a_download_that_advances_is_continued_at_the_next_start(world: World) -> None:
    late = index(*range(2, 3000))
    with faulty(v2("/good", index(1))) as server:
        headers = {"ETag": etag_of(late)}
        cut = Stall(late[: len(late) // 2], len(late), headers)
        server.table["/late/build_cache/index.json"] = InTurn(cut, Content(late, etag_of(late)))
        locations = f"{server.url}/late", f"{server.url}/good"
        until_received(locations, "late")
        assert len(numbers(*locations, policy=Policy(wait=HOUR))) == 2999
        assert [request.headers["range"] for request in server.requests if "range" in request.headers]


def until_received(locations: Sequence[str], name: str) -> None:
    """Open what is there once a mirror has sent a part of its index."""
    asking = Asking()

    def show(progress: Progress) -> None:
        if any(each.name == name and each.done for each in progress.mirrors):
            asking.hurry()

    open_catalog(locations, show, asking=asking).catalog.close()
    asking.close()


def opened_so_far(asking: Asking, *locations: str, policy: Policy = NO_WAIT) -> tuple[set[int], bool]:
    """(the numbers of what is there, whether mirrors are still asked)."""
    result = open_catalog(locations, policy=policy, asking=asking)
    found = {int(result.catalog.spec(row).version.removeprefix("1.")) for row in range(len(result.catalog))}
    result.catalog.close()
    return found, result.is_partial


@pytest.mark.parametrize("is_stored", [True, False])
def test_what_comes_later_is_added(world: World, is_stored: bool) -> None:
    """The same connections go on: nothing is asked twice."""
    first_is_shown = threading.Event()
    later = v2("/late", index(2))

    def late(exchange: object) -> None:
        assert first_is_shown.wait(30)
        later["/late/build_cache/index.json"](exchange)  # type: ignore[arg-type]

    with faulty({**v2("/good", index(1)), **later, "/late/build_cache/index.json": late}) as server:
        locations = f"{server.url}/late", f"{server.url}/good"
        asking = Asking()
        assert opened_so_far(asking, *locations) == ({1}, True)
        first_is_shown.set()
        if is_stored:
            (ask,) = asking._asks.values()
            assert ask.ended.wait(30)
        assert opened_so_far(asking, *locations) == ({1, 2}, False)
        paths_asked = asked(server)
        assert len(paths_asked) == len(set(paths_asked))
        asking.close()


def test_the_user_does_not_want_to_wait(world: World) -> None:
    with faulty(v2("/good", index(1))) as server:
        late = silent(server, "late")
        asking = Asking()
        seen: list[Progress] = []

        def show(progress: Progress) -> None:
            seen.append(progress)
            if asking.has_something:
                asking.hurry()

        policy = Policy(wait=None)
        result = open_catalog([*late, f"{server.url}/good"], show, policy, asking=asking)
        result.catalog.close()
        asking.close()
        assert result.is_partial and len(result.unanswered) == 1
        assert {mirror.name for progress in seen for mirror in progress.mirrors} == {"late", "good"}


def test_stopping_does_not_wait_for_a_silent_mirror(world: World) -> None:
    with faulty({}) as server:
        late = silent(server, "late")

        def stop(progress: Progress) -> None:
            if server.requests:
                raise Cancelled("stopped")

        with pytest.raises(Cancelled):
            open_catalog(late, stop, Policy())
    assert not [thread for thread in threading.enumerate() if thread.name == "ask"]


@pytest.mark.parametrize("error", [OSError("odd"), ValueError("odd"), MemoryError(), KeyError("odd")])
def test_whatever_fails_concerns_one_mirror(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    update = update_index

    def failing(session: Session, store: object, address: object, *rest: object) -> IndexState:
        if str(address.url).endswith("bad"):  # type: ignore[attr-defined]
            raise error
        return update(session, store, address, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(updating, "update_index", failing)
    with faulty(v2("/good", index(1))) as server:
        result = opened(f"{server.url}/bad", f"{server.url}/good")
        (failure,) = result.failures
        assert type(error).__name__ in failure
        assert numbers(f"{server.url}/bad", f"{server.url}/good") == {1}
        with pytest.raises(SourceError):
            opened(f"{server.url}/bad")


def test_an_unreadable_index_is_no_answer_for_the_others(world: World) -> None:
    """The mirror that answers first has nothing that can be read: the other one is waited for."""
    with faulty(
        {**v2("/good", index(1)), "/bad/build_cache/index.json": Content(b'{"database": 1}')}
    ) as server:
        bad_was_read = threading.Event()
        good = server.table["/good/build_cache/index.json"]

        def late(exchange: Exchange) -> None:
            assert bad_was_read.wait(30)
            good(exchange)

        server.table["/good/build_cache/index.json"] = late
        locations = f"{server.url}/bad", f"{server.url}/good"

        def show(progress: Progress) -> None:
            if any(each.name == "bad" and not each.is_open for each in progress.mirrors):
                bad_was_read.set()

        asking = Asking()
        result = open_catalog(locations, show, NO_WAIT, asking=asking)
        result.catalog.close()
        asking.close()
        assert [mirror.name for mirror in result.catalog.mirrors] == ["good"]
        assert len(result.failures) == 1


def test_a_command_waits_for_the_others_if_nothing_can_be_read(world: World, call: Call) -> None:
    with faulty({**v2("/good", index(1)), "/bad/index.json": Content(b"{}")}) as server:
        done = call("list", "--count", "--wait", "0", str(world.folder / "gone"), f"{server.url}/good")
        assert (done.code, done.out) == (3, "1\n")


@pytest.mark.parametrize("error", [ValueError("odd"), MemoryError(), TypeError(), RecursionError("deep")])
def test_a_bug_in_a_reader_hides_no_other_source(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    good, bad = mirror(world.folder / "good", 1), mirror(world.folder / "bad", 2)
    parts = IndexFile.parts

    def failing(self: IndexFile, report: Report) -> Sequence[SourcePart]:
        if "bad" in str(self.file):
            raise error
        return parts(self, report)

    with monkeypatch.context() as patched:
        patched.setattr(IndexFile, "parts", failing)
        result = opened(good, bad)
        assert [type(error).__name__ in line for line in result.failures] == [True]
        assert numbers(good, bad) == {1}
    (Path(bad) / "build_cache" / "index.json").write_bytes(index(2, 3))
    assert numbers(good, bad) == {1, 2, 3}
    (Path(bad) / "build_cache" / "index.json").write_bytes(index(2, 3, 4))
    monkeypatch.setattr(IndexFile, "parts", failing)
    assert numbers(good, bad) == {1, 2, 3}


def test_content_that_was_refused_is_not_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    good, bad = mirror(world.folder / "good", 1), mirror(world.folder / "bad", 2)
    file = Path(bad) / "build_cache" / "index.json"
    assert numbers(good, bad) == {1, 2}
    file.write_bytes(index(2, 3)[:-9])
    first = opened(good, bad)
    read: list[Path] = []
    parts = IndexFile.parts

    def reading(self: IndexFile, report: Report) -> Sequence[SourcePart]:
        read.append(self.file)
        return parts(self, report)

    monkeypatch.setattr(IndexFile, "parts", reading)
    again = opened(good, bad)
    assert (len(first.failures), again.failures, read) == (1, first.failures, [])
    assert numbers(good, bad) == {1, 2}
    assert call("refresh", good, bad).code == 3
    assert read  # nothing is taken for granted
    file.write_bytes(index(2, 3))
    assert numbers(good, bad) == {1, 2, 3}
    assert not list(paths.catalog_dir().glob("*.refused"))


@pytest.mark.parametrize(
    "damage", [b"", b'["\xff", []]', b"[" * 100_000, b'["", "", 1]', b"\0" * 9], ids=repr
)
def test_damaged_note_of_what_was_refused(world: World, damage: bytes) -> None:
    good, bad = mirror(world.folder / "good", 1), mirror(world.folder / "bad", 2)
    file = Path(bad) / "build_cache" / "index.json"
    assert numbers(good, bad) == {1, 2}
    file.write_bytes(index(2, 3)[:-9])
    first = opened(good, bad)
    (note,) = paths.catalog_dir().glob("*.refused")
    note.write_bytes(damage)
    assert opened(good, bad).failures == first.failures


@pytest.mark.parametrize("error", [CatalogError("too deep"), MemoryError(), OSError("odd")])
def test_the_last_catalog_is_used_if_none_can_be_written(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    here = mirror(world.folder / "here", 1)
    assert numbers(here) == {1}
    mirror(Path(here), 1, 2)

    def failing(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(compiling, "write_catalog", failing)
    result = opened(here)
    assert len(result.failures) == 1
    assert "showing the catalog compiled at an earlier start" in result.notes
    assert numbers(here) == {1}


# The rule, with a clock of its own


class Clock:
    """A clock that is moved on by what happens."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Mirrors:
    """Mirrors whose answers are given one by one."""

    def __init__(self, clock: Clock, *names: str, is_shown: bool = False) -> None:
        self.asking = Asking(is_shown, clock)
        self.asking.begin(lambda tick: Session(Network(), tick))
        self.clock = clock
        self.answers = {name: threading.Event() for name in names}
        for name, answer in self.answers.items():
            self.asking.add(name, self.asking.ask(name, name, self._update(answer)))
        self.reported: list[str] = []

    @staticmethod
    def _update(answer: threading.Event) -> Update:
        def update(session: Session, received: OnReceived) -> IndexState:
            assert answer.wait(30)
            return IndexState(file=__file__, size=0)

        return update

    def wait(self, seconds: float | None, has_something: bool, *events: tuple[float, str]) -> None:
        """Wait while things happen: at a time, a mirror answers."""
        left = list(events)

        def report(mirrors: Sequence[MirrorProgress]) -> None:
            self.reported = [f"{each.name} {each.text}" for each in mirrors]
            if left:
                self.clock.now, name = left.pop(0)
                if name:
                    self.answers[name].set()
                    assert self.asking._asks[name].ended.wait(30)

        self.asking.wait(seconds, has_something, report)

    def close(self) -> None:
        """Let go of all."""
        for answer in self.answers.values():
            answer.set()
        self.asking.close()


@pytest.mark.parametrize(
    ("seconds", "has_something", "is_shown", "events", "end"),
    [
        (10.0, True, False, [(4.0, ""), (9.9, ""), (10.0, "")], 10.0),
        (10.0, False, False, [(4.0, ""), (10.0, ""), (50.0, "a")], 50.0),
        (10.0, False, False, [(4.0, "a"), (9.0, ""), (11.0, "")], 11.0),
        (10.0, False, False, [(4.0, "a"), (5.0, "b")], 5.0),
        (None, True, False, [(400.0, "a"), (5000.0, "b")], 5000.0),
        (1.0, True, True, [(4.0, ""), (10.0, ""), (50.0, "b")], 50.0),
    ],
)
def test_how_long_mirrors_are_waited_for(
    seconds: float | None, has_something: bool, is_shown: bool, events: list[tuple[float, str]], end: float
) -> None:
    mirrors = Mirrors(Clock(), "a", "b", is_shown=is_shown)
    mirrors.wait(seconds, has_something, *events)
    assert mirrors.clock.now == end
    mirrors.close()


def test_each_mirror_is_shown() -> None:
    mirrors = Mirrors(Clock(), "a", "b")
    mirrors.wait(10.0, False, (0.0, ""), (4.0, ""), (4.0, "a"), (11.0, ""))
    assert mirrors.reported == ["a done", "b no answer for 4 s"]
    mirrors.close()


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (MirrorProgress("m", "asking"), "asking"),
        (MirrorProgress("m", "asking", silence=8.4), "no answer for 8 s"),
        (MirrorProgress("m", "downloading", 12_000_000, 60_000_000), "12.0 of 60.0 MB"),
        (MirrorProgress("m", "downloading", 12_000_000), "12.0 MB"),
        (
            MirrorProgress("m", "downloading", 12_000_000, 60_000_000, 9.0),
            "12.0 of 60.0 MB, no answer for 9 s",
        ),
        (MirrorProgress("m", "done", 60_000_000, 60_000_000), "done, 60.0 MB"),
        (MirrorProgress("m", "done"), "done"),
        (MirrorProgress("m", "failed", reason="404 Not Found"), "failed: 404 Not Found"),
    ],
)
def test_the_state_of_a_mirror_as_text(progress: MirrorProgress, text: str) -> None:
    assert progress.text == text
