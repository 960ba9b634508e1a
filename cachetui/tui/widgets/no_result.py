"""What stands in for a table without builds: which term has none, and a key that drops it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message

from cachetui.search import Selection, Term
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line

WIDEST_TERM = 40


class NoResult(LineList):
    """The terms of a selection that no build satisfies together."""

    class Dropped(Message):
        """A term is to be dropped."""

        def __init__(self, rest: Selection) -> None:
            super().__init__()
            self.rest = rest

    header_lines = 4

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.reason = ""
        self.terms: Sequence[Term] = ()
        self.is_needed = False

    def explain(self, reason: str, terms: Sequence[Term]) -> None:
        """Show why there is no build; the cursor is on the term whose loss leaves most builds."""
        self.reason, self.terms, self.is_needed = reason, terms, True
        order = sorted(range(len(terms)), key=lambda place: (-terms[place].without, terms[place].alone))
        self.cursor = order[0] if order else 0
        self.update_lines()

    def line_count(self) -> int:
        """One for each term."""
        return len(self.terms)

    def title(self) -> tuple[Line, Line]:
        """That there is nothing."""
        return (("no builds", "title"),), ()

    def header(self, row: int) -> Line:
        """The reason, and what the columns are."""
        if row == 1:
            return ((f" {self.reason}", "warning"),)
        if row == 3 and self.terms:
            return ((f"   {'term':{self._term_width}}  {'alone':>12}  {'without it':>12}", "muted"),)
        return ()

    @property
    def _term_width(self) -> int:
        return min(max(max((len(term.text) for term in self.terms), default=0), 12), WIDEST_TERM)

    def line(self, index: int) -> Line:
        """A term with its counts."""
        term = self.terms[index]
        width = self._term_width
        text = term.text if len(term.text) <= width else term.text[: width - 1] + "…"
        key: Line = (("   Enter drops it", "accent"),) if index == self.cursor else ()
        return (
            (f"   {text:{width}}", "strong"),
            (f"  {term.alone:>12,}", "bad" if not term.alone else ""),
            (f"  {term.without:>12,}", "good" if term.without else "muted"),
            *key,
        )

    def action_accept(self) -> None:
        """Drop the term under the cursor."""
        if self.cursor < len(self.terms):
            self.post_message(self.Dropped(self.terms[self.cursor].rest))

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """A second click does it too."""
        event.stop()
        self.action_accept()
