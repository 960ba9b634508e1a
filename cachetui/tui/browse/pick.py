"""The browser as a chooser: Enter on a build ends it with that build."""

from __future__ import annotations

from textual.app import ComposeResult

from cachetui.install import cached_builds
from cachetui.refresh import Opened
from cachetui.search import Engine, Selection
from cachetui.tui.browse.screen import BrowseScreen
from cachetui.tui.widgets.spec_table import SpecTable


class PickScreen(BrowseScreen):
    """Browses until a build is chosen.

    Args:
        multi: the marked builds are chosen together.
    """

    enter_hint = "pick"

    def __init__(self, opened: Opened, engine: Engine, selection: Selection, multi: bool) -> None:
        super().__init__(opened, engine, selection)
        self.multi = multi

    def compose(self) -> ComposeResult:
        """The browser's own panes."""
        for widget in super().compose():
            if isinstance(widget, SpecTable):
                widget.chooses_marked = self.multi
            yield widget

    def build_chosen(self, rows: list[int]) -> None:
        """End with these builds."""
        self.app.end_with(cached_builds(self.catalog, rows))
