"""How wide the columns of the table are: never wider than the screen together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from cachetui.tui.widgets.line_list import ELLIPSIS

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

    Columns get their least width in order of rank, until one does not fit; what is left goes first to those
    that lack least to be whole.
    """
    widths = [0] * len(measures)
    served = sorted(range(len(measures)), key=lambda i: measures[i].rank)
    left = room
    for i in served:
        least = min(measures[i].least, measures[i].natural)
        cost = least + (GAP if any(widths) else 0)
        if cost > left:
            break
        widths[i] = least
        left -= cost
    shown = [i for i in served if widths[i]]
    for i in sorted(shown, key=lambda i: measures[i].natural - widths[i]):
        more = min(measures[i].natural - widths[i], left)
        widths[i] += more
        left -= more
    return widths


def cut(cell: str, width: int) -> str:
    """A cell at a width; of a list that is too long, the first member and how many more there are."""
    if cell_len(cell) <= width:
        return set_cell_size(cell, width)
    first, *others = cell.split(", ")
    more = f" +{len(others)}" if others else ""
    if cell_len(first) + len(more) <= width:
        return set_cell_size(first + more, width)
    return set_cell_size(first, max(width - 1 - len(more), 1)) + ELLIPSIS + more
