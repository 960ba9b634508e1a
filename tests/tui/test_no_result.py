"""Where no build matches: the terms with their counts in place of the table, and a key that drops one."""

from __future__ import annotations

import pytest

from cachetui.search import terms_of
from tests.tui.driver import Browser, browsing


def table(browser: Browser) -> list[list[str]]:
    """The words of each line of a term, without what the key does."""
    lines = browser.pane("no-result")
    start = next(place for place, line in enumerate(lines) if line.split()[:2] == ["term", "alone"])
    return [line.replace("Enter drops it", "").split() for line in lines[start + 1 :] if line]


async def test_terms_stand_with_what_each_has_and_what_is_left_without_it() -> None:
    async with browsing() as browser:
        await browser.query("filelock @99 %gcc")
        assert browser.region("table").area == 0
        terms = terms_of(browser.screen.view.engine, browser.screen.selection)
        assert table(browser) == [[*term.text.split(), str(term.alone), str(term.without)] for term in terms]
        assert [words[0] for words in table(browser)] == ["filelock", "@99", "%gcc"]
        assert browser.counts == "0 of 793 builds"


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_enter_drops_the_term_that_leaves_most_builds(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        await browser.query("filelock @99 %gcc")
        (line,) = [line for line in browser.pane("no-result") if "Enter drops it" in line]
        assert line.split()[0] == "@99"
        await browser.press("enter")
        assert (browser.focus, "drop the term" in browser.hints) == ("no-result", True)
        await browser.press("enter")
        assert browser.query_bar.text.split() == ["filelock", "%gcc"]
        assert len(browser.result.rows) == int(line.split()[2])
        assert (browser.focus, browser.region("no-result").area) == ("table", 0)
        await browser.press("u")
        assert browser.query_bar.text == "filelock @99 %gcc"
        assert browser.region("no-result").area > 0


async def test_another_term_is_dropped_where_the_cursor_is() -> None:
    async with browsing() as browser:
        await browser.query("filelock @99 %gcc")
        await browser.press("enter", "end", "enter")
        assert browser.query_bar.text.split() == ["filelock", "@99"]
        assert [words[0] for words in table(browser)] == ["filelock", "@99"]


async def test_a_click_goes_to_a_term_and_the_next_drops_it() -> None:
    async with browsing() as browser:
        await browser.query("filelock @99 %gcc")
        place = next(n for n, line in enumerate(browser.pane("no-result")) if line.split()[:1] == ["%gcc"])
        await browser.click("no-result", 6, place)
        assert (browser.focus, browser.query_bar.text) == ("no-result", "filelock @99 %gcc")
        await browser.click("no-result", 6, place)
        assert browser.query_bar.text.split() == ["filelock", "@99"]


async def test_a_selected_facet_is_a_term_too() -> None:
    async with browsing() as browser:
        await browser.query("filelock")
        await browser.press("escape", "f", "down", "space")
        (choice,) = browser.screen.selection.choices
        await browser.press("/", "escape")  # the search of the facet, not the query
        await browser.press("tab", "/", "end", *" %nosuch@1")
        terms = terms_of(browser.screen.view.engine, browser.screen.selection)
        assert len(terms) == len(table(browser)) == 3
        assert terms[-1].rest.choices == () and choice.value.partition("@")[0] in terms[-1].text
        await browser.press("enter", "enter")
        assert browser.result.rows
        assert browser.screen.selection.choices == (choice,)


async def test_what_is_typed_next_changes_the_terms() -> None:
    async with browsing() as browser:
        await browser.query("filelock @99")
        assert len(table(browser)) == 2
        await browser.press(*" +nosuch")
        assert [words[0] for words in table(browser)] == ["filelock", "@99", "+nosuch"]
        await browser.press(*["backspace"] * len("@99 +nosuch"))
        assert browser.region("no-result").area == 0 and browser.region("table").area > 0
