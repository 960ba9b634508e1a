"""The browser as a chooser."""

from __future__ import annotations

from cachetui.tui import StartOptions
from tests.conftest import MIRROR_023
from tests.tui.driver import Browser, browsing

MIRROR = str(MIRROR_023)


def picked(browser: Browser) -> list[str]:
    """The hashes that the browser ended with."""
    return [build.spec.dag_hash for build in browser.app.picked]


async def test_enter_on_a_build_ends_with_it() -> None:
    async with browsing(MIRROR, options=StartOptions("zlib-ng+compat", picks=True)) as browser:
        assert browser.query_bar.text == "zlib-ng+compat"
        rows = browser.result.rows
        assert 1 < len(rows) < browser.result.total
        while len(browser.table.highlighted) > 1:
            await browser.press("enter", "j")
        (row,) = browser.table.highlighted
        dag_hash = browser.catalog.dag_hash(row)
        assert "Enter pick" in browser.hints
        await browser.press("enter")
        assert (picked(browser), row in rows) == ([dag_hash], True)


async def test_a_folded_line_is_unfolded_first() -> None:
    async with browsing(options=StartOptions("py-filelock", picks=True)) as browser:
        while len(browser.table.highlighted) == 1:
            await browser.press("j")
        await browser.press("enter")
        assert (picked(browser), len(browser.table.highlighted) > 1) == ([], True)
        await browser.press("j", "enter")
        assert len(picked(browser)) == 1


async def test_marked_builds_are_picked_together_where_asked_for() -> None:
    for multi, count in ((True, 2), (False, 1)):
        async with browsing(MIRROR, options=StartOptions("hdf5", picks=True, multi=multi)) as browser:
            singles = [i for i, line in enumerate(browser.table.lines) if line.fold.count == 1]
            for place in singles[:2]:
                browser.table.move_to(place)
                await browser.press("space")
            browser.table.move_to(singles[0])
            await browser.press("enter")
            assert len(picked(browser)) == count


async def test_leaving_picks_nothing() -> None:
    async with browsing(MIRROR, options=StartOptions("hdf5", picks=True)) as browser:
        await browser.press("q")
        assert picked(browser) == []


async def test_the_query_is_spec_syntax_until_it_is_changed() -> None:
    async with browsing(options=StartOptions("filelock", picks=True)) as browser:
        assert (len(browser.result.rows), browser.result.reading()) == (0, "package = filelock")
        assert "no builds" in browser.pane("no-result")[0]
        await browser.press("/", "end", " ")
        assert len(browser.result.rows) == 125


async def test_a_marked_line_is_picked_folded_or_not() -> None:
    async with browsing(options=StartOptions("py-filelock", picks=True, multi=True)) as browser:
        while len(browser.table.highlighted) == 1:
            await browser.press("j")
        count = len(browser.table.highlighted)
        await browser.press("space")
        await browser.press("enter")
        assert len(picked(browser)) == count > 1
