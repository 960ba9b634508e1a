"""The bars of the main screen: what is open and typed above the panes, what happened and which keys below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cachetui.search import Completions, Result, Selection
from cachetui.tui.browse import lines
from cachetui.tui.browse.hints import hints
from cachetui.tui.browse.panes import Pane, PaneLayout
from cachetui.tui.state import View
from cachetui.tui.widgets.query_bar import QueryBar
from cachetui.tui.widgets.text_lines import Bar


class Bars:
    """Shows lines in the two bars.

    Attributes:
        activity: what is done in the background; empty: nothing.
    """

    def __init__(self) -> None:
        self.query = QueryBar(id="query")
        self.status = Bar(id="status")
        self.activity = ""

    def show_message(self, message: str, style: str = "accent") -> None:
        """Say something in the status line, until something else happens."""
        self.status.show(((f" {message}", style),))

    def show_counts(self, view: View, result: Result) -> None:
        """Say how much is shown, or what cannot be read and what is shown instead."""
        error = self.query.misunderstood
        if error is None:
            self.status.show(lines.status(result, view.opened))
        else:
            shown = result.selection.text.strip() or "all builds"
            self.show_message(f"{error}   still showing: {shown}", "warning")

    def show_reading(self, view: View, result: Result, width: int) -> None:
        """Say how the query was read."""
        self.query.show_reading(lines.reading(result, view.opened.is_sample, width))

    def show_title(self, view: View, result: Result | None, rows: Sequence[int], layout: PaneLayout) -> None:
        """Say what is open or, on narrow screens, where one is.

        Args:
            rows: the builds under the cursor.
        """
        is_narrow = not layout.shows(Pane.FACETS)
        title = lines.title(view.opened, result, rows, is_narrow, layout.width, self.activity)
        self.query.show_title(title)

    def show_hints(
        self, layout: PaneLayout, keymap: Mapping[str, str], enter: str, is_searching: bool
    ) -> None:
        """Say what the keys do now.

        Args:
            enter: what Enter does on a build.
            is_searching: the values of a facet are searched.
        """
        if self.query.has_focus:
            line = lines.suggestions(self.query.completions)
        elif is_searching:
            line = lines.SEARCHING
        else:
            line = hints(layout.pane, keymap, layout.width, enter)
        self.status.show(line, row=1)

    def offer_completions(self, view: View, selection: Selection) -> bool:
        """Offer what may follow the query; False while nobody types."""
        if self.query.has_focus:
            from cachetui.search import complete  # not before the first letter

            self.query.show_completions(complete(view.engine, selection, len(selection.text)))
            return True
        if self.query.completions.items:
            self.query.show_completions(Completions())
        return False
