"""What is typed, in its order: each key is handled and painted before the next, by the screen it is for."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.events import Key, Paste
from textual.screen import Screen

from cachetui.tui.commands import LIST_COMMANDS
from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.textual_seams import is_stopped, run_binding

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

ANSWERED_KEYS = 60
"""Keys that may wait while each is answered: what a query means can depend on what it was a letter before."""

INTERRUPT = "ctrl+c"
"""The key of one who does not want to wait."""

APP_TURNS = 50
"""Turns that the app has at most for what the command before asked of it."""


class KeyInput:
    """Handles the keys and pastes of an app.

    Textual puts a key into the queue of the widget that has the focus when it arrives: of `/q` typed in one
    go, the `q` would go to the list and quit; and what is typed before the first screen would be lost.
    """

    def __init__(self, app: App[Any], before_each: Callable[[], None]) -> None:
        self._app = app
        self._before_each = before_each
        self._typed: deque[Key | Paste] = deque()
        self._is_scheduled = False
        self._is_handling = False
        self._last_key = ""
        self._is_settled = False
        self._ran_command = False
        self._turns = 0

    @property
    def is_busy(self) -> bool:
        """Whether something typed is being handled."""
        return self._is_scheduled or self._is_handling

    @property
    def has_kept(self) -> bool:
        """Whether something typed waits for its turn, or for a screen."""
        return bool(self._typed)

    def interrupted(self) -> None:
        """Something else than a key happened: the next command lets it finish first."""
        self._is_settled = False

    async def take(self, event: Key | Paste) -> None:
        """Handle what was typed, or keep it until the screen for it is there."""
        screen = self._screen
        if isinstance(screen, QuietScreen) and isinstance(event, Key) and self._is_urgent(event.key, screen):
            self._typed.clear()  # was meant for what shall not be opened now
            await run_binding(self._app, event.key)
            return
        self._typed.append(event)
        if len(self._typed) == 1 and not self._app.message_queue_size:
            await self._handle_first()
        else:
            self.resume()

    def _is_urgent(self, key: str, screen: QuietScreen[Any]) -> bool:
        if key == INTERRUPT and len(self._typed) > ANSWERED_KEYS:
            return True
        return key in screen.urgent_keys or (key in screen.urgent_first and not self._typed)

    def resume(self) -> None:
        """Handle what was kept, behind the messages that the app has."""
        if self._typed and not self._is_scheduled:
            self._is_scheduled = True
            self._app.call_later(self._handle_scheduled)

    async def _handle_scheduled(self) -> None:
        self._is_scheduled = False
        if self._typed:
            await self._handle_first()

    async def _handle_first(self) -> None:
        self._is_handling = True
        try:
            if await self._is_due():
                event = self._typed.popleft()
                self._before_each()
                await self._dispatch(event)
                await self._paint()
                self.resume()
        finally:
            self._is_handling = False

    async def _is_due(self) -> bool:
        """Whether the first event that was typed can be handled now; else it is when the screen is ready."""
        if self._ran_command and not self._is_settled:
            await self._settle()  # the command may have moved the focus: of `Enter ?`, the `?` is no text
            if isinstance(self._screen, QuietScreen) and self._screen.lay_out():
                await self._settle()
            if self._app.message_queue_size and self._turns < APP_TURNS:
                self._turns += 1  # the command may have asked something of the app
                self.resume()
                return False
        self._turns = 0
        screen = self._screen
        return isinstance(screen, QuietScreen) and screen.takes_keys

    async def _dispatch(self, event: Key | Paste) -> None:
        app = self._app
        key = event.key if isinstance(event, Key) else ""
        is_held_down = key in MOVING_KEYS and key == self._last_key
        self._last_key = key
        if self._ran_command and not is_held_down:
            await self._catch_up()
        self._ran_command = False
        handler = "on_key" if isinstance(event, Key) else "on_paste"
        for node in (app.focused or app.screen).ancestors_with_self:
            if node is not app and hasattr(node, handler):
                getattr(node, handler)(event)
            if is_stopped(event):
                return
        if key:
            if not is_held_down and not self._is_settled:
                await self._settle()
            self._ran_command = True
            await run_binding(app, key)

    async def _catch_up(self) -> None:
        """Let the screen catch up with a command: of `jy` typed in one go, `y` copies what `j` went to."""
        if not self._is_settled:
            await self._settle()
        screen = self._screen
        if isinstance(screen, QuietScreen) and screen.catch_up():
            await self._settle()

    @property
    def _screen(self) -> Screen[Any] | None:
        stack = self._app.screen_stack
        return stack[-1] if stack else None

    async def _settle(self) -> None:
        """Let all widgets handle the messages they have."""
        quiet = 0
        for _ in range(SETTLING_STEPS):
            nodes = self._app.screen.walk_children(with_self=True)
            quiet = 0 if any(node.message_queue_size for node in nodes) else quiet + 1
            if quiet == QUIET_STEPS:
                return
            await asyncio.sleep(0)

    async def _paint(self) -> None:
        """Paint at once what a key has changed; of keys that come together, what all of them have."""
        self._is_settled = not self._app.message_queue_size and not self._typed
        if len(self._typed) > ANSWERED_KEYS:
            return
        screen = self._screen
        if not isinstance(screen, QuietScreen):
            await self._settle()
            return
        with screen.held():
            await self._settle()
        if self._is_settled and isinstance(screen := self._screen, QuietScreen):
            screen.paint()
