"""How wide the columns of the table are: never wider than the screen together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 2
"""Blanks between two columns."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a column asks for.

    Args:
        natural: the width at which nothing is cut.
        least: the width below which it is of no use.
        rank: the order in which columns are served, lowest first.
    """

    natural: int
    least: int
    rank: int


def column_widths(measures: Sequence[Measure], room: int) -> list[int]:
    """The width of each column; 0 for those that there is no room for.

    Each column gets its least width in order of rank, as long as there is room; what is left goes to them
    in the same order, up to their natural width.
    """
    widths = [0] * len(measures)
    served = sorted(range(len(measures)), key=lambda i: measures[i].rank)
    left = room
    for i in served:
        least = min(measures[i].least, measures[i].natural)
        cost = least + (GAP if any(widths) else 0)
        if cost <= left:
            widths[i] = least
            left -= cost
    for i in served:
        if widths[i]:
            more = min(measures[i].natural - widths[i], left)
            widths[i] += more
            left -= more
    return widths
