"""The widths of the table's columns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cachetui.tui.widgets.table_layout import GAP, Measure, column_widths

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


@given(measures, rooms)
def test_the_last_served_are_cut_first(asked: list[Measure], room: int) -> None:
    widths = column_widths(asked, room)
    served = sorted((i for i in range(len(asked)) if widths[i]), key=lambda i: asked[i].rank)
    cut = [i for i in served if widths[i] < asked[i].natural]
    if cut:
        after = served[served.index(cut[0]) + 1 :]
        assert all(widths[i] == min(asked[i].least, asked[i].natural) for i in after)


@given(measures)
def test_with_room_for_all_nothing_is_cut(asked: list[Measure]) -> None:
    natural = [measure.natural for measure in asked]
    assert column_widths(asked, taken(natural)) == natural
