"""All keys, filtered as you type."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from textual import events

from cachetui.query import LANGUAGE
from cachetui.tui.commands import SECTIONS, Command
from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.line_edit import LineEdit
from cachetui.tui.state import Context
from cachetui.tui.widgets.lines import Line

KEYS_WIDTH = 14

NARROW = 20
"""With less room beside the keys an explanation stands below them."""

WORDS: tuple[tuple[str, str], ...] = (
    ("32/125", "32 of 125 builds match"),
    ("14 alike", "14 builds that are alike in every column; Enter unfolds them"),
    ("same in all:", "what all builds of the table have"),
    ("usually:", "the variants that most of them have"),
    ("differs in", "the variants of a build that differ from the usual ones"),
    ("+3 columns →", "there is no room for three more columns; → and ← scroll to them"),
    ("[x] [-]", "a selected value; an excluded one"),
)


class HelpScreen(Dialog):
    """Every key of the browser, and what can be typed into the query bar."""

    heading = "Keys"
    hints = "type to filter   Esc closes"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.keymap = context.keymap
        self.filter = LineEdit()

    def lines(self) -> Sequence[Line]:
        """The keys by section, those whose line has the typed text in it."""
        lines: list[Line] = []
        for title, commands in SECTIONS:
            lines += self._section(title, [self._command(command) for command in commands])
        lines += self._section("what a query can be", [(e, text.replace("`", "")) for e, text in LANGUAGE])
        return lines + self._section("what the screen says", WORDS)

    def _command(self, command: Command) -> tuple[str, str]:
        return command.keys_text(self.keymap), f"{command.text}  [{command.id}]"

    def _section(self, title: str, entries: Sequence[tuple[str, str]]) -> list[Line]:
        found = [entry for entry in entries if self.filter.text.lower() in " ".join(entry).lower()]
        column = max(KEYS_WIDTH, *(len(keys) for keys, _ in entries))
        body = [line for keys, text in found for line in self._entry(keys, text, column)]
        return [((f" {title}", "strong"),), *body] if body else []

    def _entry(self, keys: str, text: str, column: int) -> list[Line]:
        """What is explained, and beside it the explanation on as many lines as it takes."""
        room = self.room - column - 3
        if room < NARROW:
            explained = self.wrapped(f"    {text}")
            return [((f"  {keys}", "accent"),), *explained]
        parts = textwrap.wrap(text, room, break_on_hyphens=False)
        shown = [keys, *[""] * (len(parts) - 1)]
        return [
            ((f"  {key:{column}} ", "accent"), (part, "")) for key, part in zip(shown, parts, strict=True)
        ]

    def on_key(self, event: events.Key) -> None:
        """Typed characters filter."""
        edited = self.filter.typed(event)
        if edited is None:
            return
        event.stop()
        event.prevent_default()
        self.filter = edited
        self.show_heading(f"{self.heading}  {edited.text}".rstrip())
        self.text_lines.show(self.lines())
