"""All keys, those of the focused pane first; the query language by example; the names of the commands."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.widget import Widget

from cachetui.config import config_file
from cachetui.query import LANGUAGE, PLAIN_WORDS
from cachetui.tui.commands import (
    ALL_COVERAGE_COMMANDS,
    ALL_TREE_COMMANDS,
    BROWSE_COMMANDS,
    CHANGES_COMMANDS,
    CHECK_COMMANDS,
    COMPARISON_COMMANDS,
    DETAIL_COMMANDS,
    FACET_COMMANDS,
    HELP_COMMANDS,
    LIST_COMMANDS,
    QUERY_COMMANDS,
    SECTIONS,
    TABLE_COMMANDS,
    Command,
    bindings,
)
from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.dialogs.filtering import Filter
from cachetui.tui.requests import TakeQuery
from cachetui.tui.state import Context
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line, line_width
from cachetui.tui.widgets.text_lines import TextLines

KEYS_WIDTH = 14
"""Columns of the keys at most, where they stand beside an explanation."""

TWO_COLUMNS_FROM = 72
"""Columns of a box from which the keys stand in two columns."""

NARROW = 20
"""With less room beside the keys an explanation stands below them."""

GAP = 2

WORDS: tuple[tuple[str, str], ...] = (
    ("32/125", "32 of 125 builds match"),
    ("14 alike", "14 builds that are alike in every column; Enter unfolds them"),
    ("same in all", "what all builds of the table have"),
    ("usually", "the variants that most of them have"),
    ("differs in", "the variants of a build that differ from the usual ones"),
    ("also", "the hidden columns in which a line differs from one that looks the same"),
    ("+3 columns →", "there is no room for three more columns; → and ← scroll to them"),
    ("■ ✕", "a selected value; an excluded one"),
)

EXAMPLES = (*PLAIN_WORDS, *LANGUAGE)

PAGES = ("Keys", "Query language", "Command names")


def _tabs(page: int) -> str:
    return "  ".join([f"[ {name} ]" if n == page else name for n, name in enumerate(PAGES)])


_OF_PANE: Mapping[str, Sequence[Command]] = {
    "detail": DETAIL_COMMANDS,
    "facets": FACET_COMMANDS,
    "table": TABLE_COMMANDS,
    "tree": ALL_TREE_COMMANDS,
    "check": CHECK_COMMANDS,
    "comparison": COMPARISON_COMMANDS,
    "coverage": ALL_COVERAGE_COMMANDS,
    "changes": CHANGES_COMMANDS,
    "query": QUERY_COMMANDS,
}


class HelpScreen(Dialog):
    """Every key of the browser, and what can be typed into the query bar."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(HELP_COMMANDS)

    heading = _tabs(0)
    hints = "Tab next page   / filters   ↑ ↓ scroll   Esc closes"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.keymap = context.keymap
        self.pane = context.pane
        default = next(command.keys for command in BROWSE_COMMANDS if command.id == "help")
        self._closing_keys = context.keymap.get("help", default).split(",")
        self.page = 0
        self.filter = Filter()
        self.examples = TextLines(id="examples")
        self.examples.display = False
        self._taken: list[str] = []
        """The example that each line of the query language is about."""

    def parts(self) -> Iterable[Widget]:
        """Lines to read, and those of the query language to choose from."""
        return (self.text_lines, self.examples)

    def lines(self) -> Sequence[Line]:
        """Those of the page that have the typed text in them."""
        if self.page == 0:
            return [line for title, entries in self._key_sections() for line in self._section(title, entries)]
        if self.page == 1:
            self._taken = []
            return [line for example, text in EXAMPLES for line in self._example(example, text)]
        return self._names()

    # keys

    def _key_sections(self) -> Iterator[tuple[str, Sequence[tuple[str, str]]]]:
        """(title, entries) of the focused pane, of everywhere, of every list, then of the other panes."""
        order = [_OF_PANE.get(self.pane), BROWSE_COMMANDS, LIST_COMMANDS]
        first = [section for commands in order for section in SECTIONS if section[1] is commands]
        for title, commands in [*first, *(section for section in SECTIONS if section not in first)]:
            yield title, [(command.keys_text(self.keymap), command.text) for command in commands]
        yield "what the screen says", WORDS

    def _section(self, title: str, entries: Sequence[tuple[str, str]]) -> list[Line]:
        """A title, and below it the entries in as many columns as there is room for."""
        found = [entry for entry in entries if self.filter.accepts(*entry)]
        if not found:
            return []
        heading: Line = ((f" {title}", "title"),)
        if self.room < TWO_COLUMNS_FROM:
            return [heading, *self._column(found, self.room)]
        width = (self.room - GAP) // 2
        # The right column may have shorter keys: of all ways to divide them, the lowest is taken.
        ways = [
            (self._column(found[:n], width), self._column(found[n:], width)) for n in range(1, len(found) + 1)
        ]
        left, right = min(ways, key=lambda way: max(map(len, way)))
        return [heading, *_side_by_side(left, right, width)]

    def _column(self, entries: Sequence[tuple[str, str]], width: int) -> list[Line]:
        keys = min(max([len(key) for key, _ in entries], default=0), KEYS_WIDTH)
        return [line for key, text in entries for line in self._entry(key, text, keys, width)]

    def _entry(self, key: str, text: str, keys: int, width: int) -> list[Line]:
        """A key, and beside it what it does on as many lines as it takes."""
        room = width - keys - 3
        if room < NARROW:
            return [((f"  {key}", "accent"),), *self.wrapped(f"    {text}")]
        parts = _wrapped(text, room)
        if len(key) > keys:
            return [((f"  {key}", "accent"),), *(((f"  {'':{keys}} {part}", ""),) for part in parts)]
        first: Line = ((f"  {key:{keys}} ", "accent"), (parts[0], ""))
        return [first, *(((f"  {'':{keys}} {part}", ""),) for part in parts[1:])]

    # query language

    def _example(self, example: str, text: str) -> list[Line]:
        plain = text.replace("`", "")
        if not self.filter.accepts(example, plain):
            return []
        lines = self._entry(example, plain, max(len(example) for example, _ in EXAMPLES), self.room)
        self._taken += [example] * len(lines)
        return lines

    # names

    def _names(self) -> list[Line]:
        """The id of each command, by which it gets other keys."""
        commands = [command for _, section in SECTIONS for command in section]
        width = max(len(command.id) for command in commands)
        lines = self.wrapped(f"Other keys for a command, in {config_file()}: keys: {{copy-hash: c}}", "muted")
        for command in commands:
            keys, text = command.keys_text(self.keymap), command.text
            if self.filter.accepts(command.id, keys, text):
                label: Line = ((f" {command.id:{width}}  ", ""), (f"{keys:{KEYS_WIDTH}} ", "accent"))
                lines += self.wrapped(text, "muted", label)
        return lines

    # what is shown

    def show_again(self) -> None:
        """Show the page for another size."""
        self._show_page()

    def _show_page(self) -> None:
        listed, other = self.text_lines, self.examples
        if self.page == 1:
            listed, other = other, listed
        other.display, listed.display = False, True
        listed.show(self.lines() or [((" no match", "muted"),)])
        listed.styles.height = min(len(listed.lines), self.rows)
        listed.focus()
        self.show_heading(_tabs(self.page) + self.filter.shown)
        if self.filter.is_typed:
            self.show_hints("↑ ↓ scroll   Esc ends the filter")
        elif self.page == 1:
            self.show_hints("Enter writes it into the query   Tab next page   / filters   Esc closes")
        else:
            self.show_hints(self.hints)

    def on_key(self, event: events.Key) -> None:
        """What is typed after `/` filters all pages; the key that opened the help closes it."""
        if self.filter.takes(event):
            self._show_page()
        elif event.key in self._closing_keys:
            event.stop()
            event.prevent_default()
            self.dismiss()

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """Write the example under the cursor into the query."""
        event.stop()
        if self.page == 1 and self._taken:  # a filter may leave none
            self.app.post_message(TakeQuery(self._taken[self.examples.cursor]))
            self.dismiss()

    def action_page(self, pages: int) -> None:
        """Show another page."""
        self.page = (self.page + pages) % len(PAGES)
        self._show_page()


@lru_cache(maxsize=1024)
def _wrapped(text: str, room: int) -> Sequence[str]:
    return textwrap.wrap(text, room, break_on_hyphens=False) or [""]


def _side_by_side(left: Sequence[Line], right: Sequence[Line], width: int) -> Iterator[Line]:
    for one, other in zip_longest(left, right, fillvalue=()):
        yield (*one, (" " * (width + GAP - line_width(one)), ""), *other) if other else one
