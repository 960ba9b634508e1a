"""What the input of a terminal means: keys, the mouse, pastes and answers; what means nothing is counted."""

from __future__ import annotations

import re
import threading

from textual import events, messages
from textual.message import Message

from cachetui.tui import abilities
from cachetui.tui.input_stream import InputStream, Paste, Text, Token
from cachetui.tui.textual_seams import SeamParser

LARGEST_MOUSE_REPORT = 10_000
"""The column or line of a report that is not absurd."""

_KITTY_KEY = re.compile(r"\x1b\[(\d*)(?::[\d:]*)?(?:;(\d*)(?::(\d*))?)?(?:;([\d:]*))?([u~A-Z])")
_MODE_REPORT = re.compile(r"\x1b\[\?2026;([1-4])\$y")
_ATTRIBUTES = re.compile(r"\x1b\[\?[\d;]*c")
_SIZE_REPORT = re.compile(r"\x1b\[48;[\d:;]*t")
_SGR_MOUSE = re.compile(r"\x1b\[<\d{1,4};(\d+);(\d+)[Mm]")
_BACKGROUND = re.compile(
    r"\x1b\]11;(?:rgba?:([\da-f]{1,4})/([\da-f]{1,4})/([\da-f]{1,4})(?:/[\da-f]{1,4})?"
    r"|\#([\da-f]{6}|[\da-f]{12}))(?:\x07|\x1b\\)",
    re.IGNORECASE,
)
_RELEASED = "3"
"""The event type of a key that was let go."""


class TerminalBackground(Message):
    """The terminal has said what its background is; it comes once at most, and may come late."""

    def __init__(self, is_light: bool) -> None:
        super().__init__()
        self.is_light = is_light


class TerminalInput:
    """Turns bytes into messages for the app.

    Attributes:
        answered: set once the terminal has said what it is.
    """

    def __init__(self) -> None:
        self.answered = threading.Event()
        self._stream = InputStream()
        self._parser = SeamParser()
        self._unknown = 0

    @property
    def ignored(self) -> int:
        """How many bytes and sequences meant nothing."""
        return self._stream.ignored + self._unknown

    @property
    def patience(self) -> float | None:
        """Seconds of silence after which `expire` is to be called; None: nothing is open."""
        return self._stream.patience

    def feed(self, data: bytes) -> list[Message]:
        """What is complete with these bytes."""
        return self._understood(self._stream.feed(data))

    def expire(self) -> list[Message]:
        """What is complete because nothing follows."""
        return self._understood(self._stream.expire())

    def _understood(self, tokens: list[Token]) -> list[Message]:
        understood: list[Message] = []
        for token in tokens:
            try:
                found = self._messages(token)
            except (ValueError, OverflowError, ArithmeticError):
                found = None  # numbers that stand for no character
            self._unknown += found is None
            understood += found or ()
        return understood

    def _messages(self, token: Token) -> list[Message] | None:
        """What a token means; None: nothing."""
        if isinstance(token, Paste):
            return [events.Paste(token.text)]
        if isinstance(token, Text):
            return [key for character in token.text for key in self._parser.keys_of(character)]
        return self._meaning(token.text)

    def _meaning(self, text: str) -> list[Message] | None:
        if text in ("\x1b[I", "\x1b[O"):
            return [events.AppFocus() if text.endswith("I") else events.AppBlur()]
        if text.startswith("\x1b[<"):
            return self._mouse(text)
        if text.startswith("\x1b]"):
            return self._background(text)
        if text.startswith("\x1b[?"):
            return self._report(text)
        if _SIZE_REPORT.fullmatch(text):
            return None
        return self._keys(text)

    def _keys(self, text: str) -> list[Message] | None:
        if found := _KITTY_KEY.fullmatch(text):
            code, modifiers, event, typed, end = found.groups(default="")
            if event == _RELEASED:
                return []
            if end == "R" and code not in ("", "1"):
                return None  # a position of the cursor, and no F3
            if event or ":" in text:
                text = ";".join(filter(None, (f"\x1b[{code or 1}", modifiers or "1", typed))) + end
        keys = self._parser.keys_of(text)
        for key in keys:
            f"{key.key}{key.character}".encode()  # half of a surrogate pair could not be drawn
        return [*keys] or None

    def _mouse(self, text: str) -> list[Message] | None:
        found = _SGR_MOUSE.fullmatch(text)
        if found is None or max(map(int, found.groups())) > LARGEST_MOUSE_REPORT:
            return None
        event = self._parser.parse_mouse_code(text)
        return None if event is None else [event]

    def _report(self, text: str) -> list[Message] | None:
        if _MODE_REPORT.fullmatch(text):
            return [messages.TerminalSupportsSynchronizedOutput()]
        if _ATTRIBUTES.fullmatch(text):
            self.answered.set()
            return []
        return [] if text.endswith("$y") else None

    def _background(self, text: str) -> list[Message] | None:
        found = _BACKGROUND.fullmatch(text)
        if found is None:
            return None
        parts = [part for part in found.groups()[:3] if part] or _thirds(found.group(4))
        red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in parts)
        return [TerminalBackground(abilities.is_light(red, green, blue))]


def _thirds(text: str) -> list[str]:
    size = len(text) // 3
    return [text[start : start + size] for start in range(0, len(text), size)]
