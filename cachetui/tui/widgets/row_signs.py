"""A sign for each line of the table: installed, runs here, or not; of look-alikes, all or some of them."""

from __future__ import annotations

from pyroaring import BitMap

from cachetui.render import Span
from cachetui.search import INSTALLED, NO, RUNS, YES, Result

PARTLY: Span = ("◐", "warning")

NO_SIGN: Span = (" ", "")


class RowSigns:
    """The signs of the builds of one result; none before it is known what runs here.

    Args:
        signs: the builds that have a sign, the most telling first, and the sign.
    """

    def __init__(self, *signs: tuple[BitMap, Span]) -> None:
        self._signs = signs

    def of(self, rows: range, count: int) -> Span:
        """The sign of the builds of the result in a range of rows, of which there are so many."""
        for having, sign in self._signs:
            if found := having.range_cardinality(rows.start, rows.stop):
                return sign if found == count else PARTLY
        return NO_SIGN


def signs_of(result: Result) -> RowSigns:
    """The signs of the builds of a result, as far as nothing has to be computed for them."""
    if not all(map(result.attributes.is_ready, (RUNS, INSTALLED))):
        return RowSigns()
    from cachetui.render import INSTALLED_MARK, RUNS_MARKS  # not at a start

    runs, installed = result.attributes.index(RUNS), result.attributes.index(INSTALLED)
    here: Span = (INSTALLED_MARK, "good")
    return RowSigns(
        (installed.rows(YES) & result.rows, here),
        (runs.rows(YES) & result.rows, RUNS_MARKS[True]),
        (runs.rows(NO) & result.rows, (RUNS_MARKS[False][0], "muted")),
    )
