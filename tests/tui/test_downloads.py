"""The section "Where" asks the mirrors for the binary of the build, in the background."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders.binaries import KEY, SIGNED_MANIFEST, binary_v3, spec_manifest
from tests.builders.mirrors import index, record, served, v3, v3_files, write_files
from tests.conftest import DATA
from tests.servers.faults import Stall, faulty
from tests.tui.driver import Browser, browsing


async def to_where(browser: Browser, query: str = "*") -> None:
    """Open the first build, and go to where it was found."""
    await browser.query(query)
    await browser.press("enter", "enter", "right", "right", "right")
    assert "[Where]" in browser.text


def said(browser: Browser, label: str) -> str:
    """What the detail says behind a label."""
    lines = [line.strip() for line in browser.pane("detail")]
    return next((line.removeprefix(label).strip() for line in lines if line.startswith(label)), "")


@pytest.mark.parametrize(("width", "height"), [(120, 40), (80, 24)])
async def test_a_mirror_here(tmp_path: Path, width: int, height: int) -> None:
    files = {**v3_files(index(record(1), version="7")), **binary_v3(1, SIGNED_MANIFEST)}
    async with browsing(str(write_files(tmp_path / "m", files)), size=(width, height)) as browser:
        await to_where(browser)
        await browser.until(lambda: "kB" in said(browser, "binary"))
        assert said(browser, "binary").endswith(f"signed (key {KEY[-16:]})")


async def test_a_mirror_behind_a_network_is_asked_once_for_each_build(tmp_path: Path) -> None:
    files = binary_v3(1, spec_manifest(1_500_000))
    with faulty({**v3("/m", index(record(1), version="7")), **served(files)}) as server:
        async with browsing(f"{server.url}/m") as browser:
            await to_where(browser)
            await browser.until(lambda: "1.5 MB" in said(browser, "binary"))
            await browser.press("left", "right")
            assert "1.5 MB" in said(browser, "binary")
        assert sum("/spec/" in request.path for request in server.requests) == 1


async def test_a_mirror_that_does_not_answer_holds_nothing_up(tmp_path: Path) -> None:
    table = v3("/m", index(record(1), version="7"))
    (path,) = served(binary_v3(1, b""))
    with faulty({**table, path: Stall(b"")}) as server:
        async with browsing(f"{server.url}/m") as browser:
            await browser.query("*")
            await browser.press("enter", "enter", "right", "right")
            browser.burst("right")
            await browser.until(lambda: any(request.path == path for request in server.requests))
            assert said(browser, "binary") == "asking the mirror"
            browser.burst("right")
            await browser.until(lambda: "[Install]" in browser.text)


async def test_pages_have_nobody_to_ask() -> None:
    async with browsing(str(DATA / "pages")) as browser:
        await to_where(browser, "/djziri6")
        assert "develop" in browser.text
        assert "asking" not in browser.text
