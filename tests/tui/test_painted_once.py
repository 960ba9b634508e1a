"""Dialogs and screens are painted once, also those that read something in the background and get it soon."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.screen import Screen

from cachetui.locate import PublicMirror
from cachetui.tui.app import CachetuiApp
from cachetui.tui.browse.screen import BrowseScreen
from cachetui.tui.requests import CheckFile
from cachetui.tui.screens.loading import LoadingScreen
from tests.builders.mirrors import mirror
from tests.conftest import MIRROR_12, dag_hash
from tests.tui.driver import Browser, browsing

PUNCTUATION = ("number_sign", "exclamation_mark", "question_mark", "equals_sign")
KEYS = ("m", "H", "Y", "t", "ctrl+o", "c", "ctrl+p", "ctrl+t", "d", "D", *PUNCTUATION)
"""They open a dialog or a screen, from the table."""


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All pictures of screens other than the main one; what is read in the background comes soon."""
    seen: list[str] = []
    display = CachetuiApp._display

    def note(app: CachetuiApp, screen: Screen[object], update: object) -> None:
        if not isinstance(screen, BrowseScreen | LoadingScreen):
            seen.append("\n".join(strip.text.rstrip() for strip in screen._compositor.render_strips()))
        display(app, screen, update)  # type: ignore[arg-type]

    monkeypatch.setattr(CachetuiApp, "_display", note)
    monkeypatch.setattr("cachetui.tui.tasks.MOMENT", 30.0)
    return seen


def shown(browser: Browser) -> str:
    """The picture of the screen that is shown now."""
    return "\n".join(strip.text.rstrip() for strip in browser.app.screen._compositor.render_strips())


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
@pytest.mark.parametrize("key", KEYS)
async def test_a_dialog(key: str, size: tuple[int, int], pictures: list[str]) -> None:
    async with browsing(str(MIRROR_12), size=size) as browser:
        await browser.query("zlib-ng")
        await browser.press("enter", "space", "space", key)
        assert browser.app.screen is not browser.screen
        assert set(pictures) == {shown(browser)}


async def test_public_build_caches(pictures: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [PublicMirror("develop", "", "s3://here/develop")] * 3, "not up to date"
    monkeypatch.setattr("cachetui.tui.dialogs.public.list_public", lambda *given: listed)
    async with browsing() as browser:
        await browser.app.action_show("public.PublicScreen")
        await browser.settle()
        assert "3 of 3" in browser.text and "not up to date" in browser.text
        assert set(pictures) == {shown(browser)}


async def test_the_check_of_a_file(tmp_path: Path, pictures: list[str]) -> None:
    asked = tmp_path / "hashes.txt"
    asked.write_text(f"/{dag_hash(1)}\n")
    async with browsing(mirror(tmp_path / "m", 1)) as browser:
        browser.app.post_message(CheckFile(asked))
        await browser.settle()
        assert "cached" in browser.text
        assert set(pictures) == {shown(browser)}
