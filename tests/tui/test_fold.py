"""The table: look-alikes folded and unfolded, sorting, columns, what is lifted out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.cells import cell_len

from cachetui.catalog import Catalog
from cachetui.graph import distinguished
from cachetui.spec import SHORT_HASH
from cachetui.tui.widgets import spec_table
from tests.builders.mirrors import lookalikes, mirror, record
from tests.conftest import dag_hash
from tests.tui.driver import Browser, browsing


def rows_of_table(browser: Browser) -> list[str]:
    """The lines of the table between its headings and what is the same in all rows."""
    lines = [_without_sign(line) for line in browser.pane("table")[2:]]
    return [line for line in lines if line and not line.startswith("   same in all")]


def _without_sign(line: str) -> str:
    """A line without the sign that says whether its builds run here."""
    return f" {line[1:]}" if line[:1] in ("●", "○", "◐", "■") else line


def headings(browser: Browser) -> list[str]:
    """The headings of the columns, without the one of the builds."""
    return browser.pane("table")[1].replace(" ▲", "▲").replace(" ▼", "▼").split()[:-1]


def unfolded(browser: Browser) -> list[str]:
    """The lines of the builds of unfolded look-alikes."""
    return [line for line in rows_of_table(browser) if line.startswith(("   ├ ", "   └ "))]


async def to_table(browser: Browser, query: str = "filelock") -> None:
    """Type a query and go to the builds."""
    await browser.query(query)
    await browser.press("enter")


async def test_lookalikes_are_one_line() -> None:
    async with browsing() as browser:
        await to_table(browser)
        lines = rows_of_table(browser)
        assert len(lines) == 12
        assert sum(" alike" in line for line in lines) == 10
        assert "125 builds in 12 rows" in browser.pane("table")[0]


async def test_a_build_of_its_own_kind_shows_its_hash() -> None:
    async with browsing() as browser:
        await to_table(browser)
        assert rows_of_table(browser)[0].endswith("cxuri4g")


async def test_what_all_builds_share_stands_below_and_in_no_column() -> None:
    async with browsing() as browser:
        await to_table(browser)
        assert "   same in all  build_system=python_pip" in browser.pane("table")
        assert headings(browser)[:4] == ["version", "compiler", "os", "target"]


async def test_enter_unfolds_and_folds() -> None:
    async with browsing() as browser:
        await to_table(browser)
        await browser.press("down", "enter")
        kind = browser.table.lines[1].fold
        assert kind.count == 15
        members = unfolded(browser)
        assert members == rows_of_table(browser)[2:17]
        assert [line.split()[0] for line in members] == ["├"] * 14 + ["└"]
        assert len({line.split()[-1] for line in members}) == 15
        await browser.press("enter")
        assert len(rows_of_table(browser)) == 12


async def test_enter_on_an_unfolded_build_opens_it_and_esc_returns_to_it() -> None:
    async with browsing() as browser:
        await to_table(browser)
        await browser.press("down", "enter", "down", "down", "enter")
        assert (browser.focus, len(browser.detail.rows)) == ("detail", 1)
        await browser.press("escape")
        assert (browser.focus, browser.table.cursor, len(browser.table.lines)) == ("table", 3, 27)
        await browser.press("escape")
        assert (browser.table.cursor, len(browser.table.lines)) == (1, 12)


async def test_enter_on_a_single_build_unfolds_nothing() -> None:
    async with browsing() as browser:
        await to_table(browser)
        await browser.press("enter", "escape")
        assert (browser.focus, len(browser.table.lines)) == ("table", 12)


async def test_esc_folds_before_it_undoes_the_query() -> None:
    async with browsing() as browser:
        await to_table(browser)
        await browser.press("down", "enter", "down", "escape")
        assert len(browser.table.lines) == 12
        assert browser.query_bar.text == "filelock"
        await browser.press("escape")
        assert browser.query_bar.text == ""


async def test_an_unfolded_build_is_shown_in_the_detail() -> None:
    async with browsing() as browser:
        await to_table(browser)
        await browser.press("down", "enter", "down")
        dag_hash = rows_of_table(browser)[2].split()[-1]
        (line,) = (line for line in browser.pane("detail") if line.split()[:1] == ["hash"])
        assert line.split()[1].startswith(dag_hash)


async def test_the_cursor_stays_on_its_build_when_the_result_changes() -> None:
    async with browsing() as browser:
        await to_table(browser)
        await browser.press("G")
        (kind,) = {browser.table.lines[browser.table.cursor].fold.number}
        await browser.press("s")
        assert browser.table.lines[browser.table.cursor].fold.number == kind
        await browser.press("/", "end", *" @3.12")
        assert browser.query_bar.text == "filelock @3.12"
        assert len(browser.result.rows) < 125
        assert browser.table.lines[browser.table.cursor].fold.number == kind


async def test_s_sorts_by_the_column_under_the_cursor_then_in_reverse_then_not() -> None:
    async with browsing() as browser:
        await to_table(browser)
        first = rows_of_table(browser)
        await browser.press("right", "s")
        assert headings(browser)[1] == "compiler▲"
        ascending = [line.split()[1] for line in rows_of_table(browser)]
        names = [cell.partition("@")[0] for cell in ascending if cell != "none"]
        assert names == sorted(names) and len(set(names)) > 1
        await browser.press("s")
        assert headings(browser)[1] == "compiler▼"
        assert [line.split()[1] for line in rows_of_table(browser)] == ascending[::-1]
        await browser.press("s")
        assert browser.screen.selection.sort == ""
        assert rows_of_table(browser) == first


async def test_S_reverses_what_is_sorted() -> None:
    async with browsing() as browser:
        await to_table(browser)
        await browser.press("right", "right", "S")
        assert browser.screen.selection.sort == "", "there is nothing to reverse"
        await browser.press("s", "left", "S")
        assert (browser.screen.selection.sort, browser.screen.selection.descending) == ("os", True)
        await browser.press("S")
        assert (browser.screen.selection.sort, browser.screen.selection.descending) == ("os", False)


async def test_a_sorted_column_stays_in_sight() -> None:
    async with browsing(size=(80, 24)) as browser:
        await to_table(browser)
        await browser.press(*["right"] * 5, "s")
        sort = browser.screen.selection.sort
        assert f"{sort}▲" in headings(browser)
        await browser.press("/", "end", *" @3.12", "enter")
        assert len(browser.result.rows) < 125
        assert f"{sort}▲" in headings(browser)


async def test_versions_sort_as_spack_sorts_them_newest_first(tmp_path: Path) -> None:
    versions = ["1.10", "1.9", "1.2.12", "develop"]
    records = [record(i, version=version) for i, version in enumerate(versions)]
    async with browsing(mirror(tmp_path / "m", *records)) as browser:
        await browser.press("f", "tab", "s")
        assert [line.split()[0] for line in rows_of_table(browser)] == ["develop", "1.10", "1.9", "1.2.12"]
        await browser.press("s")
        assert [line.split()[0] for line in rows_of_table(browser)] == ["1.2.12", "1.9", "1.10", "develop"]


async def test_a_click_on_a_heading_sorts_by_it() -> None:
    async with browsing() as browser:
        await to_table(browser)
        column = browser.pane("table")[1].index("target")
        await browser.click("table", column + 2, 1)
        assert browser.screen.selection.sort == "target"
        await browser.click("table", column + 2, 1)
        assert browser.screen.selection.descending


@pytest.mark.parametrize("width", [58, 80, 120])
async def test_arrows_reach_every_column_while_the_first_stays(width: int) -> None:
    async with browsing(size=(width, 24)) as browser:
        await to_table(browser)
        assert browser.table.columns is not None
        names = [column.heading for column in browser.table.columns.columns]
        before = browser.pane("table")
        assert set(names) - set(headings(browser)), "a column is hidden"
        for name in names:
            assert browser.table.columns.heading_at_cursor == name
            shown = headings(browser)
            assert {"version", name} <= set(shown)
            hidden = len(set(names) - set(shown))
            title = browser.pane("table")[0]
            assert f"+{hidden} column" in title if hidden else "column" not in title
            await browser.press("right")
        assert browser.table.columns.heading_at_cursor == names[-1]
        await browser.press(*["left"] * len(names))
        assert browser.pane("table") == before


async def test_what_sets_unfolded_builds_apart_stands_before_their_hash(tmp_path: Path) -> None:
    tools = [record(50 + i, "cmake", version=version) for i, version in enumerate(["3.9", "3.31"])]
    builds = [record(i, needs=[50 + i]) for i in range(2)]
    async with browsing(mirror(tmp_path / "m", *tools, *builds)) as browser:
        await to_table(browser, "zlib")
        await browser.press("enter")
        told = [line.split() for line in rows_of_table(browser)[1:]]
        assert told == [["├", "^cmake@3.9", dag_hash(0)[:7]], ["└", "^cmake@3.31", dag_hash(1)[:7]]]


async def test_unfolded_builds_of_which_nothing_is_known_are_hashes_alone() -> None:
    async with browsing() as browser:
        await to_table(browser)
        await browser.press("down", "enter")
        assert {len(line.split()) for line in unfolded(browser)} == {2}


async def test_what_sets_builds_apart_is_looked_up_where_it_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(catalog: Catalog, rows: Sequence[int]) -> dict[int, str]:
        asked.append(len(rows))
        return distinguished(catalog, rows)

    monkeypatch.setattr(spec_table, "distinguished", counted)
    async with browsing(mirror(tmp_path / "m", *lookalikes(3))) as browser:
        await to_table(browser, "zlib")
        assert asked == []
        await browser.press("enter", "down", "down", "up")
        assert asked == [3]


@pytest.mark.parametrize("width", [80, 100, 120, 200])
async def test_no_line_of_the_table_is_wider_than_the_pane(width: int) -> None:
    async with browsing(size=(width, 40)) as browser:
        for query in ("", "filelock"):
            await to_table(browser, query)
            assert cell_len(browser.pane("table")[1]) <= browser.table.width
            for index in range(browser.table.line_count()):
                text = "".join(text for text, _ in browser.table.line(index))
                assert cell_len(text) <= browser.table.width


async def test_3000_lookalikes_are_one_line_and_unfold(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *lookalikes(3_000))) as browser:
        await to_table(browser, "zlib")
        (line,) = rows_of_table(browser)
        assert line.split()[-2:] == ["3,000", "alike"]
        await browser.press("enter", "G")
        assert browser.table.cursor == 3_000
        told = rows_of_table(browser)[-1].split()
        assert (told[0], len(told[-1])) == ("└", SHORT_HASH)
