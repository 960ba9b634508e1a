"""The build that is open over the table, and the way that led to it through dependencies."""

from __future__ import annotations

from collections.abc import Sequence

from cachetui.tui.browse.host import Host
from cachetui.tui.browse.panes import Pane
from cachetui.tui.widgets.spec_detail import Section


class OpenBuild:
    """Opens builds of a screen in its detail panel.

    Attributes:
        is_open: whether the panel covers the table.
    """

    def __init__(self, screen: Host) -> None:
        self._screen = screen
        self._way: list[int] = []
        self.is_open = False

    def open(self, section: Section) -> None:
        """Open the build under the cursor; of look-alikes, one has to be chosen first."""
        screen = self._screen
        if self.is_open:
            screen.detail.show_section(section)
        elif self.chosen() is not None:
            screen.catch_up()
            self.is_open = True
            screen.detail.show_section(section)
            screen.go(Pane.DETAIL)

    def chosen(self) -> int | None:
        """The build that is open or under the cursor; of look-alikes, one has to be chosen first."""
        screen = self._screen
        if self.is_open:
            return screen.detail.row
        if len(screen.table.highlighted) == 1:
            return screen.table.highlighted[0]
        if screen.table.highlighted:
            screen.table.unfold_current()
            screen.bars.show_message("these builds look alike: choose one")
        return None

    def follow(self, row: int) -> None:
        """Show another build, to which a line of the open one leads."""
        if self._screen.detail.row is not None:
            self._way.append(self._screen.detail.row)
        self._show(row)

    def _show(self, row: int) -> None:
        self._screen.show_builds([row])

    def go_back(self) -> bool:
        """Show the build again that led to the open one; False if none did."""
        if self._way:
            self._show(self._way.pop())
            return True
        return False

    def led_from(self, rows: Sequence[int]) -> bool:
        """Whether some builds, those under the cursor, led to another one that is open."""
        return self.is_open and self._way[:1] == list(rows)

    def forget_way(self) -> None:
        """Another build is under the cursor of the table."""
        self._way.clear()
