"""The heat map of packages by the values of a facet: what a cell shows, how it is reached, where it leads."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachetui.search import Choice, Coverage
from cachetui.tui.dialogs.coverage import CoverageScreen
from cachetui.tui.dialogs.help import HelpScreen
from cachetui.tui.widgets.coverage_grid import SIGNS, CoverageGrid, cell
from tests.builders.mirrors import mirror
from tests.tui.driver import Browser, browsing
from tests.tui.test_news import builds, rewrite


def grid(browser: Browser) -> CoverageGrid:
    screen = browser.app.screen
    assert isinstance(screen, CoverageScreen)
    return screen.grid


def shown(browser: Browser) -> Coverage:
    coverage = grid(browser).coverage
    assert coverage is not None
    return coverage


async def test_the_cursor_is_on_the_package_of_the_main_screen() -> None:
    async with browsing() as browser:
        await browser.query("hdf5")
        await browser.press("enter", "number_sign")
        assert grid(browser).package == "hdf5"
        assert "Coverage by target" in browser.text


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_the_key_of_help_is_shown_at_every_width(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        await browser.press("number_sign")
        assert "F1 help   Esc closes" in browser.text.splitlines()[-1]


async def test_cells_are_those_of_the_builds_that_match() -> None:
    async with browsing() as browser:
        await browser.query("hdf5 ")
        await browser.press("enter")
        matching = browser.result.matching
        await browser.press("number_sign")
        assert shown(browser).builds == matching


async def test_the_footer_spells_the_cell_out() -> None:
    async with browsing() as browser:
        await browser.press("number_sign", "home")
        first = shown(browser).package(0)
        assert f"{first.name}: {first.builds} build" in browser.text
        await browser.press("right")
        value = shown(browser).values[0]
        builds = shown(browser).count(0, 0)
        number = f"{builds} of {first.builds} build" if builds else "none of"
        assert f"{first.name}, target {value.name}: {number}" in browser.text


async def test_enter_narrows_to_the_package_and_the_value_and_escape_goes_back() -> None:
    async with browsing() as browser:
        before = browser.screen.selection
        await browser.press("number_sign", "home", "right")
        package, value, builds = grid(browser).package, grid(browser).value, grid(browser).builds
        assert value is not None and builds
        await browser.press("enter")
        assert browser.app.screen is browser.screen and browser.focus == "table"
        assert browser.screen.selection.package == package
        assert browser.screen.selection.choices == (Choice("target", value.name),)
        assert len(browser.result.rows) == builds
        await browser.press("u")
        assert browser.screen.selection == before


async def test_the_first_cell_is_the_whole_package() -> None:
    async with browsing() as browser:
        await browser.press("number_sign", "home", "down", "enter")
        assert browser.screen.selection.choices == ()
        assert browser.screen.selection.package == browser.result.packages[1].name


async def test_an_empty_cell_leads_nowhere() -> None:
    async with browsing() as browser:
        await browser.press("number_sign", "home")
        coverage = shown(browser)
        place = next(n for n in range(len(coverage.values)) if not coverage.count(0, n))
        await browser.press(*["right"] * (place + 1))
        assert grid(browser).builds == 0 and "none of" in browser.text
        await browser.press("enter")
        assert isinstance(browser.app.screen, CoverageScreen)


async def test_other_facets() -> None:
    async with browsing() as browser:
        await browser.press("number_sign")
        facets = []
        while (facet := shown(browser).facet) not in facets:
            facets.append(facet)
            assert shown(browser).values
            await browser.press("b")
        assert {"target", "os", "compiler", "version", "variant", "mirror"} <= set(facets)
        assert "view" not in facets  # no build of the sample has one
        await browser.press("B")
        assert shown(browser).facet == facets[-1]


async def test_gaps_first() -> None:
    async with browsing() as browser:
        await browser.press("number_sign", "s")
        filled = [sum(map(bool, counts)) for _, counts in shown(browser).lines()]
        assert filled == sorted(filled) and "gaps first" in browser.text
        await browser.press("s")
        names = [shown(browser).name(place) for place in range(len(shown(browser)))]
        assert names == sorted(names)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20), (40, 12)])
async def test_every_value_can_be_reached(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        await browser.press("number_sign", "b", "b", "home")  # by version
        names = [value.name for value in shown(browser).values]
        for name in names[:25]:
            await browser.press("right")
            value = grid(browser).value
            assert value is not None and value.name == name
            start, end = grid(browser).cells(0)[grid(browser).cell]
            assert 0 < start < end <= grid(browser).width
        await browser.press("right_square_bracket", *["right_square_bracket"] * len(names))
        value = grid(browser).value
        assert value is not None and value.name == names[-1]
        await browser.press(*["left_square_bracket"] * len(names))
        assert grid(browser).value is None and grid(browser).left == 0


async def test_it_is_counted_again_when_the_catalog_is_renewed(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", *builds(1, 2))
    async with browsing(location) as browser:
        await browser.press("number_sign")
        assert shown(browser).builds == 2
        rewrite(location, *builds(1, 2, 3))
        browser.app.look_for_updates()
        await browser.until(lambda: len(browser.catalog) == 3)
        await browser.settle()
        assert shown(browser).builds == 3
        await browser.press("b", "b", "down", "s")
        assert isinstance(browser.app.screen, CoverageScreen)


async def test_nothing_that_matches_can_be_shown() -> None:
    async with browsing() as browser:
        await browser.query("hdf5@99 ")
        await browser.press("escape", "number_sign")
        assert "no build" in browser.text
        await browser.press("b", "s", "right", "down", "enter", "escape")
        assert browser.app.screen is browser.screen


def test_a_shade_is_a_sign_and_a_number() -> None:
    texts = ["".join(text for text, _ in cell(5, shade, 7)) for shade in range(1, 5)]
    assert texts == [f"{sign * 5} 5" for sign in SIGNS[1:]]
    assert len(set(texts)) == 4
    assert "".join(text for text, _ in cell(0, 0, 7)).strip() == "·"


async def test_the_help_begins_with_its_keys() -> None:
    async with browsing() as browser:
        await browser.press("escape", "number_sign", "f1")
        assert isinstance(browser.app.screen, HelpScreen)
        assert browser.pane("lines")[0].lstrip().startswith("in the coverage")
        await browser.press("f1")
        assert shown(browser) is not None
