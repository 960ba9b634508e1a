"""Values as lines of text, for the command line and the browser alike."""

from typing import TYPE_CHECKING

from cachetui.doors import late_names

if TYPE_CHECKING:
    from cachetui.render.builds import SHOW_FORMATS, describe, edge_text
    from cachetui.render.details import (
        Fact,
        broken,
        dependencies,
        dependents,
        install_texts,
        lookalike_facts,
        places,
        spec_facts,
    )
    from cachetui.render.empty import no_package_found, nothing_found, why_none
    from cachetui.render.lists import LIST_FORMATS, check_sort, sorted_rows
    from cachetui.render.lookalikes import differ_in
    from cachetui.render.mirrors import (
        MIRROR_FORMATS,
        PUBLIC_FORMATS,
        mirror_facts,
        mirror_summary,
        notes_heading,
        spack_facts,
        state_text,
        where_text,
    )
    from cachetui.render.packages import PACKAGE_FORMATS
    from cachetui.render.spans import COLUMN_ROLES, ROLES, Line, Span, plain
    from cachetui.render.trees import tree_lines
else:
    # Import on demand: the browser and each command need only some of these.
    __getattr__ = late_names(
        __name__,
        {
            "builds": ("SHOW_FORMATS", "describe", "edge_text"),
            "details": (
                "Fact",
                "broken",
                "dependencies",
                "dependents",
                "install_texts",
                "lookalike_facts",
                "places",
                "spec_facts",
            ),
            "empty": ("no_package_found", "nothing_found", "why_none"),
            "lists": ("LIST_FORMATS", "check_sort", "sorted_rows"),
            "lookalikes": ("differ_in",),
            "mirrors": (
                "MIRROR_FORMATS",
                "PUBLIC_FORMATS",
                "mirror_facts",
                "mirror_summary",
                "notes_heading",
                "spack_facts",
                "state_text",
                "where_text",
            ),
            "packages": ("PACKAGE_FORMATS",),
            "spans": ("COLUMN_ROLES", "ROLES", "Line", "Span", "plain"),
            "trees": ("tree_lines",),
        },
    )

__all__ = [
    "COLUMN_ROLES",
    "LIST_FORMATS",
    "MIRROR_FORMATS",
    "PACKAGE_FORMATS",
    "PUBLIC_FORMATS",
    "ROLES",
    "SHOW_FORMATS",
    "Fact",
    "Line",
    "Span",
    "broken",
    "check_sort",
    "dependencies",
    "dependents",
    "describe",
    "differ_in",
    "edge_text",
    "install_texts",
    "lookalike_facts",
    "mirror_facts",
    "mirror_summary",
    "no_package_found",
    "notes_heading",
    "nothing_found",
    "places",
    "plain",
    "sorted_rows",
    "spack_facts",
    "spec_facts",
    "state_text",
    "tree_lines",
    "where_text",
    "why_none",
]
