"""Choosing colours: each theme is tried under the cursor, Enter keeps it, Esc brings the old one back."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cachetui.config import Config
from cachetui.tui.dialogs.themes import ThemesScreen
from cachetui.tui.remembered import Remembered, load_remembered, remember
from cachetui.tui.terminal_input import TerminalBackground
from cachetui.tui.themes import DARK, LIGHT
from tests.tui.driver import Browser, browsing


def colours(browser: Browser) -> set[str]:
    """The backgrounds of what is painted."""
    styles = [segment.style for strip in browser.strips for segment in strip]
    return {str(style.bgcolor) for style in styles if style is not None}


async def try_theme(browser: Browser, name: str) -> None:
    """Open the list of themes, and put its cursor on one."""
    await browser.press("ctrl+t")
    screen = browser.app.screen
    assert isinstance(screen, ThemesScreen)
    await browser.press("g", *["down"] * screen.names.index(name))


async def test_the_theme_under_the_cursor_is_tried() -> None:
    async with browsing() as browser:
        before = browser.app.theme
        assert before != "nord"
        painted = colours(browser)
        await try_theme(browser, "nord")
        assert browser.app.theme == "nord"
        assert colours(browser) != painted


async def test_enter_keeps_a_theme_for_the_next_start() -> None:
    async with browsing() as browser:
        await try_theme(browser, "nord")
        assert load_remembered().theme == ""
        await browser.press("enter")
        assert (browser.app.screen, browser.app.theme) == (browser.screen, "nord")
        assert load_remembered().theme == "nord"
    async with browsing() as browser:
        assert browser.app.theme == "nord"


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_esc_brings_the_old_theme_back(key: str) -> None:
    async with browsing() as browser:
        before, painted = browser.app.theme, browser.strips
        await try_theme(browser, "nord")
        await browser.press(key)
        assert (browser.app.screen, browser.app.theme) == (browser.screen, before)
        assert [*browser.strips] == [*painted]
        assert load_remembered().theme == ""


async def test_themes_are_tried_while_a_query_is_typed() -> None:
    async with browsing(is_typing=True) as browser:
        await browser.press(*"hdf5")
        await try_theme(browser, "nord")
        await browser.press("enter")
        assert (browser.focus, browser.query_bar.text, browser.app.theme) == ("query", "hdf5", "nord")


async def test_what_else_is_remembered_stays() -> None:
    remember(lambda remembered: replace(remembered, facets=("os",)))
    async with browsing() as browser:
        await try_theme(browser, "nord")
        await browser.press("enter")
    assert load_remembered() == Remembered(facets=("os",), theme="nord")


# The background of the terminal


@pytest.mark.parametrize(("is_light", "theme"), [(True, LIGHT), (False, DARK)])
async def test_the_background_that_the_terminal_tells_chooses_the_theme(is_light: bool, theme: str) -> None:
    async with browsing() as browser:
        browser.app.post_message(TerminalBackground(not is_light))
        await browser.settle()
        painted = colours(browser)
        browser.app.post_message(TerminalBackground(is_light))
        await browser.settle()
        assert browser.app.theme == theme
        assert colours(browser).isdisjoint(painted)


async def test_the_background_is_remembered() -> None:
    async with browsing() as browser:
        assert (browser.app.theme, load_remembered().is_light) == (DARK, None)
        browser.app.post_message(TerminalBackground(True))
        await browser.settle()
        assert load_remembered().is_light is True
    async with browsing() as browser:
        assert browser.app.theme == LIGHT
        browser.app.post_message(TerminalBackground(False))
        await browser.settle()
        assert (browser.app.theme, load_remembered().is_light) == (DARK, False)


async def test_a_theme_of_ones_own_does_not_follow_the_background() -> None:
    async with browsing(config=Config(theme="nord")) as browser:
        browser.app.post_message(TerminalBackground(True))
        await browser.settle()
        assert (browser.app.theme, load_remembered().is_light) == ("nord", True)


async def test_the_background_changes_what_a_dialog_covers() -> None:
    async with browsing() as browser:
        await browser.press("?")
        painted = colours(browser)
        browser.app.post_message(TerminalBackground(True))
        await browser.settle()
        await browser.press("escape")
        assert browser.app.theme == LIGHT
        assert colours(browser).isdisjoint(painted)


async def test_a_background_that_is_told_late_leaves_a_theme_that_was_chosen_meanwhile() -> None:
    async with browsing() as browser:
        await try_theme(browser, "nord")
        browser.app.post_message(TerminalBackground(True))
        await browser.settle()
        assert browser.app.theme == "nord"
        await browser.press("enter")
        browser.app.post_message(TerminalBackground(False))
        await browser.settle()
        assert browser.app.theme == "nord"
