"""Which panes a terminal of some size has room for."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from cachetui.tui.widgets.line_list import BOXES_FROM as BOXES_FROM
from cachetui.tui.widgets.line_list import Border

COLUMN_FROM = 100
"""Columns from which packages and filters have a column of their own."""

PANES_FROM = (60, 24)
"""Columns and lines from which several panes are shown together."""

BARS = 4
"""Lines of the title, the query, its reading and the hints."""

LEFT_WIDTH, SLIM_WIDTH = 31, 28
"""Cells of the column of packages and filters, with the frame."""

SLIM_FROM = 120
"""Columns below which that column is slim."""

LEAST_DETAIL, LEAST_TABLE = 14, 8
"""Lines that the detail panel and the table have at least, where there is room."""

SHORT_DETAIL = 5
"""Lines of the detail panel on a terminal with few lines."""


class Pane(Enum):
    """A pane that can have the focus; the value is the id of its widget."""

    PACKAGES = "packages"
    FACETS = "facets"
    TABLE = "table"
    DETAIL = "detail"


class PaneLayout(Struct, frozen=True):
    """The panes of a terminal while one of them has the focus.

    Args:
        width, height: of the terminal, in cells.
        pane: the pane that has the focus.
        several: whether several packages match.
        is_open: whether a build is open over the table.
        has_filters: whether facet values are selected, so that a narrow terminal shows a line of them.
    """

    width: int
    height: int
    pane: Pane
    several: bool = True
    is_open: bool = False
    has_filters: bool = False

    @property
    def is_single(self) -> bool:
        """Whether there is room for one pane alone."""
        return self.width < PANES_FROM[0] or self.height < PANES_FROM[1]

    @property
    def has_column(self) -> bool:
        """Whether packages and filters have a column of their own."""
        return self.width >= COLUMN_FROM and not self.is_single

    @property
    def left_width(self) -> int:
        """The cells of the left column."""
        return LEFT_WIDTH if self.width >= SLIM_FROM else SLIM_WIDTH

    @property
    def border(self) -> Border:
        """What surrounds each pane."""
        return Border.BOX if self.height >= BOXES_FROM else Border.RULE

    @property
    def shows_filters(self) -> bool:
        """Whether a line says which facet values are selected."""
        return self.has_filters and not self.has_column

    def shows(self, pane: Pane) -> bool:
        """Whether there is room for a pane."""
        if self.is_single:
            return pane is self.pane
        if pane is Pane.TABLE:
            return not self.is_open
        if pane is Pane.DETAIL or self.has_column:
            return True
        if pane is Pane.FACETS:
            return self.pane is Pane.FACETS
        return self.pane is Pane.PACKAGES

    def packages_height(self, lines: int) -> int:
        """Lines of the package list, with its border: as many as it has, at most half of its column."""
        column = self.height - BARS
        return min(lines + self.border.value, max(column // 2, 3))

    def table_height(self, lines: int) -> int:
        """Lines of the table: as many as it has, as long as the detail panel has room.

        Args:
            lines: of the table, with its border, headings and what is the same in all rows.
        """
        column = self.height - BARS - self.shows_filters
        if self.border is Border.RULE:
            return column - SHORT_DETAIL
        return max(min(lines, column - LEAST_DETAIL), min(LEAST_TABLE, column))

    def next(self, step: int) -> Pane:
        """The pane after (or before) the one with the focus, in a circle."""
        panes = [pane for pane in Pane if pane is not Pane.PACKAGES or self.several or self.has_column]
        place = panes.index(self.pane) if self.pane in panes else 0
        return panes[(place + step) % len(panes)]

    @property
    def covered(self) -> Pane | None:
        """The pane that one step back leads to, where the one with the focus covers it; else None."""
        if self.pane is Pane.DETAIL and (self.is_open or self.is_single):
            return Pane.TABLE
        if self.pane is Pane.FACETS and not self.has_column:
            return Pane.TABLE
        if self.pane is Pane.TABLE and self.is_single:
            return Pane.PACKAGES
        return None
