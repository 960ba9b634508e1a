"""A box over the screen with a title, a list of lines and a way out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from cachetui.tui.dialogs.parts import ReadingLines
from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.widgets.lines import Line, line_width
from cachetui.tui.widgets.painter import in_ascii
from cachetui.tui.widgets.text_lines import TextLines

FRAME = 4
"""The columns that the border and padding of a box take."""

WIDE, HIGH = 100, 30
"""Columns and lines from which a box leaves some of the screen uncovered."""

HELP_HINT = "F1 help"
"""The key that is shown at every width, before the one that closes."""


class Dialog(QuietScreen[None]):
    """Shows lines; what is chosen goes up to the app as a message."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "close", show=False),
        Binding("ctrl+c,ctrl+q", "app.quit", "quit", show=False),
        Binding("ctrl+z", "app.suspend", "suspend", show=False),
    ]

    heading = ""
    hints = "Esc closes"
    widest: ClassVar[int] = 110
    """Columns of the widest box."""

    def __init__(self, text_lines: TextLines | None = None) -> None:
        super().__init__()
        self.box_of_lines = Vertical(id="box")
        self.text_lines = text_lines or ReadingLines(id="lines")
        self._shown_size = (0, 0)

    def compose(self) -> ComposeResult:
        """A box of lines; its border holds the title and the keys."""
        self.box_of_lines.styles.max_width = self.widest
        with self.box_of_lines:
            yield from self.parts()

    def parts(self) -> Iterable[Widget]:
        """What is in the box, from the top."""
        return (self.text_lines,)

    def on_mount(self) -> None:
        """Fill the box."""
        self.show_heading(self.heading)
        self._fit()
        self.text_lines.show(self.lines())
        self.begin_at(self.text_lines)

    def on_resize(self) -> None:
        """Wrap the lines again for another size."""
        if self._shown_size != self.app.size:
            self._fit()
            self.show_again()

    def _fit(self) -> None:
        self._shown_size = self.app.size
        width, height = self.app.size
        self.set_class(width < WIDE, "-narrow")
        self.set_class(height < HIGH, "-low")
        self.show_hints(self.hints)

    def show_heading(self, heading: str) -> None:
        """Write another title; nothing in it is markup."""
        self.box_of_lines.border_title = Content(self._plain(heading))

    def show_hints(self, hints: str) -> None:
        """Write other keys below, as many as there is room for; help and what closes in any case."""
        parts = hints.split("   ")
        kept = 2 if HELP_HINT in parts else 1
        while len(parts) > kept and len("   ".join(parts)) > self.room:
            del parts[-kept - 1]
        self.box_of_lines.border_subtitle = Content(self._plain("   ".join(parts)))

    def _plain(self, text: str) -> str:
        return in_ascii(text) if self.app.has_class("-ascii") else text

    def show_again(self) -> None:
        """Paint the lines again, the cursor where it is."""
        lines = self.text_lines
        cursor, top = lines.cursor, lines.top
        lines.lines = self.lines()
        lines.cursor, lines.top = cursor, top
        lines.update_lines()

    def lines(self) -> Sequence[Line]:
        """What the box shows."""
        raise NotImplementedError

    @property
    def room(self) -> int:
        """The columns that the box has for text, beside a blank at both ends."""
        width = self.app.size.width
        return max(min(self.widest, width * 9 // 10 if width >= WIDE else width) - FRAME - 2, 20)

    @property
    def rows(self) -> int:
        """The lines that the box has at most."""
        height = self.app.size.height
        return max((height * 9 // 10 if height >= HIGH else height) - 2, 1)

    def wrapped(self, text: str, style: str = "", label: Line = ()) -> list[Line]:
        """A text over as many lines as it takes in the box.

        Args:
            label: stands before the text; the lines that follow are indented as far.
        """
        width = line_width(label)
        indent = " " * (len(text) - len(text.lstrip()))
        after = indent if label else indent + "   "
        room = max(self.room - width, 10)
        parts = textwrap.wrap(text, room, break_on_hyphens=False, subsequent_indent=after)
        if not parts:
            return [((" ", ""), *label)] if label else [()]
        first: Line = ((" ", ""), *label, (parts[0], style)) if label else ((f" {parts[0]}", style),)
        return [first, *(((f" {' ' * width}{part}", style),) for part in parts[1:])]

    def action_close(self) -> None:
        """Close."""
        self.dismiss()
