"""The bars of the main screen: what is open and typed above the panes, which keys do what below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from cachetui.search import Completions, Result, Selection
from cachetui.tui.browse import lines
from cachetui.tui.browse.hints import TYPING, hints
from cachetui.tui.browse.panes import PaneLayout
from cachetui.tui.commands import command
from cachetui.tui.requests import RunCommand
from cachetui.tui.state import View
from cachetui.tui.widgets.lines import Line, line_width, width_of
from cachetui.tui.widgets.query_bar import QueryBar
from cachetui.tui.widgets.text_lines import Bar, HintBar, fitting


class TitleBar(Bar):
    """The first line of the screen; a click at its end opens the help, one on a warning what it is about."""

    def header_clicked(self, row: int, column: int) -> None:
        """Show what was clicked."""
        place = self.width
        for text, style in reversed(self.contents.get(0, ())):
            place -= width_of(text)
            if column >= place:
                if column >= self.width - line_width(lines.HELP):
                    self.post_message(RunCommand(command("help").runs))
                elif style == "warning":
                    self.post_message(RunCommand(command("problems").runs))
                return


class Bars:
    """Shows lines in the bars.

    Attributes:
        activity: what is done in the background; empty: nothing.
    """

    def __init__(self) -> None:
        self.title = TitleBar(id="title")
        self.query = QueryBar(id="query")
        self.filters = Bar(id="filters")
        self.hints = HintBar(id="hints")
        self.activity: Line = ()

    def show_message(self, message: str, style: str = "accent") -> None:
        """Say what has just happened, until the next key."""
        self.query.show_message(((f" {message}", style),))

    def forget_message(self) -> None:
        """Show the reading of the query again."""
        self.query.show_message(())

    def show_result(self, view: View, result: Result, layout: PaneLayout) -> None:
        """Say how much is shown and how the query was read, or what of it cannot be read."""
        self.query.show_counts(lines.counts(result))
        plain = result.plain
        self.query.can_be_written = plain is not None and plain.text != self.query.text.strip()
        if self.query.error is None:
            self.query.show_reading(lines.reading(result, layout.width))
        self.filters.show(lines.filters(result, layout.width))
        self.filters.display = layout.shows_filters

    def show_title(self, view: View, result: Result | None, rows: Sequence[int], layout: PaneLayout) -> None:
        """Say what is open or, on small screens, where one is.

        Args:
            rows: the builds under the cursor.
        """
        line = lines.title(view.reported, result, rows, layout.is_single, layout.width, self.activity)
        self.title.show(line)

    def show_hints(
        self,
        layout: PaneLayout,
        keymap: Mapping[str, str],
        enter: str,
        is_searching: bool,
        is_empty: bool,
    ) -> None:
        """Say what the keys do now.

        Args:
            enter: what Enter does on a build.
            is_searching: the values of a facet are searched.
            is_empty: there are no builds.
        """
        width = layout.width
        suggestions = lines.suggestions(self.query.completions, width) if self.query.has_focus else ()
        if suggestions:
            self.hints.show(suggestions)
        elif self.query.has_focus:
            first = replace(TYPING[0], word=enter) if is_empty else TYPING[0]
            self.hints.show_hints(fitting((first, *TYPING[1:]), width))
        elif is_searching:
            self.hints.show(lines.SEARCHING)
        else:
            self.hints.show_hints(hints(layout.pane, keymap, width, enter, is_empty))

    def offer_completions(self, view: View, selection: Selection) -> bool:
        """Offer what may follow the query; False while nobody types."""
        if self.query.has_focus:
            from cachetui.search import complete  # not before the first letter

            self.query.show_completions(complete(view.engine, selection, len(selection.text)))
            return True
        if self.query.completions.items:
            self.query.show_completions(Completions())
        return False
