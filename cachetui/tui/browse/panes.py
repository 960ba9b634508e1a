"""Which panes a terminal of some size has room for."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

WIDE = 120
"""Columns from which packages and facets have their full width."""

FACETS_FROM = 100
"""Columns from which the facets stand beside the table."""

PANES_FROM = (80, 24)
"""Columns and lines from which several panes stand side by side."""


class Pane(Enum):
    """A pane that can have the focus; the value is the id of its widget."""

    PACKAGES = "packages"
    FACETS = "facets"
    TABLE = "table"
    DETAIL = "detail"


_COVERED = {Pane.DETAIL: Pane.TABLE, Pane.TABLE: Pane.PACKAGES, Pane.FACETS: Pane.TABLE}
"""The pane that one step back leads to, where a pane covers others."""


class PaneLayout(Struct, frozen=True):
    """The panes of a terminal while one of them has the focus.

    Args:
        width, height: of the terminal, in cells.
        pane: the pane that has the focus.
    """

    width: int
    height: int
    pane: Pane

    @property
    def is_single(self) -> bool:
        """Whether there is room for one pane alone."""
        return self.width < PANES_FROM[0] or self.height < PANES_FROM[1]

    @property
    def is_slim(self) -> bool:
        """Whether the packages and facets are narrower than they like."""
        return self.width < WIDE

    def shows(self, pane: Pane) -> bool:
        """Whether there is room for a pane: all of them, all but the facets, or the one with the focus."""
        if self.is_single:
            return pane is self.pane
        if self.width >= FACETS_FROM or pane is Pane.PACKAGES:
            return True
        return (pane is Pane.FACETS) == (self.pane is Pane.FACETS)

    def next(self, step: int) -> Pane:
        """The pane after (or before) the one with the focus, in a circle."""
        panes = list(Pane)
        return panes[(panes.index(self.pane) + step) % len(panes)]

    @property
    def covered(self) -> Pane | None:
        """The pane below the one with the focus; None if it is shown beside it."""
        below = _COVERED.get(self.pane)
        return None if below is None or self.shows(below) else below
