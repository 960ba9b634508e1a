"""A theme paints every cell of every screen, or none but the cursor line."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.color import Color
from textual.strip import Strip

from cachetui.config import Config
from cachetui.errors import Cancelled
from cachetui.refresh import OnProgress, Opened, Policy, Progress
from cachetui.tui.screens import loading
from cachetui.tui.widgets.line_list import LineList
from tests.builders.mirrors import mirror, record
from tests.tui.driver import ENVIRON, WIDE, Browser, browsing, started

Colours = Mapping[str, str]
Shown = Callable[..., AbstractAsyncContextManager[Browser]]

THEMES = ["textual-dark", "textual-light", "nord", "catppuccin-latte"]


def strips(browser: Browser) -> list[Strip]:
    """The lines of the terminal, with the screens below a dialog."""
    below = browser.app._background_screens
    update = browser.app.screen._compositor.render_update(full=True, screen_stack=below)
    assert isinstance(update, LayoutUpdate)
    return [Strip.join(line) for line in update.strips]


def is_painted(style: Style | None) -> bool:
    """Whether a cell of this style has another background than the terminal's own."""
    if style is None:
        return False
    return bool(style.reverse) or not (style.bgcolor is None or style.bgcolor.is_default)


def rows_with(browser: Browser, painted: bool) -> list[int]:
    """The rows that have a cell whose background is painted, or left to the terminal."""
    found = []
    for row, strip in enumerate(strips(browser)):
        assert strip.cell_length == browser.app.size.width
        if any(is_painted(style) is painted for text, style, _ in strip if text):
            found.append(row)
    return found


@asynccontextmanager
async def dialog(key: str, **options: Any) -> AsyncIterator[Browser]:
    """The dialog that a key opens over the browser."""
    async with browsing(**options) as browser:
        await browser.press("down", key)
        assert browser.app.screen is not browser.screen
        yield browser


HELP, COPY_MENU, MIRRORS = (partial(dialog, key) for key in "?Ym")


@asynccontextmanager
async def main_screen(**options: Any) -> AsyncIterator[Browser]:
    """The browser with its keys in the table, a mark, and a facet value chosen."""
    async with browsing(**options) as browser:
        await browser.press("down", "tab", "space", "tab", "space")
        yield browser


@pytest.fixture
def loading_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shown:
    """Shows a catalog being compiled that never gets further."""

    @asynccontextmanager
    async def shown(**options: Any) -> AsyncIterator[Browser]:
        go_on = threading.Event()

        def open_catalog(locations: Sequence[str], on_progress: OnProgress, policy: Policy) -> Opened:
            on_progress(Progress(locations[0], 1, 1, 4))
            assert go_on.wait(30)
            raise Cancelled("the test is over")

        monkeypatch.setattr(loading, "open_catalog", open_catalog)
        async with started(mirror(tmp_path / "here", record(1)), **options) as browser:
            try:
                await browser.until(lambda: "25%" in browser.text)
                yield browser
            finally:
                go_on.set()

    return shown


@pytest.mark.parametrize(("theme", "size"), [*((theme, WIDE) for theme in THEMES), ("nord", (80, 24))])
async def test_a_theme_paints_every_cell(theme: str, size: tuple[int, int], loading_screen: Shown) -> None:
    for shown in (main_screen, HELP, COPY_MENU, MIRRORS, loading_screen):
        async with shown(size=size, config=Config(theme=theme)) as browser:
            assert rows_with(browser, painted=False) == []


@pytest.mark.parametrize(
    ("theme", "environ"),
    [("ansi-dark", {}), ("ansi-light", {}), ("", {"NO_COLOR": "1"}), ("", {"TERM": "xterm"})],
    ids=str,
)
async def test_the_terminals_own_colours_are_left_but_in_the_cursor_line(
    theme: str, environ: Colours, loading_screen: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    for shown, lines in ((main_screen, 1), (HELP, 1), (COPY_MENU, 2), (MIRRORS, 1), (loading_screen, 0)):
        async with shown(environ={**ENVIRON, **environ}, config=Config(theme=theme)) as browser:
            assert len(rows_with(browser, painted=True)) == lines


@pytest.mark.parametrize("theme", THEMES)
async def test_transparent_colours_are_blended_with_their_pane(theme: str) -> None:
    async with HELP(config=Config(theme=theme)) as browser:
        colours = browser.app.theme_variables
        text = Color.parse(colours["foreground"])
        for name, screen in (("surface", browser.app.screen), ("background", browser.screen)):
            background = Color.parse(colours[name])
            listed = screen.query_one("#lines" if name == "surface" else "#packages", LineList)
            style = listed._painter._style("muted", "")
            assert style.bgcolor == background.rich_color
            assert style.color == (background + text.with_alpha(0.85)).rich_color
            assert style.color != text.rich_color
