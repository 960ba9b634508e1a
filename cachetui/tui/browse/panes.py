"""Which panes a terminal of some size has room for."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

FACETS_FROM = 100
"""Columns from which the facets stand beside the table."""

PANES_FROM = (80, 24)
"""Columns and lines from which several panes stand side by side."""


class Pane(Enum):
    """A pane that can take the keys; the value is its id."""

    PACKAGES = "packages"
    FACETS = "facets"
    TABLE = "table"
    DETAIL = "detail"


class ShownPanes(Struct, frozen=True):
    """The panes on the screen; `builds` holds the table and the detail panel."""

    packages: bool
    facets: bool
    table: bool
    detail: bool
    single: bool = False

    @property
    def builds(self) -> bool:
        """Whether either of them is shown."""
        return self.table or self.detail


def shown_panes(width: int, height: int, pane: Pane) -> ShownPanes:
    """What to show while `pane` takes the keys: all, all but the facets, or that pane alone."""
    if width < PANES_FROM[0] or height < PANES_FROM[1]:
        return ShownPanes(
            packages=pane is Pane.PACKAGES,
            facets=pane is Pane.FACETS,
            table=pane is Pane.TABLE,
            detail=pane is Pane.DETAIL,
            single=True,
        )
    facets = pane is Pane.FACETS
    if width < FACETS_FROM:
        return ShownPanes(packages=True, facets=facets, table=not facets, detail=not facets)
    return ShownPanes(packages=True, facets=True, table=True, detail=True)


def next_pane(pane: Pane, step: int) -> Pane:
    """The pane after (or before) another, in a circle."""
    panes = list(Pane)
    return panes[(panes.index(pane) + step) % len(panes)]
