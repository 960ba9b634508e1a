"""Undoing steps, marked builds as a collection, and the command line that shows a view."""

from __future__ import annotations

import base64
import shlex

import pytest

from cachetui.search import Engine, Selection
from cachetui.sources import SAMPLE
from cachetui.tui import StartOptions
from tests.conftest import MIRROR_023
from tests.tui.driver import Browser, browsing


async def mark_two(browser: Browser) -> frozenset[int]:
    """Mark the builds of the first two lines of the table."""
    browser.table.move_to(0)
    await browser.press("space", "space")
    assert len(browser.table.marked) >= 2
    return frozenset(browser.table.marked)


async def to_table(browser: Browser, query: str) -> None:
    """Type a query, and go to its builds."""
    await browser.query(query)
    await browser.press("enter")
    assert browser.focus == "table"


async def test_u_undoes_selections_and_U_does_them_again() -> None:
    async with browsing() as browser:
        await to_table(browser, "filelock")
        await browser.press("f", "down", "space", "f", "s")
        chosen, sorted_ = browser.screen.selection.choices, browser.screen.selection.sort
        assert (len(chosen), bool(sorted_)) == (1, True)
        await browser.press("u")
        assert (browser.screen.selection.choices, browser.screen.selection.sort) == (chosen, "")
        await browser.press("u")
        assert (browser.screen.selection.choices, browser.query_bar.text) == ((), "filelock")
        await browser.press("u")
        assert (browser.query_bar.text, len(browser.result.rows)) == ("", 793)
        await browser.press("u")
        assert browser.status == " nothing to undo"
        await browser.press("U", "U", "U")
        assert (browser.query_bar.text, browser.screen.selection.choices) == ("filelock", chosen)
        assert browser.screen.selection.sort == sorted_
        await browser.press("U")
        assert browser.status == " nothing to do again"


async def test_u_undoes_marks_and_U_does_them_again() -> None:
    async with browsing() as browser:
        await to_table(browser, "filelock")
        await browser.press("space")
        one = browser.table.marked
        await browser.press("space")
        two = browser.table.marked
        assert 0 < len(one) < len(two)
        seen = []
        for key in ("u", "u", "U", "U"):
            await browser.press(key)
            seen.append(browser.table.marked)
        assert seen == [one, frozenset(), one, two]
        assert browser.query_bar.text == "filelock"


async def test_esc_never_empties_marks() -> None:
    async with browsing() as browser:
        await to_table(browser, "filelock")
        marked = await mark_two(browser)
        await browser.press("f", "down", "space", "f")
        for _ in range(6):
            await browser.press("escape")
        assert (browser.query_bar.text, browser.screen.selection.choices) == ("", ())
        assert browser.table.marked == marked
        assert browser.status == " nothing to undo; q quits"
        await browser.press("u")
        assert 0 < len(browser.table.marked) < len(marked)


async def test_v_lists_the_marked_builds_and_then_what_was_listed() -> None:
    async with browsing() as browser:
        await to_table(browser, "filelock")
        marked = await mark_two(browser)
        await to_table(browser, "autoconf")
        marked |= await mark_two(browser)
        await browser.press("v")
        assert frozenset(browser.result.rows) == marked == browser.table.marked
        assert browser.focus == "table"
        names = [found.name for found in browser.result.packages]
        assert {"py-filelock", "autoconf"} <= set(names)
        await browser.press("u")
        assert browser.query_bar.text == "autoconf"
        assert browser.result.package == "autoconf"
        await browser.press("v", "v")
        assert browser.screen.selection.among == frozenset()
        assert browser.table.marked == marked


async def test_v_without_marks_says_how_to_mark() -> None:
    async with browsing() as browser:
        await browser.press("v")
        assert browser.status == " no build is marked; Space marks one"
        assert len(browser.result.rows) == 793


async def test_C_clears_marks_and_u_brings_them_back() -> None:
    async with browsing() as browser:
        await to_table(browser, "filelock")
        marked = await mark_two(browser)
        await browser.press("C")
        assert browser.table.marked == frozenset()
        await browser.press("u")
        assert browser.table.marked == marked
        await browser.press("U")
        assert browser.table.marked == frozenset()
        await browser.press("C")
        assert browser.status == " no build is marked"


async def test_a_message_goes_away_with_the_next_key() -> None:
    async with browsing() as browser:
        await browser.query("filelock@3.12.4")
        await browser.press("escape")
        reading = browser.reading
        await browser.press("C")
        assert browser.status == browser.reading == " no build is marked"
        await browser.press("down")
        assert (browser.status, browser.reading) == ("", reading)
        assert reading.startswith(" read as: ")


# The command line


def copied(browser: Browser) -> list[str]:
    """The words of the command line that was copied."""
    sent = browser.sent[-1].removeprefix("\x1b]52;c;").removesuffix("\x07")
    return shlex.split(base64.b64decode(sent).decode())


@pytest.mark.parametrize(
    "query",
    [
        "hdf5",
        "hdf5 with mpi for zen3",
        "hdf5@1.14: +mpi %gcc",
        "openmpi gcc 13",
        "cmake without ownlibs",
        "hdf5 cflags='-O2 -g'",
        "%gcc ^zlib-ng",
        "/2pevpjg",
    ],
)
async def test_the_copied_command_line_gives_the_same_builds(query: str) -> None:
    async with browsing(str(MIRROR_023)) as browser:
        await browser.query(query)
        await browser.press("escape", "L")
        program, location, option, text = copied(browser)
        assert (program, location, option) == ("cachetui", str(MIRROR_023), "-q")
        rows = browser.result.rows
        again = browser.screen.view.engine.select(Selection(text, package=None, exact=True))
        assert again.rows == rows
    async with browsing(str(MIRROR_023), options=StartOptions(text)) as browser:
        assert browser.result.rows == rows


async def test_filters_are_written_into_the_copied_command_line() -> None:
    async with browsing() as browser:
        await to_table(browser, "filelock")
        await browser.press("f", "down", "space", "L")
        (choice,) = browser.screen.selection.choices
        text = copied(browser)[-1]
        assert choice.value.partition("@")[0] in text
        again = browser.screen.view.engine.select(Selection(text, package=None, exact=True))
        assert again.rows == browser.result.rows


async def test_a_view_of_everything_needs_no_query() -> None:
    async with browsing() as browser:
        await browser.press("L")
        assert copied(browser) == ["cachetui", SAMPLE]


async def test_what_no_spec_can_say_is_named(engine: Engine) -> None:
    async with browsing() as browser:
        await to_table(browser, "filelock")
        await browser.press("f", "down", "x", "L")
        assert browser.status.endswith("; left out: not %gcc@=13.2.0")
        rows = engine.select(Selection(copied(browser)[-1], package=None, exact=True)).rows
        assert browser.result.rows < rows
