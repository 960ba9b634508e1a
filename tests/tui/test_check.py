"""The screen of a check: from the palette, by a typed path, to the nearest build in the table."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from cachetui.host import read_host
from cachetui.tui import StartOptions
from cachetui.tui.browse.screen import BrowseScreen
from cachetui.tui.dialogs.check_file import CheckFileScreen
from cachetui.tui.screens.check import CheckScreen
from tests.builders.mirrors import records_of
from tests.builders.wanted import changed, closure, lock_file
from tests.conftest import MIRROR_12
from tests.tui.driver import Browser, browsing

RECORDS = records_of(gzip.decompress((MIRROR_12 / "build_cache/index.json.gz").read_bytes()))
ROOT = next(h for h, record in RECORDS.items() if record["spec"]["name"] == "hdf5")
NODES = closure(RECORDS, [ROOT])
CHANGED, NEW = changed(NODES, "zlib-ng", lambda node: node.update(version="9.9"))

pytestmark = pytest.mark.usefixtures("own_folder")


def written(name: str = "spack.lock") -> Path:
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(lock_file(CHANGED, [NEW[ROOT]], 6))
    return file


def lines(browser: Browser) -> list[str]:
    """The lines of the check, below the headings."""
    return [line.strip(" ┃") for line in browser.pane("check")[5:]]


def highlighted(browser: Browser) -> str:
    """The hash of the build under the cursor of the table."""
    (row,) = browser.table.highlighted
    return browser.catalog.dag_hash(row)


async def checking(browser: Browser, path: str) -> None:
    await browser.press("ctrl+o", *path, "enter")
    await browser.until(lambda: isinstance(browser.app.screen, CheckScreen))
    await browser.settle()


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_missing_builds_and_the_nearest_to_each(size: tuple[int, int]) -> None:
    written()
    async with browsing(str(MIRROR_12), size=size) as browser:
        await checking(browser, "spack.lock")
        text = browser.text
        assert " cached, " in text and " to build" in text
        rows = [line for line in lines(browser) if line.startswith("hdf5@")]
        assert len(rows) == 1 and f"/{ROOT[:7]}" in rows[0]
        assert "^zlib-ng@" in text and "instead of 9.9" in text
        assert text.splitlines()[-1].rstrip().endswith("F1 help")


async def test_enter_shows_the_nearest_build_in_the_table() -> None:
    written()
    async with browsing(str(MIRROR_12)) as browser:
        await checking(browser, "spack.lock")
        await browser.press("enter")
        assert isinstance(browser.app.screen, BrowseScreen)
        assert highlighted(browser) == ROOT


async def test_palette_opens_it_and_files_are_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    written("mine/spack.lock")
    written("other.json")
    written("deep/mine/spack.lock")
    monkeypatch.setenv("SPACK_ENV", str(Path("mine").resolve()))
    async with browsing(str(MIRROR_12)) as browser:
        await browser.press("ctrl+p", *"check a file", "enter")
        assert isinstance(browser.app.screen, CheckFileScreen)
        offered = [offer.text for offer in browser.app.screen.offers]
        assert offered[0].endswith("mine/spack.lock") and "mine/spack.lock" in offered
        assert "other.json" in offered and "mine/" in offered
        await browser.press(*"dee", "enter")
        assert browser.app.screen.typed.text == "deep/"
        assert [offer.text for offer in browser.app.screen.offers] == ["deep/mine/spack.lock", "deep/mine/"]
        await browser.press("tab", "enter")
        await browser.until(lambda: isinstance(browser.app.screen, CheckScreen))


async def test_a_shows_more() -> None:
    written()
    async with browsing(str(MIRROR_12), size=(120, 150)) as browser:
        await checking(browser, "spack.lock")
        missing = len([line for line in lines(browser) if "instead of" in line])
        await browser.press("a")
        tools = len([line for line in lines(browser) if "instead of" in line])
        await browser.press("a")
        assert missing < tools
        assert any(" external" in line for line in lines(browser))
        await browser.press("a", "escape")
        assert isinstance(browser.app.screen, BrowseScreen)


async def test_y_copies_the_hash_of_the_nearest_build() -> None:
    written()
    async with browsing(str(MIRROR_12)) as browser:
        await checking(browser, "spack.lock")
        await browser.press("y")
        assert browser.copied == ROOT


async def test_bad_files_say_why() -> None:
    Path("bad.json").write_text('{"spec": 3}')
    Path("list.txt").write_text("hdf5\nzlib @@\n")
    async with browsing(str(MIRROR_12)) as browser:
        await checking(browser, "bad.json")
        assert "bad.json: " in browser.text
        await browser.press("a", "y", "enter", "escape")
        await checking(browser, "list.txt")
        assert "list.txt, line 2: " in browser.text
        await browser.press("escape", "ctrl+o", *"nothing", "enter")
        assert "nothing: no such file" in browser.text


async def test_all_there_says_so() -> None:
    Path("spack.lock").write_bytes(lock_file(NODES, [ROOT], 6))
    async with browsing(str(MIRROR_12)) as browser:
        await checking(browser, "spack.lock")
        assert "everything is there" in browser.text
        await browser.press("enter", "y", "a", "a")
        assert any(f"/{ROOT[:7]}" in line for line in lines(browser))
        await browser.press("enter")
        assert highlighted(browser) == ROOT


async def test_browser_starts_with_a_check_for_a_host() -> None:
    file = written()
    options = StartOptions(check=file, host=read_host("linux-rhel8-haswell", "glibc@2.17"))
    async with browsing(str(MIRROR_12), options=options, is_typing=True) as browser:
        await browser.until(lambda: isinstance(browser.app.screen, CheckScreen))
        await browser.settle()
        assert "for linux-rhel8-haswell with glibc 2.17" in browser.pane("check")[0]
        assert "it does not run here: needs " in browser.text
        await browser.press("escape")
        assert isinstance(browser.app.screen, BrowseScreen)


async def test_another_catalog_is_checked_again(tmp_path: Path) -> None:
    """When the index gets what was missing, the open check says so."""
    Path("spack.lock").write_bytes(lock_file(NODES, [ROOT], 6))
    some = {h: record for h, record in RECORDS.items() if h not in NODES}
    mirror = tmp_path / "m"
    (mirror / "build_cache").mkdir(parents=True)
    rewrite(mirror, some)
    async with browsing(str(mirror)) as browser:
        await checking(browser, "spack.lock")
        assert "0 of " in browser.text
        rewrite(mirror, RECORDS)
        browser.app.look_for_updates()
        await browser.until(lambda: "everything is there" in browser.text)


def rewrite(mirror: Path, records: dict[str, object]) -> None:
    index = json.dumps({"database": {"version": "8", "installs": records}})
    (mirror / "build_cache" / "index.json").write_text(index)
