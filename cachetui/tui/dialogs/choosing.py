"""A box from which locations are opened: those that are marked, else the one under the cursor."""

from __future__ import annotations

from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.requests import OpenLocations
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line

MARKED, UNMARKED = "[x]", "[ ]"


class ChoosingScreen(Dialog):
    """Opens the chosen locations."""

    def __init__(self) -> None:
        super().__init__()
        self.marked: dict[str, None] = {}
        self.targets: list[str] = []
        """The location that each line is about; empty: none."""

    @property
    def target(self) -> str:
        """The location under the cursor."""
        cursor = self.text_lines.cursor
        return self.targets[cursor] if cursor < len(self.targets) else ""

    def show_again(self) -> None:
        """Paint the lines again, the cursor where it is."""
        lines = self.text_lines
        cursor, top = lines.cursor, lines.top
        lines.lines = self.lines()
        lines.cursor, lines.top = cursor, top
        lines.update_lines()

    def box(self, target: str) -> Line:
        """Whether a location is marked."""
        return ((f" {MARKED if target in self.marked else UNMARKED} ", "accent"),)

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
