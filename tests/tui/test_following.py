"""What follows the cursor: other panes catch up once it rests, and before any command."""

from __future__ import annotations

from tests.tui.driver import browsing


async def test_the_detail_follows_when_the_cursor_rests() -> None:
    async with browsing() as browser:
        await browser.press("tab", "tab")
        shown = browser.detail.rows
        browser.burst("down")
        await browser.until(lambda: browser.table.cursor == 1)
        assert browser.detail.rows == shown
        await browser.until(lambda: browser.detail.rows == browser.table.highlighted != shown)


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
