"""Which builds a selection means: ranking of names, bitmaps, counts, the folded table."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cachetui.search.engine import Engine, FacetCount, Result
from cachetui.search.offers import Completion, Completions
from cachetui.search.packages import PackageCount, PackageCounts
from cachetui.search.reading import Reading, check_query, read_alike
from cachetui.search.selection import Choice, Selection, query_text
from cachetui.search.table import COLUMN_NAMES, TABLE_COLUMNS, Kind, Table, TableColumn, fold, sort_rank

if TYPE_CHECKING:
    from cachetui.search.completion import complete, without_unfinished
    from cachetui.search.fuzzy import matched
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

_TYPING = {
    "complete": "completion",
    "matched": "fuzzy",
    "with_choices_written": "writing",
    "without_unfinished": "completion",
}


def __getattr__(name: str) -> Any:
    """What only typing needs comes in when it is asked for."""
    if name in _TYPING:
        return getattr(import_module(f"{__name__}.{_TYPING[name]}"), name)
    raise AttributeError(name)
