"""What the next features need of the browser, each shown by adding one such thing in a few lines."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from cachetui.install import COPY_FORMS, cached_builds
from cachetui.refresh import open_catalog
from cachetui.tui import clipboard, commands
from cachetui.tui.browse.hints import TYPING, hints
from cachetui.tui.browse.panes import Pane
from cachetui.tui.commands import BROWSE_COMMANDS, Command
from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.requests import CopyBuilds, GoToBuild, MarkBuilds
from cachetui.tui.state import Context, View
from cachetui.tui.widgets.lines import Line
from cachetui.tui.widgets.text_lines import Hint, fitting
from tests.builders.mirrors import mirror, record
from tests.tui.driver import browsing


class TreeScreen(Dialog):
    """A screen that shows a build: what a dependency tree or a comparison takes."""

    heading = "Tree"

    def __init__(self, context: Context) -> None:
        super().__init__()
        catalog = context.view.catalog
        self.dag_hash = catalog.dag_hash(700)
        self.builds = cached_builds(catalog, [700])

    def lines(self) -> Sequence[Line]:
        return (((f" {self.dag_hash}", ""),),)

    def key_y(self) -> None:
        self.post_message(CopyBuilds(self.builds, COPY_FORMS[0]))

    def key_space(self) -> None:
        self.post_message(MarkBuilds([self.dag_hash]))

    def key_g(self) -> None:
        self.post_message(GoToBuild(self.dag_hash))


@pytest.fixture
def tree(monkeypatch: pytest.MonkeyPatch) -> Command:
    """A command that shows a screen, as one more entry in the table would."""
    module = ModuleType("cachetui.tui.dialogs.tree")
    module.TreeScreen = TreeScreen  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return Command("tree", "Z", "", "show the dependency tree", "tree", screen="tree.TreeScreen")


async def test_a_screen_is_one_entry_in_the_table_of_commands(tree: Command) -> None:
    async with browsing() as browser:
        (binding,) = commands.bindings([tree])
        assert not isinstance(binding, tuple)
        browser.screen._bindings.key_to_bindings.setdefault("Z", []).append(binding)
        await browser.press("Z")
        assert isinstance(browser.app.screen, TreeScreen)
        assert "Tree" in browser.text


async def test_any_screen_can_copy_mark_and_go_to_builds(tree: Command) -> None:
    async with browsing() as browser:
        await browser.query("zlib")
        await browser.press("escape")
        await browser.app.run_action(tree.runs)
        await browser.settle()
        assert isinstance(browser.app.screen, TreeScreen)
        shown: TreeScreen = browser.app.screen
        shown.key_y()
        await browser.until(lambda: bool(browser.sent))
        assert browser.sent == [clipboard.osc52(shown.dag_hash)]
        await browser.settle()
        await browser.press("escape")  # what was copied, as the status line is covered
        shown.key_space()
        await browser.settle()
        assert browser.screen.marks.hashes == {shown.dag_hash}
        shown.key_g()
        await browser.settle()
        assert [type(screen).__name__ for screen in browser.app.screen_stack][-1] == "BrowseScreen"
        (row,) = browser.table.highlighted
        assert browser.catalog.dag_hash(row) == shown.dag_hash
        assert browser.focus == "table"


async def test_going_to_a_build_that_is_shown_changes_no_selection() -> None:
    async with browsing() as browser:
        row = browser.result.rows[500]
        selection = browser.screen.selection
        browser.app.post_message(GoToBuild(browser.catalog.dag_hash(row)))
        await browser.settle()
        assert browser.table.highlighted == [row]
        assert browser.screen.selection == selection


def text_of(shown: Sequence[Hint]) -> str:
    return "".join(text for hint in shown for text, _ in hint.line)


@pytest.mark.parametrize("width", [1, 10, 20, 40, 79, 80, 200])
@pytest.mark.parametrize("pane", list(Pane))
def test_help_is_never_left_out_of_the_hints(pane: Pane, width: int) -> None:
    for shown in (text_of(hints(pane, {}, width, "open")), text_of(fitting(TYPING, width))):
        assert "F1 help" in shown
        assert len(shown) <= max(width, len(" F1 help "))
        if width >= 79:
            assert "quit" in shown


def test_hints_are_in_the_order_of_the_table() -> None:
    shown = text_of(hints(Pane.PACKAGES, {}, 200, ""))
    places = [shown.index(f" {c.keys_text({})} {c.hint} ") for c in BROWSE_COMMANDS if c.hint]
    assert places == sorted(places)


async def test_another_view_renews_all_panes(tmp_path: Path) -> None:
    other = open_catalog([mirror(tmp_path / "m", record(1, "lonely"), record(2, "lonely", version="2"))])
    async with browsing() as browser:
        await browser.press("tab", "tab", "down", "space")
        marked = browser.screen.marks
        browser.screen.view = View.of(other, browser.app.config)
        await browser.settle()
        assert browser.packages.package == "lonely" and "lonely" in "\n".join(browser.pane("packages"))
        assert browser.catalog is browser.result.catalog is browser.detail.catalog is other.catalog
        assert "2 builds" in browser.pane("table")[0]
        assert "lonely@" in browser.pane("detail")[0]
        assert "2 builds of 1 package" in browser.title
        assert browser.screen.marks == marked and browser.table.marked == frozenset()
