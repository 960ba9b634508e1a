"""Ranges of rows: the first of some rows in each, against looking at row by row."""

from __future__ import annotations

from array import array
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from cachetui.catalog.row_ranges import RowRanges


@given(st.lists(st.integers(1, 70), max_size=20), st.data())
def test_the_first_row_in_each_part(sizes: list[int], data: st.DataObject) -> None:
    parts = RowRanges(array("I", accumulate(sizes, initial=0)))
    assert len(parts) == len(sizes)
    count = sum(sizes)
    rows = data.draw(st.sets(st.integers(0, count - 1))) if count else set()
    firsts: dict[int, int] = {}
    for row in sorted(rows):
        assert row in parts[parts.of(row)]
        firsts.setdefault(parts.of(row), row)
    assert list(parts.firsts(BitMap(rows))) == list(firsts.values())
