"""The spec table: look-alikes folded into one line, constant columns lifted out, only visible lines drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.reactive import var

from cachetui.catalog import Catalog
from cachetui.graph import distinguished
from cachetui.search import COMPLETE, YES_WORDS, Fold, Result, Table, fold
from cachetui.spec import SHORT_HASH
from cachetui.text import counted
from cachetui.tui.commands import TABLE_COMMANDS, bindings
from cachetui.tui.requests import MarkBuilds
from cachetui.tui.state import Marks
from cachetui.tui.widgets.line_list import Border, LineList
from cachetui.tui.widgets.lines import Line, Span, line_width, width_of
from cachetui.tui.widgets.row_signs import RowSigns, signs_of
from cachetui.tui.widgets.table_layout import (
    ALSO,
    GAP,
    MARK_WIDTH,
    TableColumns,
    cut,
    lookalikes,
    role_of,
)
from cachetui.tui.widgets.table_lines import TableLine, TableLines

HASH = "hash"
VARIANTS = "variants"
OF_ONE_LINE = ("version", "compiler", "os", "target", "variants")
"""The columns of a table in which none differs."""

TITLE_SIGNS = 9
"""Cells of the border line that are neither name nor counts."""

UNUSUAL = "differs in"
"""The heading of variants where only those are shown that most lines have otherwise."""
_NOT_LIFTED = {"mirrors"}
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
        """Sort by this column: in reverse if it is the one that sorts already, the third time not at all."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    class ReverseRequested(Message):
        """Reverse the sort order."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(TABLE_COMMANDS)
    header_lines = 1

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
        self.chosen_columns: Sequence[str] | None = None
        self._offered: Sequence[str] = ()
        self._told_apart: dict[int, dict[int, str]] = {}
        self._signs = RowSigns()
        self._kept_row: int | None = None
        self._seen: tuple[object, list[Fold]] = None, []
        self._also_texts: dict[int, str] = {}
        self._row_of: dict[str, int | None] = {}

    def watch_result(self, before: Result | None, after: Result | None) -> None:
        """Fold the new result; the cursor stays on its build, also after a result without any."""
        if self.result is None:
            return
        shown_before = self.columns if before is not None and before.package == self.result.package else None
        if self.current_row is not None:
            self._kept_row = self.current_row
        catalog = self.result.catalog
        if before is not None and before.catalog is not catalog:
            self._follow_to(before.catalog, catalog)
        if before is None or before.package != self.result.package:
            self._offered = ()
        self.table = self._folded(self.result)
        self.lines = TableLines(self.table)
        self._told_apart.clear()
        self._signs = signs_of(self.result)
        self.columns = TableColumns(self.table, self.width)
        if shown_before is not None:
            self.columns.keep(shown_before)
        self.footer_lines = len(self.shared)
        self.cursor = self._line_of(self._kept_row)
        self.update_lines()
        self.announce()

    def _folded(self, result: Result) -> Table:
        table = self._with_columns(result, self.chosen_columns)
        # Nothing differs in a table of one line: then it shows what people look for.
        return table if table.columns or not table.rows else self._with_columns(result, OF_ONE_LINE)

    def _with_columns(self, result: Result, chosen: Sequence[str] | None) -> Table:
        selection = result.selection
        sort, descending = selection.sort, selection.descending
        return fold(result.attributes, result.rows, sort, descending, chosen, self._offered)

    def offer_columns(self) -> None:
        """Show the dependencies that say most about what sets the builds apart; it takes milliseconds."""
        from cachetui.search import telling  # not at a start

        if self.result is None or self.chosen_columns is not None or not self.result.rows:
            return
        attributes = self.result.attributes
        # The others have signs.
        here = (YES_WORDS[COMPLETE],) if attributes.is_ready(COMPLETE) else ()
        offered = (*here, *telling(attributes, self.result.rows))
        if offered != self._offered:
            self._offered = offered
            self._show_columns()

    def show_signs(self) -> None:
        """Show what runs here and what is installed, which is known now."""
        if self.result is not None:
            self._signs = signs_of(self.result)
            self.update_lines()

    def choose_columns(self, columns: Sequence[str] | None) -> None:
        """Show these columns; None: those that differ."""
        self.chosen_columns = columns
        self._show_columns()

    def _show_columns(self) -> None:
        if self.result is None:
            return
        before = self.columns
        self.table = self._folded(self.result)
        if isinstance(self.lines, TableLines):
            self.lines.renew(self.table)
        self.columns = TableColumns(self.table, self.width)
        if before is not None:
            self.columns.keep(before)
        self.footer_lines = len(self.shared)
        self.update_lines()

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
        """The column headings; the one under the column cursor, by which `s` sorts, stands out."""
        if self.columns is None or not self.lines:
            return ()
        texts = [
            (
                cut(self._heading(each.heading), width),
                "title" if self._is_at_cursor(each.heading) else "muted",
            )
            for each, width in self.columns.shown
        ]
        spans = self.columns.joined(texts, (HASH, "muted"), ALSO)
        return ((" " * MARK_WIDTH, ""), *spans)

    def _is_at_cursor(self, heading: str) -> bool:
        return self.has_focus and self.columns is not None and heading == self.columns.heading_at_cursor

    def _heading(self, name: str) -> str:
        selection = self.result.selection if self.result else None
        usual = self.table.usual if self.table is not None else {}
        text = UNUSUAL if name == VARIANTS and usual else name
        if selection is None or selection.sort != name:
            return text
        return f"{text} {'▼' if selection.descending else '▲'}"

    def footer(self, row: int) -> Line:
        """What all builds of the table have in common, and the variants that most of them have."""
        return self.shared[row]

    @property
    def shared(self) -> list[Line]:
        """The lines of the footer: two where there is no room for all in one."""
        if self.table is None or not self.lines:
            return []
        named = self.result.package if self.result is not None else ""
        told = [(name, text) for name, text in self.table.constants if _is_told(name, text) and text != named]
        same: Line = tuple((f"{text}  ", role_of(name)) for name, text in told)
        if same:
            same = (("   same in all  ", "muted"), *same)
        usual: Line = ()
        if self.table.usual_text:
            usual = (("   usually      ", "muted"), (self.table.usual_text, "variant"))
        if same and usual and line_width(same) + line_width(usual) <= self.width:
            return [(*same, ("usually  ", "muted"), *usual[1:])]
        return [line for line in (same, usual) if line]

    def title(self) -> tuple[Line, Line]:
        """The package, how many builds are shown, how many are marked and how many columns are hidden."""
        result, table = self.result, self.table
        if result is None or table is None:
            return (("Builds", "title"),), ()
        name = result.package or ("all matches" if result.words else "all packages")
        if not result.package and result.is_one_package:
            name = table.catalog.column("package")[table.rows.min()]
        if result.selection.among:
            name = "marked builds"
        marked: Line = ((f" · {len(self.marked):,} marked", "accent"),) if self.marked else ()
        room = self.size.width - width_of(name) - line_width(marked) - TITLE_SIGNS
        return ((name, "title"),), ((self._counts(table, room), "muted"), *marked)

    def _counts(self, table: Table, room: int) -> str:
        """How many builds and rows there are and how many columns are hidden, as far as there is room."""
        builds, rows = counted(len(table.rows), "build"), len(table.folds)
        folded = f" in {counted(rows, 'row')}" if 0 < rows < len(table.rows) else ""
        hidden = self.columns.hidden if self.columns is not None and self.lines else 0
        more = f" · +{hidden} {'column' if hidden == 1 else 'columns'} →" if hidden else ""
        short = f" · +{hidden} →" if hidden else ""
        texts = (builds + folded + more, builds + folded + short, builds + short)
        return next((text for text in texts if len(text) <= room), builds)

    def line(self, index: int) -> Line:
        """A line with its cells, or one build of unfolded look-alikes."""
        assert self.table is not None and self.columns is not None
        line = self.lines[index]
        if line.member is not None:
            return self._member_line(index, line.fold, line.member)
        roles = [role_of(column.heading) for column, _ in self.columns.shown]
        texts = list(zip(self.columns.look(line.fold), roles, strict=True))
        if line.fold.count > 1:
            builds: Span = (lookalikes(line.fold.count), "muted")
        else:
            dag_hash = self.table.catalog.dag_hash(self.table.members(line.fold)[0])
            builds = (dag_hash[:SHORT_HASH], "hash")
        also = self._also(line.fold) if self.columns.also_width else ""
        alike = self.table.catalog.lookalikes[line.fold.number]
        mark = (self._signs.of(alike, line.fold.count), (f"{self._fold_mark(line.fold)} ", "accent"))
        return (*mark, *self.columns.joined(texts, builds, also))

    def _visible(self) -> list[Fold]:
        """The lines on the screen, without the builds of unfolded ones."""
        also_width = self.columns.also_width if self.columns is not None else 0
        key = (self.columns, also_width, self.width, self.top, self.page, len(self.lines))
        if self._seen[0] != key:
            self._also_texts = {}
            lines = self.lines[self.top : self.top + self.page]
            self._seen = key, [line.fold for line in lines if line.member is None]
        return self._seen[1]

    def _also(self, line: Fold) -> str:
        """What sets a line apart from visible ones; worked out once, not at each press of an arrow."""
        assert self.columns is not None
        visible = self._visible()
        if line.number not in self._also_texts:
            self._also_texts[line.number] = self.columns.also(line, visible)
        return self._also_texts[line.number]

    def update_lines(self) -> None:
        """Say what sets lines apart that look equal, also those that have just been scrolled to."""
        if self.columns is not None:
            self.keep_in_view()
            self.columns.make_room(self._visible())
        super().update_lines()

    def _member_line(self, index: int, fold: Fold, row: int) -> Line:
        """A build below the line of its look-alikes: what sets it apart, and its hash."""
        assert self.table is not None and self.columns is not None
        table = self.table
        is_last = index + 1 == len(self.lines) or self.lines[index + 1].member is None
        branch: Span = ("└ " if is_last else "├ ", "muted")
        mark: Line = (
            self._signs.of(range(row, row + 1), 1),
            ("✓ " if row in self.marked else "  ", "accent"),
        )
        apart = self._apart(fold).get(row, "")
        room = max(self.width - MARK_WIDTH - len(branch[0]) - SHORT_HASH - GAP - 1, 0)
        dag_hash: Span = (table.catalog.dag_hash(row)[:SHORT_HASH], "hash")
        return (*mark, branch, (cut(apart, room) + " " * GAP, "variant"), dag_hash)

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
        return " " if not marked else "✓" if len(marked) == line.count else "+"

    def resized(self) -> None:
        """Another width means other columns."""
        if self.columns is not None:
            self.columns.resize(self.width)
            self.footer_lines = len(self.shared)
        super().resized()

    def header_clicked(self, row: int, column: int) -> None:
        """A click on a heading sorts by it."""
        is_heading = row == self.first_row - 1
        side = 1 if self.border is Border.BOX else 0
        name = self.columns.name_at(column - side) if is_heading and self.columns else None
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

    def unfold_current(self) -> None:
        """Unfold the line under the cursor, if it stands for several builds."""
        lines = self.lines
        if isinstance(lines, TableLines) and lines and not lines.is_unfolded(self.cursor):
            self._fold_or_unfold()

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

    def action_sort(self) -> None:
        """Sort by the column under the column cursor; again: in reverse, then not at all."""
        if self.columns is not None and self.columns.heading_at_cursor:
            self.post_message(self.SortRequested(self.columns.heading_at_cursor))

    def action_columns(self, step: int) -> None:
        """Move the column cursor to the next column, or to the one before, and scroll to it."""
        if self.columns is not None:
            self.columns.move(step)
            self.update_lines()

    def action_reverse(self) -> None:
        """Reverse the sort order."""
        self.post_message(self.ReverseRequested())


def _is_told(name: str, text: str) -> bool:
    """Whether a constant column is news to somebody who reads the title."""
    return name not in _NOT_LIFTED and (name, text) != ("namespace", _DEFAULT_NAMESPACE)
