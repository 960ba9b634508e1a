"""Every key of the browser, in one table: bindings, the hint line and the help screen are made from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from textual.binding import Binding, BindingType


class Command(Struct, frozen=True):
    """Something a key does.

    Args:
        id: the name by which a configuration gives it other keys.
        keys: Textual's key names, separated by commas.
        action: the action that it runs.
        text: what it does, for the help screen.
        hint: a word for the hint line; empty: not there.
        shown: how the help screen writes the keys, where Textual's names are no help.
    """

    id: str
    keys: str
    action: str
    text: str
    hint: str = ""
    shown: str = ""

    def keys_text(self, keymap: Mapping[str, str]) -> str:
        """The keys as a person reads them, with the user's own in place of the default."""
        if self.id in keymap:
            return keymap[self.id].replace(",", " ")
        return self.shown or self.keys.replace(",", " ")


LIST_COMMANDS = (
    Command("up", "up,k", "move(-1)", "one line up", shown="↑ k"),
    Command("down", "down,j", "move(1)", "one line down", shown="↓ j"),
    Command("page-up", "pageup,ctrl+b", "page(-1)", "one page up", shown="PgUp ^b"),
    Command("page-down", "pagedown,ctrl+f", "page(1)", "one page down", shown="PgDn ^f"),
    Command("first", "home,g", "first", "first line", shown="Home g"),
    Command("last", "end,G", "last", "last line", shown="End G"),
    Command("accept", "enter", "accept", "open: a package's builds, a folded row, a facet", shown="Enter"),
)
"""In every list."""

QUERY_COMMANDS = (
    Command("previous-package", "up", "step(-1)", "previous package", shown="↑"),
    Command("next-package", "down", "step(1)", "next package", shown="↓"),
    Command("packages-up", "pageup", "step(-10)", "ten packages up", shown="PgUp"),
    Command("packages-down", "pagedown", "step(10)", "ten packages down", shown="PgDn"),
    Command("complete", "tab", "complete", "take what is offered dim, else go to the next pane", shown="Tab"),
    Command("submit", "enter", "submit", "go to the builds", shown="Enter"),
    Command("cursor-left", "left,ctrl+b", "go(-1)", "one character left", shown="← ^b"),
    Command("cursor-right", "right,ctrl+f", "go(1)", "one character right", shown="→ ^f"),
    Command("cursor-start", "home,ctrl+a", "go_to_start", "to the beginning", shown="Home ^a"),
    Command("cursor-end", "end,ctrl+e", "go_to_end", "to the end", shown="End ^e"),
    Command("delete-left", "backspace,ctrl+h", "delete(-1)", "delete the character before", shown="⌫ ^h"),
    Command(
        "delete-right", "delete,ctrl+d", "delete(1)", "delete the character under the cursor", shown="Del ^d"
    ),
    Command("delete-word", "ctrl+w", "delete_word", "delete the word before", shown="^w"),
    Command("delete-before", "ctrl+u", "delete_before", "delete all before the cursor", shown="^u"),
    Command("delete-after", "ctrl+k", "delete_after", "delete all after the cursor", shown="^k"),
)
"""In the query bar; every key that is a character is text there."""

FACET_COMMANDS = (
    Command("choose", "space", "choose", "choose a value, or take the choice back", "choose", "Space"),
    Command("exclude", "x", "exclude", "exclude a value", "exclude"),
    Command("clear-facet", "c", "clear_facet", "take back all choices of this facet"),
    Command("search-facet", "slash", "search", "search the values of this facet", "search", "/"),
)
"""In the facet sidebar."""

TABLE_COMMANDS = (
    Command(
        "mark",
        "space",
        "mark",
        "mark builds to copy them together, and go on to the next line",
        "mark",
        "Space",
    ),
    Command("sort", "s", "sort(1)", "sort by the next column; after the last one, not at all", "sort"),
    Command("columns-right", "right,l", "columns(1)", "make room for the columns further right", shown="→"),
    Command("columns-left", "left,h", "columns(-1)", "back to the columns further left", shown="← h"),
    Command("reverse", "S", "reverse", "sort from the other end"),
)
"""In the spec table."""

BROWSE_COMMANDS = (
    Command("query", "slash", "query", "type a query: name +variant %compiler key=value", "query", "/"),
    Command("next-pane", "tab", "next_pane", "next pane", "panes", "Tab"),
    Command("previous-pane", "shift+tab", "previous_pane", "previous pane", shown="Shift+Tab"),
    Command("facets", "f", "facets", "go to the facets; on narrow screens over the table", "facets"),
    Command("copy-hash", "y", "copy_hash", "copy the highlighted hash", "copy"),
    Command("copy-as", "Y", "copy_as", "copy as: /hash, spec, install line, spack.yaml, JSON", "more"),
    Command(
        "mirrors",
        "m",
        "app.show('mirrors.MirrorsScreen')",
        "all mirrors, and public build caches to open",
        "mirrors",
    ),
    Command("refresh", "r", "app.refresh", "look for something new in the background; Esc stops it"),
    Command("write-choices", "w", "write_choices", "write the chosen values into the query, as spec syntax"),
    Command("back", "escape", "back", "one step back", "back", "Esc"),
    Command(
        "problems",
        "exclamation_mark",
        "app.show('problems.ProblemsScreen')",
        "how the query was read; what could not be read",
        shown="!",
    ),
    Command("help", "question_mark,f1", "app.show('help.HelpScreen')", "all keys", "keys", "?"),
    Command("suspend", "ctrl+z", "app.suspend", "back to the shell; `fg` returns", shown="^z"),
    Command("quit", "q,ctrl+c,ctrl+q", "app.quit", "leave", "leave", "q ^c"),
)
"""Everywhere, while no text is typed (Tab, Esc and those with ^ or F work there too)."""

MIRROR_COMMANDS = (
    Command("mark-mirror", "space", "mark", "mark mirrors to open them together", shown="Space"),
    Command("public-mirrors", "p", "app.show('public.PublicScreen')", "the public build caches"),
    Command("ask-mirrors", "r", "app.refresh", "look for something new in what is open"),
)
"""In the list of mirrors, where Enter opens."""

SECTIONS = (
    ("everywhere", BROWSE_COMMANDS),
    ("in every list", LIST_COMMANDS),
    ("in the facets", FACET_COMMANDS),
    ("in the table of builds", TABLE_COMMANDS),
    ("in the query bar", QUERY_COMMANDS),
    ("in the list of mirrors", MIRROR_COMMANDS),
)


def bindings(commands: Iterable[Command]) -> list[BindingType]:
    """The commands as Textual's bindings; none is a priority binding, so that typed letters stay text."""
    return [
        Binding(command.keys, command.action, command.text, show=False, id=command.id) for command in commands
    ]
