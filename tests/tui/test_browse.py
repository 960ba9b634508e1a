"""Browsing: the first screen, typing a name, going through packages, leaving."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from cachetui.search import Result, Selection
from cachetui.tui import StartOptions
from cachetui.tui.browse.hints import TYPING
from cachetui.tui.browse.lines import SAMPLE_HINT, SEARCHING
from cachetui.tui.key_input import ANSWERED_KEYS
from tests.builders.mirrors import mirror, record
from tests.tui.driver import Browser, browsing


def ends(browser: Browser, pane: str) -> tuple[str, str]:
    """The two ends of the title of a pane."""
    left, _, right = browser.pane(pane)[0].partition("─" if "─" in browser.pane(pane)[0] else "━")
    return left.strip(), right.strip("─━ ")


async def test_the_first_screen_says_how_much_there_is() -> None:
    async with browsing() as browser:
        assert "    793 builds of 155 packages    " in browser.title
        assert ends(browser, "packages") == ("Packages", "155")
        name, counts = ends(browser, "table")
        assert (name, counts.partition(" · ")[0]) == ("all packages", "793 builds in 525 rows")
        assert browser.counts == "793 builds"


async def test_the_sample_says_that_it_is_one() -> None:
    async with browsing() as browser:
        assert SAMPLE_HINT in browser.title


async def test_the_query_takes_the_keys_first() -> None:
    async with browsing(is_typing=True) as browser:
        assert browser.focus == "query"
        await browser.press(*"filelock")
        assert (browser.query_bar.text, browser.result.package) == ("filelock", "py-filelock")


async def test_esc_leads_from_the_query_to_the_commands() -> None:
    async with browsing(is_typing=True) as browser:
        await browser.press("escape")
        assert browser.focus == "packages"
        await browser.press("down", "y")
        assert (browser.query_bar.text, browser.packages.cursor) == ("", 1)
        assert len(browser.sent) == 1
        await browser.press("q")
        assert browser.app._exit


async def test_a_query_of_the_command_line_leaves_the_keys_to_the_table() -> None:
    async with browsing(options=StartOptions("py-filelock"), is_typing=True) as browser:
        assert (browser.focus, browser.query_bar.text) == ("table", "py-filelock")
        await browser.press("j")
        assert (browser.table.cursor, browser.query_bar.text) == (1, "py-filelock")


async def test_a_typed_name_shows_the_builds_of_the_best_match() -> None:
    async with browsing() as browser:
        await browser.query("filelock")
        assert browser.packages.package == "py-filelock"
        name, counts = ends(browser, "table")
        assert (name, counts.partition(" · ")[0]) == ("py-filelock", "125 builds in 12 rows")
        assert browser.pane("packages")[1:] == [" py-filelock             125"]


async def test_the_package_list_is_ranked_as_the_engine_ranks() -> None:
    async with browsing() as browser:
        await browser.query("pyth")
        names = [
            line.split()[0] for line in browser.pane("packages")[2:] if line and line != " similar names"
        ]
        assert names == [found.name for found in browser.result.packages][: len(names)]
        assert names[0] == "python"


async def test_the_typed_characters_stand_out_in_the_names() -> None:
    async with browsing() as browser:
        await browser.query("pyth")
        assert [browser.packages.line(i)[1] for i in (1, 2)] == [("pyth", "match")] * 2
        assert browser.packages.line(3)[:2] == ((" py-", ""), ("pyth", "match"))


async def test_guesses_stand_below_a_mark() -> None:
    async with browsing() as browser:
        await browser.query("filelokc")
        lines = browser.pane("packages")
        assert lines[2] == " similar names"
        assert lines[3].startswith(" py-filelock")


async def test_the_cursor_steps_over_the_mark() -> None:
    async with browsing() as browser:
        await browser.query("filelokc")
        await browser.press("up")
        assert browser.packages.cursor == 0
        await browser.press("down")
        assert browser.packages.package == "py-filelock"


async def test_arrows_while_typing_go_through_the_packages() -> None:
    async with browsing() as browser:
        await browser.query("py")
        names = [found.name for found in browser.result.packages]
        await browser.press("down", "down", "up")
        assert browser.result.package == names[1]
        assert browser.query_bar.text == "py"
        assert browser.focus == "query"


async def test_page_keys_while_typing_take_ten_packages() -> None:
    async with browsing() as browser:
        await browser.query("py")
        names = [found.name for found in browser.result.packages]
        await browser.press("pagedown")
        assert browser.result.package == names[10]


async def test_enter_goes_from_the_query_to_the_builds() -> None:
    async with browsing() as browser:
        await browser.query("filelock")
        await browser.press("enter")
        assert browser.focus == "table"


async def test_enter_drops_what_has_no_build_where_nothing_matches() -> None:
    async with browsing() as browser:
        await browser.query("filelock @99")
        assert " no build has @99" in browser.pane("no-result")
        assert browser.counts == "0 of 793 builds"
        await browser.press("enter")
        assert (browser.focus, browser.query_bar.text) == ("table", "filelock")


async def test_enter_on_a_package_goes_to_its_builds() -> None:
    async with browsing() as browser:
        await browser.press("down", "enter")
        assert browser.focus == "table"
        assert browser.result.package == "abseil-cpp"


async def test_moving_in_the_package_list_shows_the_builds_of_each() -> None:
    async with browsing() as browser:
        await browser.press("j", "j")
        assert ends(browser, "table")[0] == "adios2"
        assert ends(browser, "table")[1].partition(" · ")[0] == "1 build"
        await browser.press("G")
        assert browser.result.package == browser.result.packages[-1].name
        await browser.press("g")
        assert browser.result.package == ""


async def test_a_hash_typed_after_a_slash_is_found() -> None:
    async with browsing() as browser:
        await browser.query("/cxuri4g")
        assert len(browser.result.rows) == 1
        assert any("cxuri4gklmaoza5c6znuhgrbihdynh4w" in line for line in browser.pane("detail"))


async def test_many_keys_at_once_are_answered_together(monkeypatch: pytest.MonkeyPatch) -> None:
    async with browsing() as browser:
        answered = count_answers(browser, monkeypatch)
        text = "filelock@3.12.4" + ",3.12.4" * 30
        browser.burst("/", *text)
        await browser.settle()
        assert browser.result.selection.text == text
        assert len({selection.text for selection in answered}) <= ANSWERED_KEYS + 20 < len(text)


async def test_held_arrows_end_where_the_cursor_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    async with browsing() as browser:
        answered = count_answers(browser, monkeypatch)
        browser.burst(*["down"] * 30)
        await browser.settle()
        assert browser.packages.cursor == 30
        assert browser.result.package == browser.packages.package == browser.result.packages[29].name
        assert len(answered) <= 10


@pytest.mark.parametrize("keys", ["/q", "/fyq?!", "?/q"])
async def test_what_is_typed_at_once_goes_where_the_first_key_leads(keys: str) -> None:
    async with browsing() as browser:
        browser.burst(*keys)
        await browser.settle()
        assert not browser.app._exit
        assert (browser.query_bar.text == keys[1:]) == keys.startswith("/")
        assert ("   / q▏" in browser.text) == keys.startswith("?")


def count_answers(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> list[Selection]:
    """The selections that the engine is asked about from now on."""
    asked: list[Selection] = []
    select = browser.screen.view.engine.select

    def counted(selection: Selection) -> Result:
        asked.append(selection)
        return select(selection)

    monkeypatch.setattr(browser.screen.view.engine, "select", counted)
    return asked


async def test_tab_goes_through_the_panes_and_back() -> None:
    async with browsing() as browser:
        seen = []
        for _ in range(4):
            await browser.press("tab")
            seen.append(browser.focus)
        assert seen == ["facets", "table", "detail", "packages"]
        await browser.press("shift+tab")
        assert browser.focus == "detail"


async def test_a_click_gives_the_keys_to_a_pane() -> None:
    async with browsing() as browser:
        await browser.click("table", 5, 6)
        assert browser.focus == "table"
        assert browser.table.cursor == 4
        await browser.press("tab")
        assert browser.focus == "detail"


async def test_a_click_selects_a_package_and_the_next_opens_it() -> None:
    async with browsing() as browser:
        await browser.click("packages", 3, 5)
        assert browser.result.package == browser.result.packages[3].name
        assert browser.focus == "packages"
        await browser.click("packages", 3, 5)
        assert browser.focus == "table"


async def test_the_wheel_moves_the_lines() -> None:
    async with browsing() as browser:
        pane = browser.region("packages")
        browser.app.screen.post_message(
            events.MouseScrollDown(None, pane.x + 1, pane.y + 3, 0, 0, 0, False, False, False)
        )
        await browser.settle()
        assert browser.packages.cursor == 3


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_the_browser_is_left(key: str) -> None:
    async with browsing() as browser:
        browser.burst(key)
        await browser.until(lambda: not browser.app.is_running or browser.app._exit)
        assert browser.app.return_code in (None, 0)
        assert browser.app.failure is None


@pytest.mark.parametrize("pane", ["packages", "facets", "table", "detail"])
async def test_the_hints_name_the_keys_of_the_pane(pane: str) -> None:
    own = {"packages": "Enter builds", "facets": "Space select", "table": "Enter open  Space mark"}
    async with browsing() as browser:
        while browser.focus != pane:
            await browser.press("tab")
        hints = browser.hints
        assert ("q quit" in hints, "F1 help" in hints) == (True, True)
        assert all(hints.startswith(f" {words}") == (name == pane) for name, words in own.items())
        assert ("/ query" in hints) == (pane != "facets")


async def test_while_typing_the_hints_name_the_keys_of_typing() -> None:
    async with browsing() as browser:
        before = browser.hints
        await browser.press("/")
        assert browser.hints.strip().split("  ") == [f"{hint.keys} {hint.word}" for hint in TYPING]
        await browser.press("escape")
        assert browser.hints == before


async def test_while_a_facet_is_searched_the_hints_name_the_keys_of_that() -> None:
    async with browsing() as browser:
        await browser.press("f")
        before = browser.hints
        await browser.press("/")
        assert browser.hints == SEARCHING[0][0]
        await browser.press("x")
        assert browser.hints == SEARCHING[0][0]
        await browser.press("enter")
        assert browser.hints == before


async def test_one_is_not_written_as_many(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", record(1))) as browser:
        assert "    1 build of 1 package    " in browser.title
        assert browser.counts == "1 build"
        assert ends(browser, "table")[1].partition(" · ")[0] == "1 build"


async def test_a_pasted_hash_is_found_without_a_slash() -> None:
    async with browsing() as browser:
        await browser.press("/")
        await browser.paste("cxuri4gklmaoza5c6znuhgrbihdynh4w")
        assert browser.reading == " read as: /cxuri4gklmaoza5c6znuhgrbihdynh4w"
        assert browser.detail.rows == [*browser.result.rows]
        assert len(browser.detail.rows) == 1


async def test_what_no_build_has_is_shown() -> None:
    async with browsing() as browser:
        await browser.query("filelock +nosuch")
        assert " no build has +nosuch" in browser.pane("no-result")
        await browser.press("escape", "!")
        assert "+nosuch (no build has it)" in browser.text
