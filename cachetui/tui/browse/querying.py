"""From a selection to its result: answers, what cannot be read, and what may be typed next."""

from __future__ import annotations

from contextlib import suppress

from msgspec.structs import replace
from textual.reactive import var

from cachetui.errors import QuerySyntaxError
from cachetui.refresh import Opened
from cachetui.search import Completions, Engine, Result, Selection
from cachetui.tui.browse import lines
from cachetui.tui.browse.copying import CopyingScreen
from cachetui.tui.widgets.query_bar import QueryBar
from cachetui.tui.widgets.text_lines import Bar

EVERYTHING = Selection(package=None)
"""What is shown at first: all packages, and the best match once a name is typed."""


class QueryingScreen(CopyingScreen):
    """Owns the selection and its result; the panes are bound to the result."""

    opened: Opened
    engine: Engine
    is_sample = False

    selection: var[Selection] = var(EVERYTHING, init=False)
    """What was chosen; everything on the screen follows from it."""

    result: var[Result | None] = var(None, init=False)
    """The answer to the last selection that could be read."""

    _answering = False

    def watch_selection(self) -> None:
        """Answer soon; of several changes in a row only the last is answered."""
        if not self._answering:
            self._answering = True
            self.call_later(self.answer)

    def answer(self) -> None:
        """Answer the selection, or as much of it as can be read."""
        self._answering = False
        bar = self.query_one(QueryBar)
        try:
            self.result = self.engine.select(self.selection)
        except QuerySyntaxError as error:
            finished = self._finished() if self.typing else None
            bar.show_error(error, unfinished=finished is not None)
            self.result = self.engine.select(finished or self._understood())
        else:
            bar.show_reading(lines.reading(self.result, self.is_sample, self.size.width))
        self.tell_counts()
        self.offer_completions()

    def _finished(self) -> Selection | None:
        """The selection without what is being typed at the end of the query, if the rest can be read."""
        from cachetui.search import without_unfinished

        text = without_unfinished(self.selection.text)
        if text is not None:
            selection = replace(self.selection, text=text)
            with suppress(QuerySyntaxError):
                self.engine.select(selection)
                return selection
        return None

    def _understood(self) -> Selection:
        """The selection with the last query that could be read in place of the one that cannot."""
        text = self.result.selection.text if self.result is not None else ""
        return replace(self.settled() if self.selection.package is None else self.selection, text=text)

    def settled(self) -> Selection:
        """The selection with the package that it led to: filters do not change the package."""
        self.catch_up()
        if self._answering:
            self.answer()
        package = self.result.package if self.result is not None else None
        return self.selection.with_package(package)

    def offer_completions(self) -> None:
        """Offer what may follow the query, while one is typed."""
        bar = self.query_one(QueryBar)
        if self.typing:
            from cachetui.search import complete  # not before somebody types

            bar.show_completions(complete(self.engine, self.selection, len(self.selection.text)))
            self.show_hints()
        elif bar.completions.items:
            bar.show_completions(Completions())

    def on_descendant_focus(self) -> None:
        """The query bar offers something as soon as it takes the keys, by the mouse too."""
        super().on_descendant_focus()
        if self.result is not None:
            self.offer_completions()

    def on_descendant_blur(self) -> None:
        """What was unfinished while it was typed cannot be read once other panes have the keys."""
        if self.query_one(QueryBar).error is not None:
            self.tell_counts()

    def tell(self, message: str, style: str = "accent") -> None:
        """Say something in the status line, until something else happens."""
        self.query_one("#status", Bar).show(((f" {message}", style),))

    def tell_counts(self) -> None:
        """Say how much is shown, or what cannot be read and what is shown instead."""
        error = self.query_one(QueryBar).misunderstood
        if error is not None and self.result is not None:
            shown = self.result.selection.text.strip() or "all builds"
            self.tell(f"{error}   still showing: {shown}", "warning")
        elif self.result is not None:
            self.query_one("#status", Bar).show(lines.status(self.result, self.opened))
        self.tell_title()
