"""Lines of styled text: cut to a width, put side by side, compared cell by cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from cachetui.render import ROLES
from cachetui.render import Line as Line
from cachetui.render import Span as Span
from cachetui.text import ELLIPSIS

STYLE_NAMES = (*ROLES, "title", "match", "frame", "focus", "cursor", "quiet")
"""Component classes `line--NAME` of every screen; another style is a name here and a rule in app.tcss."""

STYLES = {f"line--{name}" for name in STYLE_NAMES}
"""The component classes, which are looked up once for all lists of a screen."""

CURSOR_STYLES = ("cursor", "quiet")
"""Laid over a line: the cursor of the list that has the focus, and of one that has not."""

_are_narrow = re.compile("[ -~\xa1-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25fc]*").fullmatch
"""Whether all characters are among those, each of one cell, in which the browser draws."""

_LETTERS = {name: chr(number) for number, name in enumerate(("", *STYLE_NAMES), ord("A"))}
"""A character for each style, so that the styles of a line are compared as text."""


class Row(Struct, frozen=True):
    """What a row of the screen shows.

    Args:
        cursor: the first cell under the cursor and the cell after the last; None: the cursor is elsewhere.
        is_focused: whether the list has the focus.
    """

    line: Line = ()
    cursor: tuple[int, int] | None = None
    is_focused: bool = False

    @property
    def cursor_style(self) -> str:
        """The style of the cells under the cursor."""
        return CURSOR_STYLES[0] if self.is_focused else CURSOR_STYLES[1]


def width_of(text: str) -> int:
    """The cells that a text without control characters takes."""
    return len(text) if text.isascii() or _are_narrow(text) else cell_len(text)


def sized(text: str, width: int) -> str:
    """A text cut or filled to a width; of a character cut in two, a blank is left."""
    return text[:width].ljust(width) if text.isascii() and width >= 0 else set_cell_size(text, width)


def line_width(line: Line) -> int:
    """The cells that a line takes."""
    return sum([width_of(text) for text, _ in line])


def fit(line: Line, width: int) -> Line:
    """Cut a line to a width, with an ellipsis where something is missing."""
    fitted: list[Span] = []
    left = width
    for text, style in line:
        length = width_of(text)
        if length > left:
            while left <= 0 and fitted:
                text, style = fitted.pop()
                left += width_of(text)
            if left > 0:
                fitted.append((sized(text, left - 1) + ELLIPSIS, style))
            break
        fitted.append((text, style))
        left -= length
    return tuple(fitted)


def columns(left: Line, right: Line, width: int) -> Line:
    """Put one part at the left end of a line and one at the right end; the left one is cut first."""
    right_width = line_width(right)
    fitted = fit(left, max(width - right_width - 1, 0))
    if right_width >= width:
        return fitted
    return (*fitted, (" " * (width - right_width - line_width(fitted)), ""), *right)


def layered(row: Row) -> Iterator[tuple[str, str, str]]:
    """(text, style, cursor style over it) of a row; spans are divided where the cursor begins or ends."""
    if row.cursor is None:
        yield from ((text, style, "") for text, style in row.line)
        return
    start, end = row.cursor
    place = 0
    for text, style in row.line:
        after = place + width_of(text)
        if start <= place and after <= end:
            yield text, style, row.cursor_style
        elif after <= start or end <= place:
            yield text, style, ""
        else:
            for part, first in _divided(text, place, (start, end)):
                yield part, style, row.cursor_style if start <= first < end else ""
        place = after


def _divided(text: str, place: int, cuts: Iterable[int]) -> Iterator[tuple[str, int]]:
    """(part, its first cell) of a text that begins at a cell, divided at some cells.

    A character of two cells belongs to the part in which it begins.
    """
    begin = after = 0
    first = place
    for cut in cuts:
        while after < len(text) and place < cut:
            place += width_of(text[after])
            after += 1
        if after > begin:
            yield text[begin:after], first
            begin, first = after, place
    if begin < len(text):
        yield text[begin:], first


def merged(spans: Iterable[tuple[str, Style]]) -> list[Segment]:
    """The fewest segments that look like these: each change of style is bytes on the way to the terminal."""
    found: list[tuple[str, Style]] = []
    for text, style in spans:
        if found:
            before, style_before = found[-1]
            if style is style_before or (text.isspace() and _blanks_look_alike(style, style_before)):
                found[-1] = (before + text, style_before)
                continue
            if before.isspace() and _blanks_look_alike(style, style_before):
                found[-1] = (before + text, style)
                continue
        found.append((text, style))
    return [Segment(text, style) for text, style in found]


@lru_cache(maxsize=256)
def _blanks_look_alike(one: Style, other: Style) -> bool:
    """Whether a blank shows no difference between two styles."""
    lined = one.underline or one.reverse or other.underline or other.reverse
    return not lined and one.bgcolor == other.bgcolor


def changed_cells(before: Row | None, after: Row, width: int) -> tuple[int, int]:
    """The first cell of a row that has to be painted again, and the cell after the last."""
    whole = (0, width)
    if before is None or before.is_focused != after.is_focused:
        return whole
    if before.cursor != after.cursor and None in (before.cursor, after.cursor):
        return whole
    old, new = _cells(before.line, width), _cells(after.line, width)
    if old is None or new is None:
        return whole
    places = [place for texts in zip(old, new, strict=True) for place in _differing(*texts)]
    if before.cursor != after.cursor:
        for start, end in filter(None, (before.cursor, after.cursor)):
            places += [start, end - 1]
    return (min(places), max(places) + 1) if places else whole


def _cells(line: Line, width: int) -> tuple[str, str] | None:
    """A character and a style for each cell; None if a character takes another width than one cell."""
    text = "".join([text for text, _ in line])
    if width_of(text) != len(text):
        return None
    styles = "".join([_LETTERS[style] * len(text) for text, style in line])
    return text.ljust(width), styles.ljust(width, _LETTERS[""])


def _differing(old: str, new: str) -> tuple[int, ...]:
    """The first and the last place in which two texts of one length differ."""
    if old == new:
        return ()
    return _common_start(old, new), len(old) - 1 - _common_start(old[::-1], new[::-1])


def _common_start(old: str, new: str) -> int:
    """How many characters two texts have in common before the first that differs."""
    low, high = 0, len(old)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if old[low:middle] == new[low:middle] else (low, middle - 1)
    return low
