"""The list of a check: the sum above, what is missing with its nearest build, the whole reason below."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from enum import Enum

from cachetui.graph import Check, Entry, Nearest, NearestBuilds
from cachetui.render import (
    STATE_WORDS,
    Missing,
    differs_text,
    entry_name,
    host_text,
    mirrors_text,
    more_lines,
    shared_causes,
    sum_line,
)
from cachetui.spec import SHORT_HASH
from cachetui.text import counted, cut_middle
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line, fit, line_width, sized

BAR, LEAST_BAR = 40, 12
"""Cells of the bar, where there is room for it."""

_BLOCK = "▇"
_GAP = "  "
_APART = "   "
_LONGEST_NAME = 34
_TITLE_ENDS = 9
_SEVERAL = 2
_LONGEST_MIRROR = (14, 24)
"""Cells of a mirror's name, on narrow and on wide screens."""
_WIDE = 100
_FOOTER = 2
_CAUSES = 2
"""The row of the causes."""


class Shown(Enum):
    """Which nodes are listed."""

    MISSING = "missing"
    MISSING_TOOLS = "missing, also what only builds need"
    ALL = "all"


class CheckList(LineList):
    """Lists what a check found; nearest builds are found one after the other, what is on screen first."""

    header_lines = 4
    footer_lines = _FOOTER

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.check: Check | None = None
        self.shown = Shown.MISSING
        self.message: Line = ()
        self.entries: Sequence[Entry] = ()
        self._nearest: NearestBuilds | None = None
        self._found: dict[int, Nearest | None] = {}
        self._names = self._mirrors = 0

    def say(self, message: str, style: str = "") -> None:
        """Show a message in place of the lines."""
        self.check, self.entries, self.message = None, (), ((f" {message}", style),)
        self._nearest = None
        self._found = {}
        self.update_lines()

    def show(self, check: Check, nearest: NearestBuilds) -> None:
        """Show another check."""
        self.check, self._nearest = check, nearest
        self._found = {}
        self.choose(self.shown)

    def choose(self, shown: Shown) -> None:
        """List other nodes, the cursor on the same one if it is still there."""
        if self.check is None:
            return
        before = self.entry
        self.shown = shown
        lacking = self.check.lacking(needed=True)
        if shown is Shown.MISSING:
            self.entries = lacking
        elif shown is Shown.MISSING_TOOLS:
            self.entries = (*lacking, *self.check.lacking(needed=False))
        else:
            self.entries = self.check.entries
        self.cursor = next((i for i, entry in enumerate(self.entries) if entry is before), 0)
        names = [line_width(entry_name(entry)) for entry in self.entries]
        mirrors = [len(mirrors_text(entry.mirrors)) for entry in self.entries]
        self._names = max(names, default=0)
        self._mirrors = max([*mirrors, len("mirror")])
        self.update_lines()
        self.call_after_refresh(self._find_next)

    @property
    def entry(self) -> Entry | None:
        """The node under the cursor."""
        return self.entries[self.cursor] if self.cursor < len(self.entries) else None

    @property
    def dag_hash(self) -> str:
        """The hash of the build that the line under the cursor leads to; empty if there is none."""
        if self.entry is None:
            return ""
        if self.entry.is_there and self.entry.row is not None:
            return self.entry.dag_hash
        nearest = self._nearest_of(self.entry)
        return nearest.dag_hash if nearest else ""

    # nearest builds

    def _find_next(self) -> None:
        """Find one more nearest build, and let keys in between."""
        if self._nearest is None:
            return
        visible = self.entries[self.top : self.top + self.page]
        for entry in (*visible, *self.entries):
            if not entry.is_there and id(entry) not in self._found:
                self._nearest_of(entry)
                self.update_lines()
                self.call_later(self._find_next)
                return

    def _nearest_of(self, entry: Entry) -> Nearest | None:
        if self._nearest is None or entry.is_there:
            return None
        if id(entry) not in self._found:
            self._found[id(entry)] = found = self._nearest.of(entry)
            if found is not None:
                self._mirrors = max(self._mirrors, len(mirrors_text(found.mirrors)))
        return self._found[id(entry)]

    # drawing

    @property
    def _widths(self) -> tuple[int, int]:
        """The cells of the names, and of the mirrors where there are several."""
        is_one = self.check is not None and len(self.check.catalog.mirrors) < _SEVERAL
        mirror = 0 if is_one else min(self._mirrors, _LONGEST_MIRROR[self.width >= _WIDE])
        return min(self._names, _LONGEST_NAME), mirror

    def line_count(self) -> int:
        """The nodes, or one line for a message."""
        return len(self.entries) or 1

    def title(self) -> tuple[Line, Line]:
        """What is checked, and how much of it."""
        if self.check is None:
            return (("check", "title"),), ()
        counts = self.check.counts(needed=True)
        left = f"check {', '.join(self.check.places)}"
        right = f"{counted(counts.specs, 'spec')}, {counted(len(self.check.roots), 'root')}"
        host = self.check.around.host
        if host is not None:
            text = f"{right}, for {host_text(host)}"
            is_short = len(text) + len(left) + _TITLE_ENDS <= self.size.width
            right = text if is_short else f"{right}, for {host.name}"
        return ((left, "title"),), ((right, ""),)

    def header(self, row: int) -> Line:
        """The bar and the sum; what is counted apart; the headings."""
        if self.check is None:
            return ()
        if row == 0:
            return self._sum()
        if row == 1:
            return self._counted_apart(self.check)
        if row == _CAUSES:
            return self._causes()
        name, mirror = self._widths
        if not self.entries:
            return ()
        what = "spec" if self.shown is Shown.ALL else "to build"
        mirrors = (sized("mirror", mirror),) if mirror else ()
        texts = (sized(what, name), sized("nearest", 8), *mirrors, "  what differs")
        return ((f" {_GAP.join(texts)}", "muted"),)

    def _counted_apart(self, check: Check) -> Line:
        """Externals and what only builds need; without an explanation where there is no room for it."""
        lines = list(more_lines(check))
        needed = sum(line_width(line) + len(_APART) for line in lines)
        if len(lines) > 1 and needed > self.width:
            lines[0] = ((counted(check.counts(needed=True).external, "external"), "muted"),)
        return ((" ", ""), *(span for line in lines for span in (*line, (_APART, ""))))

    def _causes(self) -> Line:
        """What most of the missing builds have in common, as far as it is known by now."""
        causes = shared_causes(self._found.values())
        texts = [f"{cause} in {count:,} of {len(self._found):,}" for cause, count in causes]
        return ((" causes: ", "muted"), ("; ".join(texts), "")) if len(self._found) > 1 and texts else ()

    def _sum(self) -> Line:
        assert self.check is not None
        counts = self.check.counts(needed=True)
        words = sum_line(counts)
        room = min(self.width - line_width(words) - 4, BAR)
        if room < LEAST_BAR or not counts.specs:
            return ((" ", ""), *words)
        holes = -(-counts.holes * room // counts.specs)
        to_build = -(-counts.to_build * room // counts.specs)
        holes, to_build = min(holes, room), min(to_build, room - min(holes, room))
        return (
            (" ", ""),
            (_BLOCK * (room - holes - to_build), "good"),
            (_BLOCK * holes, "bad"),
            (_BLOCK * to_build, "warning"),
            (_GAP, ""),
            *words,
        )

    def line(self, index: int) -> Line:
        """A node, its nearest build and what differs."""
        if self.check is None:
            return self.message
        if not self.entries:
            there = "everything is there" if self.check.entries else "nothing is asked for"
            return ((f" {there}; a shows all", "good"),)
        entry = self.entries[index]
        name, mirror = self._widths
        named = fit(entry_name(entry), name)
        filled: Line = (*named, (" " * (name - line_width(named)), ""))
        if entry.is_there:
            word, role = STATE_WORDS[entry.state]
            dag_hash = f"/{entry.dag_hash[:SHORT_HASH]}"
            notes = [] if entry.is_complete else ["incomplete: dependencies are missing"]
            notes += ["installed"] if entry.installed else []
            cells = self._cells(dag_hash, entry.mirrors, mirror, entry.runs)
            return ((" ", ""), *filled, *cells, (word, role), (f"  {'  '.join(notes)}", "muted"))
        if id(entry) not in self._found:
            return ((" ", ""), *filled, ("  ...", "muted"))
        nearest = self._found[id(entry)]
        dag_hash = f"/{nearest.dag_hash[:SHORT_HASH]}" if nearest else "-"
        mirrors, runs = (nearest.mirrors, nearest.runs) if nearest else ((), None)
        cells = self._cells(dag_hash, mirrors, mirror, runs)
        return ((" ", ""), *filled, *cells, (self._differs(entry), "" if nearest else "muted"))

    def _cells(self, dag_hash: str, mirrors: Sequence[str], width: int, runs: bool | None) -> Line:
        sign = {True: ("● ", "good"), False: ("○ ", "bad"), None: ("  ", "")}[runs]
        return (
            (_GAP, ""),
            (sized(dag_hash, 8), "hash"),
            *(
                ((f"{_GAP}{sized(cut_middle(mirrors_text(mirrors), width), width)}", "muted"),)
                if width
                else ()
            ),
            (_GAP, ""),
            sign,
        )

    def _differs(self, entry: Entry) -> str:
        return differs_text(Missing(entry, self._found.get(id(entry))))

    def _reasons(self, entry: Entry) -> str:
        """Whether the nearest build runs here, or why not."""
        nearest = self._found.get(id(entry))
        if self.check is None or nearest is None or nearest.runs is None:
            return ""
        if nearest.runs:
            return "; it runs here"
        return f"; it does not run here: {'; '.join(self.check.why_not(nearest.row))}"

    def footer(self, row: int) -> Line:
        """All that differs in the line under the cursor, as far as there is room."""
        entry = self.entry
        if entry is None or entry.is_there:
            return ()
        hole = "listed in an index, without a binary; " if entry.dag_hash and entry.row is not None else ""
        near = "nearest: " if self._found.get(id(entry)) else ""
        text = f"{hole}{near}{self._differs(entry)}{self._reasons(entry)}"
        lines = textwrap.wrap(text, max(self.width - 2, 10))
        return ((f" {lines[row]}", "accent"),) if row < len(lines) else ()
