"""The widgets of the panes, shown and hidden together."""

from __future__ import annotations

from textual.containers import Vertical
from textual.widget import Widget

from cachetui.tui.browse.panes import Pane, PaneLayout
from cachetui.tui.widgets.facet_sidebar import FacetSidebar
from cachetui.tui.widgets.package_list import PackageList
from cachetui.tui.widgets.spec_detail import SpecDetail
from cachetui.tui.widgets.spec_table import SpecTable


class PaneWidgets:
    """One widget for each pane, and the container of table and detail."""

    def __init__(self) -> None:
        self.packages = PackageList(id=Pane.PACKAGES.value)
        self.facets = FacetSidebar(id=Pane.FACETS.value)
        self.table = SpecTable(id=Pane.TABLE.value)
        self.detail = SpecDetail(id=Pane.DETAIL.value)
        self.builds = Vertical(id="builds")

    def widget(self, pane: Pane) -> Widget:
        """The widget of a pane."""
        found: Widget = getattr(self, pane.value)
        return found

    def show(self, layout: PaneLayout) -> None:
        """Show the panes that there is room for."""
        for pane in Pane:
            self.widget(pane).display = layout.shows(pane)
        self.builds.display = self.table.display or self.detail.display
