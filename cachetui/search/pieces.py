"""Long answers are computed in pieces: whoever waits for one in a thread is asked before each."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar


def _go_on() -> None:
    """Nobody gives up."""


_ask: ContextVar[Callable[[], None]] = ContextVar("ask", default=_go_on)


def piece() -> None:
    """Begin another piece; raises what whoever waits raises to give up."""
    _ask.get()()


def ask_before_pieces(ask: Callable[[], None]) -> None:
    """Ask before each piece from now on, in the context of this thread."""
    _ask.set(ask)
