"""All that a build needs is walked in the background where it is much; the panel shows the rest at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cachetui.catalog import Catalog
from cachetui.graph.tree import FOUND_PACE
from cachetui.install import downloads
from cachetui.tui.browse import walking_ahead
from cachetui.tui.widgets.spec_detail import Section
from tests.builders.mirrors import mirror, record
from tests.tui.driver import Browser, browsing
from tests.tui.test_walk import chain, edges

LONG, MOST = 3000, 50


class Walks:
    """Counts the nodes whose edges are read; after `hold`, none is read in the background."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.here = self.behind = 0
        self._free = threading.Event()
        self._free.set()
        self._loop = threading.get_ident()
        read = Catalog.edge_numbers

        def look_at(catalog: Catalog, row: int) -> Any:
            if threading.get_ident() == self._loop:
                self.here += 1
            else:
                self.behind += 1
                assert self._free.wait(30)
            return read(catalog, row)

        patch.setattr(Catalog, "edge_numbers", look_at)
        patch.setattr(walking_ahead, "MOST_AT_ONCE", MOST)
        patch.setattr(downloads, "MOST_NODES", MOST)

    def hold(self) -> None:
        self._free.clear()
        self.here = self.behind = 0

    def let_go(self) -> None:
        self._free.set()


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Walks]:
    walks = Walks(monkeypatch)
    yield walks
    walks.let_go()


def panel(browser: Browser) -> list[str]:
    """The lines of the panel, below its title."""
    return [line for line in browser.pane("detail")[1:] if line.strip("┗━┛─ ")]


async def open_second(browser: Browser) -> None:
    """Open the second build of the chain; the first one was shown at the start."""
    browser.burst(*"n0002", "enter", "enter")
    await browser.until(lambda: browser.focus == "detail" and "n0002@" in browser.pane("detail")[0])


async def test_the_rest_is_shown_at_once_and_stays_where_it_is(tmp_path: Path, walks: Walks) -> None:
    async with browsing(mirror(tmp_path / "m", *chain(LONG)), is_typing=True) as browser:
        walks.hold()
        await open_second(browser)
        await browser.until(lambda: "counting ..." in browser.text and walks.behind > 0)
        assert walks.here < 10 * MOST, "the event loop walks"
        at_once = panel(browser)
        assert at_once[-1].split() == ["closure", "counting", "..."]
        walks.let_go()
        await browser.settle()
        assert panel(browser)[: len(at_once) - 1] == at_once[:-1]
        assert f"complete, {LONG - 1:,} builds by link and run" in browser.text
        assert "runs here" in browser.text.replace(browser.pane("detail")[0], "")
        assert walks.here < 10 * MOST


async def test_leaving_the_build_gives_it_up(tmp_path: Path, walks: Walks) -> None:
    async with browsing(mirror(tmp_path / "m", *chain(LONG)), is_typing=True) as browser:
        walks.hold()
        await open_second(browser)
        await browser.until(lambda: walks.behind > 0)
        browser.screen.show_builds([browser.catalog.package_rows(f"n{LONG:04}")[0]])
        walks.let_go()
        await browser.settle()
        assert walks.behind <= FOUND_PACE


async def test_no_section_walks_on_the_event_loop(tmp_path: Path, walks: Walks) -> None:
    async with browsing(mirror(tmp_path / "m", *chain(LONG)), is_typing=True) as browser:
        await open_second(browser)
        await browser.settle()
        walks.here = 0
        browser.detail.show_section(Section.INSTALL)
        await browser.settle()
        assert "spack install --cache-only" in browser.text
        browser.detail.show_section(Section.PLACES)
        await browser.settle()
        assert "[Where]" in browser.text
        assert "by link and run" not in browser.text, "of so many it is not known"
        assert walks.here < 10 * MOST


async def test_look_alikes_that_need_very_many(tmp_path: Path, walks: Walks) -> None:
    long = chain(LONG)
    alike = record(LONG + 1, "n0002", dependencies=edges(("n0004", 4, ("link",))))
    async with browsing(mirror(tmp_path / "m", *long, alike), is_typing=True) as browser:
        walks.hold()
        browser.burst(*"n0002", "enter")
        await browser.until(lambda: "2 look-alikes" in browser.text and "comparing ..." in browser.text)
        assert walks.here < 10 * MOST, "the event loop walks"
        walks.let_go()
        await browser.settle()
        assert "differ in  ^n0003" in browser.text and "comparing" not in browser.text


async def test_an_ordinary_build_is_painted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cachetui.tui.browse.walking_ahead.run_task", None)
    async with browsing(mirror(tmp_path / "m", *chain(300)), is_typing=True) as browser:
        await open_second(browser)
        assert "complete, 299 builds by link and run" in browser.text
        assert panel(browser)[0].split()[0] in ("runs", "hash")
