"""Builds side by side over the whole screen: `=`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cachetui.host import read_host
from cachetui.search import RUNS
from cachetui.tui import StartOptions
from cachetui.tui.screens.compare import CompareScreen
from tests.builders.mirrors import Record, mirror, record
from tests.conftest import dag_hash
from tests.tui.driver import Browser, browsing
from tests.tui.test_news import rewrite
from tests.tui.test_walk import edges

SIZES = [(120, 40), (80, 24)]


def builds(number: int, **fields: Any) -> list[Record]:
    """Builds of top on mid on base, which has another version each time."""
    made: list[Record] = []
    for n in range(number):
        made += [
            record(100 + n, "base", version=f"1.{n}"),
            record(50 + n, "mid", dependencies=edges(("base", 100 + n, ("link",)))),
            record(1 + n, "top", dependencies=edges(("mid", 50 + n, ("link",))), **fields),
        ]
    return made


async def compare(browser: Browser, query: str = "top", *keys: str) -> None:
    """Compare the look-alikes that a query finds first, or what some keys mark."""
    await browser.query(query)
    await browser.press("enter", *keys, "=")


def shown(browser: Browser) -> list[str]:
    """The lines of the comparison below its title."""
    return [line.strip() for line in browser.pane("comparison")[1:] if line.strip(" ┗━")]


def screen(browser: Browser) -> CompareScreen:
    assert isinstance(browser.app.screen, CompareScreen)
    return browser.app.screen


def compared(browser: Browser) -> list[str]:
    """The hashes of the builds that are compared."""
    return [build.dag_hash for build in screen(browser).comparison_list.builds]


async def test_causes_are_on_the_first_screen_of_eight_builds_at_80_columns(tmp_path: Path) -> None:
    records = [record(n, "many", version=f"{n}.0", target=f"zen{n % 3 + 1}") for n in range(1, 9)]
    async with browsing(mirror(tmp_path / "m", *records), size=(80, 24)) as browser:
        await compare(browser, "many", *["space", "down"] * 7, "space")
        # What is equal on this machine is one sentence further below.
        assert "causes of the difference" in shown(browser)[:10]
        assert "complete" not in [line.split()[0] for line in shown(browser)]


@pytest.mark.parametrize("size", SIZES)
async def test_look_alikes_are_compared_and_causes_stand_first(tmp_path: Path, size: tuple[int, int]) -> None:
    async with browsing(mirror(tmp_path / "m", *builds(2)), size=size) as browser:
        await compare(browser)
        assert set(compared(browser)) == {dag_hash(1), dag_hash(2)}
        title, heading = browser.pane("comparison")[:2]
        assert title.split()[:5] == ["compare", "2", "builds", "of", "top"]
        assert title.endswith("differences only")
        assert heading.split()[0].startswith("[A]") and "B" in heading.split()
        lines = shown(browser)
        place = lines.index("causes of the difference")
        assert lines[place + 1].split() == [
            "1",
            "base",
            "version",
            "1.0",
            "1.1",
            *["2", "above", "inherit", "it"],
        ]
        assert lines[place + 2].startswith("equal: version 1.3")
        assert any(line.startswith("^mid") and line.endswith("inherits") for line in lines)
        assert "F1 help" in browser.text.splitlines()[-1]


async def test_marked_builds_of_different_packages(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *builds(1), record(9, "zlib"))) as browser:
        await browser.query("top")
        await browser.press("enter", "space", "escape", "/")
        await browser.press(*"zlib", "enter", "space", "=")
        assert set(compared(browser)) == {dag_hash(1), dag_hash(9)}
        assert "different packages" in browser.text


async def test_one_marked_build_is_compared_with_the_one_under_the_cursor(tmp_path: Path) -> None:
    records = [record(1, "top", version="2.0"), record(2, "top", version="1.0")]
    async with browsing(mirror(tmp_path / "m", *records)) as browser:
        await compare(browser, "top", "space")
        assert set(compared(browser)) == {dag_hash(1), dag_hash(2)}


async def test_what_cannot_be_compared_says_so(tmp_path: Path) -> None:
    records = [record(n, "many", version=f"{n}.0") for n in range(1, 11)]
    async with browsing(mirror(tmp_path / "m", *records, record(20, "one"))) as browser:
        await compare(browser, "one")
        assert browser.app.screen is browser.screen
        assert browser.status.strip() == "mark the builds to compare with Space, or go to look-alikes"
    async with browsing(mirror(tmp_path / "n", *records)) as browser:
        await compare(browser, "many", *["space"] * 9)
        assert browser.app.screen is browser.screen
        assert browser.status.strip() == "9 builds are marked; at most 8 can be compared"
        await browser.press("up", "space", "=")
        assert len(compared(browser)) == 8


async def test_the_first_of_many_look_alikes(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *builds(11))) as browser:
        await compare(browser)
        assert len(compared(browser)) == 8
        assert "the first 8 of 11 look-alikes" in browser.pane("comparison")[0]


async def test_x_drops_the_build_of_a_column(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *builds(3))) as browser:
        await compare(browser)
        first, second, third = compared(browser)
        await browser.press("right", "x")
        assert compared(browser) == [first, third]
        await browser.press("x")
        assert compared(browser) == [first, third]
        assert "two builds are left" in browser.text
        await browser.press("left")
        assert "F1 help" in browser.text.splitlines()[-1]
        assert second not in compared(browser)


async def test_a_shows_what_is_equal_too(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *builds(2))) as browser:
        await compare(browser)
        assert not any(line.startswith("platform") for line in shown(browser))
        await browser.press("a")
        assert any(line.split() == ["platform", "linux", "linux"] for line in shown(browser))
        assert browser.pane("comparison")[0].endswith(" all")
        await browser.press("a")
        assert not any(line.startswith("platform") for line in shown(browser))


async def test_tab_goes_between_causes_and_details(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *builds(2))) as browser:
        await compare(browser)
        row = screen(browser).comparison_list.row
        assert row is not None and row.section != "details"
        await browser.press("tab")
        row = screen(browser).comparison_list.row
        assert row is not None and row.section == "details"
        await browser.press("tab")
        row = screen(browser).comparison_list.row
        assert row is not None and row.section == "causes"


async def test_enter_compares_a_dependency_and_backspace_returns(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *builds(2))) as browser:
        await compare(browser)
        await browser.press("enter")
        assert "only a dependency leads to other builds" in browser.text
        await browser.press("tab", "down")
        before = browser.text
        await browser.press("enter")
        assert "builds of mid" in browser.pane("comparison")[0]
        assert set(compared(browser)) == {dag_hash(50), dag_hash(51)}
        await browser.press("backspace")
        assert browser.text == before
        await browser.press("backspace")
        assert browser.app.screen is browser.screen


async def test_keys_are_about_the_build_of_the_column(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *builds(2))) as browser:
        await compare(browser)
        second = compared(browser)[1]
        await browser.press("right", "y")
        await browser.until(lambda: bool(browser.sent))
        assert browser.copied == second
        await browser.press("Y")
        assert "Copy 1 build as" in browser.text
        await browser.press("escape", "right", "o")
        assert browser.app.screen is browser.screen
        assert browser.table.highlighted == [browser.catalog.row_of(second)]


async def test_what_does_not_run_says_why(tmp_path: Path) -> None:
    records = [record(1, "top"), record(2, "top")]
    options = StartOptions(host=read_host("linux-rhel9-zen3", "glibc@2.34", {}))
    async with browsing(mirror(tmp_path / "m", *records), options=options) as browser:
        await browser.until(lambda: browser.screen.view.engine.attributes.bound(RUNS).is_ready)
        await compare(browser, "top", "space", "space")
        lines = "\n".join(shown(browser))
        assert "runs on linux-rhel9-zen3" in lines
        assert "○ no gcc-runtime below" in lines


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_the_way_out_leads_to_where_one_was(tmp_path: Path, key: str) -> None:
    async with browsing(mirror(tmp_path / "m", *builds(2))) as browser:
        await browser.query("top")
        await browser.press("enter")
        before = browser.text
        await browser.press("=", "down", key)
        assert browser.app.screen is browser.screen
        assert browser.text == before


async def test_help_shows_the_keys_of_the_comparison_first(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *builds(2))) as browser:
        await compare(browser)
        await browser.press("?")
        lines = browser.app.screen.query_one("#lines").lines  # type: ignore[attr-defined]
        assert lines[0][0][0].strip() == "in a comparison"
        assert "drop the build of this column" in browser.text
        await browser.press("escape")
        assert isinstance(browser.app.screen, CompareScreen)


@pytest.mark.parametrize("size", [*SIZES, (60, 20), (40, 12)])
async def test_eight_builds_in_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    async with browsing(mirror(tmp_path / "m", *builds(8)), size=size) as browser:
        await compare(browser)
        found = screen(browser).comparison_list
        for index in range(found.line_count()):
            text = "".join(text for text, _ in found.line(index))
            assert len(text) <= found.width, text
        everything = " ".join("".join(t for t, _ in found.line(i)) for i in range(found.line_count()))
        everything += " ".join(browser.pane("comparison"))
        for build in found.builds:
            assert f"/{build.dag_hash[:7]}" in everything
        for version in (f"1.{n}" for n in range(8)):
            assert version in everything
        await browser.press("right", "right", "x", "tab", "a", "G")
        assert len(compared(browser)) == 7


async def test_another_catalog_renews_the_comparison(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", *builds(3))
    async with browsing(location) as browser:
        await compare(browser)
        assert set(compared(browser)) == {dag_hash(n) for n in (1, 2, 3)}
        rewrite(location, *builds(2))
        browser.app.look_for_updates()
        await browser.until(lambda: len(browser.catalog) == 6)
        await browser.settle()
        assert set(compared(browser)) == {dag_hash(1), dag_hash(2)}
        rewrite(location, *builds(1))
        browser.app.look_for_updates()
        await browser.until(lambda: len(browser.catalog) == 3)
        await browser.settle()
        assert browser.app.screen is browser.screen
