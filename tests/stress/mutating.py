"""Changes real input, at random and repeatably: its bytes, and the values in its structure."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Sequence
from typing import Any

WORDS = (
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\x1b[2J", b"\x1b]52;c;QQ==\x07", b"\r\n", b"\t"),
    *(b"{", b"}", b"[", b"]", b'"', b"\\", b"\\u0000", b"\\ud800", b",", b":", b"null", b"true", b"NaN"),
    *(b"-1", b"1e999", b"99999999999999999999", b"0x10", b"-0", b"1.5", b"Infinity", b"2024-13-45"),
    *(b"&a", b"*a", b"<<:", b"!!python/name:os.system", b"---\n", b"...\n", b"%YAML 9.9\n", b"|\n", b"? "),
    *(b"../../etc/passwd", b"$(id)", b"`id`", b"'; id #", b"--flag", b"=1+1", b"%s%n", b"~root", b"${HOME}"),
    *("\u202e".encode(), "\u3164".encode(), "e\u0301".encode() * 9, "\U0001f600".encode(), "漢".encode()),
    *(b"@", b"^", b"%", b"+", b"~", b"/", b"=", b":", b" ", b"@:", b"@=", b"^[", b"git.", b"\x1b[", b"\x1b"),
)  # fmt: skip
"""What stands in a format, breaks one, or means something to a terminal, a shell or a spreadsheet."""

VALUES: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**64, 10**30, 1.5, 1e308, float("nan"), float("inf")),
    *("", " ", "0", "a", "\0", "\x1b[31m", "\ud800", "\u202e", "漢" * 3, "x" * 5000, "..", "/", "../../x"),
    *("--option", "a b", "a'b", "=1+1", "@:1", "git.main=1.2", "1.2:1.4", "none", "*", "NaN", "[/red]"),
    *([], {}, [[]], [None], {"": ""}, {"a": {"b": {}}}, ["a"] * 100, {"name": "x"}, ["build", "build"]),
)  # fmt: skip
"""Values where others are expected."""

_DEEP = 150


class Mutator:
    """Changes input by the numbers of one generator."""

    def __init__(self, seed: object) -> None:
        self.random = random.Random(str(seed))

    def changed(self, data: bytes, others: Sequence[bytes] = ()) -> bytes:
        """Some input with one to six changes to its structure if it is JSON, or else to its bytes."""
        if self.random.random() < 0.5 and (value := decoded(data)) is not None:
            for _ in range(self.random.choice((1, 1, 2, 6))):
                value = self.other_value(value)
            data = encoded(value)
            if self.random.random() < 0.8:
                return data
        for _ in range(self.random.choice((1, 1, 2, 6))):
            data = self._other_bytes(data, others)
        return data

    def other_value(self, value: Any) -> Any:
        """A structure in which one value is another, or gone, or there twice, or deeper."""
        value = copy.deepcopy(value)
        places = list(_places(value))
        if not places:
            return self._odd(value)
        holder, key = self.random.choice(places)
        change = self.random.randrange(6)
        if change == 0:
            del holder[key]
        elif change == 1:
            other, other_key = self.random.choice(places)
            holder[key] = copy.deepcopy(other[other_key])
        elif change == 2 and isinstance(holder, dict):
            holder[self.random.choice([v for v in VALUES if isinstance(v, str)])] = holder.pop(key)
        elif change == 3 and isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        elif change == 4 and isinstance(holder[key], str):
            text = self._other_bytes(holder[key].encode(errors="surrogatepass"), ())
            holder[key] = text.decode(errors="replace")
        else:
            holder[key] = self._odd(holder[key])
        return value

    def _odd(self, value: object) -> object:
        if self.random.random() < 0.1:
            for _ in range(self.random.choice((1, 3, _DEEP))):
                value = self.random.choice(([value], {"a": value}))
            return value
        return copy.deepcopy(self.random.choice(VALUES))

    def _other_bytes(self, data: bytes, others: Sequence[bytes]) -> bytes:
        changes: list[Callable[[bytes, int, int], bytes]] = [
            self._flipped,
            self._with_word,
            self._with_word,
            lambda data, at, end: data[:at] + data[end:],
            lambda data, at, end: data[:at] + data[at:end] * self.random.choice((2, 3, 40)) + data[end:],
            lambda data, at, end: data[:at],
            lambda data, at, end: data[at:],
            lambda data, at, end: (
                data[:at] + self.random.randbytes(self.random.choice((1, 4, 16))) + data[at:]
            ),
        ]
        if others:
            changes.append(lambda data, at, end: data[:at] + self._tail_of(others))
        at = self.random.randint(0, len(data))
        end = min(len(data), at + self.random.choice((1, 2, 8, 40, 400)))
        return self.random.choice(changes)(data, at, end)

    def _tail_of(self, others: Sequence[bytes]) -> bytes:
        other = self.random.choice(others)
        return other[self.random.randint(0, len(other)) :]

    def _flipped(self, data: bytes, at: int, end: int) -> bytes:
        if at == len(data):
            return data
        return data[:at] + bytes([data[at] ^ 1 << self.random.randrange(8)]) + data[at + 1 :]

    def _with_word(self, data: bytes, at: int, end: int) -> bytes:
        word = self.random.choice(WORDS)
        return data[:at] + word + data[self.random.choice((at, end)) :]


def _places(value: Any) -> Any:
    """(container, key or index) of every value, at any depth."""
    pending = [value]
    while pending:
        holder = pending.pop()
        keys = (
            list(holder)
            if isinstance(holder, dict)
            else range(len(holder))
            if isinstance(holder, list)
            else ()
        )
        for key in keys:
            yield holder, key
            pending.append(holder[key])


def decoded(data: bytes) -> Any:
    """JSON as a structure; None if it is none."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def encoded(value: object) -> bytes:
    """A structure as JSON, also what JSON does not allow: NaN, and half a character."""
    return json.dumps(value, ensure_ascii=True).encode()
