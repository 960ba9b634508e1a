"""The browser's main screen: owns the selection and its result, and routes between the panes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import var

from cachetui.errors import QuerySyntaxError
from cachetui.install import COPY_FORMS, CopyForm
from cachetui.refresh import Opened
from cachetui.search import Engine, Result, Selection
from cachetui.tui.commands import BROWSE_COMMANDS, bindings
from cachetui.tui.screens import lines
from cachetui.tui.screens.panes import Pane, next_pane, shown_panes
from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.widgets.facet_sidebar import FacetSidebar
from cachetui.tui.widgets.line_list import counted
from cachetui.tui.widgets.package_list import PackageList
from cachetui.tui.widgets.query_bar import QueryBar
from cachetui.tui.widgets.spec_detail import SpecDetail
from cachetui.tui.widgets.spec_table import SpecTable
from cachetui.tui.widgets.text_lines import Bar

WIDE = 120
"""Columns from which packages and facets have their full width."""

if TYPE_CHECKING:
    from cachetui.tui.app import CachetuiApp


class BrowseScreen(QuietScreen[None]):
    """Packages, facets, builds and the build under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(BROWSE_COMMANDS)

    app: CachetuiApp

    selection: var[Selection] = var(Selection(package=None), init=False)
    """What was chosen; everything on the screen follows from it."""

    result: var[Result | None] = var(None, init=False)
    """The answer to the last selection that could be read."""

    pane: var[Pane] = var(Pane.PACKAGES, init=False)
    """The pane that takes the keys, also while a query is typed."""

    def __init__(self, opened: Opened, engine: Engine, is_sample: bool = False) -> None:
        super().__init__()
        self.opened = opened
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
            self.query_one(QueryBar).show_error(error.start, error.end, str(error))
            self.result = self.engine.select(self._understood())
            self.tell("not understood: this is the result of the last query that was", "warning")
            return
        self.query_one(QueryBar).show_reading(lines.reading(self.result, self.is_sample))
        self._tell_counts()

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
        if self.result is not None:
            self.query_one("#status", Bar).show(lines.status(self.result, self.opened))
        self._tell_title()

    def _tell_title(self) -> None:
        narrow = not shown_panes(self.size.width, self.size.height, self.pane).facets
        table = self.query_one(SpecTable)
        self.query_one(QueryBar).show_title(
            lines.title(self.opened, self.result, table.highlighted, narrow, self.size.width)
        )

    # panes

    def on_resize(self) -> None:
        """Another size has room for other panes."""
        self.show_panes()
        self._tell_title()

    def show_panes(self) -> None:
        """Show the panes that there is room for."""
        shown = shown_panes(self.size.width, self.size.height, self.pane)
        self.set_class(shown.single, "-single")
        self.set_class(self.size.width < WIDE, "-slim")
        for name in ("packages", "facets", "builds", "table", "detail"):
            self.query_one(f"#{name}").display = getattr(shown, name)
        self.query_one("#status", Bar).show(lines.hints(self._mode(), self.app.keymap), row=1)

    def _mode(self) -> Pane | str:
        """What the keys do now."""
        if self.typing:
            return lines.TYPING
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
        self._tell_title()

    def on_descendant_focus(self) -> None:
        """Keep up with the mouse: a clicked pane takes the keys."""
        focused = self.focused
        if focused is not None and focused.id in {pane.value for pane in Pane}:
            self.pane = Pane(focused.id)
        self.show_panes()

    def action_query(self) -> None:
        """Type into the query bar."""
        self.query_one(QueryBar).begin()

    def action_next_pane(self) -> None:
        """The next pane that can be shown."""
        self.go(next_pane(self.pane, 1))

    def action_previous_pane(self) -> None:
        """The pane before."""
        self.go(next_pane(self.pane, -1))

    def action_facets(self) -> None:
        """To the facets and back."""
        self.go(Pane.TABLE if self.pane is Pane.FACETS else Pane.FACETS)

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
        elif self._leave_pane():
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

    def _leave_pane(self) -> bool:
        """Where panes cover each other, go to the one before; False if none is covered."""
        shown = shown_panes(self.size.width, self.size.height, self.pane)
        before = {Pane.DETAIL: Pane.TABLE, Pane.TABLE: Pane.PACKAGES, Pane.FACETS: Pane.TABLE}.get(self.pane)
        if before is None or getattr(shown, before.value):
            return False
        self.go(before)
        return True

    # copying, help, leaving

    def action_copy_hash(self) -> None:
        """Copy the hash under the cursor, or those of the marked builds."""
        table = self.query_one(SpecTable)
        if len(table.taken) > 1 and not table.marked:
            self.tell(
                f"{len(table.taken):,} builds look the same here: Enter unfolds them, Y copies them all"
            )
        else:
            self._copy(COPY_FORMS[0], table.taken)

    def action_copy_as(self) -> None:
        """Choose a form, then copy."""
        from cachetui.tui.screens.copy_menu import CopyMenu

        rows = self.query_one(SpecTable).taken
        specs = [self.opened.catalog.spec(row) for row in rows]
        if specs:
            self.app.push_screen(CopyMenu(specs), lambda form: self._copy(form, rows))
        else:
            self.tell("no build to copy")

    def _copy(self, form: CopyForm | None, rows: list[int]) -> None:
        if form is None:
            return
        if not rows:
            self.tell("no build to copy")
            return
        text = form.render([self.opened.catalog.spec(row) for row in rows])
        label = f"{counted(len(rows), 'build')} as {form.name}"
        self.app.send_to_clipboard(text, partial(self._sent, text, label), self.tell)

    def _sent(self, text: str, label: str, way: str) -> None:
        """Show what was sent, in the status line or, where it is too long for that, in a box."""
        from cachetui.tui.screens.copied import CopiedScreen

        if "\n" not in text and len(text) + len(way) + 3 <= self.size.width:
            self.tell(f"{text}  {way}")
        else:
            self.app.push_screen(CopiedScreen(text, f"{label}: {way}"))

    def action_problems(self) -> None:
        """What could not be read."""
        from cachetui.tui.screens.problems import ProblemsScreen

        self.app.push_screen(ProblemsScreen(self.opened))

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
