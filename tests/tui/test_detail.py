"""The detail panel: one build in full, look-alikes by what sets them apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachetui.search import Engine
from tests.builders.mirrors import lookalikes, mirror, record
from tests.conftest import DATA, MIRROR_12
from tests.tui.driver import Browser, browsing


def told(browser: Browser) -> str:
    """All that the panel says, below its heading, on one line."""
    lines = ["".join(text for text, _ in line) for line in browser.detail.lines]
    return " ".join(" ".join(lines).split())


async def test_a_build_is_shown_in_full(engine: Engine) -> None:
    async with browsing() as browser:
        await browser.query("/cxuri4g")
        spec = engine.catalog.spec(engine.catalog.row_of("cxuri4g"))
        assert browser.pane("detail")[0].startswith(" py-filelock@3.29.1 /cxuri4g")
        assert spec.dag_hash in told(browser)
        assert spec.text() in told(browser)
        assert "mirrors sample-mirror" in told(browser)


async def test_dependencies_are_named_with_version_hash_and_kind() -> None:
    async with browsing() as browser:
        await browser.query("/cxuri4g")
        assert "depends on 6 py-hatch-vcs@0.5.0/knnieix build" in told(browser)
        assert "python@3.14.5/ct75gmt build run" in told(browser)


async def test_lookalikes_from_pages_say_that_pages_list_no_dependencies() -> None:
    async with browsing() as browser:
        await browser.query("filelock %gcc@7.5.0")
        assert browser.pane("detail")[0].startswith(" py-filelock@3.12.4  12 alike")
        assert "12 builds are alike in every column." in told(browser)
        assert "which pages do not list" in told(browser)


async def test_lookalikes_from_an_index_name_what_they_differ_in(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *lookalikes(3))) as browser:
        await browser.query("zlib")
        assert "3 builds are alike in every column. They differ in cmake@3.31 (3 builds)." in told(browser)


async def test_lookalikes_name_the_versions_they_differ_in(tmp_path: Path) -> None:
    versions = ["3.9", "3.31", "3.31"]
    tools = [record(50 + i, "cmake", version=version) for i, version in enumerate(versions)]
    builds = [record(i, needs=[50 + i]) for i in range(3)]
    async with browsing(mirror(tmp_path / "m", *tools, *builds, record(3))) as browser:
        await browser.query("zlib")
        assert "4 builds are alike in every column. They differ in cmake: 3.9 or 3.31 (in 3 of 4)." in told(
            browser
        )


@pytest.mark.parametrize("with_mirror", [False, True])
async def test_lookalikes_of_unknown_dependencies_say_what_would_help(with_mirror: bool) -> None:
    locations = [str(DATA / "pages"), *([str(MIRROR_12)] if with_mirror else [])]
    async with browsing(*locations) as browser:
        await browser.query("filelock %gcc@7.5.0")
        assert "which pages do not list" in told(browser)
        assert ("open the index of the mirror too" in told(browser)) is not with_mirror
        assert (f"none of these hashes is in {MIRROR_12.name}." in told(browser)) is with_mirror


async def test_lookalikes_with_equal_dependencies_say_so(tmp_path: Path) -> None:
    records = [record(9, "cmake"), *(record(i, needs=[9]) for i in range(3))]
    async with browsing(mirror(tmp_path / "m", *records)) as browser:
        await browser.query("zlib")
        assert "Their direct dependencies are the same builds too." in told(browser)


async def test_the_hashes_of_lookalikes_are_listed(engine: Engine) -> None:
    async with browsing() as browser:
        await browser.query("filelock %gcc@7.5.0")
        for row in browser.result.rows:
            assert engine.catalog.dag_hash(row) in told(browser)


async def test_more_hashes_than_are_listed_are_counted(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *lookalikes(250))) as browser:
        await browser.query("zlib")
        assert told(browser).endswith("50 more; Enter in the table lists them all")


async def test_the_panel_scrolls_and_says_what_is_below() -> None:
    async with browsing(size=(80, 24)) as browser:
        await browser.query("/cxuri4g")
        await browser.press("tab", "tab", "tab")
        assert browser.focus == "detail"
        first = browser.pane("detail")
        below = int(first[0].split()[-3])
        await browser.press("down")
        assert browser.pane("detail")[1:-1] == first[2:]
        assert f"{below - 1} more lines" in browser.pane("detail")[0]
        await browser.press("G")
        assert "more" not in browser.pane("detail")[0]
        await browser.press("down", "pagedown")
        last = "".join(text for text, _ in browser.detail.lines[-1]).rstrip()
        assert browser.pane("detail")[-1] == last
        await browser.press("g")
        assert browser.pane("detail") == first


async def test_another_build_is_shown_from_its_beginning() -> None:
    async with browsing(size=(80, 24)) as browser:
        await browser.query("filelock")
        await browser.press("tab", "tab", "tab", "G", "shift+tab", "down")
        assert browser.detail.top == 0


async def test_another_width_wraps_again() -> None:
    async with browsing() as browser:
        await browser.query("/cxuri4g")
        wide, text = len(browser.detail.lines), told(browser).replace(" ", "")
        await browser.resize(100, 40)
        assert len(browser.detail.lines) > wide
        assert told(browser).replace(" ", "") == text
        assert max(len(line) for line in browser.pane("detail")) <= browser.detail.size.width
        await browser.resize(120, 40)
        assert len(browser.detail.lines) == wide
