"""A heat map of packages by the values of a facet, with a cursor on one cell; it scrolls both ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from cachetui.render import EMPTY
from cachetui.search import Coverage, Covered
from cachetui.text import counted, cut_middle
from cachetui.tui.commands import GRID_COMMANDS, bindings
from cachetui.tui.widgets.lines import Line, Span, sized, width_of
from cachetui.tui.widgets.text_lines import TextLines

SIGNS = " ░▒▓█"
"""The shades of cells; the number in a cell says the same."""

NARROWEST, WIDEST = 7, 14
"""Columns of a cell."""

LONGEST_NAME = 28
"""Columns of the names of packages at most."""

TOTAL = "builds"
"""The heading of the first cell of each line: all builds of the package."""


class CoverageGrid(TextLines):
    """Cells of packages and values; the first cell of a line is the package as a whole.

    Attributes:
        column: the cell under the cursor, counted over all that there are.
        left: the first value that is shown.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(GRID_COMMANDS)

    header_lines = 1
    footer_lines = 2

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.coverage: Coverage | None = None
        self.column = 0
        self.left = 0
        self._names = 0

    def show(self, lines: Sequence[Line]) -> None:
        """Show the cells; they are given to `show_coverage`."""
        self.update_lines()

    def show_coverage(self, coverage: Coverage | None, package: str = "", value: str = "") -> None:
        """Show another table, the cursor on a package and a value if it has them."""
        self.coverage = coverage
        self.column = self.left = self.cursor = 0
        self._names = 0
        if coverage is not None:
            names = [each.name for each in coverage.values]
            self.column = names.index(value) + 1 if value in names else 0
            self.cursor = coverage.place_of(package) or 0
            longest = max([width_of(coverage.name(place)) for place in range(len(coverage))], default=0)
            self._names = min(max(longest, len("package")), LONGEST_NAME)
        self.top = max(self.cursor - self.page // 2, 0)
        self.update_lines()

    # what is under the cursor

    @property
    def package(self) -> str:
        """The package under the cursor; empty if there is none."""
        return self.coverage.name(self.cursor) if self.coverage is not None and self.line_count() else ""

    @property
    def value(self) -> Covered | None:
        """The value under the cursor; None on the cell of the package as a whole."""
        return self.coverage.values[self.column - 1] if self.coverage is not None and self.column else None

    @property
    def builds(self) -> int:
        """The builds in the cell under the cursor."""
        if self.coverage is None or not self.line_count():
            return 0
        if not self.column:
            return self.coverage.package(self.cursor).builds
        return self.coverage.count(self.cursor, self.column - 1)

    # painting

    def line_count(self) -> int:
        """The packages."""
        return 0 if self.coverage is None else len(self.coverage)

    @property
    def _name_width(self) -> int:
        return min(self._names, max(self.width // 3, 10))

    def _widths(self) -> list[int]:
        """The columns of each visible cell, the first being all builds of the package."""
        if self.coverage is None:
            return []
        room = self.width - self._name_width - 1 - NARROWEST
        widths = [NARROWEST]
        values = self.coverage.values
        more = width_of(more_text(len(values)))
        for place in range(self.left, len(values)):
            width = min(max(width_of(values[place].name), NARROWEST), WIDEST)
            is_last = place == len(values) - 1
            if room < width + 1 + (0 if is_last else more):
                if len(widths) == 1:  # one value is shown in any case
                    widths.append(max(room - 1, 1))
                break
            room -= width + 1
            widths.append(width)
        else:  # all are shown: long names get what is left
            for place, value in enumerate(values[self.left :], 1):
                more = min(max(width_of(value.name) - widths[place], 0), room)
                widths[place] += more
                room -= more
        return widths

    def cells(self, index: int) -> Sequence[tuple[int, int]]:
        """Where the visible cells of a line are."""
        start = self._name_width + 1
        found = []
        for width in self._widths():
            found.append((start, start + width))
            start += width + 1
        return found

    def header(self, row: int) -> Line:
        """The values, and how many more are to the left and to the right."""
        if self.coverage is None:
            return ()
        widths, values = self._widths(), self.coverage.values
        headings = [TOTAL, *(value.name for value in values[self.left : self.left + len(widths) - 1])]
        before = f"← {self.left:,}" if self.left else "package"
        spans: list[Span] = [(sized(before, self._name_width), "muted")]
        for width, heading in zip(widths, headings, strict=True):
            spans.append((f" {cut_middle(heading, width):>{width}}", "muted"))
        after = len(values) - self.left - (len(widths) - 1)
        return (*spans, (more_text(after) if after else "", "muted"))

    def line(self, index: int) -> Line:
        """A package, its builds, and a cell for each visible value."""
        coverage = self.coverage
        if coverage is None:
            return ()
        widths = self._widths()
        package = coverage.package(index)
        name = sized(cut_middle(package.name, self._name_width), self._name_width)
        spans: list[Span] = [(name, ""), (f" {package.builds:>{NARROWEST},}", "muted")]
        for place, width in enumerate(widths[1:], self.left):
            builds = coverage.count(index, place)
            spans += ((" ", ""), *cell(builds, coverage.shade(builds), width))
        return tuple(spans)

    def footer(self, row: int) -> Line:
        """The cell under the cursor, spelled out."""
        if self.coverage is None or not row:
            return (("─" * self.width, "frame"),)
        value = self.value
        if not self.line_count():
            return (("no build", "muted"),)
        if value is None:
            return ((self.package, "strong"), (f": {counted(self.builds, 'build')}", ""))
        of = counted(self.coverage.package(self.cursor).builds, "build")
        some = f"{self.builds:,} of {of}" if self.builds else f"none of {of}"
        return (
            (self.package, "strong"),
            (f", {self.coverage.facet} ", ""),
            (value.name, "strong"),
            (f": {some}", "" if self.builds else "warning"),
            (f"   all packages: {value.builds:,}", "muted"),
        )

    # moving

    def update_lines(self) -> None:
        """Scroll to the cell under the cursor, and paint what has changed."""
        count = 0 if self.coverage is None else len(self.coverage.values)
        self.column = min(max(self.column, 0), count)
        if self.column:
            self.left = min(self.left, self.column - 1)
            while self.column > self.left + len(self._widths()) - 1 and self.left < self.column - 1:
                self.left += 1
        else:
            self.left = 0
        self.cell = self.column - self.left if self.column else 0
        super().update_lines()

    def action_cell(self, cells: int) -> None:
        """Move the cursor right or left by some cells."""
        self.column += cells
        self.update_lines()

    def action_page_of_cells(self, pages: int) -> None:
        """Move the cursor right or left by as many cells as are visible."""
        self.action_cell(pages * max(len(self._widths()) - 1, 1))


def more_text(number: int) -> str:
    """How many more values are to the right."""
    return f" +{number:,} →"


def cell(builds: int, shade: int, width: int) -> Line:
    """A cell: its shade, and its number, which says it exactly."""
    if not builds:
        return ((f"{EMPTY:>{width}}", "muted"),)
    number = f" {builds:,}"[-width:]
    return ((SIGNS[shade] * (width - len(number)), "accent"), (number, ""))
