"""Compiling a catalog: progress, stopping, failing."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.errors import LocationError, SourceError
from cachetui.refresh import OnProgress, Opened, Policy, Progress, open_catalog
from cachetui.tui.app import INTERRUPTED
from cachetui.tui.browse.screen import BrowseScreen
from cachetui.tui.screens import loading
from cachetui.tui.screens.loading import LoadingScreen
from tests.builders.mirrors import mirror, record
from tests.tui.driver import Browser, browsing, started


class Held:
    """Reads a catalog as the browser does, but waits after each progress until it is let go on."""

    def __init__(self) -> None:
        self.waiting = threading.Event()
        self.go_on = threading.Event()

    def open_catalog(self, locations: Sequence[str], on_progress: OnProgress, policy: Policy) -> Opened:
        """See `refresh.open_catalog`."""

        def held(progress: Progress) -> None:
            on_progress(Progress(progress.source, 1_234_567, 1, 4, rate=23_456.0, seconds_left=120.0))
            self.waiting.set()
            assert self.go_on.wait(30)
            on_progress(progress)

        return open_catalog(locations, held, policy)


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


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
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
        browser.burst("escape")
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
