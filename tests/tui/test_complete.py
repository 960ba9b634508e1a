"""Completion in the query bar, and choices that become query text."""

from __future__ import annotations

import pytest

from cachetui.tui.browse.hints import TYPING
from cachetui.tui.widgets.query_bar import PROMPT
from tests.conftest import MIRROR_023
from tests.tui.driver import Browser, browsing


def typed(browser: Browser) -> str:
    """What stands behind the prompt, with what is offered."""
    return browser.pane("query")[0].removeprefix(PROMPT).removesuffix(browser.counts).rstrip()


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("hdf5 %", "hdf5 %gcc"),
        ("hdf5 %g", "hdf5 %gcc"),
        ("hdf5 +", "hdf5 +"),
        ("hdf5 ^zli", "hdf5 ^zlib-"),
        ("hdf5 target=", "hdf5 target="),
        ("hdf5@", "hdf5@1."),
    ],
)
async def test_the_most_frequent_is_offered_and_tab_takes_it(text: str, offered: str) -> None:
    async with browsing(str(MIRROR_023)) as browser:
        await browser.query(text)
        shown = typed(browser)
        assert shown.startswith(offered) and len(shown) > len(text)
        assert browser.hints.startswith(" Tab ")
        await browser.press("tab")
        assert (browser.focus, browser.query_bar.text) == ("query", shown)
        assert browser.result.rows


async def test_others_are_shown_with_their_counts() -> None:
    async with browsing(str(MIRROR_023)) as browser:
        await browser.query("%")
        hints = browser.hints.removesuffix("F1 help")
        (first, count, _, *others) = hints.removeprefix(" Tab ").split()
        assert (first, others[1::2]) == ("gcc", sorted(others[1::2], key=int, reverse=True))
        assert int(count) >= int(others[1])


async def test_without_an_offer_tab_goes_to_the_next_pane() -> None:
    async with browsing() as browser:
        await browser.query("pyth")
        assert TYPING[0].word in browser.hints
        await browser.press("tab")
        assert browser.focus == "facets"


async def test_nothing_is_offered_inside_the_text() -> None:
    async with browsing(str(MIRROR_023)) as browser:
        await browser.query("hdf5 %g")
        await browser.press("left")
        assert typed(browser) == "hdf5 %g"
        await browser.press("end")
        assert typed(browser) == "hdf5 %gcc"


async def test_what_is_offered_is_no_part_of_the_query() -> None:
    async with browsing(str(MIRROR_023)) as browser:
        await browser.query("hdf5 %gc")
        assert (browser.query_bar.text, browser.result.selection.text) == ("hdf5 %gc", "hdf5 %gc")
        await browser.press("escape")
        assert typed(browser) == "hdf5 %gc"


# Choices become text


async def choose(browser: Browser, facet: str, value: str) -> None:
    """Choose a facet value by its search."""
    lines = [line.facet for line in browser.facets.lines]
    await browser.press("f", "g", *["j"] * lines.index(facet), "/", *value, "enter")
    await browser.press(*["j"] * (browser.facets.lines.index(next(
        line for line in browser.facets.lines if line.value is not None and line.value.value == value
    )) - browser.facets.cursor), "space")  # fmt: skip


async def test_chosen_values_are_written_into_the_query() -> None:
    async with browsing(str(MIRROR_023)) as browser:
        await browser.query("hdf5 ^zlib-ng")
        await browser.press("escape")
        await choose(browser, "compiler", "gcc@13.2.0")
        rows = browser.result.rows
        assert browser.result.reading().endswith("and ^zlib-ng and %gcc@=13.2.0")
        await browser.press("w")
        assert browser.query_bar.text == "hdf5 %gcc@=13.2.0 ^zlib-ng"
        assert (browser.screen.selection.choices, browser.result.rows) == ((), rows)
        await browser.press("escape")
        assert browser.query_bar.text == "hdf5 ^zlib-ng"
        assert len(browser.screen.selection.choices) == 1


async def test_choices_that_the_query_has_no_room_for_stay() -> None:
    async with browsing(str(MIRROR_023)) as browser:
        await browser.query("hdf5 %gcc")
        await browser.press("escape")
        await choose(browser, "compiler", "gcc@13.2.0")
        await browser.press("w")
        assert browser.status == " no spec finds just the builds of these filters"
        assert (browser.query_bar.text, len(browser.screen.selection.choices)) == ("hdf5 %gcc", 1)


async def test_without_choices_nothing_is_written() -> None:
    async with browsing() as browser:
        await browser.press("w")
        assert browser.status == " no facet value is selected"


@pytest.mark.parametrize("away", ["escape", "click"])
async def test_nothing_is_offered_once_another_pane_has_the_keys(away: str) -> None:
    async with browsing(str(MIRROR_023)) as browser:
        await browser.query("hdf5 %g")
        if away == "click":
            await browser.click("packages", 2, 2)
        else:
            await browser.press("escape")
        assert (typed(browser), browser.query_bar.completions.items) == ("hdf5 %g", ())
        await browser.press("/", "end")
        assert typed(browser) == "hdf5 %gcc"


async def test_into_a_query_that_cannot_be_read_nothing_is_written() -> None:
    async with browsing(str(MIRROR_023)) as browser:
        await browser.query("hdf5 &")
        await browser.press("escape")
        await choose(browser, "compiler", "gcc@13.2.0")
        await browser.press("w")
        assert browser.status == " the query cannot be read: nothing is written into it"
        assert (browser.query_bar.text, len(browser.screen.selection.choices)) == ("hdf5 &", 1)
