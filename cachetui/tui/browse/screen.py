"""The main screen: owns what is looked at, selected and marked, and routes between the panes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, cast

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.geometry import Size
from textual.reactive import var

from cachetui.install import COPY_FORMS, CopyForm, cached_builds
from cachetui.refresh import OnProgress
from cachetui.search import Result, Selection
from cachetui.tui.browse.answering import answer, why_not_written
from cachetui.tui.browse.bars import Bars
from cachetui.tui.browse.follower import Follower
from cachetui.tui.browse.history import SelectionHistory
from cachetui.tui.browse.pane_widgets import PaneWidgets
from cachetui.tui.browse.panes import Pane, PaneLayout
from cachetui.tui.commands import BROWSE_COMMANDS, bindings
from cachetui.tui.requests import CopyBuilds, PickBuilds, StopRefresh
from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.state import Marks, Picking, View
from cachetui.tui.tasks import run_task
from cachetui.tui.widgets.facet_sidebar import FacetSidebar
from cachetui.tui.widgets.package_list import PackageList
from cachetui.tui.widgets.query_bar import QueryBar
from cachetui.tui.widgets.spec_table import SpecTable

EVERYTHING = Selection(package=None)
"""What is shown at first: all packages, and the best match once a name is typed."""


class BrowseScreen(QuietScreen[None]):
    """Packages, facets, builds and the build under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(BROWSE_COMMANDS)
    AUTO_FOCUS = "#packages"

    view: var[View] = var(cast(View, None), init=False)
    """The catalog that is looked at; another one renews all panes."""

    selection: var[Selection] = var(EVERYTHING, init=False)
    """What was chosen; everything on the screen follows from it."""

    marks: var[Marks] = var(Marks(), init=False)
    """The builds that were marked, of whatever catalog."""

    result: var[Result | None] = var(None, init=False)
    """The answer to the last selection that could be read."""

    pane: var[Pane] = var(Pane.PACKAGES, init=False)
    """The pane that has the focus, also while a query is typed."""

    def __init__(self, view: View, selection: Selection = EVERYTHING, picking: Picking | None = None) -> None:
        super().__init__()
        self.set_reactive(BrowseScreen.view, view)
        self.set_reactive(BrowseScreen.selection, selection)
        self.picking = picking
        self.is_refreshing = False
        self.history = SelectionHistory()
        self.follower = Follower(self.set_timer)
        self.bars = Bars()
        self.panes = PaneWidgets()
        self.query_bar = self.bars.query
        self.packages, self.facets = self.panes.packages, self.panes.facets
        self.table, self.detail = self.panes.table, self.panes.detail
        self.table.picks_marked = picking is not None and picking.multi
        self._is_answering = False
        self._news = ""

    def compose(self) -> ComposeResult:
        """The query on top, the panes, the status below."""
        yield self.query_bar
        with Horizontal(id="panes"):
            yield self.packages.data_bind(BrowseScreen.result)
            yield self.facets.data_bind(BrowseScreen.result)
            with self.panes.builds:
                yield self.table.data_bind(BrowseScreen.result, BrowseScreen.marks)
                yield self.detail
        yield self.bars.status

    def on_mount(self) -> None:
        """Answer the first selection."""
        self.query_bar.set_text(self.selection.text)
        self.show_panes()
        self.show_result()
        self.show_detail()
        # The first letter would wait for this.
        self.call_after_refresh(run_task, self, "prepare typing", self._prepare_typing)

    def _prepare_typing(self, on_progress: OnProgress) -> None:
        from cachetui.search import complete, matched  # noqa: F401 - loads them

        self.view.engine.ranker.warm()

    # answering

    def watch_selection(self) -> None:
        """Answer soon; of several changes in a row only the last is answered."""
        if not self._is_answering:
            self._is_answering = True
            self.call_later(self.show_result)

    def watch_view(self, before: View, after: View) -> None:
        """Answer over the new catalog; what followed the cursor of the old one comes first."""
        self.catch_up()
        self.show_result()
        self.show_detail()
        before.catalog.close()

    def show_result(self) -> None:
        """Answer the selection, or as much of it as can be read."""
        self._is_answering = False
        answered = answer(self.view.engine, self.selection, self.result, self.is_typing)
        self.result = answered.result
        if answered.error is not None:
            self.query_bar.show_error(answered.error, answered.is_unfinished)
        else:
            self.bars.show_reading(self.view, answered.result, self.size.width)
        self.show_counts()
        self.offer_completions()

    def settled(self) -> Selection:
        """The selection with the package that it led to: filters do not change the package."""
        self.catch_up()
        if self._is_answering:
            self.show_result()
        return self.selection.with_package(self.result.package if self.result is not None else None)

    def offer_completions(self) -> None:
        """Offer what may follow the query while it is typed."""
        if self.bars.offer_completions(self.view, self.selection):
            self.show_hints()

    def catch_up(self) -> bool:
        """Do now what still follows the cursor; False if nothing does."""
        return self.follower.catch_up()

    # selecting

    def choose(self, selection: Selection) -> None:
        """Select something else; Esc goes back to what was selected before."""
        if selection != self.selection:
            self.history.chose(self.selection)
            self.selection = selection

    @on(QueryBar.Changed)
    def _query_changed(self, event: QueryBar.Changed) -> None:
        if event.text != self.selection.text:
            self.catch_up()
            self.history.typed(self.selection)
            self.selection = self.selection.with_text(event.text)

    @on(QueryBar.Stepped)
    def _stepped_while_typing(self, event: QueryBar.Stepped) -> None:
        self.packages.action_move(event.lines)

    @on(QueryBar.Submitted)
    def _query_submitted(self) -> None:
        self.go(Pane.TABLE if self.result is not None and self.result.rows else Pane.PACKAGES)

    @on(PackageList.Selected)
    def _package_selected(self) -> None:
        self.follower.follow("builds", self._show_package)

    def _show_package(self) -> None:
        # Another result may have moved the cursor meanwhile.
        package = self.packages.package
        if self.result is not None and package != self.result.package:
            self.selection = self.selection.with_package(package)

    @on(PackageList.Accepted, "#packages")
    def _package_accepted(self) -> None:
        self.go(Pane.TABLE)

    @on(FacetSidebar.Toggled)
    def _facet_toggled(self, event: FacetSidebar.Toggled) -> None:
        self.choose(self.settled().toggling(event.facet, event.value, event.excluded))

    @on(FacetSidebar.Cleared)
    def _facet_cleared(self, event: FacetSidebar.Cleared) -> None:
        self.choose(self.settled().without_choices(event.facet))

    @on(SpecTable.SortRequested)
    def _sort_requested(self, event: SpecTable.SortRequested) -> None:
        self.choose(self.settled().sorted_by(event.column))

    @on(SpecTable.Highlighted)
    def _build_highlighted(self, event: SpecTable.Highlighted) -> None:
        if event.moved:
            self.follower.follow("detail", self._show_highlighted)
        else:
            self._show_highlighted()

    def _show_highlighted(self) -> None:
        self.show_detail()
        self.show_counts()
        if self._news:
            self.bars.show_message(self._news)
            self._news = ""

    def action_write_choices(self) -> None:
        """Turn the chosen facet values into query text."""
        from cachetui.search import with_choices_written

        written = with_choices_written(self.view.engine, self.settled())
        if problem := why_not_written(self.selection, written, self.query_bar.error):
            self.bars.show_message(problem, "warning")
        else:
            self.choose(written)
            self.query_bar.set_text(written.text)

    # builds

    def go_to_build(self, dag_hash: str) -> None:
        """Put the cursor of the table on a build, in everything if the selection does not have it."""
        rows = self.view.catalog.rows_with_prefix(dag_hash)
        if not rows:
            self.bars.show_message(f"no build with the hash {dag_hash} is open", "warning")
            return
        if self.result is None or rows[0] not in self.result.rows:
            self.choose(Selection(f"/{dag_hash}", package="", exact=True))
            self.query_bar.set_text(self.selection.text)
            self.show_result()
        self.table.go_to_row(rows[0])
        self.go(Pane.TABLE)

    def toggle_marks(self, hashes: Iterable[str]) -> None:
        """Mark builds, or deselect them if all of them are marked."""
        self.marks = self.marks.toggled(hashes)

    def action_copy_hash(self) -> None:
        """Copy the hash under the cursor, or those of the marked builds."""
        rows = self.table.taken
        if len(rows) > 1 and not self.table.marked:
            self.bars.show_message(f"{len(rows):,} builds look alike here: Enter unfolds them, Y copies all")
        else:
            self.action_copy_as(COPY_FORMS[0])

    def action_copy_as(self, form: CopyForm | None = None) -> None:
        """Copy the marked builds, or those under the cursor; None: choose a form first."""
        if builds := cached_builds(self.view.catalog, self.table.taken):
            self.post_message(CopyBuilds(builds, form))
        else:
            self.bars.show_message("no build to copy")

    @on(SpecTable.Chosen)
    def _build_chosen(self, event: SpecTable.Chosen) -> None:
        if self.picking is None:
            self.table.fold_current()
        else:
            self.post_message(PickBuilds(cached_builds(self.view.catalog, event.rows)))

    # panes

    @property
    def size(self) -> Size:
        """That of the terminal, which the screen has before its first layout, too."""
        return self.app.size

    @property
    def layout_of_panes(self) -> PaneLayout:
        """Which panes there is room for."""
        return PaneLayout(self.size.width, self.size.height, self.pane)

    @property
    def is_typing(self) -> bool:
        """Whether keys go into the query bar."""
        return self.query_bar.has_focus

    def on_resize(self) -> None:
        """Another size has room for other panes."""
        self.show_panes()
        self.show_title()

    @on(FacetSidebar.Searched)
    def show_panes(self) -> None:
        """Show the panes that there is room for."""
        layout = self.layout_of_panes
        self.set_class(layout.is_single, "-single")
        self.set_class(layout.is_slim, "-slim")
        self.panes.show(layout)
        self.show_hints()

    def go(self, pane: Pane) -> None:
        """Give the focus to a pane."""
        self.pane = pane
        self.show_panes()
        self.set_focus(self.panes.widget(pane))
        self.show_title()

    def on_descendant_focus(self) -> None:
        """Keep up with the mouse: a clicked pane has the focus, and a clicked query bar offers something."""
        focused = self.focused
        if focused is not None and focused.id in {pane.value for pane in Pane}:
            self.pane = Pane(focused.id)
        self.show_panes()
        if self.result is not None:
            self.offer_completions()

    def on_descendant_blur(self) -> None:
        """What was unfinished while it was typed cannot be read once another pane has the focus."""
        if self.query_bar.error is not None:
            self.show_counts()

    @on(QueryBar.Left)
    def action_next_pane(self) -> None:
        """Go to the next pane."""
        self.go(self.layout_of_panes.next(1))

    def action_previous_pane(self) -> None:
        """Go to the pane before."""
        self.go(self.layout_of_panes.next(-1))

    def action_facets(self) -> None:
        """Go to the facets, or back to the table."""
        self.go(Pane.TABLE if self.pane is Pane.FACETS else Pane.FACETS)

    def action_query(self) -> None:
        """Type into the query bar."""
        self.query_bar.begin()
        self.offer_completions()

    def action_back(self) -> None:
        """Go one step back: the innermost thing that is open first."""
        if self.is_typing:
            self.history.end_typing()
            self.go(Pane.PACKAGES)
        elif self.facets.end_search() or (self.pane is Pane.TABLE and self.table.fold_current()):
            self.show_counts()
        elif self.marks.hashes:
            self.marks = Marks()
            self.show_counts()
        elif covered := self.layout_of_panes.covered:
            self.go(covered)
        elif self.is_refreshing:
            self.post_message(StopRefresh())
        elif step := self.history.back(self.settled()):
            self.selection = step
            self.query_bar.set_text(step.text)
        else:
            self.bars.show_message("nothing to undo; q quits")

    # bars

    def show_detail(self) -> None:
        """Show the builds under the cursor in the detail panel."""
        self.detail.show(self.view.catalog, self.table.highlighted)

    def show_title(self) -> None:
        """Say what is open."""
        self.bars.show_title(self.view, self.result, self.table.highlighted, self.layout_of_panes)

    def show_hints(self) -> None:
        """Say what the keys do now."""
        enter = "unfold" if self.picking is None else "pick"
        self.bars.show_hints(self.layout_of_panes, self.keymap, enter, bool(self.facets.searched))

    def show_counts(self) -> None:
        """Say how much is shown."""
        if self.result is not None:
            self.bars.show_counts(self.view, self.result)
        self.show_title()

    def show_activity(self, activity: str) -> None:
        """Say what is done in the background; empty: nothing."""
        if activity != self.bars.activity:
            self.bars.activity = activity
            self.show_title()

    # other catalogs

    def renew(self, view: View, news: str) -> None:
        """Show another state of the same locations, and say what is new; the cursor keeps its hash."""
        self.show_activity("")
        if self.view.is_up_to_date(view.opened):
            opened = replace(view.opened, catalog=self.view.catalog)
            self.set_reactive(BrowseScreen.view, View(opened, self.view.engine))
            view.catalog.close()
            self.show_counts()
            if news:
                self.bars.show_message(news)
        else:
            self._news = news  # the message would be overwritten when the table shows the new builds
            self.view = view

    def open(self, view: View) -> None:
        """Show what lies at other locations, from the beginning."""
        self.history.clear()
        self.query_bar.set_text("")
        self.set_reactive(BrowseScreen.selection, EVERYTHING)
        self.view = view
        self.go(Pane.PACKAGES)
