"""What follows the cursor: other panes catch up once it rests, so that a held key moves only the cursor."""

from __future__ import annotations

from collections.abc import Callable

from textual.timer import Timer

from cachetui.tui.browse.paned import PanedScreen

REST_SECONDS = 0.05
"""Longer than the time between two keys of a held one (30 a second), too short to be waited for."""


class FollowingScreen(PanedScreen):
    """Keeps what is still to follow; a command has it done first."""

    def __init__(self) -> None:
        super().__init__()
        self._following: dict[str, Callable[[], None]] = {}
        self._rest: Timer | None = None

    def follow(self, pane: str, step: Callable[[], None]) -> None:
        """Bring a pane up to date once the cursor rests; of several steps for a pane the last one counts."""
        self._following[pane] = step
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST_SECONDS, self.catch_up)

    def catch_up(self) -> bool:
        """Do at once what is still to follow; False if there is nothing."""
        steps = list(self._following.values())
        self._following.clear()
        for step in steps:
            step()
        return bool(steps)
