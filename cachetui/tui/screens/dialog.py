"""A box over the screen with a title, a list of lines and a way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from cachetui.tui.widgets.line_list import Line
from cachetui.tui.widgets.text_lines import Bar, TextLines

T = TypeVar("T")


class Dialog(ModalScreen[T]):
    """Shows lines; Esc closes it without a choice."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "close", show=False),
        Binding("ctrl+c,ctrl+q", "app.quit", "leave", show=False),
    ]

    heading = ""
    hints = " Esc closes"

    def compose(self) -> ComposeResult:
        """A title, the lines, the keys."""
        with Vertical(id="box"):
            yield Bar(id="heading")
            yield TextLines(id="lines")
            yield Bar(id="dialog-hints")

    def on_mount(self) -> None:
        """Fill the box."""
        self.query_one("#heading", Bar).show(((f" {self.heading}", "heading"),))
        self.query_one("#dialog-hints", Bar).show(((self.hints, "dim"),))
        lines = self.query_one(TextLines)
        lines.show(self.lines())
        lines.focus()

    def lines(self) -> Sequence[Line]:
        """What the box shows."""
        raise NotImplementedError

    def action_close(self) -> None:
        """Close without a choice."""
        self.dismiss(None)
