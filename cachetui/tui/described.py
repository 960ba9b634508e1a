"""What the browser would make of a terminal, in words; the terminal itself is not asked."""

from __future__ import annotations

import os
from collections.abc import Mapping

from msgspec import Struct

from cachetui.tui import clipboard, terminal
from cachetui.tui.abilities import STANDARD, UNASKED, color_system, is_ascii


class DescribedTerminal(Struct, frozen=True):
    """What a terminal can do.

    Args:
        obstacle: why the browser cannot run on it; empty if it can.
        colours: their number, in words.
        background: where its colour comes from.
        clipboard: the way of a copied text.
        size: columns and rows; None: there is no terminal.
    """

    term: str
    obstacle: str
    colours: str
    background: str
    is_ascii: bool
    clipboard: str
    size: tuple[int, int] | None


def described_terminal(environ: Mapping[str, str]) -> DescribedTerminal:
    """Describe the terminal of this process."""
    term = environ.get("TERM", "")
    system = color_system(environ)
    asked = "is not asked for, so dark is assumed" if term in UNASKED else "is asked for at the start"
    return DescribedTerminal(
        term=term,
        obstacle=terminal.refusal() or "",
        colours="none (NO_COLOR)" if environ.get("NO_COLOR") else "16" if system == STANDARD else system,
        background=asked,
        is_ascii=is_ascii(environ),
        clipboard=_clipboard(environ),
        size=_size(),
    )


def _clipboard(environ: Mapping[str, str]) -> str:
    if environ.get("TMUX"):
        return f"{clipboard.IN_TMUX} (OSC 52)"
    if environ.get("STY"):
        return f"{clipboard.IN_SCREEN} (OSC 52)"
    return f"{clipboard.PLAIN} (OSC 52)"


def _size() -> tuple[int, int] | None:
    for stream in terminal.STANDARD_STREAMS:
        try:
            found = os.get_terminal_size(stream)
        except OSError:
            continue
        return found.columns, found.lines
    return None
