"""The dependency graph over a catalog."""

from cachetui.graph.lookalikes import Difference, dependencies_known, differences, distinguished
from cachetui.graph.tree import TreeLine, dependency_tree

__all__ = ["Difference", "TreeLine", "dependencies_known", "dependency_tree", "differences", "distinguished"]
