"""The browser's main screen: owns the selection and its result, and routes between the panes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import var

from cachetui.errors import QuerySyntaxError
from cachetui.refresh import Opened
from cachetui.search import Engine, Result, Selection, complete, finished, with_choices_written
from cachetui.tui.commands import BROWSE_COMMANDS, bindings
from cachetui.tui.screens import lines
from cachetui.tui.screens.copying import CopyingScreen
from cachetui.tui.screens.panes import Pane, shown_panes
from cachetui.tui.widgets.facet_sidebar import FacetSidebar
from cachetui.tui.widgets.package_list import PackageList
from cachetui.tui.widgets.query_bar import QueryBar
from cachetui.tui.widgets.spec_detail import SpecDetail
from cachetui.tui.widgets.spec_table import SpecTable
from cachetui.tui.widgets.text_lines import Bar

EVERYTHING = Selection(package=None)
"""What is shown at first: all packages, and the best match once a name is typed."""


class BrowseScreen(CopyingScreen):
    """Packages, facets, builds and the build under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(BROWSE_COMMANDS)

    selection: var[Selection] = var(EVERYTHING, init=False)
    """What was chosen; everything on the screen follows from it."""

    result: var[Result | None] = var(None, init=False)
    """The answer to the last selection that could be read."""

    def __init__(
        self,
        opened: Opened,
        engine: Engine,
        selection: Selection = EVERYTHING,
        is_sample: bool = False,
    ) -> None:
        super().__init__()
        self.set_reactive(BrowseScreen.selection, selection)
        self.opened = opened
        self.catalog = opened.catalog
        self.engine = engine
        self.is_sample = is_sample
        self.steps: list[Selection] = []
        self._typing_since: Selection | None = None
        self._answering = False

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
        self._answer()
        self.query_one("#packages").focus()
        # The first typo would wait for this.
        self.call_after_refresh(self.run_worker, self.engine.ranker.warm, thread=True)

    # the flow: selection -> result -> panes

    def watch_selection(self) -> None:
        """Answer soon; of several changes in a row only the last is answered."""
        if not self._answering:
            self._answering = True
            self.call_later(self._answer)

    def _answer(self) -> None:
        self._answering = False
        try:
            self.result = self.engine.select(self.selection)
        except QuerySyntaxError as error:
            understood = self._finished()
            self.query_one(QueryBar).show_error(error, unfinished=understood is not None)
            self.result = self.engine.select(understood or self._understood())
        else:
            self.query_one(QueryBar).show_reading(lines.reading(self.result, self.is_sample, self.size.width))
        self._tell_counts()
        self._offer_completions()

    def _offer_completions(self) -> None:
        """Offer what may follow the query, while one is typed."""
        if self.typing:
            text = self.selection.text
            self.query_one(QueryBar).show_completions(complete(self.engine, self.selection, len(text)))
            self.show_hints()

    def _finished(self) -> Selection | None:
        """The selection without what is being typed at the end of the query, if the rest can be read."""
        text = finished(self.selection.text)
        if not self.typing or text is None:
            return None
        selection = replace(self.selection, text=text)
        with suppress(QuerySyntaxError):
            self.engine.select(selection)
            return selection
        return None

    def _understood(self) -> Selection:
        """The selection with the last query that could be read in place of the one that cannot."""
        text = self.result.selection.text if self.result is not None else ""
        return replace(self._settled() if self.selection.package is None else self.selection, text=text)

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
    def _package_selected(self, event: PackageList.Selected) -> None:
        if self.result is not None and event.package != self.result.package:
            self.selection = self.selection.with_package(event.package)

    @on(PackageList.Accepted, "#packages")
    def _package_accepted(self) -> None:
        self.go(Pane.TABLE)

    @on(FacetSidebar.Toggled)
    def _facet_toggled(self, event: FacetSidebar.Toggled) -> None:
        self.choose(self._settled().toggling(event.facet, event.value, event.excluded))

    @on(FacetSidebar.Cleared)
    def _facet_cleared(self, event: FacetSidebar.Cleared) -> None:
        self.choose(self._settled().without_choices(event.facet))

    @on(SpecTable.SortRequested)
    def _sort_requested(self, event: SpecTable.SortRequested) -> None:
        self.choose(self._settled().sorted_by(event.column))

    @on(SpecTable.Highlighted)
    def _highlighted(self, event: SpecTable.Highlighted) -> None:
        self.query_one(SpecDetail).show(event.rows)
        self._tell_counts()

    @on(SpecTable.Chosen)
    def _chosen(self, event: SpecTable.Chosen) -> None:
        self.build_chosen(event.rows)

    def build_chosen(self, rows: list[int]) -> None:
        """Enter on a build of an unfolded line folds it again; a chooser ends here."""
        self.query_one(SpecTable).fold_current()

    def _settled(self) -> Selection:
        """The selection with the package that it led to: filters do not change the package."""
        if self._answering:
            self._answer()
        package = self.result.package if self.result is not None else None
        return self.selection.with_package(package)

    # what is told

    def tell(self, message: str, style: str = "accent") -> None:
        """Say something in the status line, until something else happens."""
        self.query_one("#status", Bar).show(((f" {message}", style),))

    def _tell_counts(self) -> None:
        error = self.query_one(QueryBar).misunderstood
        if error is not None and self.result is not None:
            shown = self.result.selection.text.strip() or "all builds"
            self.tell(f"{error}   still showing: {shown}", "warning")
        elif self.result is not None:
            self.query_one("#status", Bar).show(lines.status(self.result, self.opened))
        self.tell_title()

    def tell_title(self) -> None:
        narrow = not shown_panes(self.size.width, self.size.height, self.pane).facets
        table = self.query_one(SpecTable)
        self.query_one(QueryBar).show_title(
            lines.title(self.opened, self.result, table.highlighted, narrow, self.size.width)
        )

    # steps

    def action_query(self) -> None:
        """Type into the query bar."""
        self.query_one(QueryBar).begin()
        self._offer_completions()

    def action_write_choices(self) -> None:
        """Turn the chosen facet values into query text."""
        written = with_choices_written(self.engine, self._settled())
        if not self.selection.choices:
            self.tell("nothing is chosen in the facets")
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
            self._tell_counts()
        elif self.leave_pane():
            return
        elif not self._step_back():
            self.tell("nothing to go back to; q leaves")

    def _step_back(self) -> bool:
        """Select what was selected before the last change that can be seen; False if there was none."""
        shown = self._settled()
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
        from cachetui.tui.screens.problems import ProblemsScreen

        reading = self.result.reading() if self.result is not None else ""
        self.app.push_screen(ProblemsScreen(self.opened, reading))

    def action_help(self) -> None:
        """All keys."""
        from cachetui.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.app.keymap))

    def action_suspend_process(self) -> None:
        """Back to the shell, where there is one with job control."""
        self.app.suspend_to_shell()

    def action_quit(self) -> None:
        """Leave."""
        self.app.exit()
