"""The first and the last line of the screen can be clicked, and a message goes away with the next key."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachetui.tui import StartOptions
from cachetui.tui.browse.hints import TYPING, hints
from cachetui.tui.browse.panes import Pane
from cachetui.tui.commands import BROWSE_COMMANDS, DETAIL_COMMANDS
from cachetui.tui.dialogs.help import HelpScreen
from cachetui.tui.dialogs.mirrors import MirrorsScreen
from cachetui.tui.dialogs.palette import PaletteScreen
from cachetui.tui.dialogs.problems import ProblemsScreen
from cachetui.tui.widgets.lines import line_width
from cachetui.tui.widgets.text_lines import fitting
from tests.builders.mirrors import mirror, record
from tests.tui.driver import Browser, browsing


async def click_hint(browser: Browser, word: str) -> None:
    """Click on the word of a hint."""
    await browser.click("hints", browser.hints.index(f" {word} ") + 1, 0)


# hints


@pytest.mark.parametrize(
    ("word", "dialog"), [("help", HelpScreen), ("mirrors", MirrorsScreen), ("all commands", PaletteScreen)]
)
async def test_a_clicked_hint_shows_its_dialog(word: str, dialog: type) -> None:
    async with browsing(is_typing=word == "all commands") as browser:
        await click_hint(browser, word)
        assert isinstance(browser.app.screen, dialog)


@pytest.mark.parametrize(
    ("word", "focus"), [("query", "query"), ("panes", "facets"), ("filters", "facets"), ("builds", "table")]
)
async def test_a_clicked_hint_leads_where_its_key_leads(word: str, focus: str) -> None:
    async with browsing() as browser:
        await click_hint(browser, word)
        assert browser.focus == focus


@pytest.mark.parametrize(
    ("word", "focus"), [("to the builds", "table"), ("next pane", "facets"), ("commands", "packages")]
)
async def test_a_hint_can_be_clicked_while_typing(word: str, focus: str) -> None:
    async with browsing(is_typing=True) as browser:
        await click_hint(browser, word)
        assert browser.focus == focus


async def test_a_clicked_hint_acts_on_the_pane_that_it_is_about() -> None:
    async with browsing(options=StartOptions("py-filelock")) as browser:
        await click_hint(browser, "mark")
        assert len(browser.table.marked) == 1 and browser.table.cursor == 1
        await browser.press("f", "down", "down")
        await click_hint(browser, "select")
        assert len(browser.screen.selection.choices) == 1


async def test_a_click_on_its_key_works_too_and_one_beside_all_hints_does_nothing() -> None:
    async with browsing() as browser:
        await browser.click("hints", len(browser.hints) + 3, 0)
        assert (browser.app.screen, browser.focus) == (browser.screen, "packages")
        await browser.click("hints", browser.hints.index("F1"), 0)
        assert isinstance(browser.app.screen, HelpScreen)


async def test_a_line_that_stands_in_place_of_the_hints_has_none() -> None:
    async with browsing(is_typing=True) as browser:
        await browser.press(*"filelock %")
        assert browser.hints.startswith(" Tab ")
        await browser.click("hints", 5, 0)
        assert (browser.focus, browser.query_bar.text) == ("query", "filelock %")
        await browser.press("escape", "f", "down", "/")
        await browser.click("hints", 5, 0)
        assert browser.focus == "facets" and browser.facets.searched == "compiler"


async def test_a_clicked_quit_quits() -> None:
    async with browsing() as browser:
        await browser.click("hints", browser.hints.index(" quit") + 1, 0)
        assert browser.app._exit


@pytest.mark.parametrize("width", range(10, 140, 10))
@pytest.mark.parametrize("pane", Pane)
def test_where_there_is_little_room_help_is_never_left_out(pane: Pane, width: int) -> None:
    for shown in (hints(pane, {}, width, "open"), fitting(TYPING, width)):
        words = [hint.word for hint in shown]
        assert "help" in words and (width < 80 or "quit" in words)
        assert len(shown) == 1 or sum(line_width(hint.line) for hint in shown) <= width


def test_with_more_room_there_are_more_hints_in_one_order() -> None:
    all_of_them = [hint.word for hint in hints(Pane.TABLE, {}, 1000, "open")]
    for width in range(20, 200, 20):
        shown = [hint.word for hint in hints(Pane.TABLE, {}, width, "open")]
        assert shown == [word for word in all_of_them if word in shown]
    assert {"open", "mark", "sort", "copy", "undo", "help", "quit"} <= set(all_of_them)


def test_hints_are_in_the_order_of_the_commands() -> None:
    shown = [hint.word for hint in hints(Pane.DETAIL, {}, 1000, "open")]
    assert shown == [each.hint for each in (*DETAIL_COMMANDS, *BROWSE_COMMANDS) if each.hint]


def test_a_hint_has_the_keys_of_the_user() -> None:
    shown = {hint.word: hint.keys for hint in hints(Pane.TABLE, {"copy-hash": "c"}, 1000, "open")}
    assert (shown["copy"], shown["copy as"]) == ("c", "Y")


# title


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (50, 20)])
async def test_a_click_at_the_end_of_the_title_opens_the_help(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        assert browser.title.endswith("F1 help")
        await browser.click("title", 5, 0)
        assert browser.app.screen is browser.screen
        await browser.click("title", size[0] - 3, 0)
        assert isinstance(browser.app.screen, HelpScreen)


async def test_a_click_on_a_warning_in_the_title_says_what_it_is_about(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "here", record(1)), str(tmp_path / "gone")) as browser:
        await browser.click("title", browser.title.index("1 of 2 mirrors failed") + 2, 0)
        assert isinstance(browser.app.screen, ProblemsScreen)
        assert f"{tmp_path}/gone" in browser.text


# messages


async def test_a_message_stands_in_place_of_the_reading_until_the_next_key() -> None:
    async with browsing() as browser:
        await browser.query("filelock @3.29")
        await browser.press("escape")
        reading = browser.reading
        await browser.press("w")
        assert browser.reading == browser.status == " no facet value is selected"
        await browser.press("tab")
        assert (browser.status, browser.reading) == ("", reading)


async def test_a_key_may_say_something_else() -> None:
    async with browsing() as browser:
        await browser.press("C")
        assert browser.status == " no build is marked"
        await browser.press("U")
        assert browser.status == " nothing to do again"


async def test_a_message_goes_away_with_typed_text() -> None:
    async with browsing() as browser:
        await browser.press("u")
        assert browser.status == " nothing to undo"
        await browser.paste("py")
        assert browser.status == ""
