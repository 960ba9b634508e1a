"""How wide the columns of the table are: never wider than the screen together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct
from rich.cells import cell_len, set_cell_size

from cachetui.search import BoundAttribute, Table
from cachetui.spec import SHORT_HASH
from cachetui.text import ELLIPSIS

GAP = 2
"""Blanks between two columns."""


MARK_WIDTH = 3
"""Cells before the first column."""

MEASURED_LINES = 120
"""Lines whose cells decide how wide the columns are."""

MOST = 0.9
"""The share of the cells of a column that it is made wide enough for before a few long ones get room."""

_LEAST = {
    "package": (12, 1),
    "version": (10, 2),
    "compiler": (9, 3),
    "target": (9, 4),
    "variants": (12, 5),
    "stacks": (12, 6),
    "os": (11, 7),
    "tags": (8, 8),
    "platform": (8, 9),
    "external": (8, 10),
    "mirrors": (8, 11),
    "views": (8, 12),
    "namespace": (8, 13),
}
"""Column to (least width, rank): which columns there is room for, and which are cut last."""

_LEAST_OF_OTHERS = (8, 8)


class Measure(Struct, frozen=True):
    """What a column asks for.

    Args:
        natural: the width at which nothing is cut.
        least: the width below which it is of no use.
        rank: the order in which columns are served, lowest first.
        typical: the width at which most cells are whole; 0: the same as `natural`.
    """

    natural: int
    least: int
    rank: int
    typical: int = 0


def column_widths(measures: Sequence[Measure], room: int) -> list[int]:
    """The width of each column; 0 for those that there is no room for.

    Columns get their least width in order of rank, until one does not fit. What is left makes most cells
    whole before a few long ones, and goes first to the columns that lack least.
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
    left = _widen(widths, {i: measures[i].typical or measures[i].natural for i in shown}, left)
    _widen(widths, {i: measures[i].natural for i in shown}, left)
    return widths


def _widen(widths: list[int], wanted: Mapping[int, int], left: int) -> int:
    """Widen columns to what is wanted, those that lack least first; gives what is left of the room."""
    for i in sorted(wanted, key=lambda i: wanted[i] - widths[i]):
        more = min(max(wanted[i] - widths[i], 0), left)
        widths[i] += more
        left -= more
    return left


def cut(cell: str, width: int) -> str:
    """A cell at a width; of a list that is too long, the first member and how many more there are."""
    if cell_len(cell) <= width:
        return set_cell_size(cell, width)
    first, *others = cell.split(", ")
    more = f" +{len(others)}" if others else ""
    if cell_len(first) + len(more) <= width:
        return set_cell_size(first + more, width)
    if len(more) + 2 > width:
        first, more = cell, ""
    return set_cell_size(first, width - 1 - len(more)) + ELLIPSIS + more


def lookalikes(count: int) -> str:
    """What a line for so many builds says in place of a hash: `22 alike`."""
    return f"{count:,} alike" if count > 1 else ""


def _most(widths: Counter[int]) -> int:
    """The width that MOST of the cells are not wider than."""
    wanted = MOST * widths.total()
    for width in sorted(widths):
        wanted -= widths[width]
        if wanted <= 0:
            return width
    return 0


class TableColumns:
    """The columns of one table at one width; the last of them tells the builds, and always has room."""

    def __init__(self, table: Table, width: int) -> None:
        self.table = table
        self.first = 0
        counts = [line.count for line in table.folds[:MEASURED_LINES]]
        self._builds = max(SHORT_HASH, len(lookalikes(max(counts, default=1))))
        self._measured = list(map(self._measure, table.columns))
        self.resize(width)

    def resize(self, width: int) -> None:
        """Lay the columns out anew."""
        self.width = width
        asked = [self._asked(place) for place in range(len(self._measured))]
        room = max(width - MARK_WIDTH, 1)
        self.widths = column_widths([*asked, Measure(self._builds, self._builds, 0)], room)

    def shift(self, step: int) -> None:
        """Make room for the columns further right, as long as the last one is not shown, or further left."""
        if step < 0 or not all(self.widths[-2:]):
            self.first = min(max(self.first + step, 0), max(len(self._measured) - 1, 0))
            self.resize(self.width)

    def _measure(self, column: BoundAttribute) -> tuple[int, int]:
        """(width of the widest cell, width that most cells fit in)."""
        widths: Counter[int] = Counter()
        for text, count in Counter(self.table.first_cells(column, MEASURED_LINES)).items():
            widths[cell_len(text)] += count
        heading = cell_len(column.heading) + 1
        return max(heading, *widths), max(heading, _most(widths))

    def _asked(self, place: int) -> Measure:
        """What a column asks for: by importance, or from the first one wanted in their own order."""
        least, rank = _LEAST.get(self.table.columns[place].heading, _LEAST_OF_OTHERS)
        if self.first:
            rank = (place - self.first) % len(self._measured) + 1
        natural, typical = self._measured[place]
        return Measure(natural, least, rank, typical)

    @property
    def hidden(self) -> int:
        """Columns that there is no room for."""
        return sum(1 for width in self.widths if not width)

    @property
    def shown(self) -> list[str]:
        """The names of the columns that are shown."""
        named = zip(self.table.columns, self.widths, strict=False)
        return [column.heading for column, width in named if width]

    def joined(self, cells: Sequence[str]) -> str:
        """A cell for each column, then one for the builds, as one text."""
        return (" " * GAP).join(
            cut(cell, width) for cell, width in zip(cells, self.widths, strict=True) if width
        )

    def name_at(self, x: int) -> str | None:
        """The column at a cell of the line."""
        start = MARK_WIDTH
        for column, width in zip(self.table.columns, self.widths, strict=False):
            if width and start <= x < start + width + GAP:
                return column.heading
            start += width + GAP if width else 0
        return None
