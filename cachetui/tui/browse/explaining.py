"""What stands in place of a table without builds: which terms of the query leave none."""

from __future__ import annotations

from cachetui.search import Result, Selection
from cachetui.tui.browse.host import Host
from cachetui.tui.browse.panes import Pane


class Explaining:
    """Puts an explanation in place of an empty table, and the table back.

    Args:
        screen: whose table it is.
    """

    def __init__(self, screen: Host) -> None:
        self._screen = screen
        self._explained = Selection()

    def follow(self, result: Result) -> None:
        """Keep up with another result; while it stays empty, its terms are looked at after a pause."""
        if bool(result.rows) == self._screen.panes.no_result.is_needed:
            self._exchange(result)
        elif not result.rows:
            self._screen.settler.follow("terms", self._explain)

    def _exchange(self, result: Result) -> None:
        screen = self._screen
        had_focus = screen.focused is not None and screen.focused is screen.panes.widget(Pane.TABLE)
        if result.rows:
            screen.panes.no_result.is_needed = False
        else:
            self._explain()
        screen.show_panes()
        if had_focus:
            screen.set_focus(screen.panes.widget(Pane.TABLE))

    def _explain(self) -> None:
        from cachetui.render import why_none  # not at a start, which shows builds
        from cachetui.search import terms_of

        result = self._screen.result
        if result is not None and not result.rows:
            self._explained = result.selection
            found = terms_of(self._screen.view.engine, self._explained)
            self._screen.panes.no_result.explain(why_none(result), found)

    def accept(self, result: Result) -> None:
        """Enter was pressed: drop the term under the cursor, of this result without builds."""
        if self._explained != result.selection:
            self._explain()
        self._screen.panes.no_result.action_accept()
