"""The lines of an unfolded tree, and what is counted above them."""

from __future__ import annotations

from collections.abc import Mapping

from cachetui.catalog import Catalog
from cachetui.graph import State, TreeLine, state_of
from cachetui.render.details import DEPTYPES_WIDTH
from cachetui.render.spans import Line, plain
from cachetui.spec import SHORT_HASH, sort_deptypes

STATE_SIGNS = {State.CACHED: "●", State.EXTERNAL: "◇", State.HOLE: "▲", State.MISSING: "✕"}
STATE_ROLES = {State.CACHED: "good", State.EXTERNAL: "muted", State.HOLE: "warning", State.MISSING: "bad"}

UNFOLDED, FOLDED, LEAF = "▾ ", "▸ ", "  "


def state_sign(state: State) -> Line:
    """The sign of a state."""
    return ((f"{STATE_SIGNS[state]} ", STATE_ROLES[state]),)


def states_line(counts: Mapping[State, int]) -> Line:
    """How many nodes are in each state, with its sign: the legend of a tree."""
    line: Line = ()
    for state, count in counts.items():
        if count:
            gap = "  " if line else ""
            line += ((f"{gap}{STATE_SIGNS[state]}", STATE_ROLES[state]), (f" {state.value} {count:,}", ""))
    return line


def outline_line(catalog: Catalog, node: TreeLine, guide: str, fold: str, name_width: int, note: str) -> Line:
    """A node of a tree: how it is reached, its state, name, version and hash, deptypes, virtuals.

    Args:
        fold: UNFOLDED, FOLDED or LEAF.
        name_width: cells up to the deptypes, where the name has room.
        note: stands at the end.
    """
    state = state_of(catalog, node.row)
    version = f"@{catalog.column('version')[node.row]}" if node.row is not None else ""
    dag_hash = f" /{node.dag_hash[:SHORT_HASH]}" if node.dag_hash else ""
    left: Line = (
        (f" {guide}", "frame"),
        (fold, "muted"),
        *state_sign(state),
        (node.name, ""),
        (version, "version"),
        (dag_hash, "hash"),
    )
    blanks = " " * max(name_width - len(plain(left)), 1)
    virtuals = f"as {', '.join(sorted(node.virtuals))}  " if node.virtuals else ""
    return (
        *left,
        (blanks, ""),
        (f"{' '.join(sort_deptypes(node.deptypes)):{DEPTYPES_WIDTH}} ", "muted"),
        (virtuals, ""),
        (note, STATE_ROLES[state] if state in (State.HOLE, State.MISSING) else "muted"),
    )
