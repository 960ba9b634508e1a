"""A screen of panes: which are shown, which takes the keys, and what the hint line says about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.geometry import Size
from textual.reactive import var

from cachetui.tui.browse import lines
from cachetui.tui.browse.panes import Pane, next_pane, shown_panes
from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.widgets.facet_sidebar import FacetSidebar
from cachetui.tui.widgets.line_list import Line
from cachetui.tui.widgets.query_bar import QueryBar
from cachetui.tui.widgets.text_lines import Bar

if TYPE_CHECKING:
    from cachetui.tui.app import CachetuiApp

WIDE = 120
"""Columns from which packages and facets have their full width."""


class PanedScreen(QuietScreen[None]):
    """Moves between the panes and arranges them for the size of the terminal."""

    app: CachetuiApp

    enter_hint = "unfold"
    """What Enter does on a build."""

    pane: var[Pane] = var(Pane.PACKAGES, init=False)
    """The pane that takes the keys, also while a query is typed."""

    def tell_title(self) -> None:
        """Say where one is; called when another pane takes the keys or the size changes."""
        raise NotImplementedError

    def on_resize(self) -> None:
        """Another size has room for other panes."""
        self.show_panes()
        self.tell_title()

    @property
    def size(self) -> Size:
        """That of the terminal, which the screen has before its first layout, too."""
        return self.app.size

    def show_panes(self) -> None:
        """Show the panes that there is room for."""
        shown = shown_panes(self.size.width, self.size.height, self.pane)
        self.set_class(shown.single, "-single")
        self.set_class(self.size.width < WIDE, "-slim")
        for name in ("packages", "facets", "builds", "table", "detail"):
            self.query_one(f"#{name}").display = getattr(shown, name)
        self.show_hints()

    def show_hints(self) -> None:
        """Say what the keys do now."""
        self.query_one("#status", Bar).show(
            lines.hints(self._mode(), self.app.keymap, self.size.width, self.enter_hint), row=1
        )

    def _mode(self) -> Pane | Line:
        if self.typing:
            return lines.typing(self.query_one(QueryBar).completions)
        return lines.SEARCHING if self.query_one(FacetSidebar).searched else self.pane

    @on(FacetSidebar.Searched)
    def _facet_searched(self) -> None:
        self.show_panes()

    @property
    def typing(self) -> bool:
        """Whether keys go into the query bar."""
        return self.query_one(QueryBar).has_focus

    def go(self, pane: Pane) -> None:
        """Give the keys to a pane."""
        self.pane = pane
        self.show_panes()
        self.set_focus(self.query_one(f"#{pane.value}"))
        self.tell_title()

    def on_descendant_focus(self) -> None:
        """Keep up with the mouse: a clicked pane takes the keys."""
        focused = self.focused
        if focused is not None and focused.id in {pane.value for pane in Pane}:
            self.pane = Pane(focused.id)
        self.show_panes()

    def action_next_pane(self) -> None:
        """The next pane that can be shown."""
        self.go(next_pane(self.pane, 1))

    def action_previous_pane(self) -> None:
        """The pane before."""
        self.go(next_pane(self.pane, -1))

    def action_facets(self) -> None:
        """To the facets and back."""
        self.go(Pane.TABLE if self.pane is Pane.FACETS else Pane.FACETS)

    def leave_pane(self) -> bool:
        """Where panes cover each other, go to the one before; False if none is covered."""
        shown = shown_panes(self.size.width, self.size.height, self.pane)
        before = {Pane.DETAIL: Pane.TABLE, Pane.TABLE: Pane.PACKAGES, Pane.FACETS: Pane.TABLE}.get(self.pane)
        if before is None or getattr(shown, before.value):
            return False
        self.go(before)
        return True
