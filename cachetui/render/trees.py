"""The dependency tree of a build as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from cachetui.catalog import Catalog
from cachetui.graph import dependency_tree
from cachetui.render.spans import Line
from cachetui.render.specs import spec_line
from cachetui.spec import DEPTYPES, SHORT_HASH, Spec


def tree_lines(catalog: Catalog, root: int) -> Iterator[Line]:
    """The dependency tree as `spack spec --long --types` draws it."""
    for line in dependency_tree(catalog, root):
        types = "".join(kind[0] if kind in line.deptypes else " " for kind in DEPTYPES)
        caret = "^" if line.depth else ""
        node: Line = ((line.name, ""),) if line.row is None else _node(catalog.spec(line.row))
        dag_hash = f"{line.dag_hash[:SHORT_HASH]:7}"
        yield ((dag_hash, "hash"), (f"  [{types}]  {'    ' * line.depth}{caret}", ""), *node)


def _node(spec: Spec) -> Line:
    external: Line = ((f"  [external at {spec.external}]", "muted"),) if spec.external else ()
    return spec_line(spec) + external
