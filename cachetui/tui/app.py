"""The Textual application: opens the catalog, shows the screens, and knows the terminal."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.filter import LineFilter, Monochrome, NoColor
from textual.screen import Screen
from textual.worker import get_current_worker

from cachetui.config import Config
from cachetui.errors import CachetuiError
from cachetui.install import CachedBuild
from cachetui.refresh import open_cached
from cachetui.tui import clipboard, terminal
from cachetui.tui.browse.following import FollowingScreen
from cachetui.tui.browse.screen import BrowseScreen
from cachetui.tui.catalogs import CatalogApp
from cachetui.tui.commands import LIST_COMMANDS
from cachetui.tui.options import StartOptions
from cachetui.tui.screens.loading import LoadingScreen
from cachetui.tui.screens.quiet import QuietScreen

DEFAULT_THEME = "textual-dark"

MOVING_KEYS = frozenset(
    key
    for command in LIST_COMMANDS
    if command.action.startswith(("move", "page"))
    for key in command.keys.split(",")
)
"""Where one of these is held down, the lines on the way need not be answered one by one."""

SETTLING_STEPS = 200
"""Rounds of the event loop that a command waits at most for what was done before it."""

QUIET_STEPS = 3
"""Rounds without a message after which none is on its way: a message may lead to another."""


class CachetuiApp(CatalogApp):
    """Browses the build caches of some locations."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(
        self,
        locations: Sequence[str],
        config: Config,
        environ: Mapping[str, str] | None = None,
        options: StartOptions = StartOptions(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__(locations, config, options)
        self.environ = os.environ if environ is None else environ
        self.picked: list[CachedBuild] = []
        self._sending = threading.Lock()
        self._last_key = ""
        self._settled = False
        self.animation_level = "none"
        # Screens without the widgets for these: nothing here uses them, and each costs a part of the start.
        self._disable_tooltips = self._disable_notifications = True
        theme = self._theme()
        if theme != self.theme:
            self.theme = theme

    @property
    def keymap(self) -> Mapping[str, str]:
        """The user's own keys, by command."""
        return self.config.keys

    def _theme(self) -> str:
        wanted = self.config.theme or terminal.theme_for(self.environ) or DEFAULT_THEME
        return wanted if wanted in self.available_themes else DEFAULT_THEME

    async def on_event(self, event: events.Event) -> None:
        """Handle each key before the next: of `/q` typed in one go, the `q` is text already."""
        if isinstance(event, events.Key) and not event.is_forwarded and self.screen.is_mounted:
            await self._handle_key(event)
            await self._paint()
        else:
            self._settled = False
            await super().on_event(event)

    async def _handle_key(self, event: events.Key) -> None:
        # Textual would put the keys into the queue of the widget that has the focus now.
        for node in (self.focused or self.screen).ancestors_with_self:
            if node is not self and hasattr(node, "on_key"):
                node.on_key(event)
            if event._stop_propagation:
                return
        held = event.key in MOVING_KEYS and event.key == self._last_key
        self._last_key = event.key
        if event.key not in MOVING_KEYS:
            await self._catch_up()
        elif not held and not self._settled:
            await self._settle()
        if not await self._check_bindings(event.key, priority=True):
            await self._check_bindings(event.key)

    async def _catch_up(self) -> None:
        """Let the screen catch up before a command: of `jy` typed in one go, `y` copies what `j` went to."""
        if not self._settled:
            await self._settle()
        if isinstance(self.screen, FollowingScreen) and self.screen.catch_up():
            await self._settle()

    async def _settle(self) -> None:
        """Let all widgets do what they were told."""
        quiet = 0
        for _ in range(SETTLING_STEPS):
            busy = any(node.message_queue_size for node in self.screen.walk_children(with_self=True))
            quiet = 0 if busy else quiet + 1
            if quiet == QUIET_STEPS:
                return
            await asyncio.sleep(0)

    async def _paint(self) -> None:
        """Draw at once what a key has changed; of keys that come together, what all of them have."""
        self._settled = not self.message_queue_size
        if self._settled:
            with self.screen.held() if isinstance(self.screen, QuietScreen) else nullcontext():
                await self._settle()
            if isinstance(self.screen, QuietScreen):
                self.screen.paint()

    def _handle_exception(self, error: Exception) -> None:
        """An error of the input, such as a catalog that was damaged on disk, ends in one line."""
        if isinstance(error, CachetuiError):
            self.failure = error
            self.exit(return_code=1)
        else:
            super()._handle_exception(error)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual chooses what it does for NO_COLOR before it knows the theme: here, black on black."""
        filters = super().get_line_filters()
        if not self.native_ansi_color:
            return filters
        return [NoColor() if isinstance(chosen, Monochrome) else chosen for chosen in filters]

    def get_default_screen(self) -> Screen[Any]:
        """The catalog as the first screen, if there is one: none is drawn before it."""
        opened = open_cached(self.locations, self.options.policy)
        return super().get_default_screen() if opened is None else self.browse(opened)

    def on_mount(self) -> None:
        """Compile the catalog if there is none."""
        terminal.install_guards(self)
        self.set_keymap(dict(self.config.keys))
        if not isinstance(self.screen, BrowseScreen):
            self.push_screen(LoadingScreen(self.locations, self.options.policy))
        elif self.screen.opened.is_due:
            self.call_after_refresh(self.look_for_news, sure=False)
        self.call_after_refresh(terminal.collect_garbage)

    def end_with(self, builds: list[CachedBuild]) -> None:
        """Leave with what was picked."""
        self.picked = builds
        self.exit()

    def write_to_terminal(self, sequence: str) -> None:
        """Put a sequence on the terminal as it is."""
        if self._driver is not None:
            self._driver.write(sequence)

    def send_to_clipboard(
        self, text: str, sent: Callable[[str], None], refused: Callable[[str], None]
    ) -> None:
        """Send a text towards the clipboard in a thread, then tell which way it went, or why it did not."""
        work = partial(self._send, text, sent, refused)
        self.run_worker(work, thread=True, exclusive=True, group="copy")

    def _send(self, text: str, sent: Callable[[str], None], refused: Callable[[str], None]) -> None:
        write = partial(self.call_from_thread, self.write_to_terminal)
        worker = get_current_worker()
        # One after the other, so that the text that was sent last is the one that stays.
        with self._sending:
            if worker.is_cancelled:
                return
            try:
                way = clipboard.send(text, write, self.environ)
            except CachetuiError as error:
                self.call_from_thread(refused, str(error))
            else:
                self.call_from_thread(sent, way)

    def suspend_to_shell(self) -> None:
        """Stop as Ctrl+Z does elsewhere; not where no shell could bring the browser back."""
        if terminal.resumable():
            self.action_suspend_process()
