"""All keys, filtered as you type."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from textual import events

from cachetui.query import LANGUAGE
from cachetui.tui.commands import SECTIONS, Command
from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.widgets.line_list import Line
from cachetui.tui.widgets.text_lines import TextLines

KEYS_WIDTH = 14

NARROW = 20
"""With less room beside the keys an explanation stands below them."""

WORDS: tuple[tuple[str, str], ...] = (
    ("32/125", "32 of 125 builds match"),
    ("x 14", "a kind: 14 builds that look the same in every column; Enter unfolds them"),
    ("all: most:", "what all builds of the table have; the variants that most of them have"),
    ("unlike most", "the variants of a build that are not those of most"),
    ("+3 columns →", "there is no room for three more columns; → and ← go to them"),
    ("[x] [-]", "a value builds must have; one they must not have"),
)


class HelpScreen(Dialog[None]):
    """Every key of the browser, and what can be typed into the query bar."""

    heading = "Keys"
    hints = "type to filter   Esc closes"

    def __init__(self, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self.keymap = keymap
        self.wanted = ""

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
        found = [entry for entry in entries if self.wanted in " ".join(entry).lower()]
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
        if event.key == "backspace":
            self.wanted = self.wanted[:-1]
        elif event.is_printable and event.character:
            self.wanted += event.character.lower()
        else:
            return
        event.stop()
        event.prevent_default()
        self.show_heading(f"{self.heading}  {self.wanted}" if self.wanted else self.heading)
        self.query_one(TextLines).show(self.lines())
