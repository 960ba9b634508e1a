"""What follows the cursor: other panes catch up once it rests, and before any command."""

from __future__ import annotations

import pytest

from tests.tui.driver import browsing


async def test_the_detail_follows_when_the_cursor_rests() -> None:
    async with browsing() as browser:
        await browser.press("tab", "tab")
        shown = browser.detail.rows
        browser.burst("down")
        await browser.until(lambda: browser.table.cursor == 1)
        assert browser.detail.rows == shown
        await browser.until(lambda: browser.detail.rows == browser.table.highlighted != shown)


@pytest.mark.parametrize(("pane", "keys"), [("/", "cmake"), ("f", "x")])
async def test_the_detail_follows_once_typing_and_filtering_rest(pane: str, keys: str) -> None:
    async with browsing() as browser:
        await browser.press(pane, *["down"] * (pane == "f"))
        shown = browser.detail.rows
        screen = browser.screen
        assert shown == browser.table.highlighted, "the first builds are shown at once"
        screen.follower._rest = 3600.0
        browser.burst(*keys)
        await browser.until(lambda: browser.table.highlighted != shown and "detail" in screen.follower._steps)
        assert browser.detail.rows == shown
        screen.catch_up()
        assert browser.detail.rows == browser.table.highlighted


async def test_what_is_typed_waits_for_a_package_but_not_for_details() -> None:
    async with browsing() as browser:
        await browser.press("/", "c")  # a key after a command lets all follow
        screen = browser.screen
        screen.follower._rest = 3600.0
        done: list[str] = []
        screen.follower.follow("detail", lambda: done.append("detail"))
        screen.follower.follow("builds", lambda: done.append("builds"))
        browser.burst("m")
        await browser.until(lambda: bool(done))
        assert done == ["builds"]


async def test_the_builds_follow_when_the_cursor_rests() -> None:
    async with browsing() as browser:
        browser.burst("down", "down")
        await browser.until(lambda: browser.packages.cursor == 2)
        assert browser.result.package == ""
        await browser.until(lambda: browser.result.package == browser.packages.package != "")


async def test_a_command_comes_after_what_follows() -> None:
    async with browsing() as browser:
        browser.burst(*["down"] * 3, "enter", "down")
        await browser.settle()
        assert (browser.focus, browser.table.cursor) == ("table", 1)
        assert browser.result.package == browser.packages.package != ""


async def test_what_is_typed_is_not_undone_by_what_follows() -> None:
    async with browsing() as browser:
        browser.burst("/", "down", "down", *"cmake")
        await browser.settle()
        assert browser.result.package == "cmake"
