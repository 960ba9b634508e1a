"""The columns of the table: which are shown, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from cachetui.search import Result
from cachetui.tui.column_choice import ColumnChoice, automatic_columns, column_entries
from cachetui.tui.commands import COLUMN_COMMANDS, bindings
from cachetui.tui.dialogs.choosing import MARKED, UNMARKED
from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.dialogs.parts import HeadedLines
from cachetui.tui.requests import ColumnsChosen
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line, width_of

ABSENT = "not in these builds"
WIDEST_HEADING = 30


class ColumnsScreen(Dialog):
    """Chooses the columns; posts `ColumnsChosen` when it closes, if the choice is another one.

    Args:
        chosen: the columns that were chosen before; None: none, the browser decides.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(COLUMN_COMMANDS)

    hints = "Space shows or hides   K J move   r automatic   Esc closes"

    def __init__(self, result: Result, chosen: Sequence[str] | None = None) -> None:
        self.headed = HeadedLines(id="lines")
        super().__init__(self.headed)
        # Texts, not `result` itself: a closed screen is a reference cycle, which would keep the catalog.
        self.entries = {entry.heading: entry for entry in column_entries(result)}
        self.automatic = automatic_columns(result)
        self.before = None if chosen is None else tuple(chosen)
        self.is_automatic = chosen is None
        self.choice = ColumnChoice.of(self.automatic if chosen is None else chosen, tuple(self.entries))

    @property
    def chosen(self) -> tuple[str, ...] | None:
        """The columns in their order; None: the browser decides."""
        return None if self.is_automatic else self.choice.columns

    def lines(self) -> Sequence[Line]:
        """A line for each column, the shown ones with a mark."""
        self.show_heading(f"Columns  {'automatic' if self.is_automatic else 'chosen'}")
        headings = self.choice.headings
        width = min(max(map(width_of, headings), default=0), WIDEST_HEADING)
        self.headed.heading = ((f"   {'column':{width + 2}}in these builds", "muted"),)
        return [self._line(heading, width) for heading in headings]

    def _line(self, heading: str, width: int) -> Line:
        is_shown = heading in self.choice.shown
        entry = self.entries.get(heading)
        blanks = " " * (width - width_of(heading) + 2)
        return (
            (f" {MARKED if is_shown else UNMARKED} ", "accent"),
            (heading + blanks, "strong" if is_shown else ""),
            (entry.note if entry else ABSENT, "" if entry and entry.is_different else "muted"),
        )

    @property
    def current(self) -> str:
        """The column under the cursor."""
        return self.choice.headings[self.text_lines.cursor]

    def _choose(self, choice: ColumnChoice) -> None:
        """Take another choice over, the cursor on the same column."""
        current = self.current
        if choice != self.choice:
            self.choice, self.is_automatic = choice, False
        self._show(current)

    def _show(self, current: str) -> None:
        self.show_again()
        self.text_lines.move_to(self.choice.headings.index(current))

    def action_show_or_hide(self) -> None:
        """Show or hide the column under the cursor."""
        self._choose(self.choice.toggled(self.current))

    def action_shift(self, step: int) -> None:
        """Move the column under the cursor among the shown ones."""
        self._choose(self.choice.moved(self.current, step))

    def action_reset(self) -> None:
        """Let the browser decide again."""
        current = self.current
        self.choice = ColumnChoice.of(self.automatic, (*self.entries, *self.choice.headings))
        self.is_automatic = True
        self._show(current)

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """Take the choice."""
        event.stop()
        self.action_close()

    def action_close(self) -> None:
        """Say which columns were chosen, if these are others."""
        if self.chosen != self.before:
            self.app.post_message(ColumnsChosen(self.chosen))
        super().action_close()
