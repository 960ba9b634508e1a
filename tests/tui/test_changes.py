"""The screen that says what changed: what is compared, what it lists, where it leads."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachetui import paths
from cachetui.graph import Changes, Kind
from cachetui.refresh import kept_generations
from cachetui.tui.dialogs.changes import ChangesScreen
from cachetui.tui.dialogs.help import HelpScreen
from cachetui.tui.widgets.changes_list import ChangesList
from tests.builders.damage import executed
from tests.builders.mirrors import Record, mirror, record
from tests.tui.driver import Browser, browsing
from tests.tui.test_news import builds, rewrite

OLD = [
    record(1, "alpha", version="1.0"),
    record(2, "beta", version="1.0"),
    record(3, "gamma", version="1.0"),
    record(4, "same", version="1.0"),
]
NEW = [
    record(11, "alpha", version="1.1"),
    record(12, "alpha", version="1.0"),
    record(13, "delta", version="2.0"),
    record(3, "gamma", version="1.0"),
    record(14, "gamma", version="1.0"),
    record(4, "same", version="1.0"),
]


@pytest.fixture
def two(tmp_path: Path) -> tuple[str, str]:
    return mirror(tmp_path / "old", *OLD), mirror(tmp_path / "new", *NEW)


def shown(browser: Browser) -> ChangesList:
    screen = browser.app.screen
    assert isinstance(screen, ChangesScreen)
    return screen.changes_list


def changes(browser: Browser) -> Changes:
    found = shown(browser).changes
    assert found is not None
    return found


def kinds(browser: Browser) -> dict[str, Kind]:
    return {package.name: package.kind for package in shown(browser).packages}


async def test_two_mirrors(two: tuple[str, str]) -> None:
    async with browsing(*two) as browser:
        await browser.press("t")
        if changes(browser).before.label != "mirror old":
            await browser.press("x")
        assert kinds(browser) == {
            "alpha": Kind.CHANGED,
            "beta": Kind.WENT,
            "delta": Kind.CAME,
            "gamma": Kind.CHANGED,
        }
        assert "Changes mirror old -> new" in browser.text
        assert "packages: 1 came, 2 changed, 1 went; builds: +4 -2, 2 in both" in browser.text
        lines = {line.split()[2]: line for line in browser.pane("lines") if line[:2] in ("~ ", "+ ", "- ")}
        assert lines["alpha"].split(None, 3)[3].split() == ["+2", "-1", "+1.1"]
        assert "same versions" in lines["gamma"] and "1 build in both" in lines["gamma"]
        assert lines["delta"].startswith("+ came") and lines["beta"].startswith("- went")


async def test_the_other_way_round(two: tuple[str, str]) -> None:
    async with browsing(*two) as browser:
        await browser.press("t")
        before, after = changes(browser).before.label, changes(browser).after.label
        came = set(changes(browser).came)
        await browser.press("x")
        assert (changes(browser).before.label, changes(browser).after.label) == (after, before)
        assert set(changes(browser).went) == came


async def test_enter_goes_to_the_builds_that_differ(two: tuple[str, str]) -> None:
    async with browsing(*two) as browser:
        before = browser.screen.selection
        await browser.press("t")
        place = list(kinds(browser)).index("gamma")
        await browser.press("home", *["down"] * place, "enter")
        assert browser.app.screen is browser.screen and browser.focus == "table"
        assert browser.result.package == "gamma" and len(browser.result.rows) == 1
        await browser.press("u")
        assert browser.screen.selection == before


async def test_the_filter_and_the_order(two: tuple[str, str]) -> None:
    async with browsing(*two) as browser:
        await browser.press("t")
        for kind in Kind:
            await browser.press("f")
            assert set(kinds(browser).values()) == {kind}
        await browser.press("f", "s")
        sizes = [package.came + package.went for package in shown(browser).packages]
        assert len(sizes) == 4 and sizes == sorted(sizes, reverse=True)


async def test_nothing_to_compare(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *builds(1))) as browser:
        await browser.press("t")
        assert "nothing to compare yet" in " ".join(browser.text.split())
        await browser.press("b", "B", "x", "f", "s", "enter", "down")
        assert shown(browser).packages == ()
        assert "nothing to compare yet" in " ".join(browser.text.split())
        await browser.press("escape")
        assert browser.app.screen is browser.screen


def replaced(browser: Browser, location: str, records: list[Record]) -> int:
    rewrite(location, *records)
    browser.app.look_for_updates()
    return len(records)


async def test_since_the_previous_catalog(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", *OLD)
    async with browsing(location) as browser:
        number = replaced(browser, location, NEW)
        await browser.until(lambda: len(browser.catalog) == number)
        await browser.settle()
        await browser.press("t")
        assert "Changes since less than a minute ago" in browser.text
        assert list(kinds(browser)) == ["alpha", "beta", "delta", "gamma"]
        await browser.press("home", "down", "enter")
        assert "went: the catalog that is open has none of them" in browser.text
        await browser.press("up", "enter")
        assert browser.result.package == "alpha" and len(browser.result.rows) == 2


async def test_a_refresh_while_it_is_open_is_compared_with_what_was_shown(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", *OLD)
    async with browsing(location) as browser:
        await browser.press("t")
        number = replaced(browser, location, NEW)
        await browser.until(lambda: len(browser.catalog) == number)
        await browser.settle()
        assert len(kinds(browser)) == 4
        await browser.press("down", "end", "home", "b", "enter")
        assert browser.result.package == "alpha"


async def test_a_previous_catalog_that_is_gone(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", *OLD)
    async with browsing(location) as browser:
        number = replaced(browser, location, NEW)
        await browser.until(lambda: len(browser.catalog) == number)
        await browser.settle()
        (kept,) = kept_generations(browser.catalog.path)
        assert kept.path.parent == paths.previous_dir()
        await browser.press("t")
        kept.path.write_bytes(b"")
        await browser.press("b")
        assert "is kept no longer" in browser.text
        await browser.press("f", "s", "down", "enter")
        assert isinstance(browser.app.screen, ChangesScreen)


async def test_a_previous_catalog_that_is_damaged(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", *OLD)
    async with browsing(location) as browser:
        number = replaced(browser, location, NEW)
        await browser.until(lambda: len(browser.catalog) == number)
        await browser.settle()
        (kept,) = kept_generations(browser.catalog.path)
        executed("UPDATE chunk SET data = x'42' WHERE name = 'hash'")(kept.path)
        await browser.press("t")
        assert "is damaged and set aside" in browser.text
        assert kept_generations(browser.catalog.path) == []
        assert browser.app.failure is None


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
async def test_it_can_be_read_at_any_size(two: tuple[str, str], size: tuple[int, int]) -> None:
    async with browsing(*two, size=size) as browser:
        await browser.press("t", "end", "home", "down")
        assert all(name in browser.text for name in ("alpha", "beta", "delta", "gamma"))


async def test_the_help_begins_with_its_keys() -> None:
    async with browsing() as browser:
        await browser.press("escape", "t", "f1")
        assert isinstance(browser.app.screen, HelpScreen)
        assert browser.pane("lines")[0].lstrip().startswith("in the changes")
        await browser.press("f1")
        assert shown(browser) is not None
