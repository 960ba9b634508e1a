"""Install trees in the browser, by keyboard: all that it can do with a mirror; unreadable databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders.homes import World
from tests.builders.mirrors import mirror
from tests.conftest import dag_hash
from tests.locate.test_installed import configure, tree
from tests.locate.test_upstreams_and_holes import BASE, TOP, installed_tree, records
from tests.tui.driver import browsing

SIZES = [(120, 40), (80, 24)]


@pytest.fixture
def site(world: World) -> Path:
    """The install tree of this Spack with `top`, which needs `base` of the upstream."""
    top, base, loose = records()
    local = installed_tree(world.folder / "local", top, loose)
    configure(world, local, site=installed_tree(world.folder / "up", base))
    return local


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("named", [True, False])
async def test_what_is_installed_is_browsed(site: Path, size: tuple[int, int], named: bool) -> None:
    async with browsing("installed" if named else str(site), size=size) as browser:
        assert "3 builds" in browser.text
        await browser.query("base")
        await browser.press("enter", "D")
        assert "used by 1 build" in browser.text and "top@1.3" in browser.text
        await browser.press("down", "d")
        assert f"top@1.3 /{dag_hash(TOP)[:7]} depends on 1" in browser.text
        assert "● installed 1" in browser.text or "● 1" in browser.text
        await browser.press("down", "o")
        assert "base" in browser.text and dag_hash(BASE)[:7] in browser.text
        await browser.press("enter")
        assert "installed in site" in " ".join(browser.text.split()) or "in site" in browser.text
        await browser.press("escape", "v")
        assert "base" in browser.text


@pytest.mark.parametrize("size", SIZES)
async def test_a_database_that_cannot_be_read_is_noted(world: World, size: tuple[int, int]) -> None:
    configure(world, tree(world.folder / "local", 1), site=world.folder / "gone")
    async with browsing(mirror(world.folder / "cache", 1, 2), size=size) as browser:
        await browser.press("escape")
        assert "▲ 1 note ! " in browser.text.splitlines()[0]
        await browser.press("!")
        words = " ".join(browser.text.replace("│", " ").replace("┃", " ").split())
        assert "Notes" in words and "No such file" in words
