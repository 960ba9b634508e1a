"""Marked builds as a collection, and what a copy takes of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from cachetui.install import COPY_FORMS, CopyForm, cached_builds
from cachetui.search import Selection
from cachetui.text import counted
from cachetui.tui.browse.answering import command_line
from cachetui.tui.browse.history import State
from cachetui.tui.browse.host import Host
from cachetui.tui.browse.open_build import OpenBuild
from cachetui.tui.browse.panes import Pane
from cachetui.tui.browse.steps import Steps
from cachetui.tui.requests import CopyBuilds, CopyText
from cachetui.tui.state import Marks


class Collecting:
    """Marks and copies the builds of a screen."""

    def __init__(self, screen: Host, steps: Steps, open_build: OpenBuild) -> None:
        self._screen = screen
        self._steps = steps
        self._open_build = open_build

    @property
    def taken(self) -> Sequence[int]:
        """What a copy takes: the marked builds, else the one that is open, else those under the cursor."""
        screen = self._screen
        if screen.table.marked or not self._open_build.is_open or screen.detail.row is None:
            return screen.table.taken
        return [screen.detail.row]

    # marks

    def toggle(self, hashes: Iterable[str]) -> None:
        """Mark builds, or deselect them if all of them are marked."""
        self._mark(self._screen.state.marks.toggled(hashes))

    def _mark(self, marks: Marks) -> None:
        self._steps.remember()
        self._screen.show_state(State(self._screen.state.selection, marks))

    def clear(self) -> None:
        """Deselect all marked builds."""
        number = len(self._screen.state.marks)
        if number:
            self._mark(Marks())
            self._screen.bars.show_message(f"deselected {counted(number, 'build')}; u brings them back")
        else:
            self._screen.bars.show_message("no build is marked")

    def show(self) -> None:
        """List the marked builds alone, or what was listed before."""
        screen = self._screen
        if screen.state.selection.among:
            screen.choose(replace(screen.settled(), among=frozenset()))
        elif screen.state.marks.hashes:
            screen.choose(Selection(package="", among=screen.state.marks.hashes))
            screen.query_bar.set_text("")
            screen.go(Pane.TABLE)
        else:
            screen.bars.show_message("no build is marked; Space marks one")

    # comparing

    def compared(self) -> Sequence[int]:
        """The builds to compare: the marked ones, one of them and that under the cursor, else look-alikes."""
        from cachetui.graph import MOST_COMPARED  # late: a start compares nothing

        screen, marked = self._screen, self._screen.table.marked
        current = [screen.detail.row] if self._open_build.is_open else screen.table.highlighted
        rows = sorted(marked)
        if len(marked) < 2:
            rows += [row for row in current if row is not None and row not in marked]
        if len(rows) < 2:
            screen.bars.show_message("mark the builds to compare with Space, or go to look-alikes")
        elif len(marked) > MOST_COMPARED:
            text = f"{len(marked):,} builds are marked; at most {MOST_COMPARED} can be compared"
            screen.bars.show_message(text, "warning")
        elif len(marked) == 1 and len(rows) > 2:
            screen.bars.show_message("one build is marked: choose one of the look-alikes, or mark another")
        else:
            return rows
        return ()

    # copies

    def copy_hash(self) -> None:
        """Copy one hash, or those of the marked builds; look-alikes are unfolded instead."""
        screen, rows = self._screen, self.taken
        if len(rows) > 1 and not screen.table.marked:
            screen.go(Pane.TABLE)
            screen.table.unfold_current()
            text = f"{len(rows):,} builds look alike: choose one, or press Y to copy all"
            screen.bars.show_message(text)
        else:
            self.copy_as(COPY_FORMS[0])

    def copy_as(self, form: CopyForm | None) -> None:
        """Copy what is taken; None: choose a form first."""
        screen = self._screen
        needs = form is None or form.installs
        if builds := cached_builds(screen.view.catalog, self.taken, needs):
            screen.post_message(CopyBuilds(builds, form))
        else:
            screen.bars.show_message("no build to copy")

    def copy_command(self) -> None:
        """Copy the command line that shows what is shown."""
        screen = self._screen
        if screen.query_bar.error is not None:
            screen.bars.show_message("the query cannot be read: nothing is copied", "warning")
            return
        text, note = command_line(screen.view.engine, screen.settled(), screen.locations)
        screen.post_message(CopyText(text, note))
