"""The browser's main screen: owns the selection and its result, and routes between the panes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from cachetui.refresh import Opened
from cachetui.search import Engine, Selection
from cachetui.tui.browse import lines
from cachetui.tui.browse.panes import Pane, shown_panes
from cachetui.tui.browse.querying import EVERYTHING, QueryingScreen
from cachetui.tui.commands import BROWSE_COMMANDS, bindings
from cachetui.tui.widgets.facet_sidebar import FacetSidebar
from cachetui.tui.widgets.package_list import PackageList
from cachetui.tui.widgets.query_bar import QueryBar
from cachetui.tui.widgets.spec_detail import SpecDetail
from cachetui.tui.widgets.spec_table import SpecTable
from cachetui.tui.widgets.text_lines import Bar


class BrowseScreen(QueryingScreen):
    """Packages, facets, builds and the build under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(BROWSE_COMMANDS)
    AUTO_FOCUS = "#packages"

    def __init__(
        self,
        opened: Opened,
        engine: Engine,
        selection: Selection = EVERYTHING,
    ) -> None:
        super().__init__()
        self.set_reactive(BrowseScreen.selection, selection)
        self.opened = opened
        self.catalog = opened.catalog
        self.engine = engine
        self.is_sample = opened.is_sample
        self.activity = ""
        self.steps: list[Selection] = []
        self._typing_since: Selection | None = None
        self._asked_for_news = False
        self._unread = ""

    def compose(self) -> ComposeResult:
        """The query on top, the panes, what is going on below."""
        catalog = self.opened.catalog
        yield QueryBar(id="query")
        with Horizontal(id="panes"):
            yield PackageList(id="packages").data_bind(BrowseScreen.result)
            yield FacetSidebar(id="facets").data_bind(BrowseScreen.result)
            with Vertical(id="builds"):
                yield SpecTable(catalog, id="table").data_bind(BrowseScreen.result)
                yield SpecDetail(catalog, id="detail")
        yield Bar(id="status")

    def on_mount(self) -> None:
        """Answer the first selection."""
        self.query_one(QueryBar).set_text(self.selection.text)
        self.show_panes()
        self.answer()
        self.query_one(SpecDetail).show(self.query_one(SpecTable).highlighted)
        # The first letter would wait for this.
        self.call_after_refresh(self.run_worker, self._prepare_typing, thread=True)

    def _prepare_typing(self) -> None:
        from cachetui.search import complete, matched  # noqa: F401 - is loaded by this

        self.engine.ranker.warm()

    # what was selected

    def choose(self, selection: Selection) -> None:
        """Select something else; Esc comes back to what was selected before."""
        if selection != self.selection:
            self.steps.append(self.selection)
            self._typing_since = None
            self.selection = selection

    @on(QueryBar.Changed)
    def _typed(self, event: QueryBar.Changed) -> None:
        if event.text == self.selection.text:
            return
        self.catch_up()
        if self._typing_since is None:
            self._typing_since = self.selection
            self.steps.append(self.selection)
        self.selection = self.selection.with_text(event.text)

    @on(QueryBar.Stepped)
    def _stepped_while_typing(self, event: QueryBar.Stepped) -> None:
        self.query_one(PackageList).action_move(event.lines)

    @on(QueryBar.Left)
    def _left_typing(self) -> None:
        self.action_next_pane()

    @on(QueryBar.Submitted)
    def _typed_all(self) -> None:
        self.go(Pane.TABLE if self.result is not None and self.result.rows else Pane.PACKAGES)

    @on(PackageList.Selected)
    def _package_selected(self) -> None:
        self.follow("builds", self._show_package)

    def _show_package(self) -> None:
        # Another result may have put the cursor elsewhere meanwhile.
        package = self.query_one(PackageList).package
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
    def _highlighted(self, event: SpecTable.Highlighted) -> None:
        if event.moved:
            self.follow("detail", self._show_highlighted)
        else:
            self._show_highlighted()

    def _show_highlighted(self) -> None:
        self.query_one(SpecDetail).show(self.query_one(SpecTable).highlighted)
        self.tell_counts()
        if self._unread:
            self.tell(self._unread)
            self._unread = ""

    @on(SpecTable.Chosen)
    def _chosen(self, event: SpecTable.Chosen) -> None:
        self.build_chosen(event.rows)

    def build_chosen(self, rows: list[int]) -> None:
        """Enter on a build of an unfolded line folds it again; a chooser ends here."""
        self.query_one(SpecTable).fold_current()

    # what is told

    def tell_title(self) -> None:
        """Say what is open or, on narrow screens, where one is."""
        narrow = not shown_panes(self.size.width, self.size.height, self.pane).facets
        table = self.query_one(SpecTable)
        self.query_one(QueryBar).show_title(
            lines.title(self.opened, self.result, table.highlighted, narrow, self.size.width, self.activity)
        )

    # news

    def show_activity(self, activity: str) -> None:
        """Say what is done in the background; empty: nothing."""
        if activity != self.activity:
            self.activity = activity
            self.tell_title()

    def renew(self, opened: Opened, engine: Engine) -> None:
        """Show another state of the same locations; the cursor stays on its hash, and marks on theirs."""
        told = lines.news(self.catalog, opened) if self._asked_for_news else ""
        self._asked_for_news = False
        self.show_activity("")
        if lines.is_same(self.catalog, opened.catalog):
            self.opened = replace(opened, catalog=self.catalog)
            opened.catalog.close()
            self.tell_counts()
            if told:
                self.tell(told)
        else:
            self._unread = told
            self._go_over_to(opened, engine)

    def open(self, opened: Opened, engine: Engine) -> None:
        """Show what lies at other locations, from the beginning."""
        self.steps.clear()
        self.is_sample = opened.is_sample
        self.query_one(QueryBar).set_text("")
        self.set_reactive(BrowseScreen.selection, EVERYTHING)
        self._go_over_to(opened, engine)
        self.go(Pane.PACKAGES)

    def _go_over_to(self, opened: Opened, engine: Engine) -> None:
        self.catch_up()
        before, self.catalog = self.catalog, opened.catalog
        self.opened, self.engine = opened, engine
        self.query_one(SpecTable).renew(opened.catalog)
        self.query_one(SpecDetail).renew(opened.catalog)
        self.answer()
        self.query_one(SpecDetail).show(self.query_one(SpecTable).highlighted)
        before.close()

    def action_refresh(self) -> None:
        """Ask the mirrors, and look at the files, for something new."""
        self._asked_for_news = True
        self.show_activity("looking for news")
        self.app.look_for_news()

    def action_mirrors(self) -> None:
        """All mirrors."""
        from cachetui.tui.dialogs.mirrors import MirrorsScreen

        screen = MirrorsScreen(self.app.locations, self.app.options.policy)
        self.app.push_screen(screen, self._mirrors_chosen)

    def _mirrors_chosen(self, locations: Sequence[str] | None) -> None:
        if locations:
            self.app.open_locations(locations)

    # steps

    def action_query(self) -> None:
        """Type into the query bar."""
        self.query_one(QueryBar).begin()
        self.offer_completions()

    def action_write_choices(self) -> None:
        """Turn the chosen facet values into query text."""
        from cachetui.search import with_choices_written

        written = with_choices_written(self.engine, self.settled())
        if not self.selection.choices:
            self.tell("nothing is chosen in the facets")
        elif self.query_one(QueryBar).error is not None:
            self.tell("the query cannot be read: nothing is written into it", "warning")
        elif written.text == self.selection.text:
            self.tell("spec syntax has no words for what is chosen, or the query has no room for them")
        else:
            self.choose(written)
            self.query_one(QueryBar).set_text(written.text)

    def action_back(self) -> None:
        """One step back: the innermost thing that is open first."""
        table, sidebar = self.query_one(SpecTable), self.query_one(FacetSidebar)
        if self.typing:
            self._typing_since = None
            self.go(Pane.PACKAGES)
        elif (
            sidebar.end_search() or (self.pane is Pane.TABLE and table.fold_current()) or table.clear_marks()
        ):
            self.tell_counts()
        elif self.leave_pane():
            return
        elif self.app.stop_looking():
            self.tell("stopped; nothing is lost by it")
        elif not self._step_back():
            self.tell("nothing to go back to; q leaves")

    def _step_back(self) -> bool:
        """Select what was selected before the last change that can be seen; False if there was none."""
        shown = self.settled()
        while self.steps:
            step = self.steps.pop()
            if step.with_package(step.package or "") != shown:
                self._typing_since = None
                self.selection = step
                self.query_one(QueryBar).set_text(step.text)
                return True
        return False

    # help, leaving

    def action_problems(self) -> None:
        """What could not be read."""
        from cachetui.tui.dialogs.problems import ProblemsScreen

        reading = self.result.reading() if self.result is not None else ""
        self.app.push_screen(ProblemsScreen(self.opened, reading))

    def action_help(self) -> None:
        """All keys."""
        from cachetui.tui.dialogs.help import HelpScreen

        self.app.push_screen(HelpScreen(self.app.keymap))

    def action_suspend_process(self) -> None:
        """Back to the shell, where there is one with job control."""
        self.app.suspend_to_shell()

    def action_quit(self) -> None:
        """Leave."""
        self.app.exit()
