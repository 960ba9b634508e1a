"""The facet sidebar: values with live counts; OR inside a facet, AND between facets."""

from __future__ import annotations

import sys
from operator import attrgetter
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import var

from cachetui.render import COLUMN_ROLES
from cachetui.search import YES, YES_WORDS, Choice, FacetCount, Result
from cachetui.tui.commands import FACET_COMMANDS, bindings
from cachetui.tui.line_edit import LineEdit
from cachetui.tui.requests import RememberChoice
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line, columns, line_width

SHORT = 5
"""Values of a facet that are shown before it is opened."""

OF_ONE_PACKAGE = frozenset({"version", "variant"})
"""Facets whose values mean little across packages: only their headings are shown there."""

MANY_VALUES = 200
"""Of a facet with more values, only those that are shown are counted."""

BAR = 6

COUNT = 8
"""Cells of the counts."""

_BY_COUNT = attrgetter("count")

BAR_SIGN = "▇"

MARKS = {None: "□", False: "■", True: "✕"}
"""By whether a value is excluded; None: neither selected nor excluded."""


class FacetLine(Struct, frozen=True):
    """A line of the sidebar.

    Args:
        facet: the facet that it belongs to.
        value: its value; None for the heading and for the line that says what is cut.
        note: what is cut, for the line that says so.
    """

    facet: str
    value: FacetCount | None = None
    share: float = 0.0
    note: str = ""
    shown: int = 0
    of: int = 0


class FacetSidebar(LineList):
    """All facets of a result, one below the other."""

    class Toggled(Message):
        """A value was selected, excluded or deselected."""

        def __init__(self, facet: str, value: str, excluded: bool) -> None:
            super().__init__()
            self.facet = facet
            self.value = value
            self.excluded = excluded

    class Cleared(Message):
        """All values of a facet were deselected."""

        def __init__(self, facet: str) -> None:
            super().__init__()
            self.facet = facet

    class Searched(Message):
        """A search inside a facet began or ended."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(FACET_COMMANDS)

    result: var[Result | None] = var(None)
    """The result whose values are counted."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: list[FacetLine] = []
        self._uncounted: list[str] = []
        self.opened: set[str] = set()
        self.searched = ""
        self.search = LineEdit()

    def watch_result(self) -> None:
        """Count again; nothing is counted while the sidebar is folded away."""
        self.rebuild()

    def rebuild(self) -> None:
        """Make the lines again, the cursor on the value that it was on."""
        if self.result is None or not self.is_visible:
            return
        before = self.current
        facets = self.result.attributes.facet_names
        self.lines, self._uncounted = [], list(filter(self.result.is_ready, facets))
        # What comes in above the first line, once it is computed, is the first, unless somebody is in here.
        if before is not None and (self.cursor or self.has_focus):
            while before.facet in self._uncounted:
                self._count_next(self.result)
            self.cursor = self._index_of(before)
        self.update_lines()

    def update_lines(self) -> None:
        """Count the facets that come into view, and paint what has changed."""
        self._count_until(max(self.top, self.cursor) + self.page)
        super().update_lines()

    def _count_until(self, index: int) -> None:
        """Count facets up to a line; those below it cost nothing."""
        while self._uncounted and len(self.lines) <= index and self.result is not None:
            self._count_next(self.result)

    def _count_next(self, result: Result) -> None:
        self.lines += self._facet_lines(self._uncounted.pop(0), result)

    def move_to(self, index: int) -> None:
        """Count the facets up to the cursor."""
        self._count_until(index)
        super().move_to(index)

    def action_last(self) -> None:
        """Count all facets, and go to the last line."""
        self.move_to(sys.maxsize)

    @property
    def is_visible(self) -> bool:
        """Whether it has a place on the screen."""
        return bool(self.size.width)

    @property
    def current(self) -> FacetLine | None:
        """The line under the cursor."""
        return self.lines[self.cursor] if self.cursor < len(self.lines) else None

    def _index_of(self, wanted: FacetLine) -> int:
        """The line of the same value, else the heading of the same facet."""
        value = wanted.value.value if wanted.value is not None else None
        for index, line in enumerate(self.lines):
            same = line.value is not None and line.value.value == value
            if line.facet == wanted.facet and (same or (wanted.note and line.note)):
                return index
        return next((i for i, line in enumerate(self.lines) if line.facet == wanted.facet), self.cursor)

    def _facet_lines(self, facet: str, result: Result) -> list[FacetLine]:
        if facet in result.attributes.headings_here:
            return self._yes_line(facet, result)
        is_open, is_one = facet in self.opened or facet == self.searched, result.is_one_package
        if facet in OF_ONE_PACKAGE and not (is_one or is_open or result.selection.has_choice(facet)):
            return [FacetLine(facet, of=result.value_count(facet))]
        is_large = result.value_count(facet) > MANY_VALUES
        if is_large and not is_open and not is_one:
            return self._leading_lines(facet, result)
        counts = result.counts_by_row(facet) if is_large and is_one else result.facet_counts(facet)
        if not counts:
            return []
        present = self._ordered(facet, counts, result)
        if not present and facet != self.searched:
            return []
        if facet == self.searched:
            present = [found for found in present if self.search.text.lower() in found.value.lower()]
        chosen = sum(1 for choice in result.selection.choices if choice.facet == facet)
        kept = present if is_open else present[: max(SHORT, chosen)]
        most = max(map(_BY_COUNT, present), default=0) or 1
        hidden = len(present) - len(kept)
        lines = [FacetLine(facet, shown=len(present), of=len(counts))]
        lines += [FacetLine(facet, found, found.count / most) for found in kept]
        if facet == self.searched:
            note = "" if kept else "no value contains this"
        else:
            note = f"{hidden:,} more" if hidden else ""
        if note:
            lines.append(FacetLine(facet, note=note))
        return lines

    @staticmethod
    def _yes_line(facet: str, result: Result) -> list[FacetLine]:
        """One line without a heading: how many builds have what the facet asks for."""
        (found,) = result.counts_of(facet, [YES])
        every = result.count_without(facet)
        if not 0 < found.count < every and not result.selection.has_choice(facet):
            return []
        return [FacetLine(facet, found, found.count / max(every, 1))]

    @staticmethod
    def _leading_lines(facet: str, result: Result) -> list[FacetLine]:
        """The lines of a facet of very many values: only what is shown is counted."""
        chosen = [choice.value for choice in result.selection.choices if choice.facet == facet]
        leading = result.leading_counts(facet, SHORT + len(chosen))
        others = [found for found in leading if found.value not in chosen]
        kept = [*result.counts_of(facet, chosen), *others[: max(SHORT - len(chosen), 0)]]
        most = max(map(_BY_COUNT, kept), default=0) or 1
        count = result.value_count(facet)
        return [
            FacetLine(facet, shown=count, of=count),
            *(FacetLine(facet, found, found.count / most) for found in kept),
            *([FacetLine(facet, note=f"{count - len(kept):,} more")] if kept else []),
        ]

    @staticmethod
    def _ordered(facet: str, counts: list[FacetCount], result: Result) -> list[FacetCount]:
        """Selected values first, then by count; versions newest first.

        A value that no build has, or all have, cannot narrow anything and is left out.
        """
        every = result.count_without(facet)
        chosen = {choice.value for choice in result.selection.choices if choice.facet == facet}
        present = [found for found in counts if 0 < found.count < every or found.value in chosen]
        if result.is_by_value(facet):
            present.reverse()
        else:
            present.sort(key=_BY_COUNT, reverse=True)
        return sorted(present, key=lambda found: found.value not in chosen) if chosen else present

    # drawing

    def line_count(self) -> int:
        """One for each heading, value and note; one for each facet below the screen."""
        return len(self.lines) + len(self._uncounted)

    def title(self) -> tuple[Line, Line]:
        """The title, and how many values are selected or excluded."""
        chosen = len(self.result.selection.choices) if self.result else 0
        return (("Filters", "title"),), ((f"{chosen} on", "accent"),) if chosen else ()

    def line(self, index: int) -> Line:
        """A heading, a value with its count and bar, or what is cut."""
        line = self.lines[index]
        if line.value is not None:
            return self._value_line(line, line.value)
        if line.note:
            return ((f"   {line.note}", "muted"),)
        if line.facet == self.searched:
            return ((f" {line.facet} ", "strong"), (f"/ {self.search.text}_", "accent"))
        of = f"{line.shown} of {line.of} " if line.shown < line.of else ""
        of = of if line.shown else f"{line.of:,} values "
        return columns(((f" {line.facet}", "strong"),), ((of, "muted"),), self.width)

    def _value_line(self, line: FacetLine, found: FacetCount) -> Line:
        assert self.result is not None
        choice: Choice | None = self.result.selection.choice(line.facet, found.value)
        mark = MARKS[choice.excluded if choice else None]
        bar = BAR_SIGN * max(round(line.share * BAR), 1 if found.count else 0)
        count = f"{found.count:,} "
        text = self.result.attributes.headings_here.get(line.facet, found.value)
        left: Line = (
            (f" {mark} ", "accent" if choice else "muted"),
            (text, COLUMN_ROLES.get(line.facet, "")),
        )
        bars: Line = ((bar.ljust(BAR), "accent"),)
        right: Line = ((count.rjust(COUNT), "muted"),)
        # The bar gives way to a long value.
        if line_width(left) + BAR + len(right[0][0]) + 1 > self.width:
            return columns(left, ((count, "muted"),), self.width)
        return columns(left, (*bars, *right), self.width)

    # actions

    def action_choose(self) -> None:
        """Select or deselect the value; on other lines, open or fold the facet."""
        self._toggle(excluded=False)

    def action_exclude(self) -> None:
        """Exclude the value, or deselect it."""
        self._toggle(excluded=True)

    def _toggle(self, excluded: bool) -> None:
        line = self.current
        if line is not None and line.value is not None:
            self.post_message(self.Toggled(line.facet, line.value.value, excluded))
        elif line is not None and not excluded:
            self._open(line.facet)

    def action_accept(self) -> None:
        """Enter does what the space bar does."""
        self.action_choose()

    def clicked(self, index: int) -> None:
        """Select or deselect the value at once."""
        self.move_to(index)
        self.action_choose()

    def _open(self, facet: str) -> None:
        self.opened ^= {facet}
        self.rebuild()
        opened = tuple(sorted(self.opened))
        self.post_message(RememberChoice(lambda remembered: replace(remembered, facets=opened)))

    def action_clear_facet(self) -> None:
        """Deselect all values of the facet under the cursor."""
        if self.current is not None:
            self.post_message(self.Cleared(self.current.facet))

    def action_search(self) -> None:
        """Type to search the values of the facet under the cursor, else of the next one that has some."""
        facets = (line.facet for line in self.lines[self.cursor :] if line.facet not in YES_WORDS)
        if facet := next(facets, ""):
            self.searched, self.search = facet, LineEdit()
            if self.lines[self.cursor].facet != facet:
                self.cursor = next(index for index, line in enumerate(self.lines) if line.facet == facet)
            self.rebuild()
            self.post_message(self.Searched())

    def end_search(self) -> bool:
        """Stop searching; False if there was no search."""
        was, self.searched = self.searched, ""
        if was:
            self.rebuild()
            self.post_message(self.Searched())
        return bool(was)

    def on_key(self, event: events.Key) -> None:
        """While searching, typed characters are text."""
        if not self.searched:
            return
        if event.key == "enter":
            # What was found may stand below the few values that a closed facet shows.
            self.opened |= {self.searched}
            self.end_search()
        elif event.character != " " and (edited := self.search.typed(event)):
            self.search = edited
        else:
            return
        event.stop()
        event.prevent_default()
        self.rebuild()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Typed characters belong to the search while there is one."""
        return bool(self.searched and character and character.isprintable() and character != " ")

    def resized(self) -> None:
        """Count what was not counted while the sidebar was hidden."""
        self.rebuild()
        super().resized()
