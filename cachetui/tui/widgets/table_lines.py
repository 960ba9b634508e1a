"""The lines of the table: a line for each kind, and below an unfolded one a line for each of its builds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cachetui.search import Kind, Table


class TableLine(NamedTuple):
    """A line of the table: a kind, or (member) one build of an unfolded kind."""

    kind: Kind
    member: int | None = None


class TableLines(Sequence[TableLine]):
    """Made when they are looked at; only what is unfolded is kept."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._kinds = table.kinds
        self._unfolded: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self._kinds) + sum(map(len, self._unfolded.values()))

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place, member = self._place(index)
        kind = self._kinds[place]
        return TableLine(kind, None if member is None else self._unfolded[place][member])

    def _place(self, index: int) -> tuple[int, int | None]:
        """(place of the kind, place among its builds) of a line."""
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
        """The line of the kind that a row of the catalog belongs to."""
        place = self._kinds.place_of(row)
        return None if place is None else self._line_of(place)

    def is_unfolded(self, index: int) -> bool:
        """Whether a line is that of an unfolded kind, or of one of its builds."""
        return self._place(index)[0] in self._unfolded

    def toggle(self, index: int) -> int:
        """Unfold the kind of a line, or fold it; the line where the cursor is best then."""
        place, _ = self._place(index)
        if self._unfolded.pop(place, None) is None:
            self._unfolded[place] = self._table.members(self._kinds[place])
        return self._line_of(place)
