"""The top of the screen: what is open, one line to type a query into, and how the query was read."""

from __future__ import annotations

import re
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.message import Message

from cachetui.errors import QuerySyntaxError
from cachetui.search import Completions
from cachetui.text import one_line
from cachetui.tui.commands import QUERY_COMMANDS, bindings
from cachetui.tui.widgets.line_list import Line, LineList, Span

PROMPT = " > "
PLACEHOLDER = "press / and type a query: hdf5@1.14: +mpi target=:x86_64_v3 %gcc ^zlib-ng"

LONGEST = 2000
"""Characters of a query; what is longer was pasted by mistake, and would be read at every key."""

_WORD_BEFORE = re.compile(r"\S*\s*$")


class QueryBar(LineList):
    """Three rows: title, query, reading. Textual's own input would slow the start and send more."""

    class Changed(Message):
        """Other text was typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Submitted(Message):
        """Enter was pressed."""

    class Left(Message):
        """Tab was pressed, and nothing was offered to complete."""

    class Stepped(Message):
        """An arrow was pressed: go through the packages."""

        def __init__(self, lines: int) -> None:
            super().__init__()
            self.lines = lines

    BINDINGS: ClassVar[list[BindingType]] = bindings(QUERY_COMMANDS)
    header_lines = 3

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.text = ""
        self.position = 0
        self.selected = False
        self.title: Line = ()
        self.reading: Line = ()
        self.error: QuerySyntaxError | None = None
        self.unfinished = False
        self.completions = Completions()

    def set_text(self, text: str) -> None:
        """Put a text into the bar, the cursor behind it; nobody is told."""
        self.text = text
        self.position = len(text)
        self.selected = False
        self.completions = Completions()
        self.update_lines()

    def begin(self) -> None:
        """Take the keys; what stands here is selected, so that the first character replaces it."""
        self.selected = bool(self.text)
        self.position = len(self.text)
        self.screen.set_focus(self)
        self.update_lines()

    def show_title(self, title: Line) -> None:
        """Say what is open."""
        self.title = title
        self.update_lines()

    def show_reading(self, reading: Line) -> None:
        """Say how the query was read."""
        self.reading, self.error, self.unfinished = reading, None, False
        self.update_lines()

    def show_error(self, error: QuerySyntaxError, unfinished: bool) -> None:
        """Underline the characters in question and say what is wrong, or just what may follow."""
        # The frames of its traceback would keep the engine that raised it.
        self.error, self.unfinished = error.with_traceback(None), unfinished
        self.update_lines()

    @property
    def misunderstood(self) -> QuerySyntaxError | None:
        """What is wrong with the text, unless it is only unfinished because it is being typed."""
        return None if self.unfinished and self.has_focus else self.error

    def show_completions(self, completions: Completions) -> None:
        """Offer what may follow; the first of it stands dim behind the cursor."""
        self.completions = completions
        self.update_lines()

    @property
    def offered(self) -> str:
        """What Tab would add: only at the end of the text, so that nothing is torn apart."""
        at_end = self.has_focus and not self.selected and self.position == len(self.text)
        return self.completions.rest if at_end else ""

    # drawing

    def line_count(self) -> int:
        """None: all rows are headers."""
        return 0

    def header(self, row: int) -> Line:
        """The title, the query with its cursor, the reading or the error."""
        return (self.title, self._query_line(), self._reading_line())[min(row, 2)]

    @property
    def _first(self) -> int:
        """The first character that is shown: the cursor stays on the screen while one types."""
        if self.selected or not self.has_focus:
            return 0
        room = max(self.size.width - len(PROMPT) - 2, 1)
        first = self.position
        while first and (taken := cell_len(self.text[first - 1])) <= room:
            first -= 1
            room -= taken
        return first

    def _query_line(self) -> Line:
        prompt: Span = (PROMPT, "accent")
        if not self.has_focus:
            return (prompt, (self.text, "") if self.text else (PLACEHOLDER, "dim"))
        if self.selected:
            return (prompt, (self.text, "blurred"), (" ", "cursor"))
        first = self._first
        under = self.text[self.position : self.position + 1] or " "
        before, after = self.text[first : self.position], self.text[self.position + 1 :]
        offered = self.offered
        if offered:
            return (prompt, (before, ""), (offered[0], "cursor"), (offered[1:], "dim"))
        return (prompt, (before, ""), (under, "cursor"), (after, ""))

    def _reading_line(self) -> Line:
        if self.error is None:
            return self.reading
        first = self._first
        message, style = str(self.error), "warning" if self.misunderstood else "dim"
        carets = self._carets(first, self.error.underline())
        indent = len(PROMPT) + len(carets) - len(carets.lstrip())
        if "^" not in carets or indent >= self.size.width:
            return ((f" {message}", style),)
        end = len(PROMPT) + len(carets)
        if end + 1 + len(message) > self.size.width and len(message) < indent:
            return ((f"{message} ".rjust(indent) + carets.lstrip(), style),)
        return ((f"{' ' * len(PROMPT)}{carets} {message}", style),)

    def _carets(self, first: int, underline: str) -> str:
        """The carets as they stand under the text from its first shown character on."""
        text = self.text.ljust(len(underline))
        return "".join(mark * cell_len(text[i]) for i, mark in enumerate(underline) if i >= first)

    # typing

    def on_key(self, event: events.Key) -> None:
        """Every character that can be seen is text; none of them is a command here."""
        if event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            self._insert(event.character)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is text."""
        return character is not None and character.isprintable()

    def on_paste(self, event: events.Paste) -> None:
        """A pasted text goes in on one line."""
        event.stop()
        self._insert(one_line(event.text))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where it was clicked."""
        self.position, self.selected = self._first, False
        left = event.x - len(PROMPT)
        while self.position < len(self.text) and left >= (taken := cell_len(self.text[self.position])):
            left -= taken
            self.position += 1
        self.update_lines()

    def _insert(self, text: str) -> None:
        if self.selected:
            self._edit(text, len(text))
            return
        self._edit(self.text[: self.position] + text + self.text[self.position :], self.position + len(text))

    def _edit(self, text: str, position: int) -> None:
        changed = text != self.text
        self.text, self.position, self.selected = text[:LONGEST], min(position, LONGEST), False
        if changed:
            self.completions = Completions()  # they are those of another text
        self.update_lines()
        if changed:
            self.post_message(self.Changed(text))

    # actions

    def action_delete(self, characters: int) -> None:
        """Delete characters after the cursor, or (negative) before it."""
        if self.selected:
            self._edit("", 0)
            return
        start, end = sorted((self.position, min(max(self.position + characters, 0), len(self.text))))
        self._edit(self.text[:start] + self.text[end:], start)

    def action_delete_word(self) -> None:
        """Delete the word before the cursor."""
        before = _WORD_BEFORE.sub("", self.text[: self.position])
        self._edit(before + self.text[self.position :], len(before))

    def action_delete_before(self) -> None:
        """Delete all before the cursor."""
        self._edit(self.text[self.position :], 0)

    def action_delete_after(self) -> None:
        """Delete all after the cursor."""
        self._edit(self.text[: self.position], self.position)

    def action_go(self, characters: int) -> None:
        """Put the cursor further right, or left."""
        self._edit(self.text, min(max(self.position + characters, 0), len(self.text)))

    def action_go_to_end(self) -> None:
        """Put the cursor behind the text."""
        self._edit(self.text, len(self.text))

    def action_go_to_start(self) -> None:
        """Put the cursor before the text."""
        self._edit(self.text, 0)

    def action_complete(self) -> None:
        """Take what is offered, or else go to the next pane."""
        if self.offered:
            self._insert(self.offered)
        else:
            self.post_message(self.Left())

    def action_step(self, lines: int) -> None:
        """Go through the packages."""
        self.post_message(self.Stepped(lines))

    def action_submit(self) -> None:
        """Done typing."""
        self.post_message(self.Submitted())
