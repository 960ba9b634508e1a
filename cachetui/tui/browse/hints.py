"""The hint line: the keys that matter now, the most important ones where there is no room for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from cachetui.tui.browse.panes import Pane
from cachetui.tui.commands import (
    BROWSE_COMMANDS,
    DETAIL_COMMANDS,
    FACET_COMMANDS,
    TABLE_COMMANDS,
    Command,
)
from cachetui.tui.widgets.lines import Line, line_width

_OF_PANE: Mapping[Pane, Sequence[Command]] = {
    Pane.FACETS: FACET_COMMANDS,
    Pane.TABLE: TABLE_COMMANDS,
    Pane.DETAIL: DETAIL_COMMANDS,
}

_ENTER_PRIORITY = 1


class Hint(Struct, frozen=True):
    """A key and a word for what it does.

    Args:
        priority: see `Command`.
    """

    keys: str
    word: str
    priority: int

    @property
    def line(self) -> Line:
        """As it stands in the hint line."""
        return ((f" {self.keys}", "accent"), (f" {self.word} ", ""))


TYPING = (
    Hint("Enter", "to the builds", 1),
    Hint("↑ ↓", "packages", 4),
    Hint("Tab", "next pane", 3),
    Hint("Esc", "commands", 1),
    Hint("^p", "all commands", 5),
    Hint("^c", "quit", 2),
    Hint("F1", "help", 0),
)
"""While a query is typed."""


def hints(pane: Pane, keymap: Mapping[str, str], width: int, enter: str) -> Line:
    """The hints of the pane that has the focus.

    Args:
        keymap: the user's own keys, by command.
        enter: what Enter does in the table.
    """
    # In the facets, / searches the values.
    hidden = {"query"} if pane is Pane.FACETS else set()
    commands = [*_OF_PANE.get(pane, ()), *(c for c in BROWSE_COMMANDS if c.id not in hidden)]
    given = [Hint(c.keys_text(keymap), c.hint, c.priority) for c in commands if c.hint]
    if pane in (Pane.PACKAGES, Pane.TABLE):
        given.insert(0, Hint("Enter", enter if pane is Pane.TABLE else "builds", _ENTER_PRIORITY))
    return shown_hints(given, width)


def shown_hints(given: Sequence[Hint], width: int) -> Line:
    """The hints that there is room for, in their order; those of priority 0 in any case."""
    chosen: set[int] = set()
    for place in sorted(range(len(given)), key=lambda place: given[place].priority):
        needed = line_width(given[place].line)
        if needed <= width or not given[place].priority:
            chosen.add(place)
            width -= needed
    return tuple(span for place in sorted(chosen) for span in given[place].line)
