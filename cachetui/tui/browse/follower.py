"""Other panes follow the cursor once it rests, so that a held key moves only the cursor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

REST_SECONDS = 0.05
"""Longer than the time between two repeats of a held key (30 a second), too short to be noticed."""

PAUSE_SECONDS = 0.3
"""Longer than the time between two typed characters: what moves under the eyes waits until typing ends."""


class Timer(Protocol):
    """A call that is due later."""

    def stop(self) -> None:
        """Give it up."""


class Follower:
    """The steps that are still to follow, one for each pane.

    Args:
        later: calls a function after some seconds.
        rest: the seconds after which they follow.
    """

    def __init__(
        self, later: Callable[[float, Callable[[], object]], Timer], rest: float = REST_SECONDS
    ) -> None:
        self._later = later
        self._rest = rest
        self._steps: dict[str, Callable[[], None]] = {}
        self._timer: Timer | None = None

    def follow(self, pane: str, step: Callable[[], None]) -> None:
        """Bring a pane up to date once the cursor rests; a newer step for a pane replaces the older one."""
        self._steps[pane] = step
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._later(self._rest, self.catch_up)

    def catch_up(self, *panes: str) -> bool:
        """Do now what is still to follow, in some panes or in all; False if there is nothing."""
        steps = [self._steps.pop(pane) for pane in panes or tuple(self._steps) if pane in self._steps]
        for step in steps:
            step()
        return bool(steps)
