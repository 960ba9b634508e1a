"""The dependency graph over a catalog."""

from typing import TYPE_CHECKING

from cachetui.doors import late_names
from cachetui.graph.closure import Closure, Node, State, incomplete, runtime_closure, state_of, unknown
from cachetui.graph.dependents import UsedBy, direct_dependents, transitive_dependents, used_by
from cachetui.graph.lookalikes import Difference, dependencies_known, differences, distinguished
from cachetui.graph.tree import OnFound, TreeLine, dependency_tree, no_matter

if TYPE_CHECKING:
    from cachetui.graph.architecture import architectures
    from cachetui.graph.causes import Cause, root_causes
    from cachetui.graph.changed import Change
    from cachetui.graph.changes import (
        Builds,
        Changes,
        Kind,
        PackageChange,
        VersionChange,
        builds_of,
        builds_with,
    )
    from cachetui.graph.checked import Check, Counts, Entry, Surroundings, check_files, surroundings_of
    from cachetui.graph.comparison import (
        MOST_COMPARED,
        Attribute,
        Build,
        ComparedDependency,
        Comparison,
        compare,
    )
    from cachetui.graph.facts import FactDifference, fact_difference
    from cachetui.graph.nearest import Nearest, NearestBuilds
    from cachetui.graph.outline import DependencyBranches, DependentBranches, Outline
    from cachetui.graph.reuse import Release, Runs, Verdict, reasons, release_name, runs, usable, verdict
    from cachetui.graph.summary import Reason
else:
    # Import on demand: a start compares and walks nothing.
    __getattr__ = late_names(
        __name__,
        {
            "architecture": ("architectures",),
            "changes": (
                "Builds",
                "Changes",
                "Kind",
                "PackageChange",
                "VersionChange",
                "builds_of",
                "builds_with",
            ),
            "causes": ("Cause", "root_causes"),
            "changed": ("Change",),
            "checked": ("Check", "Counts", "Entry", "Surroundings", "check_files", "surroundings_of"),
            "comparison": (
                "MOST_COMPARED",
                "Attribute",
                "Build",
                "ComparedDependency",
                "Comparison",
                "compare",
            ),
            "facts": ("FactDifference", "fact_difference"),
            "outline": ("DependencyBranches", "DependentBranches", "Outline"),
            "nearest": ("Nearest", "NearestBuilds"),
            "reuse": ("Release", "Runs", "Verdict", "reasons", "release_name", "runs", "usable", "verdict"),
            "summary": ("Reason",),
        },
    )

__all__ = [
    "MOST_COMPARED",
    "Attribute",
    "Build",
    "Builds",
    "Cause",
    "Change",
    "Changes",
    "Check",
    "Closure",
    "ComparedDependency",
    "Comparison",
    "Counts",
    "DependencyBranches",
    "DependentBranches",
    "Difference",
    "Entry",
    "FactDifference",
    "Kind",
    "Nearest",
    "NearestBuilds",
    "Node",
    "OnFound",
    "Outline",
    "PackageChange",
    "Reason",
    "Release",
    "Runs",
    "State",
    "Surroundings",
    "TreeLine",
    "UsedBy",
    "Verdict",
    "VersionChange",
    "architectures",
    "builds_of",
    "builds_with",
    "check_files",
    "compare",
    "dependencies_known",
    "dependency_tree",
    "differences",
    "direct_dependents",
    "distinguished",
    "fact_difference",
    "incomplete",
    "no_matter",
    "reasons",
    "release_name",
    "root_causes",
    "runs",
    "runtime_closure",
    "state_of",
    "surroundings_of",
    "transitive_dependents",
    "unknown",
    "usable",
    "used_by",
    "verdict",
]
