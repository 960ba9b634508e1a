"""A box over the screen with a title, a list of lines and a way out."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.widgets.lines import Line
from cachetui.tui.widgets.text_lines import TextLines

WIDEST, AROUND = 110, 6
"""The widest box, and the columns that its border and padding take."""


class Dialog(QuietScreen[None]):
    """Shows lines; what is chosen goes up to the app as a message."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "close", show=False),
        Binding("ctrl+c,ctrl+q", "app.quit", "quit", show=False),
        Binding("ctrl+z", "app.suspend", "suspend", show=False),
    ]

    heading = ""
    hints = "Esc closes"

    def __init__(self) -> None:
        super().__init__()
        self.box_of_lines = Vertical(id="box")
        self.text_lines = TextLines(id="lines")

    def compose(self) -> ComposeResult:
        """A box of lines; its border holds the title and the keys."""
        with self.box_of_lines as box:
            box.border_subtitle = self.hints
            yield self.text_lines

    def on_mount(self) -> None:
        """Fill the box."""
        self.show_heading(self.heading)
        self.text_lines.show(self.lines())
        self.text_lines.focus()

    def show_heading(self, heading: str) -> None:
        """Write another title; nothing in it is markup."""
        self.box_of_lines.border_title = Content(heading)

    def lines(self) -> Sequence[Line]:
        """What the box shows."""
        raise NotImplementedError

    @property
    def room(self) -> int:
        """The columns that the box has for text."""
        return max(min(WIDEST, self.app.size.width * 9 // 10) - AROUND, 20)

    def wrapped(self, text: str, style: str = "") -> list[Line]:
        """A text over as many lines as it takes in the box."""
        indent = " " * (len(text) - len(text.lstrip()))
        parts = textwrap.wrap(text, self.room, break_on_hyphens=False, subsequent_indent=indent + "   ")
        return [((f" {part}", style),) for part in parts] or [()]

    def action_close(self) -> None:
        """Close."""
        self.dismiss()
