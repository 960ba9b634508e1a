"""Compiling a catalog: progress, stopping, failing."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.errors import LocationError, SourceError
from cachetui.fetch import Network
from cachetui.refresh import (
    Asking,
    MirrorProgress,
    OnProgress,
    Opened,
    Policy,
    Progress,
    open_catalog,
    updating,
)
from cachetui.tui import refreshing
from cachetui.tui.app import INTERRUPTED
from cachetui.tui.browse.screen import BrowseScreen
from cachetui.tui.screens import loading
from cachetui.tui.screens.loading import LoadingScreen, _mirror_lines
from tests.builders.mirrors import index, mirror, record, v2, v3
from tests.servers.faults import Exchange, Silent, faulty
from tests.tui.driver import Browser, browsing, started


class Held:
    """Reads a catalog as the browser does, but waits after each progress until it is let go on."""

    def __init__(self) -> None:
        self.waiting = threading.Event()
        self.go_on = threading.Event()

    def open_catalog(
        self, locations: Sequence[str], on_progress: OnProgress, policy: Policy, asking: Asking
    ) -> Opened:
        """See `refresh.open_catalog`."""

        def held(progress: Progress) -> None:
            on_progress(Progress(progress.source, 1_234_567, 1, 4, rate=23_456.0, seconds_left=120.0))
            self.waiting.set()
            assert self.go_on.wait(30)
            on_progress(progress)

        return open_catalog(locations, held, policy, asking=asking)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """The reading stops at its first progress."""
    reading = Held()
    monkeypatch.setattr(loading, "open_catalog", reading.open_catalog)
    yield reading
    reading.go_on.set()


def catalogs() -> set[str]:
    """The files in the folder of catalogs."""
    return {file.name for file in paths.catalog_dir().iterdir()}


def is_browsing(browser: Browser) -> bool:
    """Whether the catalog is open."""
    return isinstance(browser.app.screen, BrowseScreen)


async def test_a_location_is_compiled_and_opened(tmp_path: Path) -> None:
    before = catalogs()
    async with browsing(mirror(tmp_path / "here", record(1), record(2, "cmake"))) as browser:
        assert " here    2 builds of 2 packages " in browser.title
        assert "sample" not in browser.text
    assert len(catalogs() - before) == 1


async def test_progress_is_shown_and_then_the_catalog(tmp_path: Path, held: Held) -> None:
    async with started(mirror(tmp_path / "here", record(1)), size=(80, 24)) as browser:
        await browser.until(lambda: "25%" in browser.text)
        assert "reading here" in browser.text
        assert "1,234,567 specs, 23,456/s, 120 s left" in browser.text
        assert "█" * 6 + "░" * 18 in browser.text
        held.go_on.set()
        await browser.until(lambda: is_browsing(browser))
        await browser.settle()
        assert " here    1 build of 1 package " in browser.title
        assert browser.focus == "query"
        browser.catalog.close()


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_stopping_leaves_no_catalog(tmp_path: Path, held: Held, key: str) -> None:
    before = catalogs()
    async with started(mirror(tmp_path / "here", record(1))) as browser:
        await browser.until(lambda: held.waiting.is_set() and "25%" in browser.text)
        browser.burst(key)
        await browser.until(lambda: browser.app._exit)
        assert isinstance(browser.app.screen, LoadingScreen)
        held.go_on.set()
    assert browser.app.return_code == INTERRUPTED
    assert browser.app.failure is None
    assert catalogs() == before


async def test_stopping_leaves_the_next_start_as_it_was(tmp_path: Path, held: Held) -> None:
    location = mirror(tmp_path / "here", record(1))
    async with started(location) as browser:
        await browser.until(held.waiting.is_set)
        browser.burst("q")
        await browser.until(lambda: browser.app._exit)
        held.go_on.set()
    async with browsing(location) as browser:
        assert browser.result.total == 1


async def test_a_failure_of_all_locations_ends_the_app(tmp_path: Path) -> None:
    async with started(str(tmp_path / "gone")) as browser:
        await browser.until(lambda: browser.app._exit)
    assert isinstance(browser.app.failure, LocationError)
    assert "no such file or folder" in str(browser.app.failure)


async def test_a_damaged_index_ends_the_app(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", record(1))
    file = Path(location) / "build_cache" / "index.json"
    file.write_bytes(file.read_bytes()[:-40])
    async with started(location) as browser:
        await browser.until(lambda: browser.app._exit)
    assert isinstance(browser.app.failure, SourceError)


async def test_a_compiled_catalog_is_opened_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    location = mirror(tmp_path / "m", record(1))
    open_catalog([location]).catalog.close()
    monkeypatch.setattr(loading, "open_catalog", None)
    async with browsing(location) as browser:
        assert browser.result.total == 1


# Mirrors that do not answer


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of a transfer alone would hold up a test for ever."""
    monkeypatch.setattr(updating, "network_of", lambda config: Network(3600.0, 3600.0))
    monkeypatch.setattr(loading, "WAIT", 3600.0)
    monkeypatch.setattr(refreshing, "WAIT", 0.0)


MANIFEST = "/late/v3/manifests/index/index.manifest.json"


@pytest.mark.usefixtures("home", "patient")
async def test_esc_goes_on_with_what_is_there_and_the_rest_is_added() -> None:
    shown, later = threading.Event(), v3("/late", index(2))

    def late(exchange: Exchange) -> None:
        assert shown.wait(30)
        later[MANIFEST](exchange)

    with faulty({**v2("/good", index(1, 3)), **later, MANIFEST: late}) as server:
        async with started(f"{server.url}/late", f"{server.url}/good", size=(80, 24)) as browser:
            await browser.until(lambda: "good  done" in browser.text)
            assert "late  asking" in browser.text or "late  no answer" in browser.text
            assert "Esc goes on with what is there   q quits" in browser.text
            browser.burst("escape")
            await browser.until(lambda: is_browsing(browser) and bool(browser.screen.bars.activity))
            assert "asking late" in browser.title
            assert browser.result.total == 2
            browser.burst("enter")
            await browser.until(lambda: browser.focus == "table")
            (row,) = browser.table.highlighted
            before = browser.catalog.dag_hash(row)
            shown.set()
            await browser.until(lambda: browser.result.total == 3)
            await browser.settle()
            (row,) = browser.table.highlighted
            assert browser.catalog.dag_hash(row) == before
            assert "updated: 3 builds, +1" in browser.status
            assert not browser.screen.is_refreshing
            browser.catalog.close()


@pytest.mark.usefixtures("home", "patient")
async def test_a_local_mirror_is_shown_before_a_silent_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "WAIT", 0.01)
    with faulty({MANIFEST: Silent()}) as server:
        async with started(f"{server.url}/late", mirror(tmp_path / "here", record(1))) as browser:
            await browser.until(lambda: is_browsing(browser) and bool(browser.screen.bars.activity))
            assert browser.result.total == 1
            browser.burst("escape", "escape")
            await browser.until(lambda: not browser.screen.is_refreshing)
            await browser.settle()
            assert "1 mirror not reached ! details" in browser.title
            await browser.press("!")
            assert "1 mirror did not answer" in browser.text
            assert "its builds are left out" in browser.text
            browser.catalog.close()


@pytest.mark.usefixtures("home", "patient")
async def test_where_nothing_is_there_esc_offers_the_sample() -> None:
    with faulty({MANIFEST: Silent()}) as server:
        async with started(f"{server.url}/late", size=(80, 24)) as browser:
            await browser.until(lambda: "asking late" in browser.text)
            for _ in range(2):
                await type_into_loading(browser, "escape", "s opens the sample")
                await type_into_loading(browser, "escape", "Esc goes on with what is there")
            await type_into_loading(browser, "escape", "nothing can be shown yet:  Esc waits")
            browser.burst("s")
            await browser.until(lambda: is_browsing(browser))
            await browser.settle()
            assert browser.app.locations == ("sample",)
            browser.catalog.close()


async def type_into_loading(browser: Browser, key: str, shown: str) -> None:
    """Type a key and wait for what it shows."""
    browser.burst(key)
    await browser.until(lambda: shown in browser.text)


@pytest.mark.usefixtures("home", "patient")
@pytest.mark.parametrize("keys", [("q",), ("ctrl+c",), ("escape", "q")])
async def test_a_silent_mirror_does_not_keep_the_browser(keys: tuple[str, ...]) -> None:
    with faulty({MANIFEST: Silent()}) as server:
        async with started(f"{server.url}/late") as browser:
            await browser.until(lambda: "asking late" in browser.text)
            browser.burst(*keys)
            await browser.until(lambda: browser.app._exit)
        assert browser.app.return_code == INTERRUPTED


async def test_a_reader_that_never_ends_does_not_keep_the_browser(tmp_path: Path, held: Held) -> None:
    async with started(mirror(tmp_path / "here", record(1))) as browser:
        await browser.until(held.waiting.is_set)
        browser.burst("ctrl+c")
        await browser.until(lambda: browser.app._exit)
    # The app has ended, and its thread has not: it is none that Python waits for.
    assert [thread.daemon for thread in threading.enumerate() if thread.name == "task"] == [True]
    held.go_on.set()


def test_as_many_mirrors_are_listed_as_there_is_room_for() -> None:
    many = tuple(MirrorProgress(f"m{number}", "done" if number < 20 else "asking") for number in range(22))
    texts = [
        "".join(text for text, _ in line) for line in _mirror_lines(Progress("", 0, 0, 0, mirrors=many), 6)
    ]
    assert [text.split() for text in texts] == [
        [],
        ["m0", "done"],
        ["m1", "done"],
        ["m2", "done"],
        ["m20", "asking"],
        ["m21", "asking"],
        ["and", "17", "more"],
        [],
    ]
