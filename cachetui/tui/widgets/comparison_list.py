"""The list of a comparison: a column for each build, the headings above the lines that scroll."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from cachetui.graph import Build
from cachetui.render import ComparisonRow, laid_out
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line, width_of

_CAUSES = ("builds", "here", "causes", "equal")

_MOST_HEADINGS = 3
"""Lines of headings that stay above the others; more than these scroll with them."""


class ComparisonList(LineList):
    """Shows rows of a comparison.

    Attributes:
        column: the place of the build that keys are about.
    """

    header_lines = 0

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: Sequence[ComparisonRow] = ()
        self.column = 0
        self._heading: Line = ()
        self._right: Line = ()
        self._lines: list[tuple[Line, int]] = []
        self._headings: list[Line] = []

    def show(self, heading: Line, right: Line, rows: Sequence[ComparisonRow]) -> None:
        """Show other rows; the cursor stays where it is, as far as that is possible."""
        self._heading, self._right, self.rows = heading, right, rows
        self._lay_out()
        self.update_lines()

    @property
    def builds(self) -> Sequence[Build]:
        """The builds that are compared."""
        return self.rows[0].builds if self.rows else ()

    @property
    def row(self) -> ComparisonRow | None:
        """The row under the cursor."""
        return self.rows[self._lines[self.cursor][1]] if self.cursor < len(self._lines) else None

    def resized(self) -> None:
        """Lay out again for another width."""
        self._lay_out()
        super().resized()

    def _lay_out(self) -> None:
        self.column = min(self.column, max(len(self.builds) - 1, 0))
        rows = [_with_chosen(self.rows[0], self.column), *self.rows[1:]] if self.rows else []
        lines = list(laid_out(rows, self.width or 80, width_of))
        number = sum(1 for _, row in lines if row == 0)
        stay = number if number <= _MOST_HEADINGS else 0
        self._headings = [line for line, _ in lines[:stay]]
        self._lines = lines[stay:]
        self.header_lines = stay

    # what is shown

    def line_count(self) -> int:
        """The lines below the headings."""
        return len(self._lines)

    def line(self, index: int) -> Line:
        """One of them."""
        return self._lines[index][0]

    def header(self, row: int) -> Line:
        """The builds."""
        return self._headings[row]

    def title(self) -> tuple[Line, Line]:
        """What is compared; the build that keys are about, and what is shown."""
        return self._heading, self._right

    # moving

    def choose_column(self, column: int) -> None:
        """Let keys be about another build."""
        self.column = min(max(column, 0), max(len(self.builds) - 1, 0))
        self._lay_out()
        self.update_lines()

    def go_to_other_part(self) -> None:
        """Go from the causes to the details, or back."""
        row = self.row
        are_causes = row is not None and row.section in _CAUSES
        sought = ("details",) if are_causes else ("causes",)
        for index, (_, number) in enumerate(self._lines):
            if self.rows[number].section in sought:
                self.top = index if are_causes else 0
                self.move_to(index)
                return


def _with_chosen(row: ComparisonRow, column: int) -> ComparisonRow:
    """The headings, the letter of one build in brackets: it is to be seen without colours, too."""
    cells = []
    for place, ((letter, role), *rest) in enumerate(row.cells):
        # A hash alone needs no blank, and the narrowest column has none to spare.
        blank = "" if rest and rest[0][0].startswith("/") else " "
        text = (f"[{letter.strip()}]" if place == column else f" {letter.strip()} ") + blank
        cells.append(((text, role if place == column else "muted"), *rest))
    return replace(row, cells=tuple(cells))
