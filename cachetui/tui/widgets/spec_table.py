"""The spec table: look-alikes folded into one line, constant columns lifted out, only visible lines drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.reactive import var

from cachetui.catalog import Catalog
from cachetui.graph import distinguished
from cachetui.search import Fold, Result, Table, fold
from cachetui.spec import SHORT_HASH
from cachetui.text import counted
from cachetui.tui.commands import TABLE_COMMANDS, bindings
from cachetui.tui.requests import MarkBuilds
from cachetui.tui.state import Marks
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line, columns
from cachetui.tui.widgets.table_layout import MARK_WIDTH, TableColumns, lookalikes
from cachetui.tui.widgets.table_lines import TableLine, TableLines

BUILDS = "builds"
VARIANTS = "variants"
UNUSUAL = "differs in"
"""The heading of variants where only those are shown that most lines have otherwise."""
_NOT_LIFTED = {"package", "mirrors"}
_DEFAULT_NAMESPACE = "builtin"


class SpecTable(LineList):
    """The builds of a result."""

    class Highlighted(Message):
        """Other builds are under the cursor, because it moved or because the table changed."""

        def __init__(self, moved: bool) -> None:
            super().__init__()
            self.moved = moved

    class Chosen(Message):
        """Enter was pressed on one build, or on marked ones where these are picked together."""

        def __init__(self, rows: list[int]) -> None:
            super().__init__()
            self.rows = rows

    class SortRequested(Message):
        """Sort by this column; for the one that sorts already, from the other end."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    BINDINGS: ClassVar[list[BindingType]] = bindings(TABLE_COMMANDS)
    header_lines = 2

    result: var[Result | None] = var(None)
    """The result whose builds are shown."""

    marks: var[Marks] = var(Marks())
    """The marked builds; those of them that the catalog has are shown as marked."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.table: Table | None = None
        self.lines: Sequence[TableLine] = ()
        self.marked: frozenset[int] = frozenset()
        self.picks_marked = False
        self.columns: TableColumns | None = None
        self._told_apart: dict[int, dict[int, str]] = {}
        self._kept_row: int | None = None
        self._row_of: dict[str, int | None] = {}

    def watch_result(self, before: Result | None, after: Result | None) -> None:
        """Fold the new result; the cursor stays on its build, also after a result without any."""
        if self.result is None:
            return
        only_sorted = before is not None and _is_same_table(before, self.result)
        first = self.columns.first if self.columns is not None and only_sorted else 0
        if self.current_row is not None:
            self._kept_row = self.current_row
        catalog, selection = self.result.catalog, self.result.selection
        if before is not None and before.catalog is not catalog:
            self._follow_to(before.catalog, catalog)
        self.table = fold(self.result.attributes, self.result.rows, selection.sort, selection.descending)
        self.lines = TableLines(self.table)
        self._told_apart.clear()
        self.columns = TableColumns(self.table, self.size.width)
        self.columns.shift(first)
        self.header_lines = 3 if self.shared else 2
        self.cursor = self._line_of(self._kept_row)
        self.update_lines()
        self.announce()

    def watch_marks(self) -> None:
        """Show which builds are marked."""
        if self.result is not None:
            self.marked = self._marked_rows(self.result.catalog)
            self.update_lines()

    def _marked_rows(self, catalog: Catalog) -> frozenset[int]:
        """The rows of the marked builds that a catalog has; only new marks are looked up."""
        for dag_hash in self.marks:
            if dag_hash not in self._row_of:
                rows = catalog.rows_with_prefix(dag_hash)
                self._row_of[dag_hash] = rows[0] if rows else None
        found = map(self._row_of.__getitem__, self.marks)
        return frozenset(row for row in found if row is not None)

    def _follow_to(self, before: Catalog, catalog: Catalog) -> None:
        """Go over to another catalog: the cursor and the marks keep their hashes."""
        if self._kept_row is not None:
            rows = catalog.rows_with_prefix(before.dag_hash(self._kept_row))
            self._kept_row = rows[0] if rows else None
        self._row_of.clear()
        self.marked = self._marked_rows(catalog)

    def go_to_row(self, row: int) -> None:
        """Put the cursor on a build, unfolding the line of its look-alikes."""
        index = self._line_of(row)
        lines = self.lines
        if isinstance(lines, TableLines) and index < len(lines) and lines[index].fold.count > 1:
            if not lines.is_unfolded(index):
                lines.toggle(index)
            index += 1 + self.table.members(lines[index].fold).index(row) if self.table else 0
        self.move_to(index)

    def _line_of(self, row: int | None) -> int:
        lines = self.lines
        return (lines.of_row(row) or 0) if row is not None and isinstance(lines, TableLines) else 0

    @property
    def current_row(self) -> int | None:
        """A row of the catalog that looks like the line under the cursor."""
        if self.cursor >= len(self.lines):
            return None
        line = self.lines[self.cursor]
        return line.fold.row if line.member is None else line.member

    @property
    def highlighted(self) -> list[int]:
        """The rows under the cursor: one build, or all of a folded line."""
        if self.table is None or self.cursor >= len(self.lines):
            return []
        line = self.lines[self.cursor]
        return self.table.members(line.fold) if line.member is None else [line.member]

    @property
    def taken(self) -> list[int]:
        """What a copy takes: the marked builds, else those under the cursor."""
        return sorted(self.marked) or self.highlighted

    def announce(self, moved: bool = False) -> None:
        """Tell that something else is under the cursor."""
        self.post_message(self.Highlighted(moved))

    # drawing

    def line_count(self) -> int:
        """One for look-alikes, and for each build of the unfolded ones."""
        return len(self.lines)

    def header(self, row: int) -> Line:
        """The title, what all builds share, the column headings."""
        if self.result is None or self.table is None or self.columns is None:
            return ()
        if row == 0:
            return self._title(self.result, self.table, self.columns.hidden)
        if row < self.header_lines - 1:
            return ((" same in all: ", "muted"), ("  ".join(self.shared), ""))
        return self._headings(self.table, self.columns)

    @property
    def shared(self) -> list[str]:
        """What all builds of the table have in common, as far as the title does not tell it."""
        constants = self.table.constants if self.table is not None and self.lines else ()
        usual = self.table.usual_text if self.table is not None else ""
        return [
            *(text for name, text in constants if _is_told(name, text)),
            *([f"usually: {usual}"] if usual and self.lines else []),
        ]

    def _title(self, result: Result, table: Table, hidden: int) -> Line:
        name = result.package or ("matching packages" if result.words else "all packages")
        shown, total = len(table.rows), result.shown.total
        of_total = counted(total, "build") if shown == total else f"{shown:,} of {counted(total, 'build')}"
        rows = f" in {counted(len(table.folds), 'row')}" if 0 < len(table.folds) < shown else ""
        title = f" {name}: {of_total}{rows}"
        marked = f"{len(self.marked):,} marked " if self.marked else ""
        more = f" +{counted(hidden, 'column')} → " if hidden and self.lines else ""
        if more and len(title + marked + more) >= self.size.width:
            more = f" +{hidden} → "
        return columns(((title, "title"),), ((more, "muted"), (marked, "accent")), self.size.width)

    def _headings(self, table: Table, shown: TableColumns) -> Line:
        if not self.lines:
            return ()
        cells = [self._heading(column.heading, table) for column in table.columns]
        return ((" " * MARK_WIDTH + shown.joined([*cells, BUILDS]), "muted"),)

    def _heading(self, name: str, table: Table) -> str:
        selection = self.result.selection if self.result else None
        text = UNUSUAL if name == VARIANTS and table.usual else name
        if selection is None or selection.sort != name:
            return text
        return f"{text}{'▼' if selection.descending else '▲'}"

    def line(self, index: int) -> Line:
        """A line with its cells, or a build with its whole hash."""
        assert self.table is not None and self.columns is not None
        line = self.lines[index]
        if line.member is not None:
            mark = "*" if line.member in self.marked else " "
            apart = self._apart(line.fold).get(line.member, "")
            dag_hash = self.table.catalog.dag_hash(line.member)
            return ((f" {mark}", "accent"), (" └ ", "muted"), (dag_hash, ""), (f"  {apart}", "muted"))
        cells = [self.table.cell(line.fold, column) for column in self.table.columns]
        if line.fold.count > 1:
            builds = lookalikes(line.fold.count)
        else:
            builds = self.table.catalog.dag_hash(self.table.members(line.fold)[0])[:SHORT_HASH]
        return ((f" {self._fold_mark(line.fold)} ", "accent"), (self.columns.joined([*cells, builds]), ""))

    def _apart(self, line: Fold) -> dict[int, str]:
        """What sets the builds of a line apart, looked up when it is unfolded."""
        assert self.table is not None
        if line.number not in self._told_apart:
            self._told_apart[line.number] = distinguished(self.table.catalog, self.table.members(line))
        return self._told_apart[line.number]

    def _fold_mark(self, line: Fold) -> str:
        if not self.marked or self.table is None:
            return " "
        marked = self.marked.intersection(self.table.members(line))
        return " " if not marked else "*" if len(marked) == line.count else "+"

    def resized(self) -> None:
        """Another width means other columns."""
        if self.columns is not None:
            self.columns.resize(self.size.width)
        super().resized()

    def header_clicked(self, row: int, column: int) -> None:
        """A click on a heading sorts by it."""
        name = self.columns.name_at(column) if row == self.header_lines - 1 and self.columns else None
        if name is not None:
            self.post_message(self.SortRequested(name))

    # moving

    def move_to(self, index: int) -> None:
        """Tell which builds are under the cursor."""
        before = self.cursor
        super().move_to(index)
        if self.cursor != before:
            self.announce(moved=True)

    def action_accept(self) -> None:
        """Unfold the builds of a line; of one build, say that it was chosen."""
        all_marked = self.picks_marked and bool(self.marked)
        if all_marked or len(self.highlighted) == 1:
            self.post_message(self.Chosen(self.taken if all_marked else self.highlighted))
        elif self.highlighted:
            self._fold_or_unfold()

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """A second click does it too."""
        event.stop()
        self.action_accept()

    def _fold_or_unfold(self) -> None:
        if isinstance(self.lines, TableLines) and self.lines[self.cursor].fold.count > 1:
            self.cursor = self.lines.toggle(self.cursor)
            self.update_lines()
            self.announce()

    def fold_current(self) -> bool:
        """Fold the line under the cursor; False if it is not unfolded."""
        if not isinstance(self.lines, TableLines) or not self.lines.is_unfolded(self.cursor):
            return False
        self._fold_or_unfold()
        return True

    # actions

    def action_mark(self) -> None:
        """Mark the builds under the cursor, or deselect them, and go on to the next line."""
        if self.table is not None:
            self.post_message(MarkBuilds(map(self.table.catalog.dag_hash, self.highlighted)))
        self.move_to(self.cursor + 1)

    def action_sort(self, step: int) -> None:
        """Sort by the next column of the table; after the last one, in the catalog's own order."""
        if self.columns is None or self.result is None:
            return
        names = ["", *self.columns.shown]
        current = self.result.selection.sort
        place = names.index(current) if current in names else 0
        self.post_message(self.SortRequested(names[(place + step) % len(names)]))

    def action_columns(self, step: int) -> None:
        """Make room for the columns further right, or left."""
        if self.columns is not None:
            self.columns.shift(step)
            self.update_lines()

    def action_reverse(self) -> None:
        """Sort from the other end."""
        if self.result is not None and self.result.selection.sort:
            self.post_message(self.SortRequested(self.result.selection.sort))


def _is_same_table(before: Result, after: Result) -> bool:
    """Whether two results have the same builds, perhaps in another order."""
    return before.catalog is after.catalog and before.rows == after.rows


def _is_told(name: str, text: str) -> bool:
    """Whether a constant column is news to somebody who reads the title."""
    return name not in _NOT_LIFTED and (name, text) != ("namespace", _DEFAULT_NAMESPACE)
