"""A filter that `/` begins: what is typed then is text, and no command."""

from __future__ import annotations

from textual import events

from cachetui.tui.line_edit import LineEdit

CURSOR = "▏"


class Filter:
    """The text by which the lines of a box are filtered.

    Attributes:
        is_typed: whether keys are text.
    """

    def __init__(self) -> None:
        self.edit = LineEdit()
        self.is_typed = False

    def takes(self, event: events.Key) -> bool:
        """Take a key if it belongs to the filter: `/` begins it, Esc clears it."""
        if event.key == "slash" and not self.is_typed:
            self.is_typed = True
        elif event.key == "escape" and (self.is_typed or self.text):
            self.is_typed, self.edit = False, LineEdit()
        elif event.key == "backspace" and self.is_typed and not self.text:
            self.is_typed = False
        elif self.is_typed and (edited := self.edit.typed(event)):
            self.edit = edited
        else:
            return False
        event.stop()
        event.prevent_default()
        return True

    @property
    def text(self) -> str:
        """What was typed, in lower case."""
        return self.edit.text.lower()

    @property
    def shown(self) -> str:
        """The filter as it stands in a title; empty: there is none."""
        cursor = CURSOR if self.is_typed else ""
        return f"   / {self.edit.text}{cursor}" if self.is_typed or self.edit.text else ""

    def accepts(self, *texts: str) -> bool:
        """Whether each word of the filter is in one of the texts."""
        whole = " ".join(texts).lower()
        return all(word in whole for word in self.text.split())
