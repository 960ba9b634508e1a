"""The spec table: look-alikes folded into one line, constant columns lifted out, only visible lines drawn."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import var

from cachetui.catalog import Catalog
from cachetui.graph import distinguished
from cachetui.listing import SHORT_HASH
from cachetui.search import Kind, Result, Table, fold
from cachetui.tui.commands import TABLE_COMMANDS, bindings
from cachetui.tui.widgets.line_list import Line, LineList, Span, columns, counted
from cachetui.tui.widgets.table_layout import GAP, Measure, column_widths, cut

BUILDS = "builds"
MEASURED_KINDS = 2000
"""Kinds whose cells decide how wide the columns are."""

MARK_WIDTH = 3

_LEAST = {
    "package": (12, 1),
    "version": (10, 2),
    "compiler": (9, 3),
    "target": (9, 4),
    "variants": (12, 5),
    "stacks": (12, 6),
    "os": (11, 7),
    "tags": (8, 8),
    "platform": (8, 9),
    "external": (8, 10),
    "mirrors": (8, 11),
    "namespace": (8, 12),
}
"""Column to (least width, rank): which columns there is room for, and which are cut last."""

_NOT_LIFTED = {"package", "mirrors"}
_DEFAULT_NAMESPACE = "builtin"


class TableLine(NamedTuple):
    """A line of the table: a kind, or (member) one build of an unfolded kind."""

    kind: Kind
    member: int | None = None


class SpecTable(LineList):
    """The builds of a result."""

    class Highlighted(Message):
        """Other builds are under the cursor."""

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

    def __init__(self, catalog: Catalog, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.catalog = catalog
        self.table: Table | None = None
        self.lines: list[TableLine] = []
        self.marked: set[int] = set()
        self.first_column = 0
        self._widths: list[int] = []
        self._told_apart: dict[int, dict[int, str]] = {}
        self._kept_row: int | None = None

    def watch_result(self) -> None:
        """Fold the new result; the cursor stays on its build, also after a result without any."""
        if self.result is None:
            return
        if self.current_row is not None:
            self._kept_row = self.current_row
        selection = self.result.selection
        self.table = fold(self.catalog, self.result.rows, selection.sort, selection.descending)
        self.lines = [TableLine(kind) for kind in self.table.kinds]
        self._told_apart.clear()
        self.first_column = 0
        self.header_lines = 3 if self.shared else 2
        self.cursor = self._line_of(self._kept_row)
        self._measure()
        self.update_lines()
        self.announce()

    def _line_of(self, row: int | None) -> int:
        if row is None:
            return 0
        number = self.catalog.kinds[row]
        return next((i for i, line in enumerate(self.lines) if line.kind.number == number), 0)

    @property
    def current_row(self) -> int | None:
        """A row of the catalog that looks like the line under the cursor."""
        if self.cursor >= len(self.lines):
            return None
        line = self.lines[self.cursor]
        return line.kind.row if line.member is None else line.member

    @property
    def highlighted(self) -> list[int]:
        """The rows under the cursor: one build, or all of a folded kind."""
        if self.table is None or self.cursor >= len(self.lines):
            return []
        line = self.lines[self.cursor]
        return self.table.members(line.kind) if line.member is None else [line.member]

    @property
    def taken(self) -> list[int]:
        """What a copy takes: the marked builds, else those under the cursor."""
        return sorted(self.marked) or self.highlighted

    def announce(self) -> None:
        """Tell what is under the cursor."""
        self.post_message(self.Highlighted(self.highlighted))

    # drawing

    def _measure(self) -> None:
        """Widths from the cells of the kinds, each distinct value looked at once."""
        assert self.table is not None
        table, kinds = self.table, self.table.kinds[:MEASURED_KINDS]
        natural: list[int] = []
        for column in table.columns:
            ids = self.catalog.column(column.source).ids
            rows = {ids[kind.row]: kind.row for kind in kinds}.values()
            widest = max((cell_len(table.cell(row, column)) for row in rows), default=0)
            natural.append(max(widest, cell_len(column.name) + 1))
        self._widths = column_widths(
            [
                *(self._asked(place, width) for place, width in enumerate(natural)),
                Measure(SHORT_HASH, SHORT_HASH, 0),
            ],
            max(self.size.width - MARK_WIDTH, 1),
        )

    def _asked(self, place: int, natural: int) -> Measure:
        """What a column asks for: by importance, or from the first one wanted in their own order."""
        assert self.table is not None
        least, rank = _LEAST[self.table.columns[place].name]
        if self.first_column:
            rank = (place - self.first_column) % len(self.table.columns) + 1
        return Measure(natural, least, rank)

    @property
    def hidden_columns(self) -> int:
        """Columns that there is no room for."""
        return sum(1 for width in self._widths if not width)

    def line_count(self) -> int:
        """One for each kind, and for each build of the unfolded ones."""
        return len(self.lines)

    def header(self, row: int) -> Line:
        """The title, what all builds share, the column headings."""
        if self.result is None or self.table is None:
            return ()
        if row == 0:
            return self._title(self.result, self.table)
        if row < self.header_lines - 1:
            return ((" all: ", "dim"), ("  ".join(self.shared), ""))
        return self._headings(self.table)

    @property
    def shared(self) -> list[str]:
        """What all builds of the table have in common, as far as the title does not tell it."""
        constants = self.table.constants if self.table is not None and self.lines else ()
        return [text for name, text in constants if _is_told(name, text)]

    def _title(self, result: Result, table: Table) -> Line:
        name = result.package or ("matching packages" if result.query.name else "all packages")
        kinds = f", {len(table.kinds):,} kinds" if 1 < len(table.kinds) < len(table.rows) else ""
        title = f" {name}: {len(table.rows):,} of {counted(result.shown.total, 'build')}{kinds}"
        marked = f"{len(self.marked):,} marked " if self.marked else ""
        return columns(((title, "heading"),), ((marked, "accent"),), self.size.width)

    def _headings(self, table: Table) -> Line:
        if not self.lines:
            return ()
        cells = [self._heading(column.name) for column in table.columns]
        last = f"+{self.hidden_columns} →" if self.hidden_columns else BUILDS
        return (("   " + self._joined([*cells, last]), "dim"),)

    def _heading(self, name: str) -> str:
        selection = self.result.selection if self.result else None
        if selection is None or selection.sort != name:
            return name
        return f"{name}{'▼' if selection.descending else '▲'}"

    def _joined(self, cells: list[str]) -> str:
        shown = [cut(cell, width) for cell, width in zip(cells, self._widths, strict=True) if width]
        return (" " * GAP).join(shown)

    def line(self, index: int) -> Line:
        """A kind with its cells, or a build with its whole hash."""
        assert self.table is not None
        line = self.lines[index]
        if line.member is not None:
            mark = "*" if line.member in self.marked else " "
            apart = self._apart(line.kind).get(line.member, "")
            dag_hash = self.catalog.dag_hash(line.member)
            return ((f" {mark}", "accent"), (" └ ", "dim"), (dag_hash, ""), (f"  {apart}", "dim"))
        cells = [self.table.cell(line.kind.row, column) for column in self.table.columns]
        spans: list[Span] = [(f" {self._kind_mark(line.kind)} ", "accent")]
        if line.kind.count > 1:
            spans.append((self._joined([*cells, f"x {line.kind.count:,}"]), ""))
        else:
            row = self.table.members(line.kind)[0]
            spans.append((self._joined([*cells, self.catalog.dag_hash(row)[:SHORT_HASH]]), ""))
        return tuple(spans)

    def _apart(self, kind: Kind) -> dict[int, str]:
        """What sets the builds of a kind apart, looked up when it is unfolded."""
        assert self.table is not None
        if kind.number not in self._told_apart:
            self._told_apart[kind.number] = distinguished(self.catalog, self.table.members(kind))
        return self._told_apart[kind.number]

    def _kind_mark(self, kind: Kind) -> str:
        if not self.marked or self.table is None:
            return " "
        marked = self.marked.intersection(self.table.members(kind))
        return " " if not marked else "*" if len(marked) == kind.count else "+"

    def on_resize(self) -> None:
        """Another width means other columns."""
        if self.table is not None:
            self._measure()
        super().on_resize()

    def header_clicked(self, row: int, column: int) -> None:
        """A click on a heading sorts by it."""
        if row != self.header_lines - 1 or self.table is None:
            return
        start = MARK_WIDTH
        for table_column, width in zip(self.table.columns, self._widths, strict=False):
            if width and start <= column < start + width + GAP:
                self.post_message(self.SortRequested(table_column.name))
                return
            start += width + GAP if width else 0

    # moving

    def move_to(self, index: int) -> None:
        """Tell which builds are under the cursor."""
        before = self.cursor
        super().move_to(index)
        if self.cursor != before:
            self.announce()

    def action_accept(self) -> None:
        """Unfold the builds of a line, or fold them again."""
        if self.cursor < len(self.lines):
            self._fold_or_unfold(self.lines[self.cursor].kind)

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """A second click does it too."""
        event.stop()
        self.action_accept()

    def _fold_or_unfold(self, kind: Kind) -> None:
        assert self.table is not None
        start = next(i for i, line in enumerate(self.lines) if line.kind == kind)
        if kind.count == 1:
            return
        if start + 1 < len(self.lines) and self.lines[start + 1].member is not None:
            del self.lines[start + 1 : start + 1 + kind.count]
            self.cursor = start
        else:
            self.lines[start + 1 : start + 1] = [TableLine(kind, row) for row in self.table.members(kind)]
        self.update_lines()
        self.announce()

    def fold_current(self) -> bool:
        """Fold the kind under the cursor; False if it is not unfolded."""
        if self.cursor >= len(self.lines):
            return False
        kind = self.lines[self.cursor].kind
        unfolded = any(line.member is not None and line.kind == kind for line in self.lines)
        if unfolded:
            self._fold_or_unfold(kind)
        return unfolded

    # actions

    def action_mark(self) -> None:
        """Mark the builds under the cursor, or take the mark off, and go on to the next line."""
        rows = set(self.highlighted)
        self.marked = self.marked - rows if rows <= self.marked else self.marked | rows
        self.update_lines()
        self.move_to(self.cursor + 1)

    def clear_marks(self) -> bool:
        """Take all marks off; False if there was none."""
        had = bool(self.marked)
        self.marked = set()
        self.update_lines()
        return had

    def action_sort(self, step: int) -> None:
        """Sort by the next column of the table; after the last one, in the catalog's own order."""
        if self.table is None or self.result is None:
            return
        shown = zip(self.table.columns, self._widths, strict=False)
        names = ["", *(column.name for column, width in shown if width)]
        current = self.result.selection.sort
        place = names.index(current) if current in names else 0
        self.post_message(self.SortRequested(names[(place + step) % len(names)]))

    def action_columns(self, step: int) -> None:
        """Make room for the columns further right, or left."""
        last_is_shown = not self.table or not self._widths[:-1] or self._widths[-2]
        if self.table is not None and (step < 0 or not last_is_shown):
            self.first_column = min(max(self.first_column + step, 0), len(self.table.columns) - 1)
            self._measure()
            self.update_lines()

    def action_reverse(self) -> None:
        """Sort from the other end."""
        if self.result is not None and self.result.selection.sort:
            self.post_message(self.SortRequested(self.result.selection.sort))


def _is_told(name: str, text: str) -> bool:
    """Whether a constant column is news to somebody who reads the title."""
    return name not in _NOT_LIFTED and (name, text) != ("namespace", _DEFAULT_NAMESPACE)
