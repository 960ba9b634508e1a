"""The dependency graph over a catalog."""

from cachetui.graph.closure import Closure, Node, State, incomplete, runtime_closure, state_of, unknown
from cachetui.graph.dependents import UsedBy, kinds_of, transitive_dependents, used_by
from cachetui.graph.lookalikes import Difference, dependencies_known, differences, distinguished
from cachetui.graph.tree import TreeLine, dependency_tree

__all__ = [
    "Closure",
    "Difference",
    "Node",
    "State",
    "TreeLine",
    "UsedBy",
    "dependencies_known",
    "dependency_tree",
    "differences",
    "distinguished",
    "incomplete",
    "kinds_of",
    "runtime_closure",
    "state_of",
    "transitive_dependents",
    "unknown",
    "used_by",
]
