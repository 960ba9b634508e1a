"""The bytes that a terminal sends, cut into characters, sequences and pastes; the rest is ignored.

    bytes ──► InputStream.feed ──► Text "hdf5" · Sequence "ESC [ A" · Paste "hdf5 +mpi"
    pause ──► InputStream.expire ─► what was still open: the key Esc, a paste without its end mark

Bytes may be cut into packets at any place. Nothing here reads or waits: `patience` says how long a pause has
to be for `expire`.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder

from msgspec import Struct

ESC = b"\x1b"
PASTE_START, PASTE_END = b"\x1b[200~", b"\x1b[201~"
CTRL_C = frozenset((b"\x03", b"\x1b[99;5u"))
"""The key as terminals send it."""

ESCAPE_PATIENCE = 0.1
"""Seconds after which an ESC was the key."""

SEQUENCE_PATIENCE = 0.5
"""Seconds after which `ESC [` was two keys: a slow link cuts a sequence more often than one types that."""

PASTE_PATIENCE = 0.5
"""Seconds without a byte after which a paste has ended, with or without its end mark."""

MARK_PATIENCE = 2.0
"""Seconds to wait for the rest of an end mark, or of an answer of the terminal."""

PASTE_LIMIT = 100_000
"""Bytes of a paste that are kept; the others are only searched for the end."""

SEQUENCE_LIMIT = 4096
"""Bytes after which a sequence without an end is none."""

BULK = 256
"""Characters that no person types ahead: a terminal without bracketed paste pastes so."""

LATE_PART = 64
"""Bytes that come at once after a pause in a paste, and are therefore no keys."""

_COMPLETE = re.compile(
    rb"\x1b(?:"
    rb"\[M[\x00\x20-\xff]{3}"  # the mouse as old terminals report it
    rb"|\[\[[A-E]"  # F1 to F5 on the Linux console
    rb"|\[(?:[23578]|2[3-9]|3[1-4])\$"  # keys with Shift in rxvt
    rb"|\[<[-0-9;]*[Mm]"  # the mouse; Ghostty sends negative numbers
    rb"|\[(?![M\[])[0-?]*[ -/]*[@-~]"
    rb"|O(?:[1-9](?:;[0-9]{1,2})?)?[A-DFHIMPQRSXa-dj-y]"
    rb"|\][0-9lLI][^\x00-\x1f]*(?:\x07|\x1b\\)"
    rb"|P[0-9;]*[!$+>|][^\x00-\x1f]*\x1b\\"
    rb"|_G[^\x00-\x1f]*\x1b\\"
    rb"|\x7f"  # Alt+Backspace
    rb")"
)
_BEGUN = re.compile(
    rb"\x1b(?:"
    rb"\[<[-0-9;]*"
    rb"|\[(?![M\[])[0-?]*[ -/]*"
    rb"|\[M[\x00\x20-\xff]{0,2}"
    rb"|\[\["
    rb"|\["
    rb"|O(?:[1-9](?:;[0-9]{0,2})?)?"
    rb"|\](?:[0-9lLI][^\x00-\x1f]*\x1b?)?"
    rb"|P[0-9;]*(?:[!$+>|][^\x00-\x1f]*\x1b?)?"
    rb"|_(?:G[^\x00-\x1f]*\x1b?)?"
    rb")?"
)
"""As much as may be the beginning of a sequence."""

_INTRODUCERS = frozenset((b"\x1b[", b"\x1bO", b"\x1b]", b"\x1bP", b"\x1b_", b"\x1b[["))
"""Beginnings that may be two keys: typed quickly they look like a sequence that is cut."""

_ESCAPES = re.compile(rb"\x1b{8,}")
"""More than one who holds the key down sends at once."""

_UNDECODABLE = re.compile("[\udc80-\udcff]")


class Text(Struct, frozen=True):
    """Characters that were typed, control characters among them."""

    text: str


class Sequence(Struct, frozen=True):
    """A complete escape sequence, or a lone ESC."""

    text: str


class Paste(Struct, frozen=True):
    """A text that was pasted."""

    text: str


Token = Text | Sequence | Paste


class InputStream:
    """Cuts the input of a terminal into tokens.

    Attributes:
        ignored: how many bytes and sequences were ignored because they mean nothing.
    """

    def __init__(self) -> None:
        self.ignored = 0
        self._buffer = b""
        self._paste: bytearray | None = None
        self._paste_was_cut = False
        self._holds_mark = False
        self._tokens: list[Token] = []
        self._decoder = getincrementaldecoder("utf-8")("surrogateescape")

    @property
    def patience(self) -> float | None:
        """Seconds of silence after which `expire` is to be called; None: nothing is open."""
        if self._paste is not None:
            return PASTE_PATIENCE
        if not self._buffer:
            return None
        if self._holds_mark:
            return MARK_PATIENCE
        if self._buffer == ESC:
            return ESCAPE_PATIENCE
        return SEQUENCE_PATIENCE if self._buffer in _INTRODUCERS else MARK_PATIENCE

    def feed(self, data: bytes) -> list[Token]:
        """The tokens that are complete with these bytes."""
        data = _ESCAPES.sub(ESC, data)
        if self._paste is not None and data in CTRL_C:
            self._end_paste()  # the only way out for somebody who hammers on it
            self._buffer = b""
        elif self._paste_was_cut and (len(data) >= LATE_PART or PASTE_END in data):
            self._paste = bytearray()
        self._paste_was_cut = False
        if self._holds_mark and not PASTE_END.startswith((self._buffer + data)[: len(PASTE_END)]):
            self._holds_mark = False
            self._buffer = self._buffer if self._buffer == ESC else b""
        data, self._buffer = self._buffer + data, b""
        at = 0
        while at < len(data):
            at = self._take(data, at)
        return self._taken()

    def expire(self) -> list[Token]:
        """The tokens that are complete because nothing follows."""
        rest, self._buffer = self._buffer, b""
        if self._paste is not None:
            interrupted = self._paste.endswith(b"\x03")  # pressed so quickly that it came with the paste
            self._end_paste()
            self._paste_was_cut = True
            if interrupted:
                self._tokens.append(Text("\x03"))
            # The rest is the beginning of an end mark, which may still come.
            self._buffer, self._holds_mark = rest, bool(rest)
        elif rest == ESC or (rest in _INTRODUCERS and not self._holds_mark):
            self._holds_mark = False
            self._tokens.append(Sequence("\x1b"))
            self._decode(rest[1:])
        elif rest:
            self._holds_mark = False
            self.ignored += 1
        return self._taken()

    def _taken(self) -> list[Token]:
        taken, self._tokens = self._tokens, []
        return taken

    def _take(self, data: bytes, at: int) -> int:
        """Take what begins at a place; where the next begins."""
        if self._paste is not None:
            return self._take_paste(data, at)
        if data[at] != ESC[0]:
            end = data.find(ESC, at)
            self._decode(data[at:] if end < 0 else data[at:end], final=end >= 0)
            return len(data) if end < 0 else end
        self._decode(b"", final=True)
        return self._take_sequence(data, at)

    def _take_sequence(self, data: bytes, at: int) -> int:
        held, self._holds_mark = self._holds_mark, False
        if found := _COMPLETE.match(data, at):
            self._complete(found.group())
            return found.end()
        found = _BEGUN.match(data, at)
        assert found is not None
        begun = found.group()
        if found.end() == len(data):
            self._buffer, self._holds_mark = self._shortened(begun), held
            return len(data)
        if begun == ESC or begun in _INTRODUCERS:
            self._tokens.append(Sequence("\x1b"))
            return at + 1
        self.ignored += 1
        return found.end() - begun.endswith(ESC)  # that one begins another sequence

    def _shortened(self, begun: bytes) -> bytes:
        """An answer that nobody asked for may be long: its end is waited for, its text is not kept."""
        if len(begun) <= SEQUENCE_LIMIT:
            return begun
        return begun[:3] + (ESC if begun.endswith(ESC) else b"")

    def _complete(self, sequence: bytes) -> None:
        if sequence == PASTE_START:
            self._paste = bytearray()
        elif sequence.startswith(b"\x1b[M"):
            self.ignored += 1  # its coordinates are no text, and end at column 223
        elif sequence != PASTE_END:
            self._tokens.append(Sequence(sequence.decode("utf-8", "replace")))

    def _take_paste(self, data: bytes, at: int) -> int:
        assert self._paste is not None
        end = data.find(PASTE_END, at)
        stop = len(data) - _overlap(data[at:]) if end < 0 else end
        self._paste += data[at : min(stop, at + PASTE_LIMIT - len(self._paste))]
        if end >= 0:
            self._end_paste()
            return end + len(PASTE_END)
        self._buffer = data[stop:]
        return len(data)

    def _end_paste(self) -> None:
        assert self._paste is not None
        text = self._clean(self._paste.decode("utf-8", "surrogateescape")).replace("\0", "")
        self._paste = None
        if text:
            self._tokens.append(Paste(text))

    def _decode(self, data: bytes, final: bool = False) -> None:
        """Decode characters; one that is cut waits for the next byte, which shows whether it is one."""
        text = self._clean(self._decoder.decode(data, final))
        if text:
            self._tokens.append(Paste(text) if len(text) >= BULK else Text(text))

    def _clean(self, text: str) -> str:
        known, count = _UNDECODABLE.subn("", text)
        self.ignored += count
        return known


def _overlap(data: bytes) -> int:
    """How many bytes at the end may be the beginning of an end mark."""
    lengths = range(min(len(PASTE_END) - 1, len(data)), 0, -1)
    return next((length for length in lengths if data.endswith(PASTE_END[:length])), 0)
