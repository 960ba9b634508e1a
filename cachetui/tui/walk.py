"""A walk from one build through the DAG: its unfolded tree, and where one is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from enum import Enum

from pyroaring import AbstractBitMap, BitMap, FrozenBitMap

from cachetui.catalog import RUNTIME_DEPTYPES, Catalog
from cachetui.graph import (
    DependencyBranches,
    DependentBranches,
    OnFound,
    Outline,
    State,
    TreeLine,
    direct_dependents,
    no_matter,
    runtime_closure,
    state_of,
    transitive_dependents,
)
from cachetui.render import (
    FOLDED,
    INSTALLED,
    LEAF,
    UNFOLDED,
    Line,
    OutlineWidths,
    absent_text,
    installed_word,
    is_all_installed,
    outline_line,
    plain,
)
from cachetui.spec import DEPTYPES, SHORT_HASH
from cachetui.text import counted


class Direction(Enum):
    """Where a walk goes from a build."""

    DOWN = "depends on"
    UP = "used by"


FILTERS: tuple[tuple[str, ...] | None, ...] = (None, ("link", "run"), *((kind,) for kind in DEPTYPES))
"""The deptypes that are followed; None: all."""


NO_ROWS = FrozenBitMap()

FIRST_NODES = 500
"""Nodes that are looked at before a tree is painted: more would take longer than a key may."""


class Walk:
    """The tree from one build in one direction, over some deptypes.

    Args:
        choice: the place among FILTERS.
        installed: the builds that are installed here.

    Attributes:
        cursor, top: the line under the cursor and the first that is shown, while another walk is shown.
        is_whole: whether all was looked at; see `complete`.
        found: how many nodes were found so far.
        transitive: how many builds depend on it, by link and run and by all deptypes; None: not known yet.
    """

    def __init__(
        self,
        catalog: Catalog,
        row: int,
        direction: Direction,
        choice: int = 0,
        installed: AbstractBitMap = NO_ROWS,
    ) -> None:
        self.catalog = catalog
        self.row = row
        self.direction = direction
        self.cursor = self.top = 0
        self._installed = installed
        self._nodes: Sequence[TreeLine] = ()
        self.transitive: tuple[int, int] | None = None
        self.choose(choice)

    def choose(self, choice: int) -> None:
        """Follow other deptypes, as far as that takes no time.

        Args:
            choice: the place among FILTERS.
        """
        self.choice = choice % len(FILTERS)
        if self.direction is Direction.DOWN:
            self._go_down(FIRST_NODES, no_matter)
        else:
            self.found = 0
            self.outline = Outline(DependentBranches(self.catalog, self.row, FILTERS[self.choice]))
            if self.transitive is None and not self.catalog.dag.is_walked(self.row):
                self.transitive = self.transitive_counts()
            self.is_whole = self.transitive is not None

    def _go_down(self, most: int | None, on_found: OnFound) -> None:
        branches = DependencyBranches(self.catalog, self.row, FILTERS[self.choice], most, on_found)
        self.outline = Outline(branches)
        self.outline.unfold_all(on_found)
        nodes = branches.nodes[1:]
        self.found, self.is_whole = len(nodes), branches.is_whole
        on_found(self.found)
        self.states: Mapping[State, int] = _states(self.catalog, nodes)
        self._nodes = nodes
        self.mark_installed(self._installed)
        runtime = runtime_closure(self.catalog, self.row, None, most, on_found)
        self._runtime = {node.dag_hash for node in runtime.nodes}

    def mark_installed(self, installed: AbstractBitMap) -> None:
        """Mark other builds as installed."""
        self._installed = installed
        self.installed = sum(node.row in installed for node in self._nodes if node.row is not None)

    def complete(self, on_found: OnFound) -> Walk:
        """The same walk to its end; run in a thread, as it may be long. Raises what `on_found` raises."""
        walk = copy(self)
        if walk.direction is Direction.DOWN:
            walk._go_down(None, on_found)
        else:
            walk.transitive, walk.is_whole = walk.transitive_counts(), True
        return walk

    def take_place_of(self, other: Walk) -> None:
        """Go on where one is in a walk that this one completes: at the same node, with the same folded."""
        if self.outline is other.outline:
            return
        for node in other.outline.folded():
            if (line := self.outline.line_of(node)) is not None:
                self.outline.fold(line)
        line = self.outline.line_of(other.outline.nodes[other.cursor]) or 0
        self.cursor, self.top = line, other.top + line - other.cursor

    @property
    def name(self) -> Line:
        """The build that the walk begins at."""
        return (
            (self.catalog.column("package")[self.row], "title"),
            (f"@{self.catalog.column('version')[self.row]}", "version"),
            (f" /{self.catalog.dag_hash(self.row)[:SHORT_HASH]}", "hash"),
        )

    @property
    def count(self) -> str:
        """What the walk found, in words for a title."""
        if self.direction is Direction.DOWN:
            return f"depends on {self.found:,}{'' if self.is_whole else ' so far'}"
        return f"used by {counted(len(direct_dependents(self.catalog, self.row)), 'build')}"

    def line(self, place: int, widths: OutlineWidths, room: int) -> Line:
        """A line of the tree; what its sign says alone is left out where there is no room for it."""
        outline = self.outline
        fold = UNFOLDED if outline.is_unfolded(place) else FOLDED if outline.can_unfold(place) else LEAF
        node, guide = outline.node(place), outline.guide(place)
        note = self._state_note(place, node)
        for text in (note, *_shorter(note)):
            line = outline_line(self.catalog, node, guide, fold, widths, text, self._installed_mark(node))
            if len(plain(line)) <= room:
                break
        return line

    def _is_installed(self, node: TreeLine) -> bool:
        return node.row is not None and node.row in self._installed

    def _installed_mark(self, node: TreeLine) -> str:
        return f"{INSTALLED} {installed_word(self.catalog)}" if self._is_installed(node) else ""

    def _state_note(self, place: int, node: TreeLine) -> str:
        if self.outline.is_repeated(place):
            return "shown at another line"
        state = state_of(self.catalog, node.row)
        # What is installed is not fetched again.
        is_needed = (
            self.direction is Direction.DOWN
            and node.dag_hash in self._runtime
            and not self._is_installed(node)
        )
        if state is State.EXTERNAL and node.row is not None:
            return f"external, {self.catalog.column('external')[node.row]}"
        if state is State.HOLE and is_all_installed(self.catalog):
            return absent_text(self.catalog)
        if state is State.HOLE:
            return "no binary: --cache-only stops here" if is_needed else "no binary"
        if state is State.MISSING and is_all_installed(self.catalog):
            return "in no database here"
        if state is State.MISSING:
            return "not in the index: Spack 1.2 leaves it out" if is_needed else "not in the index"
        return ""

    def direct_counts(self) -> Mapping[str, int]:
        """How many builds depend on it directly, by the names of FILTERS."""
        return {
            name: len(direct_dependents(self.catalog, self.row, kinds))
            for name, kinds in zip(self.filter_names(), FILTERS, strict=True)
        }

    def transitive_counts(self) -> tuple[int, int]:
        """How many builds depend on it transitively: by link and run, by all deptypes."""
        row = BitMap([self.row])
        runtime, every = (
            transitive_dependents(self.catalog, row, kinds) for kinds in (RUNTIME_DEPTYPES, DEPTYPES)
        )
        return len(runtime), len(every)

    def filter_names(self) -> Sequence[str]:
        """The names of FILTERS."""
        return ["all" if kinds is None else " ".join(kinds) for kinds in FILTERS]


def _states(catalog: Catalog, nodes: Sequence[TreeLine]) -> Mapping[State, int]:
    counts = Counter(state_of(catalog, node.row) for node in nodes)
    return {state: counts[state] for state in State}


def _shorter(note: str) -> Iterator[str]:
    """A note in fewer words, then none: the footer has all of it."""
    short = note.partition(":")[0].partition(",")[0]
    if short != note:
        yield short
    if note:
        yield ""
