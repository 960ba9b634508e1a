"""The widgets of the panes, shown, hidden and sized together."""

from __future__ import annotations

from textual.containers import Vertical
from textual.widget import Widget

from cachetui.tui.browse.panes import Pane, PaneLayout
from cachetui.tui.widgets.facet_sidebar import FacetSidebar
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.no_result import NoResult
from cachetui.tui.widgets.package_list import PackageList
from cachetui.tui.widgets.spec_detail import SpecDetail
from cachetui.tui.widgets.spec_table import SpecTable


class PaneWidgets:
    """One widget for each pane, and one that stands in for an empty table; two columns."""

    def __init__(self) -> None:
        self.packages = PackageList(id=Pane.PACKAGES.value)
        self.facets = FacetSidebar(id=Pane.FACETS.value)
        self.table = SpecTable(id=Pane.TABLE.value)
        self.detail = SpecDetail(id=Pane.DETAIL.value)
        self.no_result = NoResult(id="no-result")
        self.left = Vertical(id="left")
        self.right = Vertical(id="right")
        self._heights: dict[Widget, int] = {}
        self._width = 0
        self._shown: object = None

    @property
    def lists(self) -> tuple[LineList, ...]:
        """All of them."""
        return self.packages, self.facets, self.table, self.no_result, self.detail

    @property
    def builds(self) -> LineList:
        """The table, or what explains why it is empty."""
        return self.no_result if self.no_result.is_needed else self.table

    def widget(self, pane: Pane) -> LineList:
        """The widget of a pane."""
        if pane is Pane.TABLE:
            return self.builds
        found: LineList = getattr(self, pane.value)
        return found

    def pane_of(self, widget: Widget | None) -> Pane | None:
        """The pane of a widget; None for any other widget."""
        if widget is self.no_result:
            return Pane.TABLE
        return next((pane for pane in Pane if widget is getattr(self, pane.value)), None)

    def show(self, layout: PaneLayout) -> None:
        """Show the panes that there is room for, each with its border."""
        shown = (layout, self.builds)
        if shown != self._shown:
            self._shown = shown
            self._show(layout)
        self.fit(layout)

    def _show(self, layout: PaneLayout) -> None:
        for each in self.lists:
            each.show_border(layout.border)
        for pane in Pane:
            getattr(self, pane.value).display = layout.shows(pane)
        self.no_result.display = layout.shows(Pane.TABLE) and self.builds is self.no_result
        self.table.display = layout.shows(Pane.TABLE) and self.builds is self.table
        self.left.display = layout.shows(Pane.PACKAGES) or layout.shows(Pane.FACETS)
        self.right.display = layout.shows(Pane.TABLE) or layout.shows(Pane.DETAIL)
        self._set_width(layout)

    def _set_width(self, layout: PaneLayout) -> None:
        width = 0 if layout.is_single else layout.left_width
        if width != self._width:
            self._width = width
            self.left.styles.width = width or "1fr"

    def fit(self, layout: PaneLayout) -> None:
        """Make the panes as high as their content needs."""
        if layout.is_single:
            for each in self.lists:
                self._set_height(each, 0)
            return
        packages = self.packages
        shares = layout.has_column
        self._set_height(packages, layout.packages_height(packages.line_count()) if shares else 0)
        table = self.builds
        height = layout.table_height(table.around + table.line_count())
        self._set_height(table, height if layout.shows(Pane.DETAIL) else 0)

    def _set_height(self, widget: Widget, height: int) -> None:
        """Set a height in lines; 0: all that is left. Each change is a layout of the screen."""
        if self._heights.get(widget) != height:
            self._heights[widget] = height
            widget.styles.height = height or "1fr"
