"""A text that was copied: no terminal confirms that it arrived, so it is shown, too."""

from __future__ import annotations

from collections.abc import Sequence

from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.widgets.lines import Line


class CopiedScreen(Dialog):
    """Shows all of the text."""

    def __init__(self, text: str, heading: str) -> None:
        super().__init__()
        self.text = text
        self.heading = heading

    def lines(self) -> Sequence[Line]:
        """The text, its lines wrapped."""
        return [line for text in self.text.splitlines() for line in self.wrapped(text)]
