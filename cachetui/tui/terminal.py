"""The terminal that the browser runs in: is there one, the streams to it, and what to do when it goes."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sys
import termios
from collections.abc import Callable, Iterator
from functools import partial
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO, TypeVar

from cachetui.errors import CachetuiError
from cachetui.tui.abilities import color_system
from cachetui.tui.ending import ending, watched

if TYPE_CHECKING:
    from textual.app import App

Returned = TypeVar("Returned")

STANDARD_STREAMS = (0, 1, 2)
UNDRAWABLE = frozenset({"", "dumb", "unknown"})


def refusal() -> str | None:
    """Why the browser cannot run here, in one line; None if it can."""
    reason = _obstacle()
    return reason and f"the browser needs a terminal, and {reason}; `cachetui list` works without one"


def _obstacle() -> str | None:
    for name, stream in {"input": sys.__stdin__, "output": sys.__stdout__, "error": sys.__stderr__}.items():
        if stream is None:
            return f"standard {name} is closed"
    if not all(os.isatty(fd) for fd in STANDARD_STREAMS):
        try:
            os.close(_open_terminal())
        except OSError:
            return "there is none to draw on and to read keys from"
    term = os.environ.get("TERM", "")
    if term.lower() in UNDRAWABLE:
        return f"TERM={term} cannot be drawn on" if term else "TERM is not set"
    return None


def resumable() -> bool:
    """Whether a shell with job control can bring the program back when it is stopped.

    Not so in `$(cachetui pick)`, `ssh -t host cachetui` or a window of its own: a stop would freeze it.
    """
    return os.getpgrp() != os.getsid(0)


@contextlib.contextmanager
def prepared() -> Iterator[int]:
    """Connect the standard streams to the terminal while the browser runs; exit when the terminal is gone.

    Enter it before Textual is imported: Textual reads its environment once. Handed out is a descriptor of the
    standard output as the caller gave it, for a result; it is closed when the streams are put back.
    """
    _set_environment()
    # In this order: a stream that began as a file cannot change its encoding once it leads to a terminal.
    with _utf8_errors(), _led_to_terminal() as stdout, _without_echo(), watched():
        yield stdout


def _set_environment() -> None:
    # Exported sizes would win over the terminal's own and freeze the layout.
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    # Textual knows two names of terminals, and takes all others for old ones.
    os.environ["TEXTUAL_COLOR_SYSTEM"] = color_system(os.environ)


@contextlib.contextmanager
def _led_to_terminal() -> Iterator[int]:
    for stream in _outputs():
        stream.flush()
    kept = {fd: os.dup(fd) for fd in STANDARD_STREAMS}
    try:
        _lead_to_terminal()
        yield kept[1]
    finally:
        for stream in _outputs():
            _empty(stream)
        for fd, original in kept.items():
            os.dup2(original, fd)
            os.close(original)


def _lead_to_terminal() -> None:
    elsewhere = [fd for fd in STANDARD_STREAMS if not os.isatty(fd)]
    if not elsewhere:
        return
    try:
        terminal = _open_terminal()
    except OSError as error:
        raise CachetuiError(f"cannot open the terminal: {error.strerror}") from error
    for fd in elsewhere:
        os.dup2(terminal, fd)
    os.close(terminal)


def _open_terminal() -> int:
    return os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)


def _outputs() -> list[TextIO]:
    return [stream for stream in (sys.__stdout__, sys.__stderr__) if stream is not None]


def _empty(stream: TextIO) -> None:
    try:
        stream.flush()
    except OSError:
        # What a terminal that hung up no longer takes must not end in the caller's file.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        stream.flush()


@contextlib.contextmanager
def _without_echo() -> Iterator[None]:
    """Keep what is typed during the start, as it will be read then, and out of the picture."""
    try:
        original = termios.tcgetattr(0)
    except termios.error:
        yield
        return
    ending.attributes = original
    quiet = termios.tcgetattr(0)
    quiet[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR)
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    try:
        termios.tcsetattr(0, termios.TCSANOW, quiet)
        yield
    finally:
        ending.attributes = None
        with contextlib.suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, original)


@contextlib.contextmanager
def _utf8_errors() -> Iterator[None]:
    """Textual draws on standard error, where the default handler writes `\\u2588` and breaks the lines."""
    stream = sys.__stderr__
    if not isinstance(stream, TextIOWrapper):
        yield
        return
    encoding, errors = stream.encoding, stream.errors
    stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        yield
    finally:
        stream.reconfigure(encoding=encoding, errors=errors)


def install_guards(app: App[Returned]) -> None:
    """Exit tidily on a signal, and repaint the whole screen after a stop.

    Call it once the app runs (`on_mount`), within `prepared()`; exit with `app.return_code` afterwards.
    """
    if app.is_headless:
        return
    loop = asyncio.get_running_loop()

    def leave(code: int) -> None:
        loop.call_soon_threadsafe(partial(app.exit, return_code=code))

    def reach(call: Callable[[], object]) -> None:
        loop.call_soon_threadsafe(lambda: app.call_later(call) or call())  # or the app ends already

    ending.leave = leave
    ending.ask = loop.call_soon_threadsafe
    ending.reach = reach
    ending.is_drawn_on = True
    app.app_resume_signal.subscribe(app, lambda _: _repaint(app))


def _repaint(app: App[Returned]) -> None:
    # The alternate screen comes back empty, and a layout in which nothing moved draws nothing.
    app.screen.refresh(app.size.region)


def collect_garbage() -> None:
    """Turn garbage collection on again; what the start has made stays, and is not looked at."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
