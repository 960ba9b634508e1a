"""Packages by target, os, compiler or another facet, as a heat map: what is there, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual.binding import Binding, BindingType

from cachetui.search import Coverage, Engine, Selection, narrowed
from cachetui.text import counted
from cachetui.tui.commands import COVERAGE_COMMANDS, bindings, command
from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.requests import ShowSelection
from cachetui.tui.state import Context, View
from cachetui.tui.widgets.coverage_grid import CoverageGrid
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line

FIRST = "target"
"""The facet that is shown at first."""


class CoverageScreen(Dialog):
    """Counts the builds of the packages that match; Enter on a cell goes to its builds."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(COVERAGE_COMMANDS),
        Binding(command("help").keys, command("help").runs, "help", show=False),
    ]
    keys_shown_first = "coverage"

    hints = "Enter go to the builds   ↑ ↓ ← → move   b other facet   s gaps first   F1 help   Esc closes"
    widest = 400

    def __init__(self, context: Context) -> None:
        self.grid = CoverageGrid(id="lines")
        super().__init__(self.grid)
        self.engine: Engine | None = context.view.engine
        self.selection = context.result.selection if context.result is not None else Selection()
        self.package = context.result.package if context.result is not None else ""
        self.facet = FIRST
        self.gaps_first = False

    def on_mount(self) -> None:
        """Count, the cursor on the package of the main screen."""
        self._count(self.package)
        if self.grid.coverage is not None and not self.grid.coverage.values:
            self._change_facet(1)
        super().on_mount()

    def lines(self) -> Sequence[Line]:
        """None: the grid makes its own."""
        return ()

    def show_again(self) -> None:
        """Paint for another size."""
        self.grid.update_lines()

    def on_unmount(self) -> None:
        """Let go of the catalog: a closed screen is a reference cycle, which would keep it."""
        self.engine = None
        self.grid.coverage = None

    def renew_view(self, view: View) -> None:
        """Count in another catalog, the cursor where it was."""
        self.engine = view.engine
        value = self.grid.value
        self._count(self.grid.package, value.name if value is not None else "")

    def rejudge(self, view: View) -> None:
        """Count again, if what was known before does not hold any more."""
        if self.engine is not None and view.engine is not self.engine:
            self.renew_view(view)

    def _count(self, package: str, value: str = "") -> None:
        if self.engine is None:
            return
        rows = self.engine.select(replace(self.selection, package="")).rows
        coverage = Coverage(self.engine.attributes, rows, self.facet, self.gaps_first)
        order = ", gaps first" if self.gaps_first else ""
        packages, values = counted(len(coverage), "package"), counted(len(coverage.values), "value")
        self.heading = f"Coverage by {self.facet}  {packages}, {values}{order}"
        self.show_heading(self.heading)
        self.grid.show_coverage(coverage, package, value)

    def _change_facet(self, step: int) -> None:
        """Show the next facet of which there are values."""
        if self.engine is None:
            return
        names = self.engine.attributes.facet_names
        rows = self.engine.select(replace(self.selection, package="")).rows
        place = names.index(self.facet) if self.facet in names else 0
        for number in range(1, len(names) + 1):
            facet = names[(place + step * number) % len(names)]
            if any(map(rows.intersect, self.engine.attributes.index(facet).bitmaps)):
                self.facet = facet
                break
        self._count(self.grid.package)

    def action_facet(self, step: int) -> None:
        """Show the values of another facet."""
        self._change_facet(step)

    def action_gaps(self) -> None:
        """List the packages with the most gaps first, or by name."""
        self.gaps_first = not self.gaps_first
        value = self.grid.value
        self._count("" if self.gaps_first else self.grid.package, value.name if value is not None else "")

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """Go to the builds of the cell, if there are any."""
        event.stop()
        if not self.grid.builds:
            return
        package, value = self.grid.package, self.grid.value
        if value is None:
            selection = self.selection.with_package(package)
        else:
            selection = narrowed(self.selection, package, self.facet, value.name)
        self.app.post_message(ShowSelection(selection))
        self.action_close()
