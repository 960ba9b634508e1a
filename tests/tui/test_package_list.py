"""The list of packages: one line where one package is meant, similar names below a heading otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachetui.tui.widgets.package_list import ALL, GUESSES, MATCHES
from tests.builders.mirrors import mirror, record
from tests.tui.driver import Browser, browsing

NAMES = ("hdf5", "hdf5-blosc", "zlib", "zlib-ng", "zlibx", "cmake")


@pytest.fixture
def packages(tmp_path: Path) -> str:
    """A mirror with two builds of packages of similar names."""
    records = [
        record(10 * place + n, name, version=f"1.{n}") for place, name in enumerate(NAMES) for n in range(2)
    ]
    return mirror(tmp_path / "m", *records)


def names(browser: Browser) -> list[str]:
    """What the lines of the list say, without the counts."""
    lines = browser.pane("packages")[1 : 1 + browser.packages.line_count()]
    return [line.strip() if line.strip() == GUESSES else line.rsplit(None, 1)[0].strip() for line in lines]


async def test_all_packages_stand_below_a_line_for_all_of_them(packages: str) -> None:
    async with browsing(packages) as browser:
        assert names(browser) == [ALL, *sorted(NAMES)]


@pytest.mark.parametrize("query", ["zlib @1.1", "hdf5@1.0", "zlib-ng %gcc"])
async def test_a_whole_name_with_terms_means_one_package(packages: str, query: str) -> None:
    async with browsing(packages) as browser:
        await browser.query(query)
        assert names(browser) == [query.replace("@", " ").split()[0]]
        assert browser.region("packages").height == 3, "one line within its frame"


async def test_the_list_grows_back_as_the_query_is_widened(packages: str) -> None:
    async with browsing(packages) as browser:
        before = browser.region("packages").height
        await browser.query("zlib @1.1")
        await browser.press(*["backspace"] * len("zlib @1.1"))
        assert browser.region("packages").height == before
        assert names(browser) == [ALL, *sorted(NAMES)]


async def test_similar_names_stand_below_a_heading(packages: str) -> None:
    async with browsing(packages) as browser:
        await browser.query("zlib")
        shown = names(browser)
        assert shown[:3] == [MATCHES, "zlib", GUESSES]
        assert sorted(shown[3:]) == ["zlib-ng", "zlibx"]


async def test_the_cursor_steps_over_the_heading(packages: str) -> None:
    async with browsing(packages) as browser:
        await browser.query("zlib")
        await browser.press("down")
        assert browser.result.package not in ("", "zlib")
        await browser.press("up")
        assert browser.result.package == "zlib"
        await browser.press("up")
        assert browser.result.package == ""
