"""A box from which locations are opened: those that are marked, else the one under the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.widget import Widget

from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.dialogs.parts import HeadedLines, ReadingLines
from cachetui.tui.requests import OpenLocations
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line, Span

MARKED, UNMARKED = "■", "□"

BOX_WIDTH = 3
"""Columns of the boxes, and the blank beside them."""


class ChoosingScreen(Dialog):
    """Opens the chosen locations; below the list stands what is known of the one under the cursor."""

    def __init__(self) -> None:
        self.headed = HeadedLines(id="lines")
        super().__init__(self.headed)
        self.marked: dict[str, None] = {}
        self.targets: list[str] = []
        """The location that each line is about; empty: it cannot be opened."""
        self.details = ReadingLines(id="details")
        self.details.can_focus = False

    def parts(self) -> Iterable[Widget]:
        """The list, and what is known of the line under the cursor."""
        return (self.text_lines, self.details)

    def on_mount(self) -> None:
        """Show what is known of the first line in the first picture."""
        self.details.show(self.detail_lines())

    @property
    def target(self) -> str:
        """The location under the cursor."""
        cursor = self.text_lines.cursor
        return self.targets[cursor] if cursor < len(self.targets) else ""

    def detail_lines(self) -> Sequence[Line]:
        """What is known of the line under the cursor."""
        raise NotImplementedError

    def on_headed_lines_moved(self) -> None:
        """Show what is known of the line under the cursor."""
        self.details.show(self.detail_lines())

    def box(self, target: str) -> Span:
        """Whether a location is marked; one that cannot be opened has no box."""
        sign = "" if not target else MARKED if target in self.marked else UNMARKED
        return f" {sign:{BOX_WIDTH - 1}}", "accent"

    def toggle_mark(self) -> None:
        """Mark or deselect the location under the cursor, and go to the next one."""
        target = self.target
        if not target:
            return
        if target in self.marked:
            del self.marked[target]
        else:
            self.marked[target] = None
        self.show_again()
        lines = self.text_lines
        after = (n for n in range(lines.cursor, len(self.targets)) if self.targets[n] not in ("", target))
        lines.move_to(next(after, lines.cursor))

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """Open them."""
        event.stop()
        chosen = list(self.marked) or ([self.target] if self.target else [])
        if chosen:
            self.post_message(OpenLocations(chosen))
