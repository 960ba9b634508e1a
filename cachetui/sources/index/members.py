"""Where the members of a JSON object lie in a text, and what is done about those that no decoder takes.

A decoder refuses a whole text for one bad byte. Here the end of each member is found by itself: by the
decoder if it takes the value, which is fast, else by counting brackets. Nothing of the values is kept, so
that a text of many tiny ones takes no more memory than its own size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import msgspec
from msgspec import Raw

MOST_REPAIRED = 4 << 20
"""Bytes of the largest value that is repaired: as objects it takes many times the memory."""

_OPEN = re.compile(rb"[ \t\r\n]*\{[ \t\r\n]*")
_BEGIN = re.compile(rb'[ \t\r\n]*("[^"\\]*")[ \t\r\n]*:[ \t\r\n]*')
_COLON = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*")
_NEXT = re.compile(rb"[ \t\r\n]*([,}])[ \t\r\n]*")
_NEXT_OF_RUN = re.compile(rb"[ \t\r\n]*(?:(,)[ \t\r\n]*|\Z)")
_MARK = re.compile(rb'"|[{\[]+|[}\]]+')
_QUOTE = re.compile(rb'"')
_SCALAR = re.compile(rb"[^\s,{}\[\]\"]+")
_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_BACKSLASH = ord("\\")


class Member(NamedTuple):
    """A member of an object.

    Args:
        start, end: of its value, in the text.
    """

    key: str
    start: int
    end: int


class BrokenError(ValueError):
    """The text is no JSON object from some place on.

    Args:
        offset: the place.
    """

    def __init__(self, offset: int) -> None:
        super().__init__(f"truncated or damaged JSON at byte {offset:,}")
        self.offset = offset


class Members:
    """The members of an object, once.

    Args:
        text: what the object is in.
        start: of the object, or of its first member.
        is_run: the text ends behind the last member, not behind the brace of the object.

    Attributes:
        end: behind the object, once all members were seen.
    """

    def __init__(self, text: memoryview, start: int = 0, is_run: bool = False) -> None:
        self.end = start
        self._text = text
        self._next = _NEXT_OF_RUN if is_run else _NEXT

    def __iter__(self) -> Iterator[Member]:
        """Raises BrokenError."""
        opened = _OPEN.match(self._text, self.end)
        position = opened.end() if opened else self.end
        after = self._next.match(self._text, position)
        while after is None or after[1] == b",":
            key, start = key_at(self._text, position)
            end = value_end(self._text, start) or balanced_end(self._text, start)
            after = self._next.match(self._text, end) if end else None
            if end is None or after is None:
                raise BrokenError(start)
            yield Member(key, start, end)
            position = after.end()
        self.end = after.end()


def key_at(text: memoryview, position: int) -> tuple[str, int]:
    """(the key of a member, where its value begins). Raises BrokenError."""
    if found := _BEGIN.match(text, position):
        return found[1][1:-1].decode(errors="replace"), found.end()
    if position < len(text) and text[position] == ord('"'):
        end = _string_end(text, position)
        if end and (colon := _COLON.match(text, end)):
            with suppress(ValueError, RecursionError):
                return msgspec.json.decode(repaired(text[position:end]), type=str), colon.end()
    raise BrokenError(position)


def value_at(text: memoryview, start: int, wanted: str) -> tuple[int, dict[str, memoryview]]:
    """Where the value of a key begins in an object, and the members before it. Raises BrokenError."""
    opened = _OPEN.match(text, start)
    if opened is None:
        raise BrokenError(start)
    position = opened.end()
    before: dict[str, memoryview] = {}
    while True:
        key, begin = key_at(text, position)
        if key == wanted:
            return begin, before
        end = value_end(text, begin) or balanced_end(text, begin)
        after = _NEXT.match(text, end) if end else None
        if after is None or after[1] == b"}":
            raise BrokenError(begin)
        before[key] = text[begin:end]
        position = after.end()


def check_closed(text: memoryview, position: int, depth: int) -> None:
    """Raise BrokenError unless what follows a value closes the objects around it."""
    while depth:
        after = _NEXT.match(text, position)
        if after is None:
            raise BrokenError(position)
        position = after.end()
        if after[1] == b"}":
            depth -= 1
        else:
            _, begin = key_at(text, position)
            position = value_end(text, begin) or balanced_end(text, begin) or len(text)


def value_end(text: memoryview, start: int) -> int | None:
    """The end of a value if the decoder takes it."""
    try:
        msgspec.json.decode(text[start:], type=Raw)
    except msgspec.DecodeError as error:
        found = _TRAILING.search(str(error))
        return start + int(found[1]) - 1 if found else None
    except RecursionError:
        return None
    return len(text)


def balanced_end(text: memoryview, start: int) -> int | None:
    """The end of a value by its brackets and quotes; None if they are not balanced."""
    if scalar := _SCALAR.match(text, start):
        return scalar.end()
    depth, position = 0, start
    while mark := _MARK.search(text, position):
        first, position = text[mark.start()], mark.end()
        if first == ord('"'):
            end = _string_end(text, position - 1)
            if end is None:
                return None
            position = end
        elif first in b"{[":
            depth += position - mark.start()
        elif position - mark.start() >= depth:
            return mark.start() + depth if depth else None
        else:
            depth -= position - mark.start()
        if not depth:
            return position
    return None


def _string_end(text: memoryview, quote: int) -> int | None:
    """Behind the string that begins with a quote."""
    position = quote + 1
    while found := _QUOTE.search(text, position):
        before = found.start()
        while text[before - 1] == _BACKSLASH:
            before -= 1
        if (found.start() - before) % 2 == 0:
            return found.end()
        position = found.end()
    return None


def repaired(value: memoryview | bytes) -> bytes:
    """A value that Spack's decoder takes and others do not, as JSON that all take.

    U+FFFD stands for invalid UTF-8 and for lone surrogates; NaN and infinite numbers become null; control
    characters stay in their strings.

    Raises:
        ValueError, RecursionError: it is no JSON for Spack either, or nested too deep.
    """
    import json

    if len(value) > MOST_REPAIRED:
        raise ValueError(f"it is no valid JSON, and longer than {MOST_REPAIRED >> 20} MB")
    text = _ESCAPE.sub(_without_surrogate, str(value, "utf-8", "replace"))
    try:
        return msgspec.json.encode(json.loads(text, strict=False, parse_constant=lambda name: None))
    except (OverflowError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else "a number is too large"
        raise ValueError(reason) from error


def _without_surrogate(found: re.Match[str]) -> str:
    return r"\ufffd" if found[1] else found[0]
