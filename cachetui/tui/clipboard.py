"""Copy over SSH: the ways of a text through terminal multiplexers to the user's clipboard."""

from __future__ import annotations

import base64
import subprocess
import time
from collections.abc import Callable, Mapping

from cachetui.errors import CachetuiError

LONGEST_SEQUENCE = 100_000
"""Bytes of an OSC 52 sequence that terminals customarily accept."""

SCREEN_PIECE = 240  # the oldest GNU screen in use drops strings of more than 256 bytes
TMUX_SECONDS = 2.0

PLAIN = "to the terminal"
IN_SCREEN = "through screen to the terminal"
IN_TMUX = "to tmux and the terminal"


def osc52(text: str) -> str:
    """The sequence that asks a terminal to put the text on its clipboard."""
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    return f"\x1b]52;c;{encoded}\x07"


LONGEST = (LONGEST_SEQUENCE - len(osc52(""))) // 4 * 3
"""Bytes of text in the longest sequence: base64 makes four characters of three bytes."""


def through_tmux(sequence: str) -> str:
    """Wrap a sequence so that a tmux with passthrough forwards it."""
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def through_screen(sequence: str) -> str:
    """Cut a sequence into pieces that GNU screen forwards one after the other."""
    pieces = (sequence[start : start + SCREEN_PIECE] for start in range(0, len(sequence), SCREEN_PIECE))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


def send(text: str, write: Callable[[str], object], environ: Mapping[str, str]) -> str:
    """Send a text towards the clipboard, and return which way it went; no terminal confirms its arrival.

    Call it in a thread worker: a tmux that hangs is waited for, up to two seconds.

    Args:
        write: puts a string on the terminal as it is.
        environ: says which multiplexer, if any, is in between.
    """
    size = len(text.encode("utf-8", "replace"))
    if size > LONGEST:
        raise CachetuiError(f"too long for a clipboard: {size:,} bytes, terminals take {LONGEST:,}")
    if environ.get("TMUX"):
        return _send_in_tmux(text, write, environ)
    if environ.get("STY"):
        write(through_screen(osc52(text)))
        return IN_SCREEN
    write(_from_afar(osc52(text), environ.get("TERM", "")))
    return PLAIN


def _send_in_tmux(text: str, write: Callable[[str], object], environ: Mapping[str, str]) -> str:
    deadline = time.monotonic() + TMUX_SECONDS
    if _load_buffer(["-w"], text, environ, deadline):
        return IN_TMUX
    loaded = _load_buffer([], text, environ, deadline)
    # A tmux before 3.2 hands on the wrapped one, a tmux with set-clipboard on the plain one.
    write(through_tmux(osc52(text)) + osc52(text))
    return IN_TMUX if loaded else PLAIN


def _load_buffer(options: list[str], text: str, environ: Mapping[str, str], deadline: float) -> bool:
    left = deadline - time.monotonic()
    if left <= 0:
        return False
    try:
        subprocess.run(
            ["tmux", "load-buffer", *options, "-"],
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environ,
            timeout=left,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _from_afar(sequence: str, term: str) -> str:
    """TERM crosses SSH, TMUX and STY do not: a multiplexer may run on the user's side.

    The plain sequence comes last, so that a terminal that understands both ends with the whole text.
    """
    if term.startswith("tmux"):
        return through_tmux(sequence) + sequence
    # tmux goes by this name too, and would take the first of several pieces for the text.
    if term.startswith("screen") and len(sequence) <= SCREEN_PIECE:
        return through_screen(sequence) + sequence
    return sequence
