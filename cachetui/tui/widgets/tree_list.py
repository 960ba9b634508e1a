"""The list of a tree: a line for each node, of which branches are folded and unfolded."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from cachetui.render import OutlineWidths, broken_words, node_line, signs_line, states_line, words_of
from cachetui.tui.commands import TREE_COMMANDS, bindings
from cachetui.tui.walk import Direction, Walk
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line, columns, line_width, width_of

WIDTHS = (OutlineWidths(40, 11), OutlineWidths(54, 15))
"""On narrow and on wide screens."""

WIDE = 100

_TITLE_ENDS = 9
"""Cells of a title's line that its texts do not take."""


class TreeList(LineList):
    """Shows a walk."""

    class Followed(Message):
        """Enter was pressed on a node."""

        def __init__(self, row: int | None) -> None:
            super().__init__()
            self.row = row

    class Begun(Message):
        """Another walk is shown, or other deptypes are followed: it may not be whole."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(TREE_COMMANDS)
    header_lines = 1
    footer_lines = 2

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.walk: Walk | None = None
        self._counts: dict[str, int] = {}

    def show(self, walk: Walk | None) -> None:
        """Show another walk, where one was in it."""
        if self.walk is not None:
            self.walk.cursor, self.walk.top = self.cursor, self.top
        self.walk = walk
        self._counts = {}
        if walk is not None:
            self.cursor, self.top = walk.cursor, walk.top
            if walk.direction is Direction.UP:
                self._counts = dict(walk.direct_counts())
            self.update_lines()
            self.post_message(self.Begun())

    def complete(self, walk: Walk) -> None:
        """Show the walk that completes the one that is shown, where one is in that."""
        if self.walk is not None:
            self.walk.cursor, self.walk.top = self.cursor, self.top
            walk.take_place_of(self.walk)
            self.walk, self.cursor, self.top = walk, walk.cursor, walk.top
            self.update_lines()

    def show_found(self, found: int) -> None:
        """Say how many nodes were found so far."""
        if self.walk is not None and found > self.walk.found:
            self.walk.found = found
            self.update_lines()

    # drawing

    def line_count(self) -> int:
        """The nodes that are unfolded."""
        return 0 if self.walk is None else len(self.walk.outline)

    def line(self, index: int) -> Line:
        """One of them."""
        assert self.walk is not None
        return self.walk.line(index, WIDTHS[self.width >= WIDE], self.width)

    def title(self) -> tuple[Line, Line]:
        """The build that the walk began at, and the states of what was found."""
        if self.walk is None:
            return (), ()
        left = (*self.walk.name, (f" {self.walk.count}", ""))
        if not self.walk.is_whole:
            return left, (("counting ...", "muted"),)
        if self.walk.direction is Direction.DOWN:
            states = states_line(self.walk.catalog, self.walk.states, self.walk.installed)
            return left, states if self._has_room(left, states) else self._signs
        runtime, every = self.walk.transitive or (0, 0)
        long: Line = ((f"transitively by {runtime:,} over link and run, by {every:,} over all", ""),)
        short: Line = ((f"transitively {runtime:,} link run, {every:,} all", ""),)
        return left, long if self._has_room(left, long) else short

    @property
    def _signs(self) -> Line:
        return () if self.walk is None else signs_line(self.walk.states, self.walk.installed)

    def _has_room(self, left: Line, right: Line) -> bool:
        return line_width(left) + line_width(right) + _TITLE_ENDS <= self.size.width

    def header(self, row: int) -> Line:
        """The deptypes that are followed, among those that can be chosen."""
        if self.walk is None:
            return ()
        line: Line = ((" deptypes ", "muted"),)
        for place, name in enumerate(self.walk.filter_names()):
            text = f"{name} {self._counts[name]:,}" if name in self._counts else name
            is_chosen = place == self.walk.choice
            line += ((f"[{text}]", "accent") if is_chosen else (f" {text} ", "muted"),)
        return columns(line, (), self.width)

    def footer(self, row: int) -> Line:
        """The node under the cursor in full, broken between words."""
        if self.walk is None:
            return ()
        line = node_line(self.walk.catalog, self.walk.outline.node(self.cursor))
        lines = list(broken_words(words_of(line), max(self.width - 1, 1), 0, width_of))
        if row < self.footer_lines - 1:
            return ((" ", ""), *lines[row]) if row < len(lines) else ()
        rest = lines[row:]
        return tuple(span for each in rest for span in ((" ", ""), *each))

    # moving

    def action_unfold(self) -> None:
        """Show what is below a node, or go to the first node below it."""
        if self.walk is None:
            return
        outline = self.walk.outline
        if outline.is_repeated(self.cursor):
            self.move_to(outline.own_line(self.cursor))
        elif outline.is_unfolded(self.cursor):
            self.move_to(self.cursor + 1)
        elif outline.unfold(self.cursor):
            self.update_lines()

    def action_fold(self) -> None:
        """Hide what is below a node, or go to the node above it."""
        if self.walk is None:
            return
        if self.walk.outline.fold(self.cursor):
            self.update_lines()
        else:
            self.move_to(self.walk.outline.parent(self.cursor))

    def action_toggle_fold(self) -> None:
        """Show what is below a node, or hide it."""
        if self.walk is not None:
            if not self.walk.outline.fold(self.cursor):
                self.walk.outline.unfold(self.cursor)
            self.update_lines()

    def action_deptypes(self) -> None:
        """Follow the next deptypes; the cursor stays at its build if that is still there."""
        if self.walk is None:
            return
        before = self.walk.outline.node(self.cursor).dag_hash
        self.walk.choose(self.walk.choice + 1)
        outline = self.walk.outline
        near = range(min(len(outline), 10_000))
        places = (place for place in near if outline.node(place).dag_hash == before)
        self.cursor = next(places, 0)
        self.update_lines()
        self.post_message(self.Begun())

    def action_accept(self) -> None:
        """Follow the node under the cursor."""
        self.post_message(self.Followed(self.row))

    def clicked(self, index: int) -> None:
        """Put the cursor on the node, or follow it if the cursor is there."""
        if index == self.cursor:
            self.action_accept()
        else:
            self.move_to(index)

    @property
    def row(self) -> int | None:
        """The build under the cursor; None if it is in no index."""
        if self.walk is None or not self.line_count():
            return None
        return self.walk.outline.node(self.cursor).row
