"""The query bar: one line to type into; the arrows move through the packages meanwhile."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from cachetui.tui.widgets.text_lines import Bar

PROMPT = " > "
PLACEHOLDER = "press / and type a query: hdf5 +mpi %gcc@13.2.0 target=x86_64_v3"


class QueryBar(Horizontal):
    """Text for the package search and the filter."""

    class Changed(Message):
        """Other text was typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Submitted(Message):
        """Enter was pressed."""

    class Moved(Message):
        """An arrow was pressed: go through the packages."""

        def __init__(self, lines: int) -> None:
            super().__init__()
            self.lines = lines

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "previous package", show=False),
        Binding("down", "move(1)", "next package", show=False),
        Binding("pageup", "move(-10)", "ten packages up", show=False),
        Binding("pagedown", "move(10)", "ten packages down", show=False),
    ]

    def compose(self) -> ComposeResult:
        """The prompt and the input."""
        yield Bar(id="prompt")
        field = Input(placeholder=PLACEHOLDER, compact=True, select_on_focus=False, id="input")
        # A blinking cursor sends bytes for ever.
        field.cursor_blink = False
        yield field

    def on_mount(self) -> None:
        """Draw the prompt."""
        self.query_one(Bar).show(((PROMPT, "accent"),))

    @property
    def text(self) -> str:
        """What stands in the bar."""
        return self.query_one(Input).value

    @text.setter
    def text(self, text: str) -> None:
        self.query_one(Input).value = text

    @property
    def typing(self) -> bool:
        """Whether keys go into the bar."""
        return self.query_one(Input).has_focus

    def begin(self) -> None:
        """Take the keys, the cursor after the last character."""
        field = self.query_one(Input)
        field.focus()
        field.cursor_position = len(field.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass it on as one's own."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Pass it on as one's own."""
        event.stop()
        self.post_message(self.Submitted())

    def action_move(self, lines: int) -> None:
        """Tell to move through the packages."""
        self.post_message(self.Moved(lines))
