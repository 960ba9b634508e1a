"""Which builds a selection means: ranking of names, bitmaps, counts, the folded table."""

from typing import TYPE_CHECKING

from cachetui.doors import late_names
from cachetui.search.attributes import COLUMNS, FACETS, Attribute, Attributes, BoundAttribute
from cachetui.search.engine import Engine, FacetCount, Result
from cachetui.search.offers import Completion, Completions, Offer
from cachetui.search.packages import PackageCount, PackageCounts
from cachetui.search.reading import Reading, check_query, read_alike, split_words
from cachetui.search.selection import (
    COMPLETE,
    INSTALLED,
    NO,
    RUNS,
    UNKNOWN,
    YES,
    YES_WORDS,
    Choice,
    Selection,
    choices_text,
    is_newest_first,
    query_text,
)
from cachetui.search.table import Fold, Table, fold
from cachetui.search.written import Plain

if TYPE_CHECKING:
    from cachetui.search.choosing import choice_of, where_text
    from cachetui.search.completion import complete, without_unfinished
    from cachetui.search.computed import Computed, Partition
    from cachetui.search.coverage import SHADES, Coverage, Covered, narrowed
    from cachetui.search.differing import DependencyCount, dependency_counts, telling
    from cachetui.search.fuzzy import matched
    from cachetui.search.installed import installed_rows
    from cachetui.search.pieces import ask_before_pieces
    from cachetui.search.terms import Term, terms_of
    from cachetui.search.words import is_searchable
    from cachetui.search.writing import with_choices_written
else:
    # What a start does not need is imported when it is asked for.
    __getattr__ = late_names(
        __name__,
        {
            "choosing": ("choice_of", "where_text"),
            "computed": ("Computed", "Partition"),
            "completion": (
                "complete",
                "without_unfinished",
            ),
            "coverage": ("SHADES", "Coverage", "Covered", "narrowed"),
            "fuzzy": ("matched",),
            "installed": ("installed_rows",),
            "pieces": ("ask_before_pieces",),
            "words": ("is_searchable",),
            "terms": ("Term", "terms_of"),
            "differing": (
                "DependencyCount",
                "dependency_counts",
                "telling",
            ),
            "writing": ("with_choices_written",),
        },
    )


__all__ = [
    "COLUMNS",
    "COMPLETE",
    "FACETS",
    "INSTALLED",
    "NO",
    "RUNS",
    "SHADES",
    "UNKNOWN",
    "YES",
    "YES_WORDS",
    "Attribute",
    "Attributes",
    "BoundAttribute",
    "Choice",
    "Completion",
    "Completions",
    "Computed",
    "Coverage",
    "Covered",
    "DependencyCount",
    "Engine",
    "FacetCount",
    "Fold",
    "Offer",
    "PackageCount",
    "PackageCounts",
    "Partition",
    "Plain",
    "Reading",
    "Result",
    "Selection",
    "Table",
    "Term",
    "ask_before_pieces",
    "check_query",
    "choice_of",
    "choices_text",
    "complete",
    "dependency_counts",
    "fold",
    "installed_rows",
    "is_newest_first",
    "is_searchable",
    "matched",
    "narrowed",
    "query_text",
    "read_alike",
    "split_words",
    "telling",
    "terms_of",
    "where_text",
    "with_choices_written",
    "without_unfinished",
]
