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
        action: the action that it runs; empty for one that shows a screen.
        text: what it does, for the help screen.
        hint: a word for the hint line; empty: not there.
        shown: how the help screen writes the keys, where Textual's names are no help.
        priority: hints with the highest number are left out first where there is no room for all; 0: never.
        screen: `module.Class` in the folder of dialogs; it is made from a `Context`.
    """

    id: str
    keys: str
    action: str
    text: str
    hint: str = ""
    shown: str = ""
    priority: int = 5
    screen: str = ""

    @property
    def runs(self) -> str:
        """The action that its keys are bound to."""
        return f"app.show({self.screen!r})" if self.screen else self.action

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
    Command("accept", "enter", "accept", "open a package, look-alikes or a facet", shown="Enter"),
)
"""In every list."""

QUERY_COMMANDS = (
    Command("previous-package", "up", "step(-1)", "previous package", shown="↑"),
    Command("next-package", "down", "step(1)", "next package", shown="↓"),
    Command("packages-up", "pageup", "step(-10)", "ten packages up", shown="PgUp"),
    Command("packages-down", "pagedown", "step(10)", "ten packages down", shown="PgDn"),
    Command("complete", "tab", "complete", "accept the suggestion, or go to the next pane", shown="Tab"),
    Command("submit", "enter", "submit", "go to the builds", shown="Enter"),
    Command("cursor-left", "left,ctrl+b", "go(-1)", "one character left", shown="← ^b"),
    Command("cursor-right", "right,ctrl+f", "go(1)", "one character right", shown="→ ^f"),
    Command("cursor-start", "home,ctrl+a", "go_to_start", "go to the beginning", shown="Home ^a"),
    Command("cursor-end", "end,ctrl+e", "go_to_end", "go to the end", shown="End ^e"),
    Command("delete-left", "backspace,ctrl+h", "delete(-1)", "delete the character before", shown="⌫ ^h"),
    Command(
        "delete-right", "delete,ctrl+d", "delete(1)", "delete the character under the cursor", shown="Del ^d"
    ),
    Command("delete-word", "ctrl+w", "delete_word", "delete the word before", shown="^w"),
    Command("delete-before", "ctrl+u", "delete_before", "delete everything before the cursor", shown="^u"),
    Command("delete-after", "ctrl+k", "delete_after", "delete everything after the cursor", shown="^k"),
)
"""In the query bar; every key that is a character is text there."""

FACET_COMMANDS = (
    Command("choose", "space", "choose", "select or deselect a value", "select", "Space", priority=1),
    Command("exclude", "x", "exclude", "exclude a value", "exclude", priority=2),
    Command("clear-facet", "c", "clear_facet", "deselect all values of this facet"),
    Command("search-facet", "slash", "search", "search the values of this facet", "search", "/", priority=3),
)
"""In the facet sidebar."""

TABLE_COMMANDS = (
    Command("mark", "space", "mark", "mark builds, and go to the next line", "mark", "Space", priority=3),
    Command("depends-on", "d", "screen.walk('DOWN')", "what it depends on, as a tree", "depends on"),
    Command("used-by", "D", "screen.walk('UP')", "what depends on it, as a tree"),
    Command(
        "compare",
        "equals_sign",
        "screen.compare",
        "compare the marked builds, or the look-alikes under the cursor",
        "compare",
        "=",
        priority=4,
    ),
    Command("sort", "s", "sort", "sort by the column under the column cursor; again: in reverse", "sort"),
    Command("reverse", "S", "reverse", "reverse the sort order"),
    Command("columns", "c", "screen.choose_columns", "choose the columns of the table"),
    Command("columns-right", "right,l", "columns(1)", "next column", shown="→ l"),
    Command("columns-left", "left,h", "columns(-1)", "column before", shown="← h"),
)
"""In the spec table."""

DETAIL_COMMANDS = (
    Command("next-section", "right,l", "section(1)", "next section", "sections", "→ ←", priority=2),
    Command("previous-section", "left,h", "section(-1)", "section before", shown="← h"),
    Command("open-depends-on", "d", "screen.walk('DOWN')", "what it depends on, as a tree"),
    Command("open-used-by", "D", "screen.walk('UP')", "what depends on it, as a tree"),
    Command("open-compare", "equals_sign", "screen.compare", "compare it with the marked builds", shown="="),
    Command(
        "return", "backspace", "screen.return_to_build", "return to the build that led here", "return", "⌫"
    ),
)
"""In the detail panel."""

TREE_COMMANDS = (
    Command("unfold", "right,l", "unfold", "unfold, or go to the first node below", "fold", "→ ←", 1),
    Command("fold", "left,h", "fold", "fold, or go to the node above", shown="← h"),
    Command("toggle-fold", "space", "toggle_fold", "unfold or fold", shown="Space"),
    Command(
        "deptypes", "t", "deptypes", "follow other deptypes: link and run, build, ...", "deptypes", "", 2
    ),
)
"""In a tree."""

WALK_COMMANDS = (
    Command("walk-back", "backspace", "return", "return to the tree that led here", "return", "⌫", 3),
    Command("walk-down", "d", "turn('DOWN')", "what the build under the cursor depends on", "depends on"),
    Command("walk-up", "D", "turn('UP')", "what depends on the build under the cursor", "used by"),
    Command("show-in-table", "o", "show_in_table", "show it in the table of builds", "in table", priority=3),
    Command("copy-node", "y", "copy", "copy its hash", "copy", priority=4),
    Command("close-walk", "escape,q", "close", "close", "close", "Esc", 0),
)
"""On the screen of a tree, where Enter follows."""

COMPARISON_COMMANDS = (
    Command("next-build", "right,l", "column(1)", "next build", "builds", "→ ←", 3),
    Command("previous-build", "left,h", "column(-1)", "build before", shown="← h"),
    Command("drop-build", "x", "drop", "drop the build of this column", "drop", priority=2),
    Command(
        "other-part", "tab,shift+tab", "part", "from the causes to the details, or back", "details", "Tab", 2
    ),
    Command("show-equal", "a", "equal", "show what is equal too, or differences only", "all", priority=1),
    Command("return-comparison", "backspace", "return", "return to the comparison that led here", shown="⌫"),
    Command("copy-compared", "y", "copy", "copy the hash of the build of this column", "copy", priority=3),
    Command("copy-compared-as", "Y", "copy_as", "copy it as /hash, spec, install line, ...", "copy as"),
    Command("compared-in-table", "o", "show_in_table", "show it in the table of builds", "in table"),
    Command("close-comparison", "escape,q", "close", "close", "close", "Esc", 0),
)
"""In a comparison, where Enter compares the builds of a dependency."""

ALL_TREE_COMMANDS = (*TREE_COMMANDS, *WALK_COMMANDS)

CHECK_COMMANDS = (
    Command("check-more", "a", "more", "show also what only builds need, or all that is there", "show more"),
    Command("check-copy", "y", "copy", "copy the hash of the nearest build", "copy", priority=4),
    Command("close-check", "escape,q", "close", "close", "close", "Esc", 0),
)
"""On the screen of a check, where Enter shows the nearest build in the table."""

BROWSE_COMMANDS = (
    Command("query", "slash", "query", "type a query", "query", "/", priority=2),
    Command("next-pane", "tab", "next_pane", "next pane", "panes", "Tab", priority=6),
    Command("previous-pane", "shift+tab", "previous_pane", "previous pane", shown="Shift+Tab"),
    Command("facets", "f", "facets", "go to the filters, or back to the table", "filters", priority=4),
    Command(
        "copy-hash", "y", "copy_hash", "copy the hash, or those of the marked builds", "copy", priority=1
    ),
    Command(
        "copy-as",
        "Y",
        "copy_as",
        "copy as /hash, spec, install line, spack.yaml, JSON",
        "copy as",
        priority=5,
    ),
    Command("copy-command", "L", "copy_command", "copy the command line that shows this view"),
    Command("marked", "v", "marked", "list the marked builds alone, or all again"),
    Command("clear-marks", "C", "clear_marks", "deselect all marked builds; u brings them back"),
    Command("undo", "u", "undo", "undo the last step", "undo", priority=6),
    Command("redo", "U", "redo", "do again what was undone"),
    Command(
        "mirrors",
        "m",
        "",
        "mirrors, and public build caches to open",
        "mirrors",
        priority=7,
        screen="mirrors.MirrorsScreen",
    ),
    Command(
        "coverage",
        "number_sign",
        "",
        "coverage: packages by target, os, compiler, as a heat map",
        shown="#",
        screen="coverage.CoverageScreen",
    ),
    Command(
        "host",
        "H",
        "",
        "which builds run on which host: this one, another one, any architecture",
        screen="hosts.HostsScreen",
    ),
    Command(
        "check-file",
        "ctrl+o",
        "",
        "check a file: is a spack.lock cached?",
        shown="^o",
        screen="check_file.CheckFileScreen",
    ),
    Command(
        "changes",
        "t",
        "",
        "what changed since the previous catalog, or between tags, mirrors, views",
        screen="changes.ChangesScreen",
    ),
    Command("refresh", "r", "app.refresh", "check the mirrors for updates; Esc stops it"),
    Command("write-choices", "w", "write_choices", "write the selected filters into the query"),
    Command("back", "escape", "back", "one step back", shown="Esc"),
    Command(
        "problems",
        "exclamation_mark",
        "",
        "how the query was read; what could not be read",
        shown="!",
        screen="problems.ProblemsScreen",
    ),
    Command("palette", "ctrl+p", "", "all commands by name", shown="^p", screen="palette.PaletteScreen"),
    Command("themes", "ctrl+t", "", "try other colours", shown="^t", screen="themes.ThemesScreen"),
    Command("help", "f1,question_mark", "", "help", "help", "F1", 0, screen="help.HelpScreen"),
    Command("suspend", "ctrl+z", "app.suspend", "back to the shell; `fg` returns", shown="^z"),
    Command("quit", "q,ctrl+c,ctrl+q", "app.quit", "quit", "quit", "q", priority=3),
)
"""Everywhere, while no text is typed (Tab, Esc and those with ^ or F work there too)."""

MIRROR_COMMANDS = (
    Command("mark-mirror", "space", "mark", "mark mirrors to open them together", shown="Space"),
    Command("public-mirrors", "p", "", "list the public build caches", screen="public.PublicScreen"),
    Command("ask-mirrors", "r", "app.refresh", "check the open mirrors for updates"),
)
"""In the list of mirrors, where Enter opens."""

COLUMN_COMMANDS = (
    Command("show-column", "space", "show_or_hide", "show or hide a column", shown="Space"),
    Command("column-left", "K,less_than_sign", "shift(-1)", "move a column to the left", shown="K <"),
    Command("column-right", "J,greater_than_sign", "shift(1)", "move a column to the right", shown="J >"),
    Command("reset-columns", "r", "reset", "show the columns that differ, as at first"),
)
"""In the list of columns, where Enter and Esc close."""

GRID_COMMANDS = (
    Command("cell-right", "right,l", "cell(1)", "next value", shown="→ l"),
    Command("cell-left", "left,h", "cell(-1)", "value before", shown="← h"),
    Command("cells-right", "right_square_bracket", "page_of_cells(1)", "one page of values right", shown="]"),
    Command("cells-left", "left_square_bracket", "page_of_cells(-1)", "one page of values left", shown="["),
)
"""In the cells of the coverage."""

COVERAGE_COMMANDS = (
    Command("next-facet", "b", "facet(1)", "packages by the next facet"),
    Command("previous-facet", "B", "facet(-1)", "packages by the facet before"),
    Command("gaps-first", "s", "gaps", "list packages with the most gaps first, or by name"),
)
"""In the coverage, where Enter goes to the builds of a cell."""

ALL_COVERAGE_COMMANDS = (*GRID_COMMANDS, *COVERAGE_COMMANDS)

CHANGES_COMMANDS = (
    Command("next-comparison", "b", "pair(1)", "compare the next tags, mirrors or previous catalogs"),
    Command("previous-comparison", "B", "pair(-1)", "compare those before"),
    Command("swap-sides", "x", "swap", "compare the other way round"),
    Command("filter-changes", "f", "kind", "show what came, what changed, what went, or all"),
    Command("largest-first", "s", "largest", "list packages with the most changed builds first, or by name"),
)
"""In the changes, where Enter goes to the builds of a package."""

HELP_COMMANDS = (
    Command("next-page", "tab,right_square_bracket", "page(1)", "next page", shown="Tab ]"),
    Command(
        "previous-page", "shift+tab,left_square_bracket", "page(-1)", "previous page", shown="Shift+Tab ["
    ),
)
"""In the help, where / begins a filter."""

SECTIONS = (
    ("everywhere", BROWSE_COMMANDS),
    ("in every list", LIST_COMMANDS),
    ("in the filters", FACET_COMMANDS),
    ("in the table of builds", TABLE_COMMANDS),
    ("in the details of a build", DETAIL_COMMANDS),
    ("in a tree", ALL_TREE_COMMANDS),
    ("in a check", CHECK_COMMANDS),
    ("in a comparison", COMPARISON_COMMANDS),
    ("in the query bar", QUERY_COMMANDS),
    ("in the list of mirrors", MIRROR_COMMANDS),
    ("in the help", HELP_COMMANDS),
    ("in the list of columns", COLUMN_COMMANDS),
    ("in the coverage", ALL_COVERAGE_COMMANDS),
    ("in the changes", CHANGES_COMMANDS),
)


def command(name: str) -> Command:
    """The command of an id among those that work everywhere. Raises StopIteration."""
    return next(each for each in BROWSE_COMMANDS if each.id == name)


def bindings(commands: Iterable[Command]) -> list[BindingType]:
    """The commands as Textual's bindings; none is a priority binding, so that typed letters stay text."""
    return [
        Binding(command.keys, command.runs, command.text, show=False, id=command.id) for command in commands
    ]
