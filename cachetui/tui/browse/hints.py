"""The hint line: the keys that matter now, the most important ones where there is no room for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cachetui.tui.browse.panes import Pane
from cachetui.tui.commands import (
    BROWSE_COMMANDS,
    DETAIL_COMMANDS,
    FACET_COMMANDS,
    TABLE_COMMANDS,
    Command,
    command,
)
from cachetui.tui.widgets.text_lines import Hint, fitting

_OF_PANE: Mapping[Pane, Sequence[Command]] = {
    Pane.FACETS: FACET_COMMANDS,
    Pane.TABLE: TABLE_COMMANDS,
    Pane.DETAIL: DETAIL_COMMANDS,
}

_ENTER_PRIORITY = 1


TYPING = (
    Hint("Enter", "to the builds", 1, "submit", "query"),
    Hint("↑ ↓", "packages", 4),
    Hint("Tab", "next pane", 3, "next_pane"),
    Hint("Esc", "commands", 1, "back"),
    Hint("^p", "all commands", 5, command("palette").runs),
    Hint("^c", "quit", 2, "app.quit"),
    Hint("F1", "help", 0, command("help").runs),
)
"""While a query is typed."""


def hints(
    pane: Pane, keymap: Mapping[str, str], width: int, enter: str, is_empty: bool = False
) -> Sequence[Hint]:
    """The hints of the pane that has the focus.

    Args:
        keymap: the user's own keys, by command.
        enter: what Enter does in the table.
        is_empty: there is no build in it, which its keys would be about.
    """
    # In the facets, / searches the values.
    hidden = {"query"} if pane is Pane.FACETS else set()
    own = () if is_empty and pane is Pane.TABLE else _OF_PANE.get(pane, ())
    of_pane = [(each, pane.value) for each in own]
    of_screen = [(each, "") for each in BROWSE_COMMANDS if each.id not in hidden]
    given = [
        Hint(each.keys_text(keymap), each.hint, each.priority, each.runs, where)
        for each, where in (*of_pane, *of_screen)
        if each.hint
    ]
    if pane in (Pane.PACKAGES, Pane.TABLE):
        word = enter if pane is Pane.TABLE else "builds"
        given.insert(0, Hint("Enter", word, _ENTER_PRIORITY, "accept", pane.value))
    return fitting(given, width)
