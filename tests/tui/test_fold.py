"""The table: look-alikes folded and unfolded, sorting, columns, what is lifted out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from cachetui.catalog import Catalog
from cachetui.graph import distinguished
from cachetui.tui.widgets import spec_table
from tests.builders.mirrors import lookalikes, mirror, record
from tests.conftest import dag_hash
from tests.tui.driver import Browser, browsing


def rows_of_table(browser: Browser) -> list[str]:
    """The lines of the table below its headings."""
    return [line for line in browser.pane("table")[browser.table.header_lines :] if line]


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
        assert "py-filelock: 125 builds in 12 rows" in browser.pane("table")[0]


async def test_a_build_of_its_own_kind_shows_its_hash() -> None:
    async with browsing() as browser:
        await to_table(browser)
        assert rows_of_table(browser)[0].endswith("cxuri4g")


async def test_what_all_builds_share_stands_above_and_in_no_column() -> None:
    async with browsing() as browser:
        await to_table(browser)
        head = browser.pane("table")[1:3]
        assert head[0] == " same in all: build_system=python_pip"
        assert head[1].split()[:4] == ["version", "compiler", "target", "stacks"]


async def test_enter_unfolds_and_folds() -> None:
    async with browsing() as browser:
        await to_table(browser)
        await browser.press("down", "enter")
        kind = browser.table.lines[1].fold
        assert kind.count == 15
        assert all(line.startswith("   └ ") for line in rows_of_table(browser)[2:17])
        hashes = [line.split()[1] for line in rows_of_table(browser)[2:17]]
        assert [len(text) for text in hashes] == [32] * 15
        assert len(set(hashes)) == 15
        await browser.press("enter")
        assert len(rows_of_table(browser)) == 12


async def test_enter_on_an_unfolded_build_folds_and_stays_on_the_kind() -> None:
    async with browsing() as browser:
        await to_table(browser)
        await browser.press("down", "enter", "down", "down", "enter")
        assert (browser.table.cursor, len(browser.table.lines)) == (1, 12)


async def test_enter_on_a_single_build_does_nothing() -> None:
    async with browsing() as browser:
        await to_table(browser)
        await browser.press("enter")
        assert len(browser.table.lines) == 12


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
        assert dag_hash in browser.pane("detail")[1]


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


async def test_s_sorts_by_the_next_column_and_S_from_the_other_end() -> None:
    async with browsing() as browser:
        await to_table(browser)
        await browser.press("s", "s")
        assert "compiler▲" in browser.pane("table")[2]
        ascending = [line.split()[1] for line in rows_of_table(browser)]
        assert ascending[0] == "apple-clang@16.0.0" or ascending[0] == "none"
        await browser.press("S")
        assert "compiler▼" in browser.pane("table")[2]
        assert [line.split()[1] for line in rows_of_table(browser)] == ascending[::-1]
        await browser.press("S")
        assert browser.screen.selection.sort == ""


async def test_sorting_goes_round_to_the_first_order() -> None:
    async with browsing() as browser:
        await to_table(browser)
        first = rows_of_table(browser)
        names: list[str] = []
        while not names or names[-1]:
            await browser.press("s")
            names.append(browser.screen.selection.sort)
        headings = browser.pane("table")[2].split()
        assert names == ["version", "compiler", "target", "stacks", ""]
        assert headings == [*names[:-1], "builds"]
        assert rows_of_table(browser) == first


async def test_a_sorted_column_stays_in_sight() -> None:
    async with browsing(size=(80, 24)) as browser:
        await to_table(browser)
        await browser.press("right", "right", "right", "s")
        headings = browser.pane("table")[2].split()
        assert headings[:3] == ["os▲", "platform", "stacks"]
        assert browser.screen.selection.sort == "os"
        await browser.press("s")
        assert browser.pane("table")[2].split()[:3] == ["os", "platform▲", "stacks"]
        await browser.press("/", *"filelock @3.12")
        assert browser.pane("table")[2].split()[:2] == ["compiler", "target"]


async def test_versions_sort_as_spack_sorts_them(tmp_path: Path) -> None:
    versions = ["1.10", "1.9", "1.2.12", "develop"]
    records = [record(i, version=version) for i, version in enumerate(versions)]
    async with browsing(mirror(tmp_path / "m", *records)) as browser:
        await browser.press("f", "tab", "s")
        assert [line.split()[0] for line in rows_of_table(browser)] == ["develop", "1.10", "1.9", "1.2.12"]
        await browser.press("S")
        assert [line.split()[0] for line in rows_of_table(browser)] == ["1.2.12", "1.9", "1.10", "develop"]


async def test_a_click_on_a_heading_sorts_by_it() -> None:
    async with browsing() as browser:
        await to_table(browser)
        column = browser.pane("table")[2].index("target")
        await browser.click("table", column + 1, 2)
        assert browser.screen.selection.sort == "target"
        await browser.click("table", column + 1, 2)
        assert browser.screen.selection.descending


async def test_arrows_make_room_for_columns_further_right_and_back() -> None:
    async with browsing(size=(80, 24)) as browser:
        await to_table(browser)
        before = browser.pane("table")
        assert before[2].split() == ["version", "compiler", "target", "stacks", "builds"]
        assert before[0].endswith(" rows           +5 columns →")
        shown = []
        for _ in range(7):
            await browser.press("right")
            shown.append(browser.pane("table")[2].split()[:-1])
        last = ["stacks", "tags", "mirrors", "namespace"]
        assert shown == [
            ["compiler", "target", "os", "platform"],
            ["target", "os", "platform", "stacks"],
            ["os", "platform", "stacks", "tags"],
            ["platform", "stacks", "tags", "mirrors"],
            *[last] * 3,
        ]
        await browser.press(*["left"] * 5)
        assert browser.pane("table") == before


async def test_hidden_columns_are_shortened_where_the_title_has_no_room() -> None:
    async with browsing(size=(58, 24)) as browser:
        await to_table(browser)
        await browser.press("space")
        title = browser.pane("table")[0]
        assert " builds in " in title and title.endswith(" +5 → 1 marked")


async def test_what_sets_unfolded_builds_apart_stands_behind_their_hash(tmp_path: Path) -> None:
    tools = [record(50 + i, "cmake", version=version) for i, version in enumerate(["3.9", "3.31"])]
    builds = [record(i, needs=[50 + i]) for i in range(2)]
    async with browsing(mirror(tmp_path / "m", *tools, *builds)) as browser:
        await to_table(browser, "zlib")
        await browser.press("enter")
        assert rows_of_table(browser)[1:] == [
            f"   └ {dag_hash(0)}  ^cmake@3.9",
            f"   └ {dag_hash(1)}  ^cmake@3.31",
        ]


async def test_unfolded_builds_of_which_nothing_is_known_are_hashes_alone() -> None:
    async with browsing() as browser:
        await to_table(browser)
        await browser.press("down", "enter")
        assert {len(line) for line in rows_of_table(browser)[2:17]} == {5 + 32}


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
            for index in range(browser.table.line_count()):
                text = "".join(text for text, _ in browser.table.line(index))
                assert len(text) <= browser.table.size.width


async def test_3000_lookalikes_are_one_line_and_unfold(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *lookalikes(3_000))) as browser:
        await to_table(browser, "zlib")
        (line,) = rows_of_table(browser)
        assert line.split() == ["3,000", "alike"]
        await browser.press("enter", "G")
        assert browser.table.cursor == 3_000
        told = rows_of_table(browser)[-1].split()
        assert (told[0], len(told[1])) == ("└", 32)
