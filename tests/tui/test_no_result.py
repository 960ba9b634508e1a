"""Where no build matches: which term has none, and one key that drops it."""

from __future__ import annotations

import pytest

from cachetui.search import terms_of
from tests.conftest import MIRROR_023
from tests.tui.driver import Browser, browsing


def terms(browser: Browser) -> list[list[str]]:
    """The words of each line of terms."""
    lines = browser.pane("no-result")
    headings = next(place for place, line in enumerate(lines) if line.split()[:1] == ["term"])
    assert lines[headings].split() == ["term", "alone", "without", "it"]
    return [line.split() for line in lines[headings + 1 :] if line]


async def test_each_term_stands_with_its_counts() -> None:
    async with browsing() as browser:
        await browser.query("filelock +nosuch @3.29")
        assert browser.pane("no-result")[2] == " no build has +nosuch"
        assert terms(browser) == [
            ["filelock", "125", "0"],
            ["+nosuch", "0", "1", "Enter", "drops", "it"],
            ["@3.29", "1", "0"],
        ]


async def test_enter_drops_the_term_whose_loss_leaves_most_builds() -> None:
    async with browsing() as browser:
        await browser.query("filelock +nosuch @3.29")
        assert browser.focus == "query" and browser.hints.startswith(" Enter drop the term")
        await browser.press("enter")
        assert browser.query_bar.text == browser.screen.selection.text == "filelock @3.29"
        assert (len(browser.result.rows), browser.focus) == (1, "table")


async def test_enter_drops_a_term_when_the_query_was_typed_at_once() -> None:
    async with browsing() as browser:
        browser.burst("/", *"filelock +nosuch @3.29", "enter")
        await browser.settle()
        assert (browser.query_bar.text, browser.focus) == ("filelock @3.29", "table")


async def test_enter_goes_to_the_terms_of_a_query_that_cannot_be_read() -> None:
    async with browsing() as browser:
        await browser.query("filelock +nosuch @@")
        await browser.press("enter")
        assert (browser.query_bar.text, browser.focus) == ("filelock +nosuch @@", "no-result")


async def test_any_term_can_be_dropped_and_brought_back() -> None:
    async with browsing() as browser:
        await browser.query("filelock +nosuch @3.29")
        await browser.press("down", "enter")
        assert browser.query_bar.text == "filelock +nosuch"
        assert terms(browser) == [["filelock", "125", "0"], ["+nosuch", "0", "125", "Enter", "drops", "it"]]
        await browser.press("enter", "u", "u")
        assert browser.query_bar.text == "filelock +nosuch @3.29"
        assert [line[0] for line in terms(browser)] == ["filelock", "+nosuch", "@3.29"]


async def test_plain_words_are_dropped_one_by_one() -> None:
    async with browsing(str(MIRROR_023)) as browser:
        await browser.query("hdf5 with mpi 1.99")
        assert [line[:3] for line in terms(browser)] == [
            ["hdf5", "12", "0"],
            ["@1.99", "0", "8"],
            ["+mpi", "8", "0"],
        ]
        await browser.press("enter")
        assert (browser.query_bar.text, len(browser.result.rows)) == ("hdf5 +mpi", 8)


async def test_a_selected_filter_is_a_term() -> None:
    async with browsing() as browser:
        await browser.press("f", *["down"] * 3, "space", "f")
        (choice,) = browser.screen.selection.choices
        await browser.query("filelock @99")
        assert [line[0] for line in terms(browser)] == [
            "filelock",
            "@99",
            f"%{choice.value.replace('@', '@=')}",
        ]
        await browser.press("escape", "end", "enter")
        assert (browser.screen.selection.choices, browser.query_bar.text) == ((), "filelock @99")


async def test_the_terms_follow_the_query_while_it_is_typed() -> None:
    async with browsing() as browser:
        await browser.query("filelock @99")
        await browser.press(*" +nosuch")
        assert [line[0] for line in terms(browser)] == ["filelock", "@99", "+nosuch"]
        await browser.press("ctrl+u", *"filelock")
        assert browser.pane("no-result") == [] and browser.shown() >= {"table"}


async def test_a_click_on_a_term_and_a_second_one_drop_it() -> None:
    async with browsing() as browser:
        await browser.query("filelock +nosuch @3.29")
        lines = browser.pane("no-result")
        row = next(row for row, line in enumerate(lines) if line.startswith("   @3.29"))
        await browser.click("no-result", 5, row)
        assert browser.query_bar.text == "filelock +nosuch @3.29"
        await browser.click("no-result", 5, row)
        assert browser.query_bar.text == "filelock +nosuch"


async def test_the_hints_name_no_key_that_is_about_builds() -> None:
    async with browsing() as browser:
        await browser.query("filelock @99")
        await browser.press("escape", "enter")
        assert browser.hints.startswith(" Enter drop the term  / query")
        assert not any(word in browser.hints for word in ("mark", "sort", "depends"))


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (50, 20)])
async def test_the_way_out_fits_any_screen(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        await browser.query("filelock +nosuch @3.29")
        assert "+nosuch" in "\n".join(" ".join(line) for line in terms(browser))
        await browser.press("enter")
        assert (browser.query_bar.text, "table" in browser.shown()) == ("filelock @3.29", True)


async def test_the_counts_are_those_of_the_engine() -> None:
    async with browsing() as browser:
        await browser.query("py os=ubuntu22.04 @77 target=aarch64")
        found = terms_of(browser.screen.view.engine, browser.result.selection)
        assert [line[:3] for line in terms(browser)] == [
            [term.text, f"{term.alone:,}", f"{term.without:,}"] for term in found
        ]
