"""Which columns of the table there is room for, and how wide they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial

from msgspec import Struct

from cachetui.render import COLUMN_ROLES
from cachetui.search import BoundAttribute, Fold, Table
from cachetui.spec import SHORT_HASH
from cachetui.text import ELLIPSIS
from cachetui.tui.widgets.lines import Span, sized, width_of

GAP = 2
"""Blanks between two columns."""

MARK_WIDTH = 3
"""Cells before the first column."""

MEASURED_LINES = 120
"""Lines whose cells decide how wide the columns are."""

MOST = 0.9
"""The share of the cells of a column that it is made wide enough for before a few long ones get room."""

ELASTIC_WIDTH = 16
"""Room that a column asks for at most whose cells can be cut without much loss."""

LIST_WIDTH = 12
"""The same for lists, which are cut between members."""

_LISTS = frozenset({"variants", "stacks", "tags", "mirrors"})

SHORTEST_NAME = 6
"""Cells of a cut name that still say something, with the ellipsis and the @."""

_MINOR = frozenset({"platform", "tags", "mirrors", "views", "namespace", "external"})
"""Columns that seldom decide which build is wanted."""

ALSO = "also"
"""The heading of a column with what sets lines apart that look equal in the others."""

VARIANTS = "variants"

ALSO_WIDTH = 10


class Measure(Struct, frozen=True):
    """What a column asks for.

    Args:
        natural: the width at which nothing is cut.
        typical: the width at which most cells are whole.
        wanted: the width without which it is not shown.
        is_minor: it gets the room that the others leave.
    """

    natural: int
    typical: int
    wanted: int
    is_minor: bool = False


def column_widths(measures: Sequence[Measure], first: int, room: int) -> list[int]:
    """The width of each column; 0 for those that there is no room for.

    The first column stays; then come those from `first` on that there is room for, minor ones last. What is
    left makes most cells whole before a few long ones, and goes first to the columns that lack least.
    """
    widths = [0] * len(measures)
    places = [0, *range(max(first, 1), len(measures))][: len(measures)]
    is_scrolled = first > 1
    main = [place for place in places if is_scrolled or not (place and measures[place].is_minor)]
    left = room
    for group in (main, [place for place in places if place not in main]):
        for place in group:
            cost = measures[place].wanted + (GAP if widths[0] else 0)
            if cost <= left:
                widths[place] = measures[place].wanted
                left -= cost
            elif place in (0, first) and left > GAP:  # at least a beginning of the column that was asked for
                widths[place], left = left - (GAP if widths[0] else 0), 0
        shown = [place for place, width in enumerate(widths) if width]
        left = _widen(widths, {place: measures[place].typical for place in shown}, left)
        left = _widen(widths, {place: measures[place].natural for place in shown}, left)
    return widths


def _widen(widths: list[int], wanted: Mapping[int, int], left: int) -> int:
    """Widen columns to what is wanted, those that lack least first; gives what is left of the room."""
    for place in sorted(wanted, key=lambda place: wanted[place] - widths[place]):
        more = min(max(wanted[place] - widths[place], 0), left)
        widths[place] += more
        left -= more
    return left


@lru_cache(maxsize=2048)
def cut(cell: str, width: int) -> str:
    """A cell at a width; of a list that is too long, the members that fit and how many more there are.

    The version of `name@version` stays whole.
    """
    if width_of(cell) <= width:
        return sized(cell, width)
    name, at, version = cell.partition("@")
    if at and " " not in cell and width - width_of(version) >= SHORTEST_NAME:
        # Of a compiler the version says more than the end of a long name.
        return sized(name, width - width_of(version) - 2) + ELLIPSIS + at + version
    separator = ", " if ", " in cell else " "
    members = cell.split(separator)
    for shown in range(len(members) - 1, 0, -1):
        text = f"{separator.join(members[:shown])} +{len(members) - shown}"
        if separator == " " and shown:
            text = f"{separator.join(members[:shown])} {ELLIPSIS}"
        if width_of(text) <= width:
            return sized(text, width)
    return sized(cell, max(width - 1, 0)) + ELLIPSIS if width > 0 else ""


def _shortest(cell: str) -> int:
    """The width below which a cell loses more than a part of its name."""
    _, at, version = cell.partition("@")
    return min(width_of(cell), width_of(version) + SHORTEST_NAME) if at else width_of(cell)


def lookalikes(count: int) -> str:
    """What a line for so many builds says in place of a hash: `22 alike`."""
    return f"{count:,} alike" if count > 1 else ""


def _most(widths: Counter[int]) -> int:
    """The width that MOST of the cells are not wider than."""
    wanted = MOST * widths.total()
    for width in sorted(widths):
        wanted -= widths[width]
        if wanted <= 0:
            return width
    return 0


class TableColumns:
    """The columns of one table at one width; the last of them tells the builds, and always has room.

    Attributes:
        cursor: the column under the column cursor, by its place in the table.
        widths: the width of each column; 0: hidden.
        first: the first column beside the one that stays.
    """

    def __init__(self, table: Table, width: int) -> None:
        self.table = table
        self.columns = table.columns
        self.cursor = 0
        self.first = 1
        self._looks: dict[int, tuple[str, ...]] = {}
        counts = [line.count for line in table.folds[:MEASURED_LINES]]
        self.builds_width = max(SHORT_HASH, len(lookalikes(max(counts, default=1))))
        self._cells = [table.first_cells(column, MEASURED_LINES) for column in self.columns]
        self._measures = [
            self._measure(column, cells) for column, cells in zip(self.columns, self._cells, strict=True)
        ]
        self.resize(width)

    def _measure(self, column: BoundAttribute, cells: Sequence[str]) -> Measure:
        widths: Counter[int] = Counter()
        for text, count in Counter(cells).items():
            widths[width_of(text)] += count
        heading = width_of(column.heading) + 2  # room for the sign of the sort order
        typical, wanted = max(heading, _most(widths)), max(heading, _most(widths))
        if column.heading in _LISTS:
            # A list that is cut loses less than a name: it gets what the names leave.
            wanted = typical = min(typical, max(LIST_WIDTH, heading))
        elif any("@" in text for text in cells):
            wanted = max(heading, min(max(map(_shortest, cells)), ELASTIC_WIDTH))
            typical = max(typical, wanted)
        # A column of which nothing is seen at first leaves its room to the others.
        is_minor = column.heading in _MINOR or not any(cells)
        return Measure(max(heading, *widths, 0), typical, wanted, is_minor)

    def resize(self, width: int) -> None:
        """Lay the columns out anew, one of them for what sets lines apart that look equal."""
        self.width = width
        self._show(also_width=0)
        if self._cuts and self._look_equal():
            self._show(ALSO_WIDTH)

    def _show(self, also_width: int) -> None:
        self._looks.clear()
        room = max(self.width - MARK_WIDTH - self.builds_width - GAP - 1, 1)
        if room <= also_width + GAP:
            also_width = 0
        left = room - also_width - bool(also_width) * GAP
        self.widths = column_widths(self._measures, self.first, left)
        shown = [width for width in self.widths if width]
        unused = max(left - sum(shown) - GAP * (len(shown) - 1), 0) if shown else 0
        self.also_width = also_width and also_width + unused

    @property
    def _cuts(self) -> bool:
        """Whether something is hidden, so that lines may look equal that are not."""
        return any(width < each.natural for width, each in zip(self.widths, self._measures, strict=True))

    def _look_equal(self) -> bool:
        """Whether any two of the first lines look equal."""
        shown: list[list[str]] = []
        for cells, width in zip(self._cells, self.widths, strict=True):
            if width:
                texts = {text: cut(text, width) for text in set(cells)}
                shown.append(list(map(texts.__getitem__, cells)))
        return len(set(zip(*shown, strict=True))) < len(self._cells[0])

    def look(self, line: Fold) -> tuple[str, ...]:
        """The cells of a line as they are shown."""
        look = self._looks.get(line.number)
        if look is None:
            cells = (cut(self.table.cell(line, column), width) for column, width in self.shown)
            look = self._looks[line.number] = tuple(cells)
        return look

    def make_room(self, lines: Sequence[Fold]) -> bool:
        """Make room for what sets lines apart, if some of these look equal; False if all stays as it is."""
        if self.also_width or not self._cuts or len(set(map(self.look, lines))) == len(lines):
            return False
        self._show(ALSO_WIDTH)
        return bool(self.also_width)

    # moving

    def move(self, step: int) -> None:
        """Move the column cursor, and scroll to it."""
        self.cursor = min(max(self.cursor + step, 0), max(len(self.columns) - 1, 0))
        if self.cursor < self.first:
            self.first = max(self.cursor, 1)
            self.resize(self.width)
        while self.first < self.cursor and not self.widths[self.cursor]:
            self.first += 1
            self.resize(self.width)

    def keep(self, before: TableColumns) -> None:
        """Keep the column cursor of another state of the same table."""
        names = [column.heading for column in self.columns]
        heading = before.heading_at_cursor
        if heading in names:
            self.move(names.index(heading))

    @property
    def heading_at_cursor(self) -> str:
        """The heading under the column cursor; empty if there are no columns."""
        return self.columns[self.cursor].heading if self.cursor < len(self.columns) else ""

    # asking

    @property
    def hidden(self) -> int:
        """Columns that there is no room for."""
        return sum(1 for width in self.widths if not width)

    @property
    def shown(self) -> Iterator[tuple[BoundAttribute, int]]:
        """The columns that are shown, each with its width."""
        return ((c, width) for c, width in zip(self.columns, self.widths, strict=True) if width)

    def joined(self, texts: Sequence[tuple[str, str]], builds: Span, also: str = "") -> list[Span]:
        """A (text, style) as wide as its column for each shown one, then the builds, as spans of a line."""
        spans: list[Span] = []
        used = 0
        for (text, style), (_, width) in zip(texts, self.shown, strict=True):
            spans.append((sized(text, width + GAP), style))
            used += width + GAP
        if self.also_width:
            spans.append((cut(also, self.also_width) + " " * GAP, "muted"))
            used += self.also_width + GAP
        # The builds stand at the right end.
        between = max(self.width - MARK_WIDTH - 1 - self.builds_width - used, 0)
        return [*spans, (" " * between + builds[0].rjust(self.builds_width), builds[1])]

    def name_at(self, x: int) -> str | None:
        """The column at a cell of the line."""
        start = MARK_WIDTH
        for column, width in self.shown:
            if start <= x < start + width + GAP:
                return column.heading
            start += width + GAP
        return None

    def also(self, line: Fold, others: Sequence[Fold]) -> str:
        """What a line has in the columns in which it differs from others that look the same.

        The names of the columns, where the cells look the same here, too.
        """
        differing = self.differing(line, others)
        text = ", ".join(map(partial(self._named_cell, line), differing))
        shown = cut(text, self.also_width)
        for other in self._alike(line, others):
            if cut(", ".join(map(partial(self._named_cell, other), differing)), self.also_width) == shown:
                return ", ".join(column.heading for column in differing)
        return text

    def _named_cell(self, line: Fold, column: BoundAttribute) -> str:
        text = self.table.cell(line, column)
        if text:
            return text
        return "as usual" if column.heading == VARIANTS else f"no {column.heading}"

    def differing(self, line: Fold, others: Sequence[Fold]) -> list[BoundAttribute]:
        """The columns in which a line differs from others that look the same."""
        alike = self._alike(line, others)
        return [c for c in self.columns if any(not self._same(line, each, c) for each in alike)]

    def _alike(self, line: Fold, others: Sequence[Fold]) -> list[Fold]:
        look = self.look(line)
        return [each for each in others if each.number != line.number and self.look(each) == look]

    def _same(self, one: Fold, other: Fold, column: BoundAttribute) -> bool:
        return self.table.cell(one, column) == self.table.cell(other, column)


def role_of(heading: str) -> str:
    """The style of the cells of a column."""
    return COLUMN_ROLES.get(heading, "")
