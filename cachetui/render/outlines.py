"""The lines of an unfolded tree, and what is counted above them."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from cachetui.catalog import Catalog
from cachetui.graph import State, TreeLine, state_of
from cachetui.render.installed import installed_word, is_all_installed, state_word
from cachetui.render.spans import Line, plain
from cachetui.render.specs import spec_line
from cachetui.spec import SHORT_HASH, sort_deptypes

STATE_SIGNS = {State.CACHED: "●", State.EXTERNAL: "◇", State.HOLE: "▲", State.MISSING: "✕"}
# What is in its place is quiet, so that what is not is seen.
STATE_ROLES = {State.CACHED: "muted", State.EXTERNAL: "muted", State.HOLE: "warning", State.MISSING: "bad"}

INSTALLED = "■"
"""The sign of a build that is installed here, beside its state."""

UNFOLDED, FOLDED, LEAF = "▾ ", "▸ ", "  "


def state_sign(state: State) -> Line:
    """The sign of a state."""
    return ((f"{STATE_SIGNS[state]} ", STATE_ROLES[state]),)


def signs_line(counts: Mapping[State, int], installed: int) -> Line:
    """The legend of a tree in few cells: the signs alone, with their counts."""
    line: Line = ()
    for state, count in counts.items():
        if count:
            line += ((f"{'  ' if line else ''}{STATE_SIGNS[state]}", STATE_ROLES[state]), (f" {count:,}", ""))
    return (*line, (f"  {INSTALLED}", "good"), (f" {installed:,}", "")) if installed else line


def states_line(catalog: Catalog, counts: Mapping[State, int], installed: int) -> Line:
    """How many nodes are in each state, with its sign, and how many are installed: the legend of a tree."""
    line: Line = ()
    for state, count in counts.items():
        if count:
            gap = "  " if line else ""
            line += (
                (f"{gap}{STATE_SIGNS[state]}", STATE_ROLES[state]),
                (f" {state_word(catalog, state)} {count:,}", ""),
            )
    if installed:
        line += ((f"  {INSTALLED}", "good"), (f" {installed_word(catalog)} {installed:,}", ""))
    return line


class OutlineWidths(Struct, frozen=True):
    """The cells of a tree's columns: up to the deptypes, where the name has room, and of the deptypes."""

    name: int
    deptypes: int


def outline_line(
    catalog: Catalog,
    node: TreeLine,
    guide: str,
    fold: str,
    widths: OutlineWidths,
    note: str,
    installed: str = "",
) -> Line:
    """A node of a tree: how it is reached, its state, name, version and hash, deptypes, virtuals.

    Args:
        fold: UNFOLDED, FOLDED or LEAF.
        note: stands at the end, but before the virtuals if the node cannot be had.
        installed: says that it is installed here; empty if it is not.
    """
    state = state_of(catalog, node.row)
    version = f"@{catalog.column('version')[node.row]}" if node.row is not None else ""
    dag_hash = f" /{node.dag_hash[:SHORT_HASH]}" if node.dag_hash else ""
    left: Line = (
        (f" {guide}", "muted"),
        (fold, "muted"),
        *state_sign(state),
        (node.name, ""),
        (version, "version"),
        (dag_hash, "hash"),
    )
    blanks = " " * max(widths.name - len(plain(left)), 1)
    is_bad = state in (State.HOLE, State.MISSING)
    virtuals = (f"as {', '.join(sorted(node.virtuals))}" if node.virtuals else "", "")
    notes = (note, STATE_ROLES[state] if is_bad else "muted")
    mark = (installed, "muted")
    given = (notes, mark, virtuals) if is_bad else (virtuals, notes, mark)
    shown = [span for span in given if span[0]]
    line: Line = (
        *left,
        (blanks, ""),
        (f"{' '.join(sort_deptypes(node.deptypes)):{widths.deptypes}} ", "muted"),
        *(part for span in shown for part in (span, ("  ", ""))),
    )[: -1 if shown else None]
    # A change of style is bytes, even where there is no text.
    return tuple(span for span in line if span[0])


def node_line(catalog: Catalog, node: TreeLine) -> Line:
    """A node in full: what is lacking of it, or its spec."""
    state = state_of(catalog, node.row)
    here = is_all_installed(catalog)
    if node.row is None:
        text = "no index here has it: Spack 1.2 installs its dependents without it"
        text = "no database here has it" if here else text
        return ((f"{STATE_SIGNS[state]} {node.name}", STATE_ROLES[state]), (f": {text}", ""))
    spec = spec_line(catalog.spec(node.row))
    if state is State.EXTERNAL:
        path = catalog.column("external")[node.row]
        return ((f"{STATE_SIGNS[state]} external, {path}: ", STATE_ROLES[state]), *spec)
    if state is State.HOLE:
        text = "it is not installed" if here else "no mirror here has a binary of it"
        return ((f"{STATE_SIGNS[state]} {text}: ", STATE_ROLES[state]), *spec)
    return spec
