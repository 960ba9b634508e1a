"""Lists draw what is on the screen, and send only what changed."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip

from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import (
    Line,
    Row,
    changed_cells,
    columns,
    fit,
    layered,
    merged,
    sized,
    width_of,
)
from cachetui.tui.widgets.painter import RowPainter
from cachetui.tui.widgets.text_lines import TextLines
from tests.tui.driver import browsing

lines = st.lists(st.tuples(st.text("ab漢é ", max_size=8), st.sampled_from(["", "muted"])), max_size=5).map(
    tuple
)
widths = st.integers(0, 30)


def text(line: Line) -> str:
    return "".join(part for part, _ in line)


@given(line=lines, width=widths)
def test_a_fitted_line_is_never_wider(line: Line, width: int) -> None:
    fitted = fit(line, width)
    assert cell_len(text(fitted)) <= width
    if cell_len(text(line)) <= width:
        assert text(fitted) == text(line)


@given(line=lines, width=st.integers(1, 30))
def test_a_cut_line_says_so(line: Line, width: int) -> None:
    if cell_len(text(line)) > width:
        assert text(fit(line, width)).rstrip().endswith("…")


@given(left=lines, right=lines, width=widths)
def test_two_columns_are_never_wider(left: Line, right: Line, width: int) -> None:
    assert cell_len(text(columns(left, right, width))) <= max(width, 0)


def test_the_right_column_stands_at_the_end_and_the_left_one_is_cut() -> None:
    assert text(columns((("name", ""),), (("12", ""),), 10)) == "name    12"
    assert text(columns((("a long name", ""),), (("12", ""),), 10)) == "a long… 12"


def cells(before: str, after: str, width: int = 10) -> tuple[int, int]:
    return changed_cells(Row(((before, ""),)), Row(((after, ""),)), width)


def test_only_the_cells_that_differ_change() -> None:
    assert cells("abcdef", "abXdYf") == (2, 5)
    assert cells("abc", "abcd") == (3, 4)
    assert cells("abcd", "a") == (1, 4)


def test_all_cells_change_with_the_cursor_and_with_wide_characters() -> None:
    assert cells("漢a", "漢b") == (0, 10)
    cursor = Row((("a", ""),), cursor=(0, 10))
    assert changed_cells(Row((("a", ""),)), cursor, 10) == (0, 10)
    assert changed_cells(None, cursor, 10) == (0, 10)


def test_another_style_is_a_change() -> None:
    assert changed_cells(Row((("ab", ""),)), Row((("a", ""), ("b", "muted"))), 10) == (1, 2)


def test_blanks_take_the_style_beside_them_unless_that_is_seen() -> None:
    red, bold, blue = (Style.parse(style) for style in ("red on white", "bold on white", "red on blue"))
    joined = merged([("  ", red), ("a", bold), ("  ", red), ("b", red), ("c", red), (" ", blue)])
    assert [tuple(segment)[:2] for segment in joined] == [("  a  ", bold), ("bc", red), (" ", blue)]
    for seen in (Style.parse("underline on white"), Style.parse("reverse on white")):
        assert len(merged([("a", red), (" ", seen), ("b", red)])) == 3


@pytest.fixture
def without_collector() -> Iterator[None]:
    """Only reference counts free memory."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Watched(TextLines):
    """Keeps the regions that are drawn anew."""

    regions: list[Region]

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Watched:
        self.__dict__.setdefault("regions", []).extend(regions)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


class ListScreen(QuietScreen[None]):
    """A list alone."""

    def compose(self) -> ComposeResult:
        yield Watched([((f"line {i:3}", ""),) for i in range(100)], id="list")


@asynccontextmanager
async def listing() -> AsyncIterator[tuple[Watched, Callable[[], list[Region]]]]:
    """A list of 100 lines on a screen of 40x10, and what takes the regions drawn since the last call."""
    app: App[None] = App()
    async with app.run_test(size=(40, 10)) as pilot:
        await app.push_screen(ListScreen())
        watched = app.screen.query_one(Watched)
        watched.focus()
        await pilot.pause()

        def taken() -> list[Region]:
            found, watched.regions = watched.regions, []
            return found

        taken()
        yield watched, taken


async def test_a_step_draws_two_lines() -> None:
    async with listing() as (watched, taken):
        watched.action_move(1)
        assert [(region.y, region.height) for region in taken()] == [(0, 1), (1, 1)]


async def test_nothing_changed_draws_nothing() -> None:
    async with listing() as (watched, taken):
        watched.update_lines()
        watched.refresh()
        watched.action_move(-1)
        assert taken() == []


async def test_scrolling_draws_the_cells_that_differ() -> None:
    async with listing() as (watched, taken):
        watched.move_to(4)
        taken()
        watched.top = 5
        watched.cursor = 9
        watched.update_lines()
        narrow = [region for region in taken() if region.width < 40]
        assert {(region.x, region.width) for region in narrow} <= {(6, 2), (7, 1)}
        assert len(narrow) >= 7


async def test_one_changed_line_draws_one_piece() -> None:
    async with listing() as (watched, taken):
        watched.lines = [*watched.lines[:3], (("line  XY", ""),), *watched.lines[4:]]
        watched.update_lines()
        assert taken() == [Region(6, 3, 2, 1)]


async def test_a_row_that_did_not_change_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listing() as (watched, _):
        made: list[Row] = []
        draw = RowPainter.strip

        def drawn(self: RowPainter, row: Row, width: int) -> Strip:
            made.append(row)
            return draw(self, row, width)

        monkeypatch.setattr(RowPainter, "strip", drawn)
        watched.render_lines(Region(0, 0, *watched.size))
        made.clear()
        watched.action_move(1)
        watched.render_lines(Region(0, 0, *watched.size))
        assert [row.cursor is not None for row in made] == [False, True]


def live_strips() -> int:
    return sum(isinstance(found, Strip) for found in gc.get_objects())


async def test_replaced_rows_are_freed_without_the_garbage_collector(without_collector: None) -> None:
    async with listing() as (watched, _):
        counts = []
        for step in range(10):
            watched.show([((f"{step}", ""),)] * 100)
            watched.app.export_screenshot()  # a headless app draws only when asked to
            counts.append(live_strips())
        assert max(counts[5:]) <= max(counts[:5])


async def test_nothing_is_drawn_while_it_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listing() as (watched, _):
        screen = watched.screen
        assert isinstance(screen, QuietScreen)
        times: list[bool] = []
        monkeypatch.setattr(screen, "_compositor_refresh", lambda: times.append(True))
        screen._dirty_widgets = {watched}
        with screen.held():
            screen._on_timer_update()
            assert not times
        screen.paint()
        assert times


async def test_the_cursor_is_kept_on_the_screen_and_in_the_list() -> None:
    async with listing() as (watched, _):
        watched.action_last()
        assert (watched.cursor, watched.top) == (99, 90)
        watched.action_move(5)
        assert watched.cursor == 99
        watched.action_page(-1)
        assert (watched.cursor, watched.top) == (89, 80)
        watched.action_first()
        assert (watched.cursor, watched.top) == (0, 0)
        watched.show([])
        watched.action_move(1)
        assert (watched.cursor, watched.top) == (0, 0)


async def test_a_key_in_the_browser_leaves_the_other_panes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with browsing() as browser:
        await browser.press("tab", "tab")
        drawn: list[Region] = []
        monkeypatch.setattr(browser.packages, "refresh", lambda *regions, **_: drawn.extend(regions))
        monkeypatch.setattr(browser.facets, "refresh", lambda *regions, **_: drawn.extend(regions))
        await browser.press("down", "pagedown")
        assert drawn == []


spans = st.lists(st.tuples(st.text("ab漢é ", max_size=8), st.just("")), max_size=5).map(tuple)


@given(line=spans, start=st.integers(0, 20), size=st.integers(1, 20))
def test_a_cursor_on_a_cell_divides_a_line_into_the_same_text(line: Line, start: int, size: int) -> None:
    row = Row(line, (start, start + size), is_focused=True)
    parts = list(layered(row))
    if cell_len(text(line)) == len(text(line)):
        assert "".join(part for part, _, _ in parts) == text(line)
        under = "".join(part for part, _, over in parts if over == "cursor")
        assert under == text(line)[start : start + size]
    assert sum(cell_len(part) for part, _, _ in parts) == cell_len(text(line))


class Grid(LineList):
    """A package by target: what a two-dimensional list takes."""

    header_lines = 0
    COUNTS = ((1, 22), (333, 4))

    def line_count(self) -> int:
        return len(self.COUNTS)

    def line(self, index: int) -> Line:
        return tuple((f"{count:4} ", "accent") for count in self.COUNTS[index])

    def cells(self, index: int) -> list[tuple[int, int]]:
        return [(0, 4), (5, 9)]


class GridApp(App[None]):
    CSS = "Screen > .line--cursor { background: red; }"

    def get_default_screen(self) -> QuietScreen[None]:
        return GridScreen()


class GridScreen(QuietScreen[None]):
    def compose(self) -> ComposeResult:
        yield Grid()


async def test_a_list_with_cells_has_a_cursor_on_one_of_them() -> None:
    app = GridApp()
    async with app.run_test(size=(20, 4)) as pilot:
        grid = app.screen.query_one(Grid)
        grid.focus()
        await pilot.pause()

        def under_cursor(y: int) -> str:
            cursor = app.screen.get_component_rich_style("line--cursor").bgcolor
            return "".join(s.text for s in grid.render_line(y) if s.style and s.style.bgcolor == cursor)

        assert (under_cursor(0), under_cursor(1)) == ("   1", "")
        grid.action_cell(1)
        assert (under_cursor(0), under_cursor(1)) == ("  22", "")
        grid.action_move(1)
        assert (under_cursor(0), under_cursor(1)) == ("", "   4")
        grid.action_cell(5)
        grid.action_cell(-1)
        assert (under_cursor(0), under_cursor(1)) == ("", " 333")


def test_a_step_along_a_line_paints_both_cells_and_nothing_else() -> None:
    line = (("abcdefghij", ""),)
    assert changed_cells(Row(line, (1, 3), True), Row(line, (5, 7), True), 10) == (1, 7)


@given(text=st.text(st.characters(min_codepoint=0x20, exclude_categories=("Cc", "Cs")), max_size=8))
@example("┃□ ▇▇▇▇ gcc@13… · → ↓ ✓")
def test_width_of_is_that_of_the_terminal_library(text: str) -> None:
    assert width_of(text) == cell_len(text)


@pytest.mark.parametrize(
    "first, last", [(0x20, 0x7E), (0xA1, 0x2FF), (0x2010, 0x2027), (0x2190, 0x21FF), (0x2500, 0x25FF)]
)
def test_width_of_each_sign_that_is_drawn(first: int, last: int) -> None:
    for character in map(chr, range(first, last + 1)):
        assert width_of(character) == cell_len(character)


@given(text=st.text("ab┃□表é", max_size=12), width=st.integers(0, 14))
def test_sized_takes_exactly_the_width(text: str, width: int) -> None:
    assert cell_len(sized(text, width)) == width
