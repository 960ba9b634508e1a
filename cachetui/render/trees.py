"""The dependency tree of a build as lines of text."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator

from cachetui.catalog import Catalog
from cachetui.graph import State, TreeLine, dependency_tree, state_of
from cachetui.render.installed import is_all_installed
from cachetui.render.spans import Line
from cachetui.render.specs import spec_line
from cachetui.spec import DEPTYPES, SHORT_HASH

DEEPEST_INDENT = 50
"""Deeper lines say their depth: indented, those of a chain of 100,000 builds would fill 20 GB."""


def tree_lines(
    catalog: Catalog,
    root: int,
    deptypes: Collection[str] | None = None,
    installed: Container[str] = frozenset(),
) -> Iterator[Line]:
    """The dependency tree as `spack spec --long --types` draws it, with virtuals and states.

    Args:
        deptypes: only edges of any of these are followed.
        installed: the hashes that are installed here.
    """
    for line in dependency_tree(catalog, root, deptypes):
        caret = "^" if line.depth else ""
        indent = "    " * min(line.depth, DEEPEST_INDENT)
        indent += f"[depth {line.depth:,}] " if line.depth > DEEPEST_INDENT else ""
        node: Line = ((line.name, ""),) if line.row is None else spec_line(catalog.spec(line.row))
        virtuals: Line = ((f"  as {','.join(sorted(line.virtuals))}", "muted"),) if line.virtuals else ()
        yield (
            (f"{line.dag_hash[:SHORT_HASH]:{SHORT_HASH}}", "hash"),
            (f"  [{deptype_letters(line.deptypes)}]  {indent}{caret}", ""),
            *node,
            *virtuals,
            *_state(catalog, line),
            *installed_mark(catalog, line.row, line.dag_hash, installed),
        )


def installed_mark(catalog: Catalog, row: int | None, dag_hash: str, installed: Container[str]) -> Line:
    """Says that a node is installed; nothing where all are, as they are found in install trees.

    Args:
        installed: the hashes that are installed here.
    """
    if is_all_installed(catalog):
        return ()
    places = () if row is None else catalog.column("places")[row]
    is_found = dag_hash in installed or any(place.is_installed for place in places)
    return (("  [installed]", "good"),) if is_found else ()


def deptype_letters(deptypes: Collection[str]) -> str:
    """Deptypes as Spack's trees have them: `bl  `."""
    return "".join(kind[0] if kind in deptypes else " " for kind in DEPTYPES)


def _state(catalog: Catalog, line: TreeLine) -> Line:
    state = state_of(catalog, line.row)
    here = is_all_installed(catalog)
    if state is State.HOLE:
        return (("  [not installed]" if here else "  [hole: no binary]", "bad"),)
    if state is State.MISSING:
        return (("  [missing: in no database here]" if here else "  [missing: not in the index]", "bad"),)
    if line.row is not None and state is State.EXTERNAL:
        return ((f"  [external at {catalog.column('external')[line.row]}]", "muted"),)
    return (("  [installed]" if here else "  [cached]", "muted"),)
