"""The dependency tree of a build as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from cachetui.catalog import Catalog
from cachetui.graph import dependency_tree
from cachetui.spec import DEPTYPES, SHORT_HASH, Spec


def tree_lines(catalog: Catalog, root: int) -> Iterator[str]:
    """The dependency tree as `spack spec --long --types` draws it."""
    for line in dependency_tree(catalog, root):
        types = "".join(kind[0] if kind in line.deptypes else " " for kind in DEPTYPES)
        caret = "^" if line.depth else ""
        name = line.name if line.row is None else _node_text(catalog.spec(line.row))
        yield f"{line.dag_hash[:SHORT_HASH]:7}  [{types}]  {'    ' * line.depth}{caret}{name}"


def _node_text(spec: Spec) -> str:
    return f"{spec.text()}  [external at {spec.external}]" if spec.external else spec.text()
