"""When a selection is answered: soon or, where that takes long, in the background."""

from __future__ import annotations

from cachetui.tui.browse.answering_ahead import AnsweringAhead
from cachetui.tui.browse.host import Host


class Answers:
    """Of several changes in a row only the last is answered.

    Args:
        screen: whose selection it is; `show_result` answers it.
        ahead: computes in the background what takes long.

    Attributes:
        is_due: the selection that is shown is not the one that was answered.
        is_submitted: Enter was pressed before the answer came.
    """

    def __init__(self, screen: Host, ahead: AnsweringAhead) -> None:
        self._screen = screen
        self.ahead = ahead
        self.is_due = False
        self.is_submitted = False

    def follow(self) -> None:
        """Answer another selection soon."""
        screen, engine = self._screen, self._screen.view.engine
        self.is_submitted = False
        if self.ahead.is_slow(engine, screen.selection):
            self.is_due = True
            self.ahead.start(engine, screen.selection, screen.result, screen.is_typing)
        elif self.ahead.is_answering(screen.selection.text):
            pass  # another filter or package: it is answered together with the text
        elif not self.is_due or self.ahead.is_running:
            self.ahead.stop()
            self.is_due = True
            screen.call_later(self._answer)

    def _answer(self) -> None:
        if not self.ahead.is_running:  # else something else was typed meanwhile
            self._screen.show_result()

    def renew(self, is_other: bool) -> None:
        """Answer over another view; Enter that waits for the answer goes on waiting.

        Args:
            is_other: it is of another catalog, and nothing of the one before can stay.
        """
        screen, engine = self._screen, self._screen.view.engine
        if not is_other and self.ahead.is_slow(engine, screen.selection):
            self.is_due = True
            self.ahead.start(engine, screen.selection, screen.result, screen.is_typing)
        else:
            self.ahead.stop()
            screen.show_result()

    def catch_up(self) -> None:
        """Answer now what is still to be answered."""
        if self.is_due:
            self._screen.show_result()

    def submit(self) -> bool:
        """Enter was pressed; False if the answer has to come first."""
        self.is_submitted = self.ahead.is_running
        if not self.is_submitted:
            self.catch_up()  # keys that were typed ahead do the same as when they are typed slowly
        return not self.is_submitted
