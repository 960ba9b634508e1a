"""Builds side by side over the whole screen: why they differ, then in what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from cachetui.errors import HostError
from cachetui.graph import MOST_COMPARED, compare, verdict
from cachetui.install import COPY_FORMS, CopyForm, cached_builds
from cachetui.render import ComparisonRow, Line, comparison_rows, verdict_line
from cachetui.search import RUNS, YES
from cachetui.text import counted
from cachetui.tui.commands import COMPARISON_COMMANDS, bindings, command
from cachetui.tui.requests import CopyBuilds, GoToBuild
from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.state import View
from cachetui.tui.widgets.comparison_list import ComparisonList
from cachetui.tui.widgets.line_list import BOXES_FROM, Border, LineList
from cachetui.tui.widgets.text_lines import Hint, HintBar, fitting


class _Compared(Struct, frozen=True):
    """What was compared before, and where one was in it."""

    rows: tuple[int, ...]
    cursor: int
    top: int
    column: int


class CompareScreen(QuietScreen[None]):
    """Compares builds of a catalog; a line about a dependency leads to the comparison of its builds."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(COMPARISON_COMMANDS),
        Binding(command("help").keys, command("help").runs, "help", show=False),
        Binding("ctrl+c,ctrl+q", "app.quit", "quit", show=False),
        Binding("ctrl+z", "app.suspend", "suspend", show=False),
    ]
    keys_shown_first = "comparison"

    def __init__(self, view: View, rows: Sequence[int], keymap: Mapping[str, str]) -> None:
        super().__init__()
        self.keymap = keymap
        self.comparison_list = ComparisonList(id="comparison")
        self.hint_bar = HintBar(id="comparison-hints")
        self.rows = tuple(rows[:MOST_COMPARED])
        self._left_out = len(rows) - len(self.rows)
        self.is_everything = False
        self._view: View | None = view
        self._way: list[_Compared] = []
        self._shown_here: tuple[list[ComparisonRow], list[str]] | None = None

    def compose(self) -> ComposeResult:
        """The comparison, the keys below."""
        yield self.comparison_list
        yield self.hint_bar

    def on_mount(self) -> None:
        """Show the first comparison."""
        self._fit()
        self._show()
        self.begin_at(self.comparison_list)

    def on_unmount(self) -> None:
        """Let go of the catalog: a closed screen is a reference cycle, which would keep it."""
        self._view = None

    def on_resize(self) -> None:
        """Choose the frame and the hints that there is room for."""
        self._fit()

    def _fit(self) -> None:
        width, height = self.app.size
        self.comparison_list.show_border(Border.BOX if height >= BOXES_FROM else Border.RULE)
        given = [
            Hint(each.keys_text(self.keymap), each.hint, each.priority, each.runs)
            for each in COMPARISON_COMMANDS
            if each.hint
        ]
        help_ = command("help")
        ends = [Hint(help_.keys_text(self.keymap), help_.hint, 0, help_.runs)]
        self.hint_bar.show_hints(fitting([Hint("Enter", "follow", 4), *given, *ends], width))

    def _show(self) -> None:
        """Compare the builds, and show the outcome from the line where one is."""
        if self._view is None:
            return
        comparison = compare(self._view.catalog, self.rows)
        self._shown_here = here, equal_here = _here(self._view, self.rows)
        first, *others = comparison_rows(comparison, self.is_everything, equal_here)
        names = sorted({build.name for build in comparison.builds})
        heading: Line = (
            ("compare  ", "title"),
            (f"{counted(len(self.rows), 'build')} of {', '.join(names)}", ""),
        )
        right = "all" if self.is_everything else "differences only"
        if self._left_out and not self._way:
            right = f"the first {MOST_COMPARED} of {MOST_COMPARED + self._left_out} look-alikes · {right}"
        rows = [first, *here, *others]
        self.comparison_list.show(heading, ((right, "muted"),), rows)

    # what is compared

    def _go(self, rows: Sequence[int]) -> None:
        shown = self.comparison_list
        self._way.append(_Compared(self.rows, shown.cursor, shown.top, shown.column))
        self.rows = tuple(rows)
        shown.cursor = shown.top = shown.column = 0
        self._show()

    @on(LineList.Accepted)
    def _line_accepted(self) -> None:
        """Compare the builds of the dependency under the cursor."""
        row = self.comparison_list.row
        builds = row.builds if row is not None and row.section in ("causes", "details") else ()
        listed = dict.fromkeys(build.row for build in builds if build.row is not None)
        if len(listed) > 1:
            self._go(list(listed)[:MOST_COMPARED])
        elif builds:
            self.show_message("there is one build of it, or none: nothing to compare")
        else:
            self.show_message("only a dependency leads to other builds")

    def action_return(self) -> None:
        """Return to the comparison that led here; close after the first one."""
        if not self._way:
            self.action_close()
            return
        before, shown = self._way.pop(), self.comparison_list
        self.rows = before.rows
        shown.cursor, shown.top, shown.column = before.cursor, before.top, before.column
        self._show()

    def action_drop(self) -> None:
        """Compare the others alone."""
        if len(self.rows) <= 2:
            self.show_message("two builds are left; Esc closes")
            return
        column = self.comparison_list.column
        self._left_out = 0
        self.rows = (*self.rows[:column], *self.rows[column + 1 :])
        self._show()

    def action_equal(self) -> None:
        """Show also what is equal, or only differences again."""
        self.is_everything = not self.is_everything
        self._show()

    def action_close(self) -> None:
        """Close."""
        self.dismiss()

    def renew_view(self, view: View) -> None:
        """Compare the same builds in another catalog; close if less than two are left."""
        if self._view is None:
            return
        hashes = [self._view.catalog.dag_hash(row) for row in self.rows]
        self._view = view
        self._way.clear()
        self.rows = tuple(row for each in hashes for row in view.catalog.rows_with_prefix(each))
        if len(self.rows) < 2:
            self.action_close()
        else:
            self._show()

    def rejudge(self, view: View) -> None:
        """Compare again, if the machine says something else."""
        if self._view is not None:
            self._view = view
            if self._shown_here is not None and _here(view, self.rows) != self._shown_here:
                self._show()

    # moving

    def action_column(self, columns: int) -> None:
        """Let keys be about the next build, or the one before."""
        self.comparison_list.choose_column(self.comparison_list.column + columns)

    def action_part(self) -> None:
        """Go from the causes to the details, or back."""
        self.comparison_list.go_to_other_part()

    # the build of the column

    def action_copy(self) -> None:
        """Copy its hash."""
        self._copy(COPY_FORMS[0])

    def action_copy_as(self) -> None:
        """Copy it in a form to be chosen."""
        self._copy(None)

    def _copy(self, form: CopyForm | None) -> None:
        if self._view is not None:
            row = self.rows[self.comparison_list.column]
            self.app.post_message(CopyBuilds(cached_builds(self._view.catalog, [row]), form))

    def action_show_in_table(self) -> None:
        """Show it in the table of the main screen."""
        if self._view is None:
            return
        row = self.rows[self.comparison_list.column]
        if row in self._view.catalog.listed:
            self.app.post_message(GoToBuild(self._view.catalog.dag_hash(row)))
        else:
            self.show_message("the table lists builds with a binary and externals alone")

    # messages

    def show_message(self, message: str, style: str = "accent") -> bool:
        """Say in place of the keys what has just happened, until the next key."""
        self.hint_bar.show(((f" {message}", style),))
        return True

    def forget_message(self) -> None:
        """Show the keys again."""
        if not self.hint_bar.hints:
            self._fit()


def _here(view: View, rows: Sequence[int]) -> tuple[list[ComparisonRow], list[str]]:
    """What is known of the builds on this machine, as far as it is computed by now: (differs, is equal)."""
    attributes = view.engine.attributes
    differs, equal = [], []
    for attribute in attributes.here:
        bound = attributes.bound(attribute.name)
        if not bound.is_ready:
            continue
        texts = [bound.text(bound.values[bound.number(row)]) or "-" for row in rows]
        # That none runs is told with the reasons, which may differ.
        if len(set(texts)) == 1 and (texts[0] == YES or attribute.name != RUNS):
            equal.append(f"{bound.heading} {texts[0]}")
            continue
        cells: tuple[Line, ...] = tuple(((text, "good" if text == YES else ""),) for text in texts)
        if attribute.name == RUNS:
            cells = _with_reasons(view, rows, cells)
        differs.append(ComparisonRow("here", ((f" {bound.heading}", ""),), cells))
    return differs, equal


def _with_reasons(view: View, rows: Sequence[int], cells: tuple[Line, ...]) -> tuple[Line, ...]:
    """Why builds do not run on the host, in place of a no."""
    if not view.here.is_read:  # files may have to be read
        return cells
    with suppress(HostError):
        host, release = view.here.host, view.here.release
        found = [verdict(view.catalog, row, host, release) for row in rows]
        return tuple(
            verdict_line(each, view.catalog, row, host) for each, row in zip(found, rows, strict=True)
        )
    return cells
