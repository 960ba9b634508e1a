"""What the parts of the main screen may ask of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from textual.message import Message
from textual.widget import Widget

from cachetui.search import Result, Selection
from cachetui.tui.browse.bars import Bars
from cachetui.tui.browse.follower import Follower
from cachetui.tui.browse.history import State
from cachetui.tui.browse.pane_widgets import PaneWidgets
from cachetui.tui.browse.panes import Pane
from cachetui.tui.state import View
from cachetui.tui.widgets.query_bar import QueryBar
from cachetui.tui.widgets.spec_detail import SpecDetail
from cachetui.tui.widgets.spec_table import SpecTable


class Host(Protocol):
    """The main screen as its parts see it."""

    table: SpecTable
    detail: SpecDetail
    bars: Bars
    query_bar: QueryBar
    panes: PaneWidgets
    settler: Follower
    locations: Sequence[str]

    @property
    def view(self) -> View:
        """The catalog that is looked at."""

    @property
    def selection(self) -> Selection:
        """What is selected."""

    @property
    def result(self) -> Result | None:
        """The answer to the last selection that could be read."""

    @property
    def is_typing(self) -> bool:
        """Whether keys go into the query bar."""

    @property
    def focused(self) -> Widget | None:
        """The widget that takes the keys."""

    def set_focus(self, widget: Widget) -> None:
        """Let a widget take the keys."""

    def show_panes(self) -> None:
        """Show the panes that there is room for."""

    def show_result(self) -> None:
        """Answer the selection now."""

    def call_later(self, callback: Callable[[], None]) -> bool:
        """Call something after the messages that are waiting."""

    @property
    def state(self) -> State:
        """What is selected and marked."""

    def show_state(self, state: State) -> None:
        """Select and mark something else, without a step that could be undone."""

    def show_builds(self, rows: Sequence[int]) -> None:
        """Show builds in the detail panel."""

    def settled(self) -> Selection:
        """The selection with the package that it led to."""

    def choose(self, selection: Selection) -> None:
        """Select something else; Esc goes back to what was selected before."""

    def go(self, pane: Pane) -> None:
        """Give the focus to a pane."""

    def catch_up(self) -> bool:
        """Do now what still follows the cursor; False if nothing does."""

    def post_message(self, message: Message) -> bool:
        """Ask something of the app."""
