"""The terminal as the browser reads it: no input ends, freezes or confuses it."""

from __future__ import annotations

import fcntl
import os
import selectors
import struct
import termios
import time

from textual.events import Key
from textual.message import Message

from cachetui.tui import abilities
from cachetui.tui.ending import ending
from cachetui.tui.terminal_input import TerminalInput
from cachetui.tui.textual_seams import SeamDriver

ASK_BACKGROUND = "\x1b]11;?\x07"
ASK_ATTRIBUTES = "\x1b[c"
"""Every terminal answers this in its turn: what was asked before is answered by then, or never."""

ANSWER_PATIENCE = 1.0
"""Seconds that the end waits at most for an answer on its way, as it would reach the shell otherwise."""

QUICK = 0.2
"""Seconds that it waits for a terminal that has never answered, or that answers at once."""

SLOWER = 2.0
"""How many times as long as its first one an answer may take."""

STOP_REPORTS = "\x1b[?1003l\x1b[?1000l\x1b[?1004l"
"""What the mouse and the window do is no longer reported."""

LOCAL_MODES = 3
"""Where the attributes of a terminal have echo."""


class TerminalDriver(SeamDriver):
    """Reads keys, the mouse and answers, and ignores the rest.

    Attributes:
        ignored: how many bytes and sequences meant nothing.
    """

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self._input = TerminalInput()
        self._early = 0
        self._asked_at: float | None = None
        self._answer_seconds = 0.0
        self._ends = False
        self._wake: tuple[int, int] | None = None
        self._has_terminal = False

    @property
    def ignored(self) -> int:
        """How many bytes and sequences meant nothing."""
        return self._input.ignored

    # starting and ending

    def start_application_mode(self) -> None:
        """Take the terminal, and ask it for its background the first time."""
        self._ends = False
        was_stopped = self._has_terminal  # by SIGSTOP, which leaves no time to give the terminal back
        if was_stopped:
            self._stop_reading()
            self.close()
        ending.is_drawn_on = True
        self._wake = os.pipe()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._has_terminal = True
        if was_stopped:
            self.process_message(self.SignalResume())
        found, original = self.attrs_before, ending.attributes
        if original is not None and (found is None or not found[LOCAL_MODES] & termios.ECHO):
            self.attrs_before = original  # found was what the browser itself had set
        if self._asked_at is None:
            self._ask()

    def _ask(self) -> None:
        if abilities.answers_questions(os.environ):
            self._asked_at = time.monotonic()
            self.write(ASK_BACKGROUND + ASK_ATTRIBUTES)
            self.flush()

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self._has_terminal = False
        super().stop_application_mode()

    def close(self) -> None:
        """Write what is left to write."""
        super().close()
        ending.is_drawn_on = False

    def disable_input(self) -> None:
        """Stop reading once nothing is on its way that would reach the shell."""
        if not self._ends:
            self._ends = True
            self._drain()
        self._stop_reading()

    def _stop_reading(self) -> None:
        """Wake the thread that reads, so that its end is not waited for."""
        wake, self._wake = self._wake, None
        if wake is not None:
            os.write(wake[1], b"\0")
        super().disable_input()
        for handle in wake or ():
            os.close(handle)

    def _drain(self) -> None:
        if self._asked_at is None:
            return
        patience = min(max(SLOWER * self._answer_seconds, QUICK), ANSWER_PATIENCE)
        left = self._asked_at + ANSWER_PATIENCE - time.monotonic()
        self._input.answered.wait(max(min(left, patience), 0.0))
        if self._input.answered.is_set():
            self._input.answered.clear()
            self.write(STOP_REPORTS + ASK_ATTRIBUTES)
            self.flush()
            if self._input.answered.wait(patience):
                return
            self._asked_at = None  # it no longer answers

    # reading

    def read_input(self) -> None:
        """Read until the browser ends."""
        wake = self._wake
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            if wake is not None:
                selector.register(wake[0], selectors.EVENT_READ)
            self._early = _waiting(self.fileno)
            silent_since = time.monotonic()
            while not self.exit_event.is_set():
                ready = {key.fd for key, _ in selector.select(self._pause(silent_since))}
                if self.fileno in ready:
                    data = _read(self.fileno)
                    silent_since = time.monotonic()
                    if not data:
                        return  # the terminal is gone; a thread of its own watches for that
                    self._pass_on(self._input.feed(self._corrected(data)))
                    self._note_answer()
                elif ready:
                    return  # woken to end
                elif self._is_due(silent_since):
                    self._pass_on(self._input.expire())
                    silent_since = time.monotonic()

    def _pause(self, silent_since: float) -> float | None:
        patience = self._input.patience
        return None if patience is None else max(silent_since + patience - time.monotonic(), 0.0)

    def _note_answer(self) -> None:
        if self._asked_at is not None and not self._answer_seconds and self._input.answered.is_set():
            self._answer_seconds = time.monotonic() - self._asked_at

    def _is_due(self, silent_since: float) -> bool:
        patience = self._input.patience
        return patience is not None and time.monotonic() >= silent_since + patience

    def _corrected(self, data: bytes) -> bytes:
        """Enter as it is typed now, for what was typed while the terminal still made a line feed of it."""
        early, rest = data[: self._early], data[self._early :]
        self._early -= len(early)
        return early.replace(b"\n", b"\r") + rest

    def _pass_on(self, found: list[Message]) -> None:
        if self._ends:
            return
        for message in found:
            self.process_message(message)
        if any(isinstance(message, Key) and message.key == "ctrl+c" for message in found):
            ending.end_if_stuck()


def _read(fileno: int) -> bytes:
    try:
        return os.read(fileno, 1 << 16)
    except OSError:
        return b""


def _waiting(fileno: int) -> int:
    """How many bytes can be read at once."""
    answer = fcntl.ioctl(fileno, termios.FIONREAD, b"\0\0\0\0")
    return int(struct.unpack("i", answer)[0])
