"""How the browser ends when a signal says so, whatever it is doing, and gives the terminal back.

A handler of the event loop runs when the loop has its turn, and one of Python's runs between two steps of the
main thread; both may be far away. A thread reads here what the handler in C writes: it asks the app to end
and, if that takes too long, restores the terminal and ends the process itself.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from cachetui.files import remove_unfinished

ENDING = frozenset(
    getattr(signal, name)
    for name in (
        "SIGINT",
        "SIGTERM",
        "SIGHUP",
        "SIGQUIT",
        "SIGUSR1",
        "SIGUSR2",
        "SIGALRM",
        "SIGXCPU",
        "SIGVTALRM",
        "SIGPROF",
        "SIGABRT",
        "SIGSYS",
        "SIGTRAP",
        *(("SIGIO", "SIGPWR", "SIGSTKFLT") if sys.platform == "linux" else ()),  # others ignore SIGIO
    )
    if hasattr(signal, name)  # SIGSTKFLT is there from Python 3.11
).union(range(signal.SIGRTMIN, signal.SIGRTMAX + 1) if hasattr(signal, "SIGRTMIN") else ())
"""The signals that end a program, and that can be caught; those of its own faults would come again."""

GRACE = 0.2
"""Seconds that the app has to end by itself."""

STUCK = 1.0
"""Seconds after which an app that has not taken Ctrl+C is not waited for: it may wait for a file itself."""

WATCH_SECONDS = 2.0
"""Seconds between two looks at whether the terminal is still there."""

RESTORING = (
    "\x18\x1b[?2026l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?1004l\x1b[?2004l\x1b[?2048l"
    "\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h\x1b[0m"
)
"""Takes back all that the browser asks of a terminal; begins by cancelling a sequence that is cut."""


class Ending:
    """What is to be given back, and how the app is asked to end.

    Attributes:
        is_drawn_on: the terminal shows the alternate screen and reports the mouse.
        attributes: of the terminal, as the shell had set them; None: they are not known.
        leave: ends the app with an exit code; may be called from any thread.
        ask: calls a function in the event loop; may be called from any thread.
        reach: calls one there once the app has taken what was typed before; may be called from any thread.
    """

    def __init__(self) -> None:
        self.is_drawn_on = False
        self.attributes: list[Any] | None = None
        self.leave: Callable[[int], object] | None = None
        self.ask: Callable[[Callable[[], object]], object] | None = None
        self.reach: Callable[[Callable[[], object]], object] | None = None

    def end_if_stuck(self) -> None:
        """End the process after Ctrl+C, in a thread, if the app does not come to take the key."""
        if self.reach is None:
            return
        taken = threading.Event()
        with contextlib.suppress(RuntimeError):  # the event loop is closed
            self.reach(taken.set)
            threading.Thread(target=self._end_unless, args=(taken,), name="stuck", daemon=True).start()

    def _end_unless(self, taken: threading.Event) -> None:
        if not taken.wait(STUCK):
            self.end_at_once(128 + signal.SIGINT)

    def end_at_once(self, code: int) -> NoReturn:
        """Restore the terminal and end the process, whatever it is doing."""
        self.give_back()
        remove_unfinished()
        os._exit(code)

    def give_back(self) -> None:
        """Restore the terminal without waiting for it; nothing that is on its way reaches the shell."""
        if self.attributes is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(0, termios.TCSANOW, self.attributes)
                termios.tcflush(0, termios.TCIFLUSH)
        if self.is_drawn_on:
            self.is_drawn_on = False
            with contextlib.suppress(OSError):
                terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
                try:
                    os.write(terminal, RESTORING.encode())
                finally:
                    os.close(terminal)


ending = Ending()
"""That of the terminal of this process."""


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Watch meanwhile for signals, and for the end of the terminal; give the terminal back after an error."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(told, over), name="terminal-watch", daemon=True)
    watch.start()
    before = signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    caught = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]  # nohup
    unraisable, sys.unraisablehook = sys.unraisablehook, lambda _: None  # it prints over what is drawn
    if faulthandler.is_enabled():
        faulthandler.disable()  # likewise, in the middle of the alternate screen
    handlers = {number: signal.signal(number, _noted) for number in caught}
    try:
        yield
    finally:
        if ending.is_drawn_on:
            ending.give_back()
        over.set()
        sys.unraisablehook = unraisable
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before)
        os.write(tell, b"\0")
        watch.join()
        os.close(tell)
        os.close(told)


def _noted(number: int, frame: object) -> None:
    """The thread knows: without a handler, nothing would be written for it."""


def _watch(told: int, over: threading.Event) -> None:
    while not over.is_set():
        if select.select([told], [], [], WATCH_SECONDS)[0]:
            found = ENDING.intersection(os.read(told, 64))
            if found:
                _end(128 + min(found), over)
            elif ending.ask is not None and not over.is_set():
                # The system tells any thread; the main one, which has to run the handler, may sleep on.
                with contextlib.suppress(RuntimeError):  # the event loop is closed
                    ending.ask(lambda: None)
        elif _is_gone():
            ending.end_at_once(128 + signal.SIGHUP)


def _is_gone() -> bool:
    """Whether the terminal is; the event loop may be stuck in a write to it forever."""
    try:
        termios.tcgetattr(0)
    except termios.error:
        return True
    return False


def _end(code: int, over: threading.Event) -> None:
    if ending.leave is not None:
        with contextlib.suppress(RuntimeError):  # the event loop is closed
            ending.leave(code)
        if over.wait(GRACE):
            return
    ending.end_at_once(code)
