"""A theme paints every cell of every screen, or none but the cursor line."""

from __future__ import annotations

import re
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem, ColorType
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.color import Color
from textual.strip import Strip

from cachetui.config import Config
from cachetui.errors import Cancelled
from cachetui.refresh import Asking, OnProgress, Opened, Policy, Progress
from cachetui.tui.screens import loading
from cachetui.tui.themes import contrast, themes_offered
from tests.builders.mirrors import mirror, record
from tests.tui.driver import ENVIRON, WIDE, Browser, browsing, started

Colours = Mapping[str, str]
Shown = Callable[..., AbstractAsyncContextManager[Browser]]

THEMES = ["cachetui-dark", "cachetui-light", "nord", "catppuccin-latte"]


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

        def open_catalog(
            locations: Sequence[str], on_progress: OnProgress, policy: Policy, asking: Asking
        ) -> Opened:
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


PALETTE = (
    *("#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5"),
    *("#767676", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff"),
)
"""A usual palette of 16 colours."""

TERMINALS = {False: ("#101010", "#d0d0d0"), True: ("#ffffff", "#202020")}
"""Whether a terminal is light to its (background, text)."""

FRAME = re.compile(r"[\u2500-\u257f\s]*")
MARK = re.compile(r"[\u2580-\u259f\u25a0-\u25ff\u23cf-\u23ff\s]*")


def seen(colour: RichColor | None, own: str) -> Color:
    """A colour as a terminal shows it, with its own for the default."""
    if colour is None or colour.is_default:
        return Color.parse(own)
    if colour.type is ColorType.STANDARD:
        return Color.parse(PALETTE[colour.number or 0])
    return Color(*colour.get_truecolor())


def unreadable(browser: Browser, is_light: bool) -> list[tuple[str, float]]:
    """The texts of the screen whose contrast is too low, each with it."""
    found = []
    for strip in strips(browser):
        for text, style, _ in strip:
            if not text.strip():
                continue
            least = 1.3 if FRAME.fullmatch(text) else 3.0 if MARK.fullmatch(text) else 4.5
            style = style or Style()
            own_back, own_text = TERMINALS[is_light]
            reached = contrast(seen(style.color, own_text), seen(style.bgcolor, own_back))
            if reached < least:
                found.append((text, round(reached, 2)))
    return found


SCREENS: dict[str, Sequence[str]] = {
    "packages": [],
    "table with marks": ["tab", "tab", "space", "down"],
    "filters": ["f", "down", "space", "down", "x"],
    "build": ["tab", "tab", "down", "enter"],
    "dependencies": ["tab", "tab", "down", "enter", "right"],
    "tree": ["tab", "tab", "down", "d"],
    "used by": ["tab", "tab", "down", "D"],
    "no result": [*"/hdf5 +foo", "enter"],
    "unreadable query": [*"/hdf5 %%", "enter"],
    "typing": [*"/hdf"],
    "help": ["question_mark"],
    "query language": ["question_mark", "tab"],
    "copy menu": ["tab", "tab", "Y"],
    "mirrors": ["m"],
    "columns": ["tab", "tab", "c"],
    "commands": ["ctrl+p"],
    "themes": ["ctrl+t"],
    "problems": ["exclamation_mark"],
}
"""Every screen and dialog, by the keys that lead there."""


@pytest.mark.parametrize("system", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT], ids=["true", "256"])
@pytest.mark.parametrize("name", SCREENS)
async def test_everything_is_readable_in_every_theme(name: str, system: ColorSystem) -> None:
    async with browsing() as browser:
        browser.app.console._color_system = system
        await browser.press(*SCREENS[name])
        for theme in themes_offered(browser.app.available_themes):
            is_of_terminal = browser.app.available_themes[theme].ansi
            for is_light in (None, False, True) if is_of_terminal else (None,):
                assert browser.app.colours is not None
                browser.app.colours.is_light = is_light
                if browser.app.theme == theme:
                    browser.app.theme = "monokai"  # another one, so that the theme is applied anew
                browser.app.theme = theme
                await browser.settle()
                for terminal in (False, True) if is_light is None else (is_light,):
                    assert unreadable(browser, terminal) == [], (theme, is_light)
            if not is_of_terminal:
                assert rows_with(browser, painted=False) == [], theme
