"""The query bar: editing, text that stays text, errors under the right character."""

from __future__ import annotations

import pytest

from cachetui.query import LONGEST
from cachetui.tui import StartOptions
from cachetui.tui.dialogs.help import HelpScreen
from cachetui.tui.widgets.query_bar import PROMPT
from tests.conftest import MIRROR_023
from tests.tui.driver import Browser, browsing

COMMAND_LETTERS = "qyYfsSx?!cjkhlgG"


def typed(browser: Browser) -> str:
    """The query as it stands on the screen."""
    return browser.pane("query")[0].removeprefix(PROMPT).removesuffix(browser.counts).rstrip()


async def test_letters_that_are_commands_elsewhere_are_text() -> None:
    async with browsing() as browser:
        await browser.query(COMMAND_LETTERS)
        assert typed(browser) == COMMAND_LETTERS
        assert browser.query_bar.text == COMMAND_LETTERS
        assert browser.app.screen is browser.screen
        assert browser.sent == []


async def test_space_and_slash_are_text() -> None:
    async with browsing() as browser:
        await browser.query("a b/c")
        assert browser.query_bar.text == "a b/c"


async def test_f1_opens_the_help_while_typing() -> None:
    async with browsing() as browser:
        await browser.query("fi")
        await browser.press("f1")
        assert browser.app.screen is not browser.screen
        await browser.press("escape", "l")
        assert browser.query_bar.text == "fil"


@pytest.mark.parametrize(
    ("keys", "text", "position"),
    [
        (["left", "X"], "one twXo", 7),
        (["left", "left", "right", "X"], "one twXo", 7),
        (["home", "X"], "Xone two", 1),
        (["home", "left", "X"], "Xone two", 1),
        (["home", "end", "right", "X"], "one twoX", 8),
        (["ctrl+a", "ctrl+f", "X"], "oXne two", 2),
        (["ctrl+b", "ctrl+e", "X"], "one twoX", 8),
        (["backspace"], "one tw", 6),
        (["ctrl+h"], "one tw", 6),
        (["home", "backspace"], "one two", 0),
        (["home", "delete"], "ne two", 0),
        (["home", "ctrl+d", "ctrl+d"], "e two", 0),
        (["delete"], "one two", 7),
        (["ctrl+w"], "one ", 4),
        (["ctrl+w", "ctrl+w"], "", 0),
        (["left", "ctrl+w"], "one o", 4),
        (["left", "ctrl+u"], "o", 0),
        (["home", "right", "ctrl+k"], "o", 1),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
async def test_editing(keys: list[str], text: str, position: int) -> None:
    async with browsing() as browser:
        await browser.query("one two")
        await browser.press(*keys)
        bar = browser.query_bar
        assert (bar.text, bar.edit.position) == (text, position)
        assert browser.screen.selection.text == text


async def test_the_cursor_covers_the_character_under_it() -> None:
    async with browsing() as browser:
        await browser.query("abc")
        await browser.press("left", "left")
        spans = browser.query_bar.header(0)
        assert [text for text, style in spans if style == "cursor"] == ["b"]


async def test_a_pasted_text_goes_in_on_one_line() -> None:
    async with browsing() as browser:
        await browser.query("x")
        await browser.paste("hdf5\r\n  +mpi\x1b[31m\n\n%gcc\t")
        assert browser.query_bar.text == "xhdf5 +mpi [31m %gcc"


async def test_a_text_longer_than_the_bar_scrolls_with_the_cursor() -> None:
    async with browsing(size=(80, 24)) as browser:
        text = "".join(chr(ord("a") + i % 26) for i in range(200))
        await browser.query("")
        await browser.paste(text)
        line = typed(browser)
        assert line == text[-len(line) :]
        room = 80 - len(PROMPT) - len(browser.counts)
        assert room - 10 <= len(line) < room
        await browser.press("home")
        line = typed(browser).removesuffix("…")
        assert room - 10 <= len(line) < room and line == text[: len(line)]


async def test_wide_characters_scroll_by_what_they_take() -> None:
    async with browsing(size=(80, 24)) as browser:
        await browser.query("")
        await browser.paste("漢" * 60 + "z")
        strip = browser.pane_strips("query")[0]
        assert strip.cell_length == 80
        assert strip.text.rstrip().removesuffix(browser.counts).rstrip().endswith("漢z")


@pytest.mark.parametrize(
    ("text", "column"),
    [("hdf5 &mpi", 5), ("&mpi", 0), ("漢字 x", 0), ("stack='漢字' &mpi", 13), ("hdf5 +a +a", 8)],
)
async def test_the_caret_stands_under_the_character(text: str, column: int) -> None:
    async with browsing() as browser:
        await browser.query("")
        await browser.paste(text)
        line = browser.reading
        assert line.index("^") == len(PROMPT) + column
        assert line.strip(" ^")


async def test_the_reason_is_shown_where_the_caret_leaves_no_room() -> None:
    async with browsing(size=(80, 24)) as browser:
        await browser.query("")
        await browser.paste("hdf5 " + "+a" * 33)
        assert "the variant a is given twice" in browser.reading
        await browser.press("ctrl+u")
        await browser.paste("hdf5 " + "cxxflags=-O3,-g " * 4 + "&mpi")
        assert browser.reading.rindex("^") == len(PROMPT) + typed(browser).index("&")
        assert "'&' is not understood" in browser.reading


async def test_an_error_leaves_the_last_good_result() -> None:
    async with browsing() as browser:
        await browser.query("filelock")
        before = browser.pane("table")
        await browser.press(" ", "&")
        assert browser.pane("table") == before
        assert browser.result.selection.text == "filelock "


async def test_while_a_query_cannot_be_read_the_last_one_that_was_is_in_force() -> None:
    async with browsing() as browser:
        await browser.query("filelock &")
        rows = browser.result.rows
        assert "'&' is not understood" in browser.reading
        await browser.press("x", "left", "y")
        assert ("'&' is not understood" in browser.reading, browser.result.rows) == (True, rows)
        assert browser.result.selection.text == "filelock "
        await browser.press("end", *["backspace"] * 3)
        assert browser.counts == "125 builds"


async def test_facets_and_packages_work_while_a_query_cannot_be_read() -> None:
    async with browsing() as browser:
        await browser.query("py &")
        names = [found.name for found in browser.result.packages]
        await browser.press("down", "down")
        assert (browser.result.package, browser.packages.package) == (names[2], names[2])
        assert "'&' is not understood" in browser.reading
        total = len(browser.result.rows)
        await browser.press("escape", "f", "down", "down", "space")
        (choice,) = browser.screen.selection.choices
        assert browser.result.selection.choices == (choice,)
        assert browser.result.selection.text == "py "
        assert browser.result.package == names[2]
        assert 0 < len(browser.result.rows) <= total
        assert browser.result.rows <= browser.catalog.facet(choice.facet).rows(choice.value)
        assert browser.query_bar.text == "py &"
        assert browser.reading.index("^") == len(PROMPT) + 3
        await browser.press("space")
        assert (browser.screen.selection.choices, len(browser.result.rows)) == ((), total)


async def test_a_first_query_that_cannot_be_read_leaves_all_builds() -> None:
    async with browsing() as browser:
        await browser.query("&")
        assert (len(browser.result.rows), browser.counts) == (793, "793 builds")
        assert "'&' is not understood" in browser.reading


# What stands there is selected


async def test_slash_selects_the_text() -> None:
    async with browsing() as browser:
        await browser.query("one two")
        assert not browser.query_bar.edit.selected
        await browser.press("escape", "/")
        assert browser.query_bar.edit.selected
        assert browser.query_bar.header(0)[:3] == ((PROMPT, "accent"), ("one two", "quiet"), (" ", "cursor"))
        assert browser.query_bar.text == "one two"


async def test_nothing_is_selected_where_nothing_stands() -> None:
    async with browsing() as browser:
        await browser.press("/")
        assert not browser.query_bar.edit.selected


@pytest.mark.parametrize(
    ("keys", "text", "position"),
    [
        (["x"], "x", 1),
        (["x", "y"], "xy", 2),
        (["backspace"], "", 0),
        (["ctrl+h"], "", 0),
        (["delete"], "", 0),
        (["ctrl+d"], "", 0),
        (["ctrl+u"], "", 0),
        (["end", "x"], "one twox", 8),
        (["right", "x"], "one twox", 8),
        (["left", "x"], "one twxo", 7),
        (["home", "x"], "xone two", 1),
        (["ctrl+w", "x"], "one x", 5),
        (["ctrl+k", "x"], "one twox", 8),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
async def test_a_key_on_the_selected_text(keys: list[str], text: str, position: int) -> None:
    async with browsing() as browser:
        await browser.query("one two")
        await browser.press("escape", "/", *keys)
        bar = browser.query_bar
        assert (bar.text, bar.edit.position, bar.edit.selected) == (text, position, False)
        assert browser.screen.selection.text == text


async def test_a_pasted_text_replaces_the_selected_one() -> None:
    async with browsing() as browser:
        await browser.query("one two")
        await browser.press("escape", "/")
        await browser.paste("hdf5")
        assert (browser.query_bar.text, browser.screen.selection.text) == ("hdf5", "hdf5")


async def test_a_click_on_the_selected_text_puts_the_cursor_there() -> None:
    async with browsing() as browser:
        await browser.query("one two")
        await browser.press("escape", "/")
        await browser.click("query", len(PROMPT) + 3, 0)
        await browser.press("x")
        assert browser.query_bar.text == "onex two"


@pytest.mark.parametrize(("key", "pane"), [("enter", "table"), ("escape", "packages"), ("tab", "detail")])
async def test_leaving_keeps_the_selected_text(key: str, pane: str) -> None:
    async with browsing() as browser:
        await browser.query("filelock")
        await browser.press("escape", "/", key)
        assert (browser.query_bar.text, browser.focus) == ("filelock", pane)
        assert browser.query_bar.header(0)[:2] == ((PROMPT, "accent"), ("filelock", ""))


async def test_a_mended_query_has_no_error() -> None:
    async with browsing() as browser:
        await browser.query("filelock &")
        assert "^" in browser.reading
        await browser.press("backspace")
        assert (browser.reading, browser.query_bar.error) == ("", None)
        await browser.press(*"@3.12.4")
        assert browser.reading.startswith(" read as: ")


async def test_the_error_stays_while_another_pane_has_the_keys() -> None:
    async with browsing() as browser:
        await browser.query("filelock &")
        await browser.press("escape")
        assert browser.reading.index("^") == len(PROMPT) + 9


async def test_a_click_puts_the_cursor_there() -> None:
    async with browsing() as browser:
        await browser.query("漢字abc")
        await browser.click("query", len(PROMPT) + 4, 0)
        assert browser.query_bar.edit.position == 2
        await browser.click("query", 100, 0)
        assert browser.query_bar.edit.position == 5


@pytest.mark.parametrize("keys", [[], ["escape"]], ids=["typing", "elsewhere"])
async def test_the_reason_is_shown_where_the_character_is_out_of_sight(keys: list[str]) -> None:
    async with browsing(size=(80, 24)) as browser:
        await browser.query("")
        await browser.paste("&" + "x" * 200 if not keys else "x" * 200 + " &")
        await browser.press(*keys)
        assert browser.reading == " '&' is not understood"


@pytest.mark.parametrize("rest", ["%", "@", "+", "target=", "mpi="])
async def test_what_is_only_unfinished_is_no_error(rest: str) -> None:
    async with browsing() as browser:
        await browser.query("")
        await browser.paste("filelock")
        rows = browser.result.rows
        await browser.press(" ", *rest)
        assert "expected" in browser.reading and "^" in browser.reading
        assert browser.counts == "125 builds"
        assert (browser.result.selection.text.strip(), browser.result.rows) == ("filelock", rows)


async def test_a_pasted_query_that_is_unfinished_shows_what_stands_before() -> None:
    async with browsing() as browser:
        await browser.query("")
        await browser.paste("filelock os=ubuntu22.04 %")
        assert browser.result.selection.text == "filelock os=ubuntu22.04 "
        assert 0 < len(browser.result.rows) < 125


async def test_what_is_unfinished_is_an_error_once_other_panes_have_the_keys() -> None:
    async with browsing() as browser:
        await browser.query("filelock +")
        assert browser.counts == "125 builds"
        await browser.press("escape")
        assert browser.query_bar.misunderstood is not None
        assert ("expected" in browser.reading, browser.result.package) == (True, "py-filelock")
        await browser.press("/", "end")
        assert browser.query_bar.misunderstood is None
        assert browser.counts == "125 builds"


async def test_what_is_pasted_by_mistake_is_cut() -> None:
    async with browsing() as browser:
        await browser.query("x")
        await browser.paste("a +" * LONGEST)
        assert len(browser.query_bar.text) == browser.query_bar.edit.position == LONGEST


async def test_a_query_given_at_the_start_goes_in_on_one_line() -> None:
    async with browsing(options=StartOptions(" filelock \x1b\n @3 ")) as browser:
        assert browser.query_bar.text == "filelock @3"


# A question mark


async def test_a_lone_question_mark_opens_the_help() -> None:
    async with browsing(is_typing=True) as browser:
        await browser.press("?")
        assert isinstance(browser.app.screen, HelpScreen)
        await browser.press("escape")
        assert (browser.focus, browser.query_bar.text) == ("query", "")
        await browser.press("f", "?")
        assert (len(browser.app.screen_stack), browser.query_bar.text) == (1, "f?")


async def test_a_slash_in_an_empty_query_is_no_text() -> None:
    async with browsing(is_typing=True) as browser:
        await browser.press("/", "/")
        assert (browser.query_bar.text, browser.focus) == ("", "query")
        await browser.press("h", "/")
        assert browser.query_bar.text == "h/"


# Plain words


@pytest.mark.parametrize("text", ["hdf5 with mpi", "openmpi gcc 13", "cmake without ownlibs", "hdf5 zen3"])
async def test_tab_writes_what_plain_words_were_read_as(text: str) -> None:
    async with browsing(str(MIRROR_023), is_typing=True) as browser:
        await browser.press(*text)
        plain, rows = browser.result.plain, browser.result.rows
        assert plain is not None and plain.text != text
        assert plain.written in browser.reading
        assert browser.reading.endswith("Tab writes this into the query")
        await browser.press("tab")
        assert (browser.focus, browser.query_bar.text) == ("query", plain.text)
        assert browser.result.rows == rows
        await browser.press("escape", "u")
        assert browser.query_bar.text == text


async def test_tab_writes_nothing_where_spec_syntax_was_typed() -> None:
    async with browsing(str(MIRROR_023), is_typing=True) as browser:
        await browser.press(*"hdf5@1.14.5")
        await browser.press("tab")
        assert browser.query_bar.text == "hdf5@1.14.5"
        assert browser.focus != "query"


async def test_a_paste_that_is_too_long_is_cut_and_said() -> None:
    async with browsing() as browser:
        await browser.query("")
        await browser.paste("^" * 100_000)
        assert len(browser.query_bar.text) == LONGEST
        assert "100,000 characters were pasted: the rest beyond 4,096 is left out" in browser.reading
        await browser.press("backspace")
        assert "at most 200 terms" in browser.reading
