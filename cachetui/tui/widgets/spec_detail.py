"""The detail panel: the build under the cursor in full, or what sets look-alikes apart."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rich.cells import chop_cells

from cachetui.catalog import Catalog
from cachetui.render import build_facts, lookalikes_text, shared_facts
from cachetui.spec import SHORT_HASH
from cachetui.text import counted
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line

LABEL = 14

LISTED_HASHES = 200
"""Hashes of look-alikes that are listed; the table has them all."""


class SpecDetail(LineList):
    """Scrolls through what is known about the highlighted builds."""

    HAS_CURSOR = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.catalog: Catalog | None = None
        self.rows: Sequence[int] = ()
        self.lines: list[Line] = []

    def show(self, catalog: Catalog, rows: Sequence[int]) -> None:
        """Show builds of a catalog: one in full, several by what they share."""
        if catalog is not self.catalog or rows != self.rows:
            self.catalog, self.rows = catalog, rows
            self.top = self.cursor = 0
            self._rebuild()

    def _rebuild(self) -> None:
        if self.catalog is None or not self.rows or not self.size.width:
            self.lines = []
        elif len(self.rows) == 1:
            self.lines = list(self._build_lines(self.catalog, self.rows[0]))
        else:
            self.lines = list(self._lookalike_lines(self.catalog, self.rows))
        self.update_lines()

    def _build_lines(self, catalog: Catalog, row: int) -> Iterator[Line]:
        for name, value in build_facts(catalog, row):
            yield from self._wrapped(name, value, "strong" if name == "hash" else "")

    def _lookalike_lines(self, catalog: Catalog, rows: Sequence[int]) -> Iterator[Line]:
        yield from self._wrapped("", lookalikes_text(catalog, rows))
        for name, value in shared_facts(catalog.spec(rows[0])):
            yield from self._wrapped(name, value)
        for position, row in enumerate(rows[:LISTED_HASHES]):
            yield from self._wrapped("" if position else "hashes", catalog.dag_hash(row))
        if len(rows) > LISTED_HASHES:
            yield from self._wrapped(
                "", f"{len(rows) - LISTED_HASHES:,} more; Enter in the table lists them all"
            )

    def _wrapped(self, label: str, text: str, style: str = "") -> Iterator[Line]:
        """A label and a text over as many lines as it takes."""
        room = max(self.size.width - LABEL - 2, 20)
        words = textwrap.wrap(text, room, break_on_hyphens=False) or [""]
        # Counted in characters so far; some take two cells.
        parts = [part for line in words for part in chop_cells(line, room)] if any(words) else words
        for position, part in enumerate(parts):
            name = label if position == 0 else ""
            yield ((f" {name:{LABEL}}", "muted"), (part, style))

    # drawing

    def line_count(self) -> int:
        """The lines of the description."""
        return len(self.lines)

    def line(self, index: int) -> Line:
        """One of them."""
        return self.lines[index]

    def header(self, row: int) -> Line:
        """The build in short, and how much of the panel is below."""
        if self.catalog is None or not self.rows:
            return ((" no build", "title"),)
        row = self.rows[0]
        name = f" {self.catalog.column('package')[row]}@{self.catalog.column('version')[row]}"
        dag_hash = (
            f" /{self.catalog.dag_hash(row)[:SHORT_HASH]}"
            if len(self.rows) == 1
            else f"  {len(self.rows):,} alike"
        )
        below = len(self.lines) - self.top - self.page
        more = f"   {counted(below, 'more line')}" if below > 0 else ""
        return ((name + dag_hash, "title"), (more, "muted"))

    def resized(self) -> None:
        """Another width wraps differently."""
        self._rebuild()
