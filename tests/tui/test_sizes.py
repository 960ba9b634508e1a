"""Which panes there are at which size, and what happens when it changes."""

from __future__ import annotations

import pytest

from cachetui.tui.browse.panes import Pane, PaneLayout
from tests.tui.driver import browsing

ALL = {"packages", "facets", "table", "detail"}
SMALL = [(79, 24), (80, 23), (60, 20)]
TINY = [(40, 10), (20, 5), (10, 2), (5, 5), (2, 40), (1, 1)]


@pytest.mark.parametrize("size", [(120, 40), (100, 24), (300, 100)])
async def test_a_large_screen_shows_all_panes(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        for _ in range(4):
            assert browser.shown() == ALL
            await browser.press("tab")


@pytest.mark.parametrize("size", [(99, 40), (80, 24)])
async def test_below_100_columns_the_facets_are_folded(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        assert browser.shown() == ALL - {"facets"}


@pytest.mark.parametrize(
    ("width", "packages", "facets"), [(100, 21, 27), (119, 21, 27), (120, 24, 31), (300, 24, 31)]
)
async def test_below_120_columns_packages_and_facets_are_narrower(
    width: int, packages: int, facets: int
) -> None:
    async with browsing(size=(width, 30)) as browser:
        widths = {name: browser.region(name).width for name in ("packages", "facets", "table")}
        assert widths == {"packages": packages, "facets": facets, "table": width - packages - facets}
        assert browser.pane("packages")[0].split() == ["packages", "155", "of", "155"]
        await browser.resize(220 - width if width < 120 else 100, 30)
        assert browser.region("packages").width == (24 if browser.app.size.width >= 120 else 21)


@pytest.mark.parametrize("keys", [(), ("tab",), ("tab", "tab"), ("tab", "tab", "tab")])
async def test_at_120_columns_the_hints_are_whole(keys: tuple[str, ...]) -> None:
    async with browsing(size=(120, 40)) as browser:
        await browser.press(*keys)
        assert browser.pane("status")[1].endswith("q ^c quit")


async def test_f_lays_the_facets_over_the_table_and_back() -> None:
    async with browsing(size=(99, 40)) as browser:
        await browser.press("f")
        assert (browser.shown(), browser.focus) == ({"packages", "facets"}, "facets")
        assert browser.pane("facets")[1].split()[0] == "tag"
        await browser.press("f")
        assert (browser.shown(), browser.focus) == (ALL - {"facets"}, "table")


async def test_esc_lays_the_facets_away_before_it_undoes_a_choice() -> None:
    async with browsing(size=(99, 40)) as browser:
        await browser.press("f", "down", "space")
        choices = browser.screen.selection.choices
        await browser.press("escape")
        assert (browser.focus, browser.screen.selection.choices) == ("table", choices)
        await browser.press("escape")
        assert browser.screen.selection.choices == ()


async def test_folded_facets_count_what_was_typed_meanwhile() -> None:
    async with browsing(size=(99, 40)) as browser:
        await browser.press("f", "f")
        await browser.query("filelock")
        await browser.press("escape", "f")
        assert "develop" in browser.pane("facets")[2]
        assert " 124" in browser.pane("facets")[2]


@pytest.mark.parametrize("size", [(99, 40), (80, 24), (79, 24)])
async def test_narrow_screens_say_where_they_are(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        await browser.query("filelock %gcc@7.5.0")
        assert browser.title.startswith(" packages > py-filelock (12 of 125)")
        await browser.press("enter", "enter", "down")
        first = browser.detail.rows[0]
        assert f" > {browser.catalog.dag_hash(first)[:7]}" in browser.title


@pytest.mark.parametrize("size", SMALL)
async def test_small_screens_show_the_pane_that_has_the_keys(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        for name in ("facets", "table", "detail", "packages"):
            await browser.press("tab")
            assert (browser.shown(), browser.focus) == ({name}, name)


@pytest.mark.parametrize("size", SMALL)
async def test_esc_walks_back_through_the_panes(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        await browser.press("tab", "tab", "tab")
        for name in ("table", "packages"):
            await browser.press("escape")
            assert browser.shown() == {name}
        await browser.press("escape")
        assert "nothing to undo" in browser.status


async def test_a_small_screen_leads_from_a_name_to_a_hash() -> None:
    async with browsing(size=(60, 20)) as browser:
        await browser.query("filelock")
        await browser.press("enter")
        assert browser.shown() == {"table"}
        await browser.press("tab")
        assert any("cxuri4gklmaoza5c6znuhgrbihdynh4w" in line for line in browser.pane("detail"))


@pytest.mark.parametrize("size", TINY)
async def test_tiny_screens_do_without_a_crash(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        await browser.press("tab", "tab", "down", "enter", "tab", "tab", "/", *"fi^", "escape", "f", "s")
        await browser.press("?", "end", "escape", "!", "escape", "Y", "escape")
        assert {strip.cell_length for strip in browser.strips} == {size[0]}
        assert len(browser.strips) == size[1]


@pytest.mark.parametrize("size", TINY)
async def test_no_scrollbar_is_drawn(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        assert not browser.app.screen.show_vertical_scrollbar
        assert not browser.app.screen.show_horizontal_scrollbar


async def test_another_size_keeps_cursor_and_focus() -> None:
    async with browsing() as browser:
        await browser.query("filelock")
        await browser.press("enter", "down", "down", "down")
        line = browser.table.lines[browser.table.cursor]
        for size in ((99, 30), (60, 20), (20, 5), (1, 1), (80, 24), (120, 40)):
            await browser.resize(*size)
            assert browser.focus == "table"
            assert browser.table.lines[browser.table.cursor] == line
            assert "table" in browser.shown() or size[1] < 6
        assert browser.shown() == ALL


async def test_another_size_keeps_what_is_typed() -> None:
    async with browsing() as browser:
        await browser.query("file")
        await browser.resize(60, 20)
        await browser.press("l", "o")
        assert (browser.query_bar.text, browser.focus) == ("filelo", "query")


async def test_the_facets_keep_the_keys_when_they_are_laid_over_the_table() -> None:
    async with browsing() as browser:
        await browser.press("f")
        await browser.resize(90, 30)
        assert (browser.shown(), browser.focus) == ({"packages", "facets"}, "facets")


async def test_a_list_shows_the_line_under_its_cursor_after_a_resize() -> None:
    async with browsing() as browser:
        await browser.press("G")
        await browser.resize(100, 24)
        assert browser.packages.package in browser.pane("packages")[-1]


@pytest.mark.parametrize("pane", list(Pane))
def test_panes_by_size(pane: Pane) -> None:
    def shown(width: int, height: int) -> set[str]:
        layout = PaneLayout(width, height, pane)
        return {each.value for each in Pane if layout.shows(each)}

    assert shown(100, 24) == ALL
    assert shown(100, 23) == shown(79, 24) == {pane.value}
    facets = {"packages", "facets"}
    assert shown(99, 24) == (facets if pane is Pane.FACETS else ALL - {"facets"})
