"""Which builds a selection means: ranking of names, bitmaps, counts, the folded table."""

from cachetui.search.completion import Completion, Completions, complete, without_unfinished
from cachetui.search.engine import Engine, FacetCount, Result
from cachetui.search.fuzzy import matched
from cachetui.search.packages import PackageCount, PackageCounts
from cachetui.search.reading import Reading, check_query, read_alike
from cachetui.search.selection import Choice, Selection, query_text
from cachetui.search.table import COLUMN_NAMES, TABLE_COLUMNS, Kind, Table, TableColumn, fold, sort_rank
from cachetui.search.writing import with_choices_written

__all__ = [
    "COLUMN_NAMES",
    "TABLE_COLUMNS",
    "Choice",
    "Completion",
    "Completions",
    "Engine",
    "FacetCount",
    "Kind",
    "PackageCount",
    "PackageCounts",
    "Reading",
    "Result",
    "Selection",
    "Table",
    "TableColumn",
    "check_query",
    "complete",
    "fold",
    "matched",
    "query_text",
    "read_alike",
    "sort_rank",
    "with_choices_written",
    "without_unfinished",
]
