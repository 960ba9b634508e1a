"""All commands by name: type some words of what you want to do."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events

from cachetui.tui.commands import (
    BROWSE_COMMANDS,
    DETAIL_COMMANDS,
    FACET_COMMANDS,
    TABLE_COMMANDS,
    Command,
)
from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.line_edit import LineEdit
from cachetui.tui.requests import RunCommand
from cachetui.tui.state import Context
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line, columns
from cachetui.tui.widgets.text_lines import TextLines

OF_PANES = {"table": TABLE_COMMANDS, "facets": FACET_COMMANDS, "detail": DETAIL_COMMANDS}
"""The commands of each pane, by its name."""

NAMES = {"facets": "filters"}
"""What the screen calls a pane, where that is another name."""

NOT_HERE = frozenset({"palette", "suspend", "back"})


class PaletteScreen(Dialog):
    """Runs the chosen command."""

    heading = "Commands"
    hints = "type to search   Enter runs   Esc closes"

    def __init__(self, context: Context) -> None:
        super().__init__(TextLines(id="lines"))
        self.keymap = context.keymap
        self.typed = LineEdit()
        # Those of the pane where one is first: they are what is wanted most often.
        panes = sorted(OF_PANES, key=lambda pane: pane != context.pane)
        listed = [
            *((pane, command) for pane in panes for command in OF_PANES[pane]),
            *(("", command) for command in BROWSE_COMMANDS if command.id not in NOT_HERE),
        ]
        # What a key does in two panes is listed once, of the first of them.
        self.all = list({command.text: (pane, command) for pane, command in reversed(listed)}.values())[::-1]
        self.found: Sequence[tuple[str, Command]] = self.all

    def lines(self) -> Sequence[Line]:
        """A command each, with its keys."""
        words = self.typed.text.lower().split()
        self.found = [
            (pane, command)
            for pane, command in self.all
            if all(word in f"{command.text} {command.id} {NAMES.get(pane, pane)}".lower() for word in words)
        ]
        self.show_heading(f"Commands   {self.typed.text}".rstrip())
        return [self._line(pane, command) for pane, command in self.found] or [
            ((" no command has these words", "muted"),)
        ]

    def _line(self, pane: str, command: Command) -> Line:
        keys = ((f"{command.keys_text(self.keymap)} ", "accent"),)
        where = ((f"   {NAMES.get(pane, pane)}", "muted"),) if pane else ()
        return columns(((f" {command.text}", ""), *where), keys, self.room + 2)

    def on_key(self, event: events.Key) -> None:
        """Typed characters search."""
        edited = self.typed.typed(event)
        if edited is None:
            return
        event.stop()
        event.prevent_default()
        self.typed = edited
        self.text_lines.show(self.lines())

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """Run the command under the cursor."""
        event.stop()
        if self.text_lines.cursor < len(self.found):
            pane, command = self.found[self.text_lines.cursor]
            self.app.post_message(RunCommand(command.runs, pane))
            self.dismiss()
