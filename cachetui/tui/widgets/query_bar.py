"""One line to type a query into, and below it how the query was read or what has just happened."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.message import Message

from cachetui.errors import QuerySyntaxError
from cachetui.query import LONGEST
from cachetui.search import Completions
from cachetui.text import one_line
from cachetui.tui.commands import QUERY_COMMANDS, bindings
from cachetui.tui.line_edit import LineEdit
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line, Span, columns, line_width

PROMPT = " / "
PLACEHOLDER = "type a package, plain words or a spec: hdf5 with mpi for zen3   hdf5@1.14: +mpi %gcc"


class QueryBar(LineList):
    """Two rows: query, reading. Textual's own input would slow the start and send more."""

    class Changed(Message):
        """The text has changed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Cut(Message):
        """What was pasted is longer than a query may be; its beginning is there."""

        def __init__(self, length: int) -> None:
            super().__init__()
            self.length = length

    class Submitted(Message):
        """Enter was pressed."""

    class Written(Message):
        """Tab was pressed to write what plain words were read as."""

    class Left(Message):
        """Tab was pressed, and there is no suggestion."""

    class Stepped(Message):
        """An arrow was pressed, to go through the packages."""

        def __init__(self, lines: int) -> None:
            super().__init__()
            self.lines = lines

    BINDINGS: ClassVar[list[BindingType]] = bindings(QUERY_COMMANDS)
    header_lines = 2

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.edit = LineEdit(limit=LONGEST)
        self.counts: Line = ()
        self.reading: Line = ()
        self.message: Line = ()
        self.error: QuerySyntaxError | None = None
        self.unfinished = False
        self.completions = Completions()
        self.can_be_written = False
        """Whether plain words were read as spec syntax, which Tab writes."""

    @property
    def text(self) -> str:
        """What was typed."""
        return self.edit.text

    def set_text(self, text: str) -> None:
        """Put a text into the bar, the cursor behind it, and post nothing."""
        self.edit = self.edit.with_text(text)
        self.completions = Completions()
        self.update_lines()

    def begin(self) -> None:
        """Take the focus; the text is selected, so that the first character replaces it."""
        self.edit = self.edit.select_all()
        self.screen.set_focus(self)
        self.update_lines()

    def show_counts(self, counts: Line) -> None:
        """Show how many builds match, at the right end."""
        self.counts = counts
        self.update_lines()

    def show_message(self, message: Line) -> None:
        """Show what has just happened in place of the reading; without any, the reading again."""
        if message != self.message:
            self.message = message
            self.update_lines()

    def show_reading(self, reading: Line) -> None:
        """Show how the query was read."""
        self.reading = reading
        self.update_lines()

    def forget_error(self) -> None:
        """The query can be read."""
        self.error, self.unfinished = None, False

    def show_error(self, error: QuerySyntaxError, unfinished: bool) -> None:
        """Underline the characters in question, and show what is wrong or what is missing."""
        # The frames of its traceback would keep the engine that raised it.
        self.error, self.unfinished = error.with_traceback(None), unfinished
        self.update_lines()

    @property
    def misunderstood(self) -> QuerySyntaxError | None:
        """What is wrong with the text, unless it is only unfinished because it is being typed."""
        return None if self.unfinished and self.has_focus else self.error

    def show_completions(self, completions: Completions) -> None:
        """Suggest what may follow; the first suggestion is shown dim behind the cursor."""
        self.completions = completions
        self.update_lines()

    @property
    def offered(self) -> str:
        """What Tab would add; only at the end of the text, so that no word is split."""
        at_end = self.has_focus and not self.edit.selected and self.edit.position == len(self.text)
        return self.completions.rest if at_end else ""

    # drawing

    def line_count(self) -> int:
        """None: all rows are headers."""
        return 0

    def header(self, row: int) -> Line:
        """The query with its cursor, the reading or the error."""
        if row:
            return self.message or self._reading_line()
        return columns(self._query_line(), self.counts, self.width) if self.counts else self._query_line()

    @property
    def _room(self) -> int:
        """The cells that the text has."""
        return max(self.width - len(PROMPT) - line_width(self.counts) - 3, 8)

    @property
    def _first(self) -> int:
        """The first character that is shown; the cursor stays on the screen."""
        if self.edit.selected or not self.has_focus:
            return 0
        room = self._room
        first = self.edit.position
        while first and (taken := cell_len(self.text[first - 1])) <= room:
            first -= 1
            room -= taken
        return first

    def _query_line(self) -> Line:
        prompt: Span = (PROMPT, "accent")
        if not self.has_focus:
            return (prompt, (self.text, "") if self.text else (PLACEHOLDER, "muted"))
        if self.edit.selected:
            return (prompt, (self.text, "quiet"), (" ", "cursor"))
        if not self.text:
            return (prompt, (PLACEHOLDER[0], "cursor"), (PLACEHOLDER[1:], "muted"))
        first = self._first
        position = self.edit.position
        under = self.text[position : position + 1] or " "
        before, after = self.text[first:position], self.text[position + 1 :]
        offered = self.offered
        if offered:
            return (prompt, (before, ""), (offered[0], "cursor"), (offered[1:], "muted"))
        return (prompt, (before, ""), (under, "cursor"), (after, ""))

    def _reading_line(self) -> Line:
        if self.error is None:
            return self.reading
        first = self._first
        message, style = str(self.error), "warning" if self.misunderstood else "muted"
        carets = self._carets(first, self.error.underline())
        indent = len(PROMPT) + len(carets) - len(carets.lstrip())
        if "^" not in carets or indent >= self.size.width:
            return ((f" {message}", style),)
        end = len(PROMPT) + len(carets)
        if end + 1 + len(message) > self.size.width and len(message) < indent:
            return ((f"{message} ".rjust(indent) + carets.lstrip(), style),)
        return ((f"{' ' * len(PROMPT)}{carets} {message}", style),)

    def _carets(self, first: int, underline: str) -> str:
        """The carets below the text, from its first shown character on."""
        text = self.text.ljust(len(underline))
        return "".join(mark * cell_len(text[i]) for i, mark in enumerate(underline) if i >= first)

    # typing

    def on_key(self, event: events.Key) -> None:
        """Insert every printable character; a `?` in an empty query asks for help."""
        if event.character and self.check_consume_key(event.key, event.character):
            event.stop()
            event.prevent_default()
            # `/` is the key that leads here: who presses it once more does not mean a hash.
            if event.character != "/" or self.text:
                self._show_edit(self.edit.insert(event.character))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is text."""
        return character is not None and character.isprintable() and (character != "?" or bool(self.text))

    def on_paste(self, event: events.Paste) -> None:
        """Insert a pasted text as one line."""
        event.stop()
        text = one_line(event.text)
        self._show_edit(self.edit.insert(text))
        if len(self.text) == LONGEST:
            self.post_message(self.Cut(len(text)))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where it was clicked."""
        position = self._first
        left = event.x - len(PROMPT)
        while position < len(self.text) and left >= (taken := cell_len(self.text[position])):
            left -= taken
            position += 1
        self._show_edit(self.edit.move_to(position))

    def _show_edit(self, edit: LineEdit) -> None:
        """Show an edited text, and post it if it has changed."""
        is_other = edit.text != self.text
        self.edit = edit
        if is_other:
            self.completions = Completions()  # the old ones belong to another text
        self.update_lines()
        if is_other:
            self.post_message(self.Changed(edit.text))

    # actions

    def action_delete(self, characters: int) -> None:
        """Delete characters after the cursor, or (negative) before it."""
        self._show_edit(self.edit.delete(characters))

    def action_delete_word(self) -> None:
        """Delete the word before the cursor."""
        self._show_edit(self.edit.delete_word())

    def action_delete_before(self) -> None:
        """Delete everything before the cursor."""
        self._show_edit(self.edit.delete_before())

    def action_delete_after(self) -> None:
        """Delete everything after the cursor."""
        self._show_edit(self.edit.delete_after())

    def action_go(self, characters: int) -> None:
        """Move the cursor right, or left."""
        self._show_edit(self.edit.move(characters))

    def action_go_to_end(self) -> None:
        """Move the cursor behind the text."""
        self._show_edit(self.edit.move_to(len(self.text)))

    def action_go_to_start(self) -> None:
        """Move the cursor before the text."""
        self._show_edit(self.edit.move_to(0))

    def action_complete(self) -> None:
        """Take what is offered, else write what plain words mean, else go to the next pane."""
        if self.offered:
            self._show_edit(self.edit.insert(self.offered))
        elif self.can_be_written:
            self.post_message(self.Written())
        else:
            self.post_message(self.Left())

    def action_step(self, lines: int) -> None:
        """Go through the packages."""
        self.post_message(self.Stepped(lines))

    def action_submit(self) -> None:
        """Done typing."""
        self.post_message(self.Submitted())
