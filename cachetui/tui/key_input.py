"""Keys in the order in which they were typed, each handled and painted before the next."""

from __future__ import annotations

import asyncio
from typing import Any

from textual.app import App
from textual.events import Key
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


class KeyInput:
    """Handles the keys of an app.

    Textual puts a key into the queue of the widget that has the focus when it arrives: of `/q` typed in one
    go, the `q` would go to the list and quit.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._last_key = ""
        self._is_settled = False
        self._ran_command = False

    def interrupted(self) -> None:
        """Something else than a key happened: the next command lets it finish first."""
        self._is_settled = False

    async def handle(self, event: Key) -> None:
        """Handle a key, and paint what it changes."""
        await self._dispatch(event)
        await self._paint()

    async def _dispatch(self, event: Key) -> None:
        app = self._app
        if self._ran_command and not self._is_settled:
            await self._settle()  # the command may have moved the focus: of `Enter ?`, the `?` is no text
        self._ran_command = False
        for node in (app.focused or app.screen).ancestors_with_self:
            if node is not app and hasattr(node, "on_key"):
                node.on_key(event)
            if is_stopped(event):
                return
        is_held_down = event.key in MOVING_KEYS and event.key == self._last_key
        self._last_key = event.key
        if event.key not in MOVING_KEYS:
            await self._catch_up()
        elif not is_held_down and not self._is_settled:
            await self._settle()
        self._ran_command = True
        await run_binding(app, event.key)

    async def _catch_up(self) -> None:
        """Let the screen catch up before a command: of `jy` typed in one go, `y` copies what `j` went to."""
        if not self._is_settled:
            await self._settle()
        screen = self._screen
        if isinstance(screen, QuietScreen) and screen.catch_up():
            await self._settle()

    @property
    def _screen(self) -> Screen[Any]:
        return self._app.screen

    async def _settle(self) -> None:
        """Let all widgets handle the messages they have."""
        quiet = 0
        for _ in range(SETTLING_STEPS):
            nodes = self._screen.walk_children(with_self=True)
            quiet = 0 if any(node.message_queue_size for node in nodes) else quiet + 1
            if quiet == QUIET_STEPS:
                return
            await asyncio.sleep(0)

    async def _paint(self) -> None:
        """Paint at once what a key has changed; of keys that come together, what all of them have."""
        self._is_settled = not self._app.message_queue_size
        if not self._is_settled:
            return
        screen = self._screen
        if not isinstance(screen, QuietScreen):
            await self._settle()
            return
        with screen.held():
            await self._settle()
        if isinstance(self._screen, QuietScreen):
            self._screen.paint()
