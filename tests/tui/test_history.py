"""Esc goes back through past selections."""

from __future__ import annotations

from cachetui.search import Selection
from cachetui.tui.browse.history import SelectionHistory

ALL, ONE, TWO = Selection(), Selection("one"), Selection("two")


def test_steps_come_back_newest_first() -> None:
    history = SelectionHistory()
    history.chose(ALL)
    history.chose(ONE)
    assert [history.back(TWO), history.back(ONE), history.back(ALL)] == [ONE, ALL, None]


def test_typing_is_one_step_until_it_ends() -> None:
    history = SelectionHistory()
    history.typed(ALL)
    history.typed(Selection("o"))
    history.end_typing()
    history.typed(ONE)
    assert [history.back(TWO), history.back(ONE), history.back(ALL)] == [ONE, ALL, None]


def test_a_choice_ends_typing() -> None:
    history = SelectionHistory()
    history.typed(ALL)
    history.chose(ONE)
    history.typed(TWO)
    assert history.back(Selection("three")) == TWO


def test_a_step_that_shows_the_same_is_skipped() -> None:
    history = SelectionHistory()
    history.chose(ALL)
    history.chose(ONE)
    assert history.back(ONE) == ALL


def test_nothing_is_left_after_clearing() -> None:
    history = SelectionHistory()
    history.typed(ALL)
    history.clear()
    assert history.back(ONE) is None
    history.typed(ONE)
    assert history.back(TWO) == ONE
