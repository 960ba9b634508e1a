"""Only what is open is alive: catalogs and engines that were replaced are freed, however they were used."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from cachetui.catalog import Catalog
from cachetui.refresh import memory
from cachetui.search import Engine
from tests.builders.homes import configure_mirrors
from tests.builders.mirrors import mirror, record
from tests.tui.driver import Browser, browsing
from tests.tui.test_mirrors import go_to
from tests.tui.test_news import builds, rewrite

pytestmark = pytest.mark.usefixtures("without_collection")

LOOKALIKES = [record(number, "package-same", version="1") for number in (90, 91, 92)]


class Opened:
    """The catalogs and engines that a browser has had."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._catalogs: list[weakref.ref[Catalog]] = []
        self._engines: list[weakref.ref[Engine]] = []

    def add(self) -> None:
        """Take those that are open now."""
        self._catalogs.append(weakref.ref(self._browser.screen.view.catalog))
        self._engines.append(weakref.ref(self._browser.screen.view.engine))

    @property
    def alive(self) -> list[int]:
        """The places of those of which anything is alive."""
        pairs = enumerate(zip(self._catalogs, self._engines, strict=True))
        return [place for place, (catalog, engine) in pairs if catalog() or engine()]


async def look_around(browser: Browser) -> None:
    """Use every pane, so that each has something of the catalog to remember."""
    await browser.query("package-00 os=debian12 ")
    await browser.press("tab", "backspace", "enter", "down", "space", "s", "R", "escape", "escape")
    await browser.press("f", "down", "space", "down", "x", "escape", "tab", "enter", "down", "escape")
    await browser.query("same")
    await browser.press("enter", "enter", "down", "tab", "down", "escape", "escape")
    await browser.query("@@")
    assert browser.query_bar.error is not None
    await browser.press("enter", "!", "escape", "?", "escape")
    await browser.press("number_sign", "b", "down", "right", "escape", "t", "down", "b", "escape")


async def test_refreshes_free_what_they_replace(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", *builds(1, 2), *LOOKALIKES)
    async with browsing(location) as browser:
        opened = Opened(browser)
        opened.add()
        for number in range(3, 6):
            await look_around(browser)
            rewrite(location, *builds(*range(number)), *LOOKALIKES)
            await browser.press("r")
            assert len(browser.screen.view.catalog) == number + len(LOOKALIKES)
            opened.add()
            assert opened.alive == [number - 2]


async def test_refreshes_give_back_what_they_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the start, which has freed nothing."""
    given_back: list[int] = []

    def is_given_back(times: int) -> Callable[[], bool]:
        return lambda: len(given_back) == times

    monkeypatch.setattr(memory, "return_freed", lambda: given_back.append(1))
    # Compiling does so as well.
    monkeypatch.setattr(memory, "return_memory", lambda: None)
    location = mirror(tmp_path / "m", *builds(1))
    async with browsing(location) as browser:
        for number in range(3):
            await browser.until(is_given_back(number))
            rewrite(location, *builds(*range(number + 2)))
            await browser.press("r")
            assert len(browser.screen.view.catalog) == number + 2
        await browser.until(is_given_back(3))


async def test_a_refresh_that_finds_nothing_frees_what_it_opened(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *builds(1))) as browser:
        await look_around(browser)
        before = {id(each) for each in gc.get_objects() if type(each) is Catalog}
        await browser.press("r")
        assert {id(each) for each in gc.get_objects() if type(each) is Catalog} == before


async def test_other_locations_free_what_they_replace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (mirror(tmp_path / name, *builds(1, 2), *LOOKALIKES) for name in ("one", "other"))
    configure_mirrors(tmp_path / "spack", monkeypatch, f"one: {one}", f"other: {other}")
    async with browsing(one) as browser:
        opened = Opened(browser)
        opened.add()
        for place, name in enumerate(("other", "one", "other"), start=1):
            await look_around(browser)
            await browser.press("m")
            await go_to(browser, name)
            await browser.press("enter")
            assert browser.screen.view.catalog.meta["title"] == name
            opened.add()
            assert opened.alive == [place]
