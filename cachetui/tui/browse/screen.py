"""The main screen: owns what is looked at, selected and marked, and routes between the panes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.geometry import Size
from textual.reactive import var

from cachetui.install import cached_builds
from cachetui.query import LONGEST
from cachetui.search import Result, Selection
from cachetui.tui.browse.answering import answer, why_not_written
from cachetui.tui.browse.answering_ahead import ANSWER, AnsweringAhead
from cachetui.tui.browse.answers import Answers
from cachetui.tui.browse.bars import Bars
from cachetui.tui.browse.collecting import Collecting
from cachetui.tui.browse.explaining import Explaining
from cachetui.tui.browse.follower import PAUSE_SECONDS, Follower
from cachetui.tui.browse.history import State
from cachetui.tui.browse.open_build import OpenBuild
from cachetui.tui.browse.pane_widgets import PaneWidgets
from cachetui.tui.browse.panes import Pane, PaneLayout
from cachetui.tui.browse.preparing import PREPARE, Preparing
from cachetui.tui.browse.steps import Steps
from cachetui.tui.browse.walking_ahead import WalkingAhead
from cachetui.tui.commands import BROWSE_COMMANDS, bindings
from cachetui.tui.requests import PickBuilds, Rejudge, StopRefresh
from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.state import Marks, Picking, View
from cachetui.tui.tasks import Done, Failed, Progressed
from cachetui.tui.widgets.facet_sidebar import FacetSidebar
from cachetui.tui.widgets.lines import Line
from cachetui.tui.widgets.no_result import NoResult
from cachetui.tui.widgets.package_list import PackageList
from cachetui.tui.widgets.query_bar import QueryBar
from cachetui.tui.widgets.spec_detail import Section, SpecDetail
from cachetui.tui.widgets.spec_table import SpecTable

EVERYTHING = Selection(package=None)
"""What is shown at first: all packages, and the best match once a name is typed."""


class BrowseScreen(QuietScreen[None]):
    """Packages, filters, builds and the build under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(BROWSE_COMMANDS)

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

    locations: Sequence[str] = ()
    """Those that were named; set by the app."""

    def __init__(self, view: View, selection: Selection = EVERYTHING, picking: Picking | None = None) -> None:
        super().__init__()
        self.set_reactive(BrowseScreen.view, view)
        self.set_reactive(BrowseScreen.selection, selection)
        if selection.text:
            self.set_reactive(BrowseScreen.pane, Pane.TABLE)
        self.picking = picking
        self.is_refreshing = False
        self.steps = Steps(self)
        self.open_build = OpenBuild(self)
        self.collecting = Collecting(self, self.steps, self.open_build)
        self.follower = Follower(self.set_timer)
        self.settler = Follower(self.set_timer, PAUSE_SECONDS)
        self.preparing = Preparing(self)
        self.answers = Answers(self, AnsweringAhead(self))
        self.explaining = Explaining(self)
        self.bars = Bars()
        self.panes = PaneWidgets()
        self.query_bar = self.bars.query
        self.packages, self.facets = self.panes.packages, self.panes.facets
        self.table, self.detail = self.panes.table, self.panes.detail
        self.walking = WalkingAhead(self.detail)
        self.table.picks_marked = picking is not None and picking.multi
        self._news = ""

    def compose(self) -> ComposeResult:
        """The query on top, the panes, the hints below."""
        yield self.bars.title
        yield self.query_bar
        yield self.bars.filters
        with Horizontal(id="panes"):
            with self.panes.left:
                yield self.packages.data_bind(BrowseScreen.result)
                yield self.facets.data_bind(BrowseScreen.result)
            with self.panes.right:
                yield self.table.data_bind(BrowseScreen.result, BrowseScreen.marks)
                yield self.panes.no_result
                yield self.detail
        yield self.bars.hints

    def on_mount(self) -> None:
        """Answer the first selection; people type first, unless they have done so on the command line."""
        self.query_bar.set_text(self.selection.text)
        self.show_result()
        self.begin_at(self.panes.widget(self.pane) if self.selection.text else self.query_bar)
        self.show_panes()
        self.show_detail()
        # The first letter would wait for this.
        self.call_after_refresh(self._prepare)

    def _prepare(self) -> None:
        is_ordinary = self.selection == EVERYTHING and not self.walking.is_long
        self.preparing.start(self.view, self.table.highlighted if is_ordinary else ())

    @on(Done)
    def _answered(self, event: Done) -> None:
        """Show what was computed."""
        if event.task.name == ANSWER:
            event.stop()
            event.task.is_finished = True
            if not event.task.is_cancelled:
                self.show_result()

    @on(Done)
    @on(Failed)
    def _prepared(self, event: Done | Failed) -> None:
        """Close what was left; after an error, show what is ready nevertheless."""
        if event.task.name == PREPARE:
            event.task.is_finished = True
            self.preparing.close_unread()
            if isinstance(event, Failed):
                self._show_prepared()
            else:
                event.stop()
                found = event.take()
                if found is not None and found.judgement is self.view.judgement:
                    self.post_message(Rejudge())

    @on(Progressed)
    def _computed(self, event: Progressed) -> None:
        """Show the facets and columns that are ready now."""
        if event.task.name in (PREPARE, ANSWER):
            event.stop()
        if event.task.name == PREPARE:
            self._show_prepared()

    def _show_prepared(self) -> None:
        self.facets.rebuild()
        self.table.show_signs()
        self.settler.follow("columns", self.table.offer_columns)
        self.show_detail()
        self.show_title()
        if self.view.judgement.is_computed:
            for screen in self.app.screen_stack:
                if isinstance(screen, QuietScreen):
                    screen.rejudge(self.view)

    # answering

    def watch_selection(self) -> None:
        """Answer soon; of several changes in a row only the last is answered."""
        self.answers.follow()

    def watch_view(self, before: View, after: View) -> None:
        """Answer over the new catalog; what followed the cursor of the old one comes first."""
        self.catch_up()
        is_other = before.catalog is not after.catalog  # else something else is said about its builds
        if is_other:
            self.open_build.forget_way()
        self.answers.renew(is_other)
        self.show_detail()
        if is_other:
            for screen in self.app.screen_stack:
                if isinstance(screen, QuietScreen):
                    screen.renew_view(after)
            self.preparing.leave(before.catalog)
        self._prepare()

    def show_result(self) -> None:
        """Answer the selection, or as much of it as can be read, and do what Enter was pressed for."""
        self.answers.is_due = False
        answered = answer(self.view.engine, self.selection, self.result, self.is_typing)
        if answered.error is not None:
            self.query_bar.show_error(answered.error, answered.is_unfinished)
        else:
            self.query_bar.forget_error()
        self.result = answered.result
        self.show_bars()
        self.explaining.follow(answered.result)
        self.settler.follow("columns", self.table.offer_columns)
        self.settler.follow("heights", self._fit_panes)
        self.offer_completions()
        if self.answers.is_submitted:
            self._query_submitted()

    def _fit_panes(self) -> None:
        self.panes.show(self.layout_of_panes)

    def settled(self) -> Selection:
        """The selection with the package that it led to: filters do not change the package."""
        self.catch_up()
        if self.answers.ahead.is_running:
            return self.selection
        self.answers.catch_up()
        return self.selection.with_package(self.result.package if self.result is not None else None)

    def offer_completions(self) -> None:
        """Offer what may follow the query while it is typed."""
        if self.bars.offer_completions(self.view, self.selection):
            self.show_hints()

    def catch_up(self) -> bool:
        """Do now what still follows the cursor; False if nothing does."""
        return self.follower.catch_up()

    # selecting

    @property
    def state(self) -> State:
        """What is selected and marked."""
        return State(self.selection, self.marks)

    def show_state(self, state: State) -> None:
        """Select and mark something else, without a step that could be undone."""
        self.marks = state.marks
        if state.selection != self.selection:
            self.selection = state.selection
            self.query_bar.set_text(state.selection.text)

    def choose(self, selection: Selection) -> None:
        """Select something else; Esc goes back to what was selected before."""
        if selection != self.selection:
            self.steps.remember()
            self.selection = selection

    def take_query(self, text: str) -> None:
        """Replace the query by another text, as if it were typed."""
        self.choose(self.selection.with_text(text))
        self.query_bar.set_text(text)

    @on(QueryBar.Changed)
    def _query_changed(self, event: QueryBar.Changed) -> None:
        if event.text != self.selection.text:
            self.follower.catch_up("builds")
            self.steps.typed()
            self.selection = self.selection.with_text(event.text)

    @on(QueryBar.Cut)
    def _paste_cut(self, event: QueryBar.Cut) -> None:
        text = f"{event.length:,} characters were pasted: the rest beyond {LONGEST:,} is left out"
        self.bars.show_message(text, "warning")

    @on(QueryBar.Written)
    def _write_plain_words(self) -> None:
        plain = self.result.plain if self.result is not None else None
        if plain is not None:
            # Values of one facet are alternatives: those that are selected already would be widened.
            facets = {choice.facet for choice in plain.choices}
            others = (choice for choice in self.selection.choices if choice.facet not in facets)
            choices = (*others, *plain.choices)
            self.choose(replace(self.selection.with_text(plain.text), choices=choices))
            self.query_bar.set_text(plain.text)

    @on(QueryBar.Stepped)
    def _stepped_while_typing(self, event: QueryBar.Stepped) -> None:
        if self.packages.line_count() > 1:
            self.packages.action_move(event.lines)
        else:
            self.panes.builds.action_move(event.lines)

    @on(QueryBar.Submitted)
    def _query_submitted(self) -> None:
        if not self.answers.submit():
            return
        is_read = self.query_bar.error is None
        self.go(Pane.TABLE)
        if is_read and self.result is not None and not self.result.rows:
            self.explaining.accept(self.result)

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

    @on(NoResult.Dropped)
    def _term_dropped(self, event: NoResult.Dropped) -> None:
        self.choose(event.rest)
        self.query_bar.set_text(event.rest.text)

    @on(SpecTable.SortRequested)
    def _sort_requested(self, event: SpecTable.SortRequested) -> None:
        self.choose(self.settled().sorted_by(event.column))

    @on(SpecTable.ReverseRequested)
    def _reverse_requested(self) -> None:
        if self.selection.sort:
            self.choose(self.settled().reversed())

    @on(SpecTable.Highlighted)
    def _build_highlighted(self, event: SpecTable.Highlighted) -> None:
        if event.moved or self.is_typing or self.pane is Pane.FACETS:
            self.follower.follow("detail", self._show_highlighted)
        else:
            self._show_highlighted()
        if not event.moved:
            self.settler.follow("heights", self._fit_panes)  # look-alikes were unfolded

    def _show_highlighted(self) -> None:
        if not self.open_build.led_from(self.table.highlighted):
            self.open_build.forget_way()
        self.show_detail()
        self.show_title()
        if self._news:
            self.bars.show_message(self._news)
            self._news = ""

    def action_write_choices(self) -> None:
        """Turn the selected facet values into query text."""
        from cachetui.search import with_choices_written

        written = with_choices_written(self.view.engine, self.settled())
        if problem := why_not_written(self.selection, written, self.query_bar.error):
            self.bars.show_message(problem, "warning")
        else:
            self.choose(written)
            self.query_bar.set_text(written.text)

    def action_choose_columns(self) -> None:
        """Choose the columns of the table."""
        if self.result is not None:
            from cachetui.tui.dialogs.columns import ColumnsScreen

            self.app.push_screen(ColumnsScreen(self.result, self.table.chosen_columns))

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

    def action_clear_marks(self) -> None:
        """Deselect all marked builds."""
        self.collecting.clear()

    def action_marked(self) -> None:
        """List the marked builds alone, or what was listed before."""
        self.collecting.show()

    def action_copy_hash(self) -> None:
        """Copy the hash under the cursor, or those of the marked builds."""
        self.collecting.copy_hash()

    def action_copy_as(self) -> None:
        """Copy in a form to be chosen."""
        self.collecting.copy_as(None)

    def action_copy_command(self) -> None:
        """Copy the command line that shows this view."""
        self.collecting.copy_command()

    @on(SpecTable.Chosen)
    def _build_chosen(self, event: SpecTable.Chosen) -> None:
        if self.picking is None:
            self.open_build.open(Section.SPEC)
        else:
            self.post_message(PickBuilds(cached_builds(self.view.catalog, event.rows)))

    # the build that is open

    def action_section(self, name: str) -> None:
        """Show a section of the build under the cursor, over the table."""
        self.open_build.open(Section[name])

    def action_walk(self, name: str) -> None:
        """Show as a tree what the build under the cursor depends on, or what depends on it."""
        row = self.open_build.chosen()
        if row is not None:
            from cachetui.tui.screens.walk import WalkScreen
            from cachetui.tui.walk import Direction

            self.app.push_screen(WalkScreen(self.view, row, Direction[name], self.keymap))

    def action_compare(self) -> None:
        """Compare the marked builds, else the look-alikes under the cursor."""
        if rows := self.collecting.compared():
            from cachetui.tui.screens.compare import CompareScreen

            self.app.push_screen(CompareScreen(self.view, rows, self.keymap))

    @on(SpecDetail.Followed)
    def _dependency_followed(self, event: SpecDetail.Followed) -> None:
        self.open_build.follow(event.row)

    def action_return_to_build(self) -> None:
        """Show the build again that led to the one that is open."""
        if not self.open_build.go_back():
            self.action_back()

    # panes

    @property
    def size(self) -> Size:
        """That of the terminal, which the screen has before its first layout, too."""
        return self.app.size

    @property
    def layout_of_panes(self) -> PaneLayout:
        """Which panes there is room for."""
        several = self.packages.line_count() > 1
        pane = self.pane
        if self.is_typing and pane in (Pane.PACKAGES, Pane.TABLE):  # the pane that the arrows walk
            pane = Pane.PACKAGES if several else Pane.TABLE
        return PaneLayout(
            self.size.width,
            self.size.height,
            pane,
            several,
            self.open_build.is_open,
            bool(self.selection.choices),
        )

    @property
    def is_typing(self) -> bool:
        """Whether keys go into the query bar."""
        return self.query_bar.has_focus

    def on_resize(self) -> None:
        """Another size has room for other panes."""
        self.show_panes()
        self.show_bars()

    @on(FacetSidebar.Searched)
    def show_panes(self) -> None:
        """Show the panes that there is room for."""
        self.panes.show(self.layout_of_panes)
        self.show_hints()

    def go(self, pane: Pane) -> None:
        """Give the focus to a pane."""
        self.pane = pane
        self.open_build.is_open = self.open_build.is_open and pane is not Pane.TABLE
        self.show_panes()
        self.set_focus(self.panes.widget(pane))
        self.show_title()

    def on_descendant_focus(self) -> None:
        """Keep up with the mouse: a clicked pane has the focus, and a clicked query bar offers something."""
        self.pane = self.panes.pane_of(self.focused) or self.pane
        self.show_panes()
        if self.result is not None:
            self.offer_completions()

    def on_descendant_blur(self) -> None:
        """What was unfinished while it was typed cannot be read once another pane has the focus."""
        if self.query_bar.error is not None:
            self.show_bars()

    @on(QueryBar.Left)
    def action_next_pane(self) -> None:
        """Go to the next pane."""
        self.go(self.layout_of_panes.next(1))

    def action_previous_pane(self) -> None:
        """Go to the pane before."""
        self.go(self.layout_of_panes.next(-1))

    def action_facets(self) -> None:
        """Go to the filters, or back to the table."""
        self.go(Pane.TABLE if self.pane is Pane.FACETS else Pane.FACETS)

    def action_query(self) -> None:
        """Type into the query bar."""
        self.query_bar.begin()
        self.offer_completions()

    # back

    def action_back(self) -> None:
        """Go one step back: the innermost thing that is open first."""
        if self.is_typing:
            self.steps.end_typing()
            self.go(self.pane)
        elif self.facets.end_search() or (self.pane is Pane.TABLE and self.table.fold_current()):
            self.show_hints()
        elif covered := self.layout_of_panes.covered:
            self.go(covered)
        elif self.is_refreshing:
            self.post_message(StopRefresh())
        elif not self.steps.back():
            self.bars.show_message("nothing to undo; q quits")

    def action_undo(self) -> None:
        """Undo the last step: of what is selected, or of what is marked."""
        self.steps.undo()

    def action_redo(self) -> None:
        """Do again what was undone."""
        self.steps.redo()

    # bars

    def show_detail(self) -> None:
        """Show the builds under the cursor in the detail panel, or the one that they led to."""
        rows = self.table.highlighted
        self.show_builds(self.detail.rows if self.open_build.led_from(rows) else rows)

    def show_builds(self, rows: Sequence[int]) -> None:
        """Show builds in the detail panel, with what is known of them on this machine."""
        self.walking.show(self.view, rows)

    def show_title(self) -> None:
        """Say what is open."""
        self.bars.show_title(self.view, self.result, self.table.highlighted, self.layout_of_panes)

    def show_hints(self) -> None:
        """Say what the keys do now."""
        enter = "open" if self.picking is None else "pick"
        is_empty = self.panes.no_result.is_needed
        if is_empty:
            enter = "drop the term"
        is_searching = bool(self.facets.searched)
        self.bars.show_hints(self.layout_of_panes, self.keymap, enter, is_searching, is_empty)

    def show_bars(self) -> None:
        """Say how much is shown, and how the query was read."""
        if self.result is not None:
            self.bars.show_result(self.view, self.result, self.layout_of_panes)
        self.show_title()

    def show_activity(self, activity: Line) -> None:
        """Say what is done in the background; empty: nothing."""
        if activity != self.bars.activity:
            self.bars.activity = activity
            self.show_title()

    # other catalogs

    def renew(self, view: View, news: str) -> None:
        """Show another state of the same locations, and say what is new; the cursor keeps its hash."""
        self.show_activity(())
        if self.view.is_up_to_date(view.opened) and self.view.catalog.identity == view.catalog.identity:
            opened = replace(view.opened, catalog=self.view.catalog)
            self.set_reactive(BrowseScreen.view, replace(self.view, opened=opened))
            view.catalog.close()
            self.show_bars()
            if news:
                self.bars.show_message(news)
        else:
            self._news = news  # the message would be overwritten when the table shows the new builds
            self.view = view

    def open(self, view: View) -> None:
        """Show what lies at other locations, from the beginning."""
        self.steps.clear()
        self.query_bar.set_text("")
        self.set_reactive(BrowseScreen.selection, EVERYTHING)
        self.answers.is_submitted = False
        self.view = view
        self.go(Pane.PACKAGES)
        self.action_query()
