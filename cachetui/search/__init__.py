"""Which builds a selection means: ranking of names, bitmaps, counts, the folded table."""

from cachetui.search.engine import Engine, FacetCount, PackageCount, Result
from cachetui.search.fuzzy import matched
from cachetui.search.selection import Choice, Selection
from cachetui.search.table import COLUMN_NAMES, TABLE_COLUMNS, Kind, Table, TableColumn, fold, sort_rank

__all__ = [
    "COLUMN_NAMES",
    "TABLE_COLUMNS",
    "Choice",
    "Engine",
    "FacetCount",
    "Kind",
    "PackageCount",
    "Result",
    "Selection",
    "Table",
    "TableColumn",
    "fold",
    "matched",
    "sort_rank",
]
