"""A tree over the whole screen: what a build depends on, or what depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pyroaring import BitMap
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from cachetui.install import COPY_FORMS, cached_builds
from cachetui.refresh import OnProgress, Progress
from cachetui.search import INSTALLED, YES
from cachetui.tui.commands import TREE_COMMANDS, WALK_COMMANDS, bindings, command
from cachetui.tui.requests import CopyBuilds, GoToBuild
from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.state import View
from cachetui.tui.tasks import Done, Progressed, Task, run_task
from cachetui.tui.walk import Direction, Walk
from cachetui.tui.widgets.line_list import BOXES_FROM, Border
from cachetui.tui.widgets.text_lines import Hint, HintBar, fitting
from cachetui.tui.widgets.tree_list import TreeList

COMPLETE, PACE = "complete", 0.1
"""The name of the task, and the seconds between two messages of it."""


class WalkScreen(QuietScreen[None]):
    """Walks through the DAG of a catalog, from build to build and back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(WALK_COMMANDS),
        Binding(command("help").keys, command("help").runs, "help", show=False),
        Binding("ctrl+c,ctrl+q", "app.quit", "quit", show=False),
        Binding("ctrl+z", "app.suspend", "suspend", show=False),
    ]
    keys_shown_first = "tree"

    def __init__(self, view: View, row: int, direction: Direction, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self.keymap = keymap
        self.tree_list = TreeList(id="tree")
        self.hint_bar = HintBar(id="walk-hints")
        self._view: View | None = view
        self._way: list[Walk] = []
        self._completing: Task[Walk] | None = None
        self._first = self._walk(view, row, direction)

    def compose(self) -> ComposeResult:
        """The tree, the keys below."""
        yield self.tree_list
        yield self.hint_bar

    def on_mount(self) -> None:
        """Show the first tree."""
        self._fit()
        self.tree_list.show(self._first)
        self.begin_at(self.tree_list)

    def on_unmount(self) -> None:
        """Let go of the catalog: a closed screen is a reference cycle, which would keep it."""
        self._stop_completing()
        self.tree_list.show(None)
        self._way.clear()
        del self._first
        self._view = None

    def on_resize(self) -> None:
        """Choose the frame and the hints that there is room for."""
        self._fit()

    def _fit(self) -> None:
        width, height = self.app.size
        self.tree_list.show_border(Border.BOX if height >= BOXES_FROM else Border.RULE)
        given = [
            Hint(each.keys_text(self.keymap), each.hint, each.priority, each.runs)
            for each in (*TREE_COMMANDS, *WALK_COMMANDS)
            if each.hint
        ]
        help_ = command("help")
        ends = [Hint(help_.keys_text(self.keymap), help_.hint, 0, help_.runs)]
        self.hint_bar.show_hints(fitting([Hint("Enter", "follow", 1), *given, *ends], width))

    # walking

    @staticmethod
    def _walk(view: View, row: int, direction: Direction, choice: int = 0) -> Walk:
        return Walk(view.catalog, row, direction, choice, _installed(view))

    def _go(self, row: int, direction: Direction) -> None:
        """Show another tree; the one that is shown is returned to."""
        before = self.tree_list.walk
        if before is None or self._view is None or (before.row, before.direction) == (row, direction):
            return
        self._way.append(before)
        self.tree_list.show(self._walk(self._view, row, direction, before.choice))

    # what is beyond the first nodes

    def _stop_completing(self) -> None:
        if self._completing is not None:
            self._completing.cancel()

    @on(TreeList.Begun)
    def _complete(self) -> None:
        """Walk on in the background, from the newest walk alone."""
        self._stop_completing()
        walk = self.tree_list.walk
        if walk is not None and not walk.is_whole:
            walks = [walk]  # Textual's workers are reference cycles, which would keep the catalog
            self._completing = run_task(self, COMPLETE, lambda show: _completed(walks.pop(), show), pace=PACE)

    def on_progressed(self, event: Progressed) -> None:
        """Say how far it has come."""
        event.stop()
        if not event.task.is_cancelled:
            self.tree_list.show_found(event.progress.done)

    def on_done(self, event: Done) -> None:
        """Show the whole walk."""
        event.stop()
        walk = event.take()
        if walk is not None:
            if self._view is not None:
                walk.mark_installed(_installed(self._view))
            self.tree_list.complete(walk)

    @on(TreeList.Followed)
    def _followed(self, event: TreeList.Followed) -> None:
        walk = self.tree_list.walk
        if event.row is None:
            self.show_message("no index here has this build")
        elif walk is not None:
            self._go(event.row, walk.direction)

    def action_turn(self, name: str) -> None:
        """Show a tree of the build under the cursor, in another direction."""
        if self.tree_list.row is not None:
            self._go(self.tree_list.row, Direction[name])

    def action_return(self) -> None:
        """Return to the tree that led here; close after the first one."""
        if self._way:
            self.tree_list.show(self._way.pop())
        else:
            self.action_close()

    def action_close(self) -> None:
        """Close."""
        self.dismiss()

    def renew_view(self, view: View) -> None:
        """Walk on in another catalog from the same build; close if that is gone."""
        walk = self.tree_list.walk
        if walk is None:
            return
        self._stop_completing()
        rows = view.catalog.rows_with_prefix(walk.catalog.dag_hash(walk.row))
        self._way.clear()
        self._view = view
        if rows:
            self._first = self._walk(view, rows[0], walk.direction, walk.choice)
            self.tree_list.show(self._first)
        else:
            self.action_close()

    def rejudge(self, view: View) -> None:
        """Mark what is installed."""
        self._view = view
        shown = self.tree_list.walk
        for walk in (*self._way, self._first, *([shown] if shown else [])):
            walk.mark_installed(_installed(view))
        self.tree_list.update_lines()

    # the build under the cursor

    def action_show_in_table(self) -> None:
        """Show the build under the cursor in the table of the main screen."""
        row, view = self.tree_list.row, self._view
        if row is None or view is None:
            self.show_message("no index here has this build")
        elif row not in view.catalog.listed:
            self.show_message("the table lists builds with a binary and externals alone")
        else:
            self.app.post_message(GoToBuild(view.catalog.dag_hash(row)))

    def action_copy(self) -> None:
        """Copy the hash of the build under the cursor."""
        row, view = self.tree_list.row, self._view
        if row is not None and view is not None:
            self.app.post_message(CopyBuilds(cached_builds(view.catalog, [row]), COPY_FORMS[0]))

    # messages

    def show_message(self, message: str, style: str = "accent") -> bool:
        """Say in place of the keys what has just happened, until the next key."""
        self.hint_bar.show(((f" {message}", style),))
        return True

    def forget_message(self) -> None:
        """Show the keys again."""
        if not self.hint_bar.hints:
            self._fit()


def _completed(walk: Walk, on_progress: OnProgress) -> Walk:
    return walk.complete(lambda found: on_progress(Progress(COMPLETE, specs=0, done=found, total=0)))


def _installed(view: View) -> BitMap:
    """The builds that are installed here, as far as that is known by now."""
    attributes = view.engine.attributes
    if any(attribute.name == INSTALLED for attribute in attributes.here):
        bound = attributes.bound(INSTALLED)
        if getattr(bound, "is_ready", False):
            return bound.index.rows(YES)
    return BitMap()
