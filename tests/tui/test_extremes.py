"""Very small and very uniform catalogs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders.mirrors import mirror, record
from tests.tui.driver import browsing

EVERYWHERE = [
    "enter",
    "tab",
    "space",
    "x",
    "c",
    "/",
    "z",
    "escape",
    "enter",
    "s",
    "S",
    "right",
    "G",
    "pagedown",
]


@pytest.mark.parametrize("size", [(120, 40), (60, 20)])
async def test_a_catalog_without_builds(tmp_path: Path, size: tuple[int, int]) -> None:
    async with browsing(mirror(tmp_path / "empty"), size=size) as browser:
        assert "0 builds of 0 packages" in browser.title
        for _ in range(4):
            await browser.press(*EVERYWHERE, "escape", "escape", "y", "Y", "escape", "tab")
        assert browser.table.line_count() == 0


async def test_a_catalog_without_builds_says_so(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "empty")) as browser:
        assert browser.counts == "0 builds"
        assert " there are no builds here" in browser.text


async def test_one_build(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "one", record(1))) as browser:
        assert browser.pane("table")[0].startswith(" zlib ")
        assert browser.pane("table")[0].endswith(" 1 build")
        await browser.press("enter")
        for _ in range(4):
            await browser.press(*EVERYWHERE, "escape", "escape", "escape", "escape", "tab")
        assert len(browser.result.rows) == 1


async def test_a_build_is_highlighted_from_the_start(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "one", record(1))) as browser:
        assert len(browser.detail.rows) == 1
        assert browser.pane("detail")[0].startswith(" zlib@1.3 /")
