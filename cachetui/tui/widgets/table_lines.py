"""The lines of the table: look-alikes folded into one, or unfolded with a line for each below it."""

from __future__ import annotations

from typing import NamedTuple

from cachetui.search import Fold, Table
from cachetui.sequences import LazySequence


class TableLine(NamedTuple):
    """A line of the table: look-alikes, or (member) one build of unfolded ones."""

    fold: Fold
    member: int | None = None


class TableLines(LazySequence[TableLine]):
    """Made when they are looked at; only what is unfolded is kept."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._folds = table.folds
        self._unfolded: dict[int, list[int]] = {}

    def renew(self, table: Table) -> None:
        """Show the same builds by another table; what is unfolded stays so."""
        self._table, self._folds = table, table.folds

    def __len__(self) -> int:
        return len(self._folds) + sum(map(len, self._unfolded.values()))

    def _item(self, index: int) -> TableLine:
        place, member = self._place(index)
        fold = self._folds[place]
        return TableLine(fold, None if member is None else self._unfolded[place][member])

    def _place(self, index: int) -> tuple[int, int | None]:
        """(place among the folds, place among its builds) of a line."""
        for place in sorted(self._unfolded):
            if index <= place:
                break
            members = len(self._unfolded[place])
            if index <= place + members:
                return place, index - place - 1
            index -= members
        return index, None

    def _line_of(self, place: int) -> int:
        return place + sum(len(rows) for other, rows in self._unfolded.items() if other < place)

    def of_row(self, row: int) -> int | None:
        """The line of a row of the catalog, or of its look-alikes."""
        place = self._folds.place_of(row)
        return None if place is None else self._line_of(place)

    def is_unfolded(self, index: int) -> bool:
        """Whether a line is unfolded, or one of the builds below such a line."""
        return self._place(index)[0] in self._unfolded

    def toggle(self, index: int) -> int:
        """Unfold the look-alikes of a line, or fold them; the line to put the cursor on."""
        place, _ = self._place(index)
        if self._unfolded.pop(place, None) is None:
            self._unfolded[place] = self._table.members(self._folds[place])
        return self._line_of(place)
