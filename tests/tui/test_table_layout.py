"""The widths of the table's columns, and what a cell keeps that is too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cachetui.tui.widgets.table_layout import GAP, Measure, column_widths, cut

measures = st.lists(
    st.builds(
        lambda sizes, is_minor: Measure(sizes[2], sizes[1], sizes[0], is_minor),
        st.lists(st.integers(1, 40), min_size=3, max_size=3).map(sorted),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)
firsts = st.integers(1, 12)
rooms = st.integers(0, 200)


def taken(widths: list[int]) -> int:
    """The cells of a line with columns of these widths."""
    shown = [width for width in widths if width]
    return sum(shown) + GAP * max(len(shown) - 1, 0)


@given(measures, firsts, rooms)
def test_columns_are_never_wider_than_the_room(asked: list[Measure], first: int, room: int) -> None:
    assert taken(column_widths(asked, first, room)) <= room


@given(measures, firsts, rooms)
def test_a_shown_column_is_of_use_and_not_wider_than_it_needs(
    asked: list[Measure], first: int, room: int
) -> None:
    widths = column_widths(asked, first, room)
    for place, (width, measure) in enumerate(zip(widths, asked, strict=True)):
        assert width <= measure.natural
        # At least a beginning of the column that was scrolled to is shown.
        assert width == 0 or width >= measure.wanted or place in (0, first)


@given(measures, firsts, rooms)
def test_the_first_column_stays_and_those_before_the_window_are_hidden(
    asked: list[Measure], first: int, room: int
) -> None:
    widths = column_widths(asked, first, room)
    assert widths[0] > 0 or room <= GAP
    assert not any(widths[1:first])


@given(measures, firsts, rooms)
def test_the_column_that_was_scrolled_to_is_shown(asked: list[Measure], first: int, room: int) -> None:
    widths = column_widths(asked, first, room)
    if 1 < first < len(asked) and room > asked[0].wanted + 2 * GAP:
        assert widths[first] > 0


@given(measures, rooms)
def test_minor_columns_get_what_the_others_leave(asked: list[Measure], room: int) -> None:
    widths = column_widths(asked, 1, room)
    without = [measure for place, measure in enumerate(asked) if not (place and measure.is_minor)]
    kept = [width for place, width in enumerate(widths) if not (place and asked[place].is_minor)]
    assert kept == column_widths(without, 1, room)


@given(measures, firsts)
def test_with_room_for_all_nothing_is_cut(asked: list[Measure], first: int) -> None:
    natural = [
        measure.natural if place in (0, *range(first, 12)) else 0 for place, measure in enumerate(asked)
    ]
    assert column_widths(asked, first, taken(natural)) == natural


def test_most_cells_are_whole_before_a_few_long_ones() -> None:
    often_short = Measure(natural=31, wanted=9, typical=11)
    sometimes_longer = Measure(natural=14, wanted=10, typical=10)
    asked = [often_short, sometimes_longer]
    assert column_widths(asked, 1, 9 + GAP + 10) == [9, 10]
    assert column_widths(asked, 1, 11 + GAP + 10) == [11, 10]
    assert column_widths(asked, 1, 11 + GAP + 14) == [11, 14]
    assert column_widths(asked, 1, 11 + GAP + 14 + 5) == [16, 14]


@given(measures, firsts, rooms)
def test_what_is_left_goes_first_to_those_that_lack_least(
    asked: list[Measure], first: int, room: int
) -> None:
    widths = column_widths(asked, first, room)
    main = [
        place
        for place, width in enumerate(widths)
        if width and (first > 1 or not (place and asked[place].is_minor))
    ]
    are_typical = all(widths[place] >= asked[place].typical for place in main)
    for place in main:
        # A column that has grown beyond what is typical leaves none behind that is not.
        assert are_typical or widths[place] <= asked[place].typical


@given(st.lists(st.text("ab漢@ ", min_size=1, max_size=24), min_size=1, max_size=15), st.integers(1, 30))
def test_a_cut_cell_is_as_wide_as_its_column(members: list[str], width: int) -> None:
    assert cell_len(cut(", ".join(members), width)) == width


@pytest.mark.parametrize(
    ("cell", "width", "text"),
    [
        ("gcc@13.2.0", 12, "gcc@13.2.0  "),
        ("gcc@13.2.0", 10, "gcc@13.2.0"),
        ("gcc@13.2.0", 9, "gcc@13.2…"),
        ("apple-clang@16.0.0", 16, "apple-cl…@16.0.0"),
        ("apple-clang@16.0.0", 12, "appl…@16.0.0"),
        ("apple-clang@16.0.0", 11, "apple-clan…"),
        ("aaaaaaaa@漢漢漢漢漢漢漢漢", 14, "aaaaaaaa@漢漢…"),
        ("e4s, hpc, ml", 12, "e4s, hpc, ml"),
        ("e4s, hpc, ml", 11, "e4s, hpc +1"),
        ("e4s, hpc, ml", 10, "e4s +2    "),
        ("e4s, hpc, ml", 6, "e4s +2"),
        ("e4s-power, hpc", 8, "e4s-pow…"),
        ("e4s, hpc, ml", 5, "e4s,…"),
        ("e4s, hpc, ml", 1, "…"),
        ("e4s, hpc, ml", 0, ""),
        (", ".join("abcdefghijklm"), 8, "a, b +11"),
        ("+mpi ~shared api=v18", 19, "+mpi ~shared …     "),
    ],
)
def test_a_cut_list_says_how_many_more_there_are(cell: str, width: int, text: str) -> None:
    assert cut(cell, width) == text
