"""Which panes there are at which size, and what happens when it changes."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from textual.geometry import Region

from cachetui.tui.browse.panes import Pane, PaneLayout
from tests.tui.driver import Browser, browsing

ALL = {"packages", "facets", "table", "detail"}
SMALL = [(59, 24), (80, 23), (50, 20)]
KEYS = [
    *("tab", "down", "enter", "f", "space", "right", "d", "escape", "G", "c", "?"),
    *("/", "h", "s", "m", "ctrl+p", "Y", "backspace", "pagedown"),
]
SAMPLE = [
    (10, 3),
    (12, 24),
    (30, 8),
    (59, 40),
    (60, 23),
    (60, 24),
    (80, 24),
    (80, 60),
    (99, 29),
    (100, 24),
    (100, 30),
    (120, 29),
    (160, 25),
    (200, 60),
    (250, 80),
]
TINY = [(40, 10), (20, 5), (10, 2), (5, 5), (2, 40), (1, 1)]


@pytest.mark.parametrize("size", [(120, 40), (100, 24), (300, 100)])
async def test_a_large_screen_shows_all_panes(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        for _ in range(4):
            assert browser.shown() == ALL
            await browser.press("tab")


@pytest.mark.parametrize("size", [(99, 40), (80, 24), (60, 24)])
async def test_below_100_columns_the_list_that_has_the_keys_stands_beside_the_table(
    size: tuple[int, int],
) -> None:
    async with browsing(size=size) as browser:
        assert browser.shown() == ALL - {"facets"}
        await browser.press("f")
        assert (browser.shown(), browser.focus) == (ALL - {"packages"}, "facets")
        assert any(line.split()[:1] == ["compiler"] for line in browser.pane("facets"))
        await browser.press("f")
        assert (browser.shown(), browser.focus) == ({"table", "detail"}, "table")


@pytest.mark.parametrize("size", [(99, 40), (80, 24)])
async def test_below_100_columns_the_packages_are_shown_while_several_match(size: tuple[int, int]) -> None:
    async with browsing(size=size, is_typing=True) as browser:
        assert browser.shown() == ALL - {"facets"}
        await browser.press(*"py")
        assert len(browser.result.packages) > 1
        assert browser.shown() == ALL - {"facets"}
        await browser.press(*"-filelock")
        assert browser.shown() == {"table", "detail"}
        assert browser.region("table").width == size[0]
        await browser.press("ctrl+u")
        assert browser.shown() == ALL - {"facets"}
        await browser.press("enter", "tab")
        assert (browser.shown(), browser.focus) == ({"table", "detail"}, "detail")


@pytest.mark.parametrize(("size", "is_single"), [((60, 24), False), ((59, 24), True), ((60, 23), True)])
async def test_where_one_pane_is_shown_it_has_all_lines_between_the_bars(
    size: tuple[int, int], is_single: bool
) -> None:
    async with browsing(size=size, is_typing=True) as browser:
        await browser.press(*"filelock", "enter")
        region = browser.region("table")
        assert (len(browser.shown()) == 1) is is_single
        assert browser.title.startswith(" packages > py-filelock") is is_single
        assert (region.x, region.y, region.width) == (0, 3, size[0])
        assert (region.bottom == size[1] - 1) is is_single


@pytest.mark.parametrize(("width", "left"), [(100, 28), (119, 28), (120, 31), (300, 31)])
async def test_the_table_has_two_thirds_of_the_width(width: int, left: int) -> None:
    async with browsing(size=(width, 40)) as browser:
        widths = [browser.region(name).width for name in ("packages", "facets", "table", "detail")]
        assert widths == [left, left, width - left, width - left]
        assert widths[2] >= width * 2 // 3


async def test_the_list_of_packages_is_as_high_as_its_lines() -> None:
    async with browsing() as browser:
        highest = browser.region("packages").height
        await browser.query("hdf5 +mpi")
        assert browser.region("packages").height == 3
        assert browser.region("facets").height == 36 - 3
        await browser.press("ctrl+u")
        assert browser.region("packages").height == highest == 18


@pytest.mark.parametrize(("height", "corners"), [(40, "┏┓┗┛"), (30, "┏┓┗┛"), (29, "━")])
async def test_the_pane_with_the_keys_is_seen_without_colours(height: int, corners: str) -> None:
    async with browsing(size=(120, height)) as browser:
        for name in ("packages", "facets", "table", "detail"):
            signs = {other: "".join(strip.text for strip in browser.pane_strips(other)) for other in ALL}
            for other, drawn in signs.items():
                assert all((corner in drawn) is (other == name) for corner in corners), (name, other)
            await browser.press("tab")


@pytest.mark.parametrize("size", [(120, 30), (120, 29), (80, 30), (80, 24), (59, 40), (59, 23)])
async def test_frames_stand_around_panes_from_30_lines_on_and_else_a_rule_above(
    size: tuple[int, int],
) -> None:
    async with browsing(size=size) as browser:
        for _ in range(4):
            for name in browser.shown():
                first, *_, last = (strip.text for strip in browser.pane_strips(name))
                corners = first[0] + first[-1] + last[0] + last[-1]
                assert corners in ("╭╮╰╯", "┏┓┗┛") if size[1] >= 30 else first[:2] in ("──", "━━")
                assert size[1] >= 30 or not set("│┃╰┗") & set(last)
            await browser.press("tab")


@pytest.mark.parametrize("keys", [(), ("tab",), ("tab", "tab"), ("tab", "tab", "tab")])
async def test_at_120_columns_the_hints_are_whole(keys: tuple[str, ...]) -> None:
    async with browsing(size=(120, 40)) as browser:
        await browser.press(*keys)
        assert browser.hints.endswith("q quit")


async def test_esc_lays_the_filters_away_before_it_undoes_a_choice() -> None:
    async with browsing(size=(99, 40)) as browser:
        await browser.press("f", "space")
        choices = browser.screen.selection.choices
        await browser.press("escape")
        assert (browser.focus, browser.screen.selection.choices) == ("table", choices)
        assert browser.pane("filters")[0].split()[0] == "filters"
        await browser.press("escape")
        assert browser.screen.selection.choices == ()
        assert not browser.region("filters").area


async def test_filters_count_what_was_typed_while_they_were_hidden() -> None:
    async with browsing(size=(99, 40)) as browser:
        await browser.press("f", "f")
        await browser.query("filelock")
        await browser.press("escape", "f")
        assert any(line.split()[:2] == ["□", "develop"] for line in browser.pane("facets"))


@pytest.mark.parametrize("size", SMALL)
async def test_small_screens_say_where_they_are(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        await browser.query("filelock %gcc@7.5.0")
        assert browser.title.startswith(" packages > py-filelock")
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
        assert browser.shown() == {"detail"}
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


async def test_the_filters_keep_the_keys_when_there_is_less_room() -> None:
    async with browsing() as browser:
        await browser.press("f")
        await browser.resize(90, 30)
        assert (browser.shown(), browser.focus) == (ALL - {"packages"}, "facets")


async def test_a_list_shows_the_line_under_its_cursor_after_a_resize() -> None:
    async with browsing() as browser:
        await browser.press("G")
        await browser.resize(100, 24)
        assert browser.packages.package in browser.pane("packages")[-1]


# No shrinking: each attempt would start a browser.
@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    width=st.integers(10, 250),
    height=st.integers(3, 80),
    keys=st.lists(st.sampled_from(KEYS), max_size=8),
    is_typing=st.booleans(),
)
def test_any_size_and_any_keys_do_without_a_crash(
    width: int, height: int, keys: list[str], is_typing: bool
) -> None:
    async def scenario() -> None:
        async with browsing(size=(width, height), is_typing=is_typing) as browser:
            await browser.press(*keys)
            # Whatever has the keys has room, unless the bars take all of it.
            assert height <= 5 or browser.app.focused is None or browser.app.focused.region.area
            assert_sensible(browser)

    asyncio.run(scenario())


@pytest.mark.parametrize("size", SAMPLE)
async def test_panes_share_the_screen_at_any_size(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        assert_sensible(browser)
        for keys in (
            ["tab"],
            ["f"],
            ["f", "down", "down", "enter"],
            [*"/hdf5", "enter"],
            ["down", "enter"],
            ["escape", "escape"],
        ):
            await browser.press(*keys)
            assert_sensible(browser)


def assert_sensible(browser: Browser) -> None:
    """Every line is filled, and the panes share the room between the bars; only one has a heavy line."""
    width, height = browser.app.size
    assert [strip.cell_length for strip in browser.strips] == [width] * height
    bars = 4 + browser.screen.layout_of_panes.shows_filters
    if browser.app.screen is not browser.screen or height <= bars:
        return
    names = ("packages", "facets", "table", "no-result", "detail")
    regions = {name: region for name in names if (region := browser.region(name)).area}
    assert (len(regions) == 1) if browser.screen.layout_of_panes.is_single else len(regions) > 1
    used = sum(region.area for region in regions.values())
    assert used == width * (height - bars), regions
    union = Region.from_union(list(regions.values()))
    assert used == union.area, "panes overlap"
    focus = browser.focus
    assert focus == "query" or focus in regions, (focus, regions)
    for name, region in regions.items():
        if region.width > 3:
            title = browser.pane_strips(name)[0].text
            assert ("━" in title) is (name == focus), title


@pytest.mark.parametrize("pane", list(Pane))
def test_panes_by_size(pane: Pane) -> None:
    def shown(width: int, height: int, several: bool = True) -> set[str]:
        layout = PaneLayout(width, height, pane, several)
        return {each.value for each in Pane if layout.shows(each)}

    assert shown(100, 24) == shown(100, 24, several=False) == ALL
    assert shown(100, 23) == shown(59, 24) == {pane.value}
    beside = {pane.value} & {"packages", "facets"}
    assert shown(99, 24) == shown(60, 24) == {"table", "detail"} | beside
