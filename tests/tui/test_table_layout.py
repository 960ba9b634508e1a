"""The widths of the table's columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cachetui.tui.widgets.table_layout import GAP, Measure, column_widths, cut

sizes = st.integers(1, 40)
measures = st.lists(st.tuples(sizes, sizes), min_size=1, max_size=12).flatmap(
    lambda pairs: st.permutations(range(len(pairs))).map(
        lambda ranks: [Measure(n, least, rank) for (n, least), rank in zip(pairs, ranks, strict=True)]
    )
)
rooms = st.integers(0, 200)


def taken(widths: list[int]) -> int:
    """The cells of a line with columns of these widths."""
    shown = [width for width in widths if width]
    return sum(shown) + GAP * max(len(shown) - 1, 0)


@given(measures, rooms)
def test_columns_are_never_wider_than_the_room(asked: list[Measure], room: int) -> None:
    assert taken(column_widths(asked, room)) <= room


@given(measures, rooms)
def test_a_shown_column_is_of_use_and_not_wider_than_it_needs(asked: list[Measure], room: int) -> None:
    for width, measure in zip(column_widths(asked, room), asked, strict=True):
        assert width == 0 or min(measure.least, measure.natural) <= width <= measure.natural


def least(measure: Measure) -> int:
    """The width that a column gets first."""
    return min(measure.least, measure.natural)


@given(measures, rooms)
def test_columns_are_served_by_rank_until_one_does_not_fit(asked: list[Measure], room: int) -> None:
    shown = [width > 0 for width in column_widths(asked, room)]
    ranked = sorted(range(len(asked)), key=lambda i: asked[i].rank)
    fitting = 0
    while fitting < len(asked) and taken([least(asked[i]) for i in ranked[: fitting + 1]]) <= room:
        fitting += 1
    assert [shown[i] for i in ranked] == [True] * fitting + [False] * (len(asked) - fitting)


def test_most_cells_are_whole_before_a_few_long_ones() -> None:
    often_short = Measure(natural=31, least=9, rank=1, typical=11)
    sometimes_longer = Measure(natural=14, least=10, rank=2, typical=10)
    assert column_widths([often_short, sometimes_longer], 9 + GAP + 10) == [9, 10]
    assert column_widths([often_short, sometimes_longer], 11 + GAP + 10) == [11, 10]
    assert column_widths([often_short, sometimes_longer], 11 + GAP + 14) == [11, 14]
    assert column_widths([often_short, sometimes_longer], 11 + GAP + 14 + 5) == [16, 14]


@given(measures, rooms)
def test_what_is_left_goes_first_to_those_that_lack_least(asked: list[Measure], room: int) -> None:
    widths = column_widths(asked, room)
    shown = [i for i in range(len(asked)) if widths[i]]
    shown.sort(key=lambda i: (asked[i].natural - least(asked[i]), asked[i].rank))
    cut = [i for i in shown if widths[i] < asked[i].natural]
    assert cut == shown[len(shown) - len(cut) :]
    assert all(widths[i] == least(asked[i]) for i in cut[1:])
    assert not cut or taken(widths) == room


@given(measures)
def test_with_room_for_all_nothing_is_cut(asked: list[Measure]) -> None:
    natural = [measure.natural for measure in asked]
    assert column_widths(asked, taken(natural)) == natural


@given(st.lists(st.text("ab漢 ", min_size=1, max_size=12), min_size=1, max_size=15), st.integers(1, 30))
def test_a_cut_cell_is_as_wide_as_its_column(members: list[str], width: int) -> None:
    assert cell_len(cut(", ".join(members), width)) == width


@pytest.mark.parametrize(
    ("cell", "width", "text"),
    [
        ("gcc@13.2.0", 12, "gcc@13.2.0  "),
        ("gcc@13.2.0", 10, "gcc@13.2.0"),
        ("gcc@13.2.0", 9, "gcc@13.2…"),
        ("e4s, hpc, ml", 12, "e4s, hpc, ml"),
        ("e4s, hpc, ml", 11, "e4s +2     "),
        ("e4s, hpc, ml", 6, "e4s +2"),
        ("e4s-power, hpc", 8, "e4s-… +1"),
        ("e4s, hpc, ml", 5, "e… +2"),
        ("e4s, hpc, ml", 4, "e4s…"),
        ("e4s, hpc, ml", 1, "…"),
        (", ".join("abcdefghijklm"), 8, "a +12   "),
    ],
)
def test_a_cut_list_says_how_many_more_there_are(cell: str, width: int, text: str) -> None:
    assert cut(cell, width) == text
