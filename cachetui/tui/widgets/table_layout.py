"""How wide the columns of the table are: never wider than the screen together."""

from __future__ import annotations

from collections.abc import Sequence

GAP = 2
"""Blanks between two columns."""

NARROWEST = 6
"""A column is not cut below this."""


def column_widths(natural: Sequence[int], shrinkable: Sequence[bool], room: int) -> list[int]:
    """The width of each column.

    Columns that fit keep their natural width. Otherwise the widest shrinkable ones give way, and if that is not
    enough the last columns get no width (0): they are not shown.
    """
    widths = list(natural)
    over = _total(widths) - room
    while over > 0:
        wide = [i for i, width in enumerate(widths) if shrinkable[i] and width > NARROWEST]
        if not wide:
            break
        widest = max(wide, key=lambda i: widths[i])
        others = [widths[i] for i in wide if i != widest]
        give = max(1, min(over, widths[widest] - max([NARROWEST, *others])))
        widths[widest] -= give
        over -= give
    return _without_overflow(widths, room)


def _without_overflow(widths: list[int], room: int) -> list[int]:
    shown = [width for width in widths]
    last = len(shown) - 1
    while last > 0 and _total(shown) > room:
        shown[last] = 0
        last -= 1
    return shown


def _total(widths: Sequence[int]) -> int:
    used = [width for width in widths if width]
    return sum(used) + GAP * max(len(used) - 1, 0)
