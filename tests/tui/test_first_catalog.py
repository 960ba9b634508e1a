"""A file system that does not answer: the first screen comes all the same, and is left at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from cachetui.refresh import Opened, Policy, open_cached, open_catalog
from cachetui.tui import first_catalog
from cachetui.tui.app import INTERRUPTED
from cachetui.tui.screens import loading
from tests.builders.mirrors import mirror, record
from tests.tui.driver import Browser, started
from tests.tui.test_loading import is_browsing, type_into_loading

WAITING = "waiting for the file system"


class Hung:
    """A file system that answers once it is told to."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.opened: list[Opened | None] = []
        self.ended = threading.Event()

    def open_cached(self, locations: Sequence[str], policy: Policy) -> Opened | None:
        """See `refresh.open_cached`."""
        assert self.answers.wait(30)
        self.opened.append(open_cached(locations, policy))
        self.ended.set()
        return self.opened[-1]


@pytest.fixture
def hung(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hung]:
    """What is on disk is not there yet."""
    files = Hung()
    monkeypatch.setattr(first_catalog, "PATIENCE", 0.01)
    monkeypatch.setattr(first_catalog, "open_cached", files.open_cached)
    yield files
    files.answers.set()


@pytest.mark.parametrize("keys", [("q",), ("ctrl+c",), ("escape", "q")])
async def test_the_browser_is_left(hung: Hung, keys: tuple[str, ...]) -> None:
    async with started("sample") as browser:
        await browser.until(lambda: WAITING in browser.text)
        browser.burst(*keys)
        await browser.until(lambda: browser.app._exit)
    assert browser.app.return_code == INTERRUPTED
    assert not hung.answers.is_set()


async def shown(browser: Browser) -> int:
    """Wait for the main screen; the builds of its catalog."""
    await browser.until(lambda: is_browsing(browser))
    await browser.settle()
    browser.catalog.close()
    return browser.result.total


async def test_what_comes_late_is_shown(hung: Hung, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    location = mirror(tmp_path / "m", record(1), record(2))
    open_catalog([location]).catalog.close()
    monkeypatch.setattr(loading, "open_catalog", None)
    async with started(location) as browser:
        await browser.until(lambda: WAITING in browser.text)
        hung.answers.set()
        assert await shown(browser) == 2


async def test_where_nothing_comes_the_locations_are_read(hung: Hung, tmp_path: Path) -> None:
    async with started(mirror(tmp_path / "m", record(1))) as browser:
        await browser.until(lambda: WAITING in browser.text)
        hung.answers.set()
        assert await shown(browser) == 1
    assert hung.opened == [None]


async def test_the_sample_is_opened_meanwhile(hung: Hung, tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", record(1))
    open_catalog([location]).catalog.close()
    async with started(location) as browser:
        await browser.until(lambda: WAITING in browser.text)
        await type_into_loading(browser, "escape", "s opens the sample")
        browser.burst("s")
        assert await shown(browser) == 793
        hung.answers.set()
        await browser.until(hung.ended.is_set)
        assert browser.app.locations == ("sample",)
    (late,) = hung.opened
    assert late is not None
    assert_closed(late)


def assert_closed(opened: Opened) -> None:
    """Wait until the thread has closed what nobody takes."""
    for thread in threading.enumerate():
        if thread.name == "first-catalog":
            thread.join(30)
    with pytest.raises(Exception, match="closed"):
        opened.catalog.spec(0)
