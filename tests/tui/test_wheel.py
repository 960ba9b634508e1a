"""The wheel of a mouse scrolls what lies under it, whatever has the focus."""

from __future__ import annotations

import pytest
from textual import events

from cachetui.tui.widgets.line_list import WHEEL_LINES
from tests.tui.driver import Browser, browsing

PANES = ("packages", "facets", "table", "detail")


async def turn(browser: Browser, x: int, y: int, times: int = 1, up: bool = False) -> None:
    """Turn the wheel over a cell of the screen."""
    event = events.MouseScrollUp if up else events.MouseScrollDown
    for _ in range(times):
        browser.app.screen.post_message(event(None, x, y, 0, 0, 0, False, False, False))
        await browser.settle()


def seen(browser: Browser) -> dict[str, list[str]]:
    return {name: browser.pane(name) for name in PANES}


@pytest.mark.parametrize("focus", ["query", *PANES])
@pytest.mark.parametrize("under", PANES)
async def test_the_wheel_scrolls_the_pane_under_it(under: str, focus: str) -> None:
    async with browsing(size=(120, 24)) as browser:
        while focus != "query" and browser.focus != focus:
            await browser.press("tab")
        if focus == "query":
            await browser.press("/")
        before, region = seen(browser), browser.region(under)
        x, y = region.x + region.width // 2, region.bottom - 1
        await turn(browser, x, y, times=8)
        assert getattr(browser, under).top > 0
        assert browser.focus == focus
        # Another package has other builds, and another build another detail panel.
        follow = PANES[PANES.index(under) + 1 :] if under != "facets" else ()
        for name in set(PANES) - {under, *follow}:
            assert browser.pane(name) == before[name], name
        await turn(browser, x, y, times=9, up=True)
        assert getattr(browser, under).top == 0


async def test_the_wheel_stops_at_both_ends() -> None:
    async with browsing() as browser:
        region, table = browser.region("table"), browser.table
        await turn(browser, region.x + 5, region.y + 5, up=True)
        assert (table.top, table.cursor) == (0, 0)
        await browser.press("tab", "tab", "G")
        last = browser.pane("table")
        await turn(browser, region.x + 5, region.y + 5, times=2)
        assert browser.pane("table") == last
        await turn(browser, region.x + 5, region.y + 5, up=True)
        assert table.cursor == table.line_count() - 1 - WHEEL_LINES


@pytest.mark.parametrize("where", ["title", "query", "hints"])
async def test_the_wheel_over_a_bar_changes_nothing(where: str) -> None:
    async with browsing() as browser:
        before, region = browser.text, browser.region(where)
        await turn(browser, region.x + 5, region.y)
        assert browser.text == before


async def test_the_wheel_scrolls_a_dialog_and_nothing_below_it() -> None:
    async with browsing(size=(100, 30)) as browser:
        await browser.press("?")
        before = browser.text.splitlines()
        await turn(browser, 50, 15)
        scrolled = browser.text.splitlines()
        assert scrolled[5:10] != before[5:10]
        assert [line[:3] for line in scrolled] == [line[:3] for line in before]
        await turn(browser, 50, 15, up=True)
        assert browser.text.splitlines() == before
        await turn(browser, 1, 15)  # beside the box
        assert browser.text.splitlines() == before
