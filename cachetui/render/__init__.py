"""Values as lines of text, for the command line and the browser alike."""

from typing import TYPE_CHECKING

from cachetui.doors import late_names

if TYPE_CHECKING:
    from cachetui.render.builds import SHOW_FORMATS, describe, edge_line, edge_text
    from cachetui.render.changes import (
        CHANGES_FORMATS,
        KIND_ROLES,
        builds_text,
        changes_summary,
        versions_line,
    )
    from cachetui.render.check import (
        CHECK_FORMATS,
        STATE_WORDS,
        Missing,
        differs_text,
        entry_name,
        entry_text,
        mirrors_text,
        more_lines,
        sum_line,
        with_nearest,
    )
    from cachetui.render.comparison import (
        DIFF_FORMATS,
        ComparisonRow,
        comparison_rows,
        laid_out,
        left_out,
    )
    from cachetui.render.coverage import COVERAGE_FORMATS, EMPTY
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
    from cachetui.render.empty import no_package_found, nothing_found, search_found_nothing, why_none
    from cachetui.render.lists import LIST_FORMATS, check_sort, sorted_rows
    from cachetui.render.lookalikes import differ_in
    from cachetui.render.mirrors import (
        MIRROR_FORMATS,
        PUBLIC_FORMATS,
        failure_advice,
        mirror_advice,
        mirror_columns,
        mirror_facts,
        notes_heading,
        spack_facts,
        state_line,
        state_role,
        state_text,
        where_text,
    )
    from cachetui.render.outlines import FOLDED, LEAF, UNFOLDED, node_line, outline_line, states_line
    from cachetui.render.packages import PACKAGE_FORMATS
    from cachetui.render.problems import Paragraph, problem_paragraphs
    from cachetui.render.spans import COLUMN_ROLES, ROLES, Line, Lines, Span, plain, texts
    from cachetui.render.specs import spec_line
    from cachetui.render.trees import deptype_letters, tree_lines
    from cachetui.render.walks import Walks
else:
    # Import on demand: the browser and each command need only some of these.
    __getattr__ = late_names(
        __name__,
        {
            "changes": (
                "CHANGES_FORMATS",
                "KIND_ROLES",
                "builds_text",
                "changes_summary",
                "versions_line",
            ),
            "check": (
                "CHECK_FORMATS",
                "STATE_WORDS",
                "Missing",
                "differs_text",
                "entry_name",
                "entry_text",
                "mirrors_text",
                "more_lines",
                "sum_line",
                "with_nearest",
            ),
            "coverage": ("COVERAGE_FORMATS", "EMPTY"),
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
            "builds": ("SHOW_FORMATS", "describe", "edge_line", "edge_text"),
            "comparison": ("DIFF_FORMATS", "ComparisonRow", "comparison_rows", "laid_out", "left_out"),
            "empty": ("no_package_found", "nothing_found", "search_found_nothing", "why_none"),
            "lists": ("LIST_FORMATS", "check_sort", "sorted_rows"),
            "lookalikes": ("differ_in",),
            "mirrors": (
                "MIRROR_FORMATS",
                "PUBLIC_FORMATS",
                "failure_advice",
                "mirror_advice",
                "mirror_columns",
                "mirror_facts",
                "notes_heading",
                "spack_facts",
                "state_line",
                "state_role",
                "state_text",
                "where_text",
            ),
            "problems": ("Paragraph", "problem_paragraphs"),
            "outlines": ("FOLDED", "LEAF", "UNFOLDED", "node_line", "outline_line", "states_line"),
            "packages": ("PACKAGE_FORMATS",),
            "spans": ("COLUMN_ROLES", "ROLES", "Line", "Lines", "Span", "plain", "texts"),
            "specs": ("spec_line",),
            "trees": ("deptype_letters", "tree_lines"),
            "walks": ("Walks",),
        },
    )

__all__ = [
    "CHANGES_FORMATS",
    "CHECK_FORMATS",
    "COLUMN_ROLES",
    "COVERAGE_FORMATS",
    "DIFF_FORMATS",
    "EMPTY",
    "FOLDED",
    "KIND_ROLES",
    "LEAF",
    "LIST_FORMATS",
    "MIRROR_FORMATS",
    "PACKAGE_FORMATS",
    "PUBLIC_FORMATS",
    "ROLES",
    "SHOW_FORMATS",
    "STATE_WORDS",
    "UNFOLDED",
    "ComparisonRow",
    "Fact",
    "Line",
    "Lines",
    "Missing",
    "Paragraph",
    "Span",
    "Walks",
    "broken",
    "builds_text",
    "changes_summary",
    "check_sort",
    "comparison_rows",
    "dependencies",
    "dependents",
    "deptype_letters",
    "describe",
    "differ_in",
    "differs_text",
    "edge_line",
    "edge_text",
    "entry_name",
    "entry_text",
    "failure_advice",
    "install_texts",
    "laid_out",
    "left_out",
    "lookalike_facts",
    "mirror_advice",
    "mirror_columns",
    "mirror_facts",
    "mirrors_text",
    "more_lines",
    "no_package_found",
    "node_line",
    "notes_heading",
    "nothing_found",
    "outline_line",
    "places",
    "plain",
    "problem_paragraphs",
    "search_found_nothing",
    "sorted_rows",
    "spack_facts",
    "spec_facts",
    "spec_line",
    "state_line",
    "state_role",
    "state_text",
    "states_line",
    "sum_line",
    "texts",
    "tree_lines",
    "versions_line",
    "where_text",
    "why_none",
    "with_nearest",
]
