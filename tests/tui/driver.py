"""Drives the browser without a terminal: types keys, waits until all is drawn, reads the screen as text."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

from textual import events
from textual.geometry import Region
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from cachetui.catalog import Catalog
from cachetui.config import Config
from cachetui.search import Result
from cachetui.sources import SAMPLE
from cachetui.tui import StartOptions
from cachetui.tui.app import CachetuiApp
from cachetui.tui.browse.screen import BrowseScreen
from cachetui.tui.screens.loading import LoadingScreen
from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.widgets.facet_sidebar import FacetSidebar
from cachetui.tui.widgets.line_list import Border, LineList
from cachetui.tui.widgets.package_list import PackageList
from cachetui.tui.widgets.query_bar import QueryBar
from cachetui.tui.widgets.spec_detail import SpecDetail
from cachetui.tui.widgets.spec_table import SpecTable

PATIENCE = 30.0
WIDE = (120, 40)
ENVIRON = {"TERM": "xterm-256color"}

_QUIET_ROUNDS = 5
_CHARACTERS = {"space": " ", "tab": "\t", "enter": "\r", "escape": "\x1b", "backspace": "\x7f"}


def key_event(key: str) -> events.Key:
    """The event of a key: a character, or one of Textual's names."""
    if len(key) == 1:
        return events.Key(_character_to_key(key), key)
    return events.Key(key, _CHARACTERS.get(key))


class Browser:
    """A running browser.

    Args:
        sent: what was written to the terminal past Textual, oldest first.
    """

    def __init__(self, app: CachetuiApp, pilot: Pilot[str]) -> None:
        self.app = app
        self.pilot = pilot
        self.sent: list[str] = []

    @property
    def copied(self) -> str:
        """The text of the last sequence that was sent to the clipboard of the terminal."""
        sequence = self.sent[-1]
        assert sequence.startswith("\x1b]52;c;") and sequence.endswith("\x07")
        return base64.b64decode(sequence[7:-1]).decode()

    # keys

    async def press(self, *keys: str) -> None:
        """Type keys one after the other, each once the one before has been drawn."""
        for key in keys:
            self.burst(key)
            await self.settle()

    def burst(self, *keys: str) -> None:
        """Type keys all at once; nothing is waited for."""
        driver = self.app._driver
        assert driver is not None
        for key in keys:
            event = key_event(key)
            event.set_sender(self.app)
            driver.send_message(event)

    async def query(self, text: str) -> None:
        """Type a query into the empty query bar."""
        await self.press("/", *text)

    async def paste(self, text: str) -> None:
        """Paste a text."""
        driver = self.app._driver
        assert driver is not None
        driver.send_message(events.Paste(text))
        await self.settle()

    async def click(self, name: str, x: int, y: int) -> None:
        """Click on a cell of a pane."""
        await self.pilot.click(f"#{name}", offset=(x, y))
        await self.settle()

    async def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        await self.pilot.resize_terminal(width, height)
        await self.settle()

    # waiting

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait for a condition; fail with the screen otherwise."""
        deadline = time.monotonic() + PATIENCE
        while not met():
            assert time.monotonic() < deadline, "waited in vain; the screen shows\n" + self.text
            await asyncio.sleep(0.001)

    async def settle(self) -> None:
        """Wait until nothing is left to do and all has been drawn."""
        await self._idle()
        if isinstance(self.app.screen, QuietScreen):
            self.app.screen.catch_up()
            await self._idle()
        await self._drawn()
        await self._idle()
        # What has been computed in the background, from the first drawing on, starts the pause again.
        while any(s.settler.catch_up() for s in self.app.screen_stack if isinstance(s, BrowseScreen)):
            await self._idle()
            await self._drawn()
            await self._idle()
        await self._drawn()

    async def _idle(self) -> None:
        quiet, deadline = 0, time.monotonic() + PATIENCE
        while quiet < _QUIET_ROUNDS and not self.app._exit:
            assert time.monotonic() < deadline, "there is always something to do"
            await asyncio.sleep(0)
            busy = any(node.message_queue_size for node in self._nodes()) or len(self.app.workers)
            busy = busy or self._is_typing or self._is_preparing
            quiet = 0 if busy else quiet + 1

    @property
    def _is_typing(self) -> bool:
        """Whether something typed is not handled yet, and does not wait for a catalog either."""
        typed = self.app._key_input
        return typed.is_busy or (typed.has_kept and not isinstance(self.app.screen, LoadingScreen))

    @property
    def _is_preparing(self) -> bool:
        """Whether something is computed in the background whose end is not handled yet."""
        screens = (screen for screen in self.app.screen_stack if isinstance(screen, BrowseScreen))
        return any(task.is_running for screen in screens for _, task in screen.preparing._tasks)

    def _nodes(self) -> Iterable[Widget | CachetuiApp]:
        return (self.app, *(w for s in self.app.screen_stack for w in (s, *s.walk_children(Widget))))

    async def _drawn(self) -> None:
        screen, done = self.app.screen, asyncio.Event()
        screen.call_after_refresh(done.set)
        await self.until(lambda: done.is_set() or self.app.screen is not screen or self.app._exit)

    # the screen

    @property
    def strips(self) -> Sequence[Strip]:
        """The lines of the screen."""
        return self.app.screen._compositor.render_strips()

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(strip.text.rstrip() for strip in self.strips)

    def pane_strips(self, name: str) -> list[Strip]:
        """The part of the screen's lines that a widget takes."""
        region = self.region(name)
        return [strip.crop(region.x, region.right) for strip in self.strips[region.y : region.bottom]]

    def pane(self, name: str) -> list[str]:
        """The lines of a widget without its frame and the blanks at their ends; none if it is not shown.

        The title of a pane is the first line.
        """
        lines = [strip.text for strip in self.pane_strips(name)]
        widget = self.app.screen.query_one(f"#{name}")
        if lines and isinstance(widget, LineList) and widget.border is Border.BOX:
            lines = [lines[0].strip("╭╮┏┓─━"), *(line[1:-1] for line in lines[1:-1])]
        elif lines and isinstance(widget, LineList) and widget.border is Border.RULE:
            lines[0] = lines[0].strip("─━")
        return [line.rstrip() for line in lines]

    def region(self, name: str) -> Region:
        """Where a widget stands; empty if it is not on the screen."""
        widget = self.app.screen.query_one(f"#{name}")
        return (
            widget.region if all(w.display for w in (widget, *widget.ancestors_with_self[:-2])) else Region()
        )

    def shown(self) -> set[str]:
        """The panes that are on the screen."""
        return {name for name in ("packages", "facets", "table", "detail") if self.region(name).area}

    @property
    def title(self) -> str:
        """The first line of the screen."""
        return self.pane("title")[0]

    @property
    def counts(self) -> str:
        """How many builds match, at the end of the line of the query."""
        return "".join(text for text, _ in self.query_bar.counts).strip()

    @property
    def reading(self) -> str:
        """How the query was read, or what is wrong with it."""
        return self.pane("query")[1]

    @property
    def status(self) -> str:
        """What has just happened; it stands in place of the reading."""
        return "".join(text for text, _ in self.query_bar.message)

    @property
    def hints(self) -> str:
        """The last line of the screen."""
        return self.pane("hints")[0]

    @property
    def focus(self) -> str | None:
        """The widget that takes the keys."""
        return self.app.focused.id if self.app.focused else None

    # the parts

    @property
    def screen(self) -> BrowseScreen:
        """The main screen, also when it is covered."""
        return next(s for s in self.app.screen_stack if isinstance(s, BrowseScreen))

    @property
    def catalog(self) -> Catalog:
        """The catalog that is open."""
        return self.screen.view.catalog

    @property
    def result(self) -> Result:
        """What is shown."""
        assert self.screen.result is not None
        return self.screen.result

    @property
    def packages(self) -> PackageList:
        """The package list."""
        return self.screen.packages

    @property
    def facets(self) -> FacetSidebar:
        """The facet sidebar."""
        return self.screen.facets

    @property
    def table(self) -> SpecTable:
        """The table of builds."""
        return self.screen.table

    @property
    def detail(self) -> SpecDetail:
        """The detail panel."""
        return self.screen.detail

    @property
    def query_bar(self) -> QueryBar:
        """The query bar."""
        return self.screen.query_bar


@asynccontextmanager
async def browsing(
    *locations: str,
    size: tuple[int, int] = WIDE,
    environ: Mapping[str, str] = ENVIRON,
    config: Config | None = None,
    options: StartOptions = StartOptions(),  # noqa: B008 - frozen
    is_typing: bool = False,
) -> AsyncIterator[Browser]:
    """A browser over the locations (the sample if there is none), once its first screen is drawn.

    Args:
        is_typing: leave the cursor in the query; else the keys are commands.
    """
    async with started(*locations, size=size, environ=environ, config=config, options=options) as browser:
        await browser.until(lambda: any(isinstance(s, BrowseScreen) for s in browser.app.screen_stack))
        await browser.until(lambda: browser.screen.result is not None)
        await browser.settle()
        screen = browser.screen
        if screen.is_typing and not is_typing:
            await browser.press("escape")
        yield browser
    screen.view.catalog.close()


@asynccontextmanager
async def started(
    *locations: str,
    size: tuple[int, int] = WIDE,
    environ: Mapping[str, str] = ENVIRON,
    config: Config | None = None,
    options: StartOptions = StartOptions(),  # noqa: B008 - frozen
    is_configured: bool = False,
) -> AsyncIterator[Browser]:
    """A browser that has just begun.

    Args:
        is_configured: without locations, open what Spack is configured with.
    """
    defaults = () if is_configured else (SAMPLE,)
    app = CachetuiApp(locations or defaults, config or Config(), environ, options)
    async with app.run_test(size=size) as pilot:
        browser = Browser(app, pilot)
        app.copying.write = browser.sent.append  # type: ignore[method-assign, assignment]
        yield browser
