"""Esc goes back through past selections, `u` and `U` through every step."""

from __future__ import annotations

from cachetui.search import Selection
from cachetui.tui.browse.history import LONGEST, History, State
from cachetui.tui.state import Marks


def selected(text: str, *marked: str) -> State:
    """A state; the package of its selection is settled, as what is shown always is."""
    return State(Selection(text, package=""), Marks(frozenset(marked)))


ALL, ONE, TWO = selected(""), selected("one"), selected("two")


def test_steps_come_back_newest_first() -> None:
    history = History()
    history.stepped(ALL)
    history.stepped(ONE)
    assert [history.back(TWO), history.back(ONE), history.back(ALL)] == [ONE.selection, ALL.selection, None]


def test_typing_is_one_step_until_it_ends() -> None:
    history = History()
    history.typed(ALL)
    history.typed(selected("o"))
    history.end_typing()
    history.typed(ONE)
    assert [history.back(TWO), history.back(ONE), history.back(ALL)] == [ONE.selection, ALL.selection, None]


def test_a_choice_ends_typing() -> None:
    history = History()
    history.typed(ALL)
    history.stepped(ONE)
    history.typed(TWO)
    assert history.back(selected("three")) == TWO.selection


def test_a_step_that_shows_the_same_is_skipped() -> None:
    history = History()
    history.stepped(ALL)
    history.stepped(ONE)
    assert history.back(ONE) == ALL.selection
    history.stepped(ALL)
    history.stepped(ONE)
    assert history.undo(ONE) == ALL


def test_a_selection_is_the_same_before_and_after_its_package_was_found() -> None:
    history = History()
    history.stepped(State(Selection("one", package=None), Marks()))
    assert history.undo(ONE) is None


def test_nothing_is_left_after_clearing() -> None:
    history = History()
    history.typed(ALL)
    history.undo(ONE)
    history.typed(ALL)
    history.clear()
    assert [history.back(ONE), history.undo(ONE), history.redo(ONE)] == [None] * 3
    history.typed(ONE)
    assert history.back(TWO) == ONE.selection


def test_what_was_undone_is_done_again_in_its_order() -> None:
    history = History()
    history.stepped(ALL)
    history.stepped(ONE)
    assert [history.undo(TWO), history.undo(ONE), history.undo(ALL)] == [ONE, ALL, None]
    assert [history.redo(ALL), history.redo(ONE), history.redo(TWO)] == [ONE, TWO, None]
    assert history.undo(TWO) == ONE


def test_another_step_ends_what_could_be_done_again() -> None:
    history = History()
    history.stepped(ALL)
    history.undo(ONE)
    history.stepped(ALL)
    assert history.redo(TWO) is None


def test_marks_are_steps_of_their_own() -> None:
    one, both = selected("", "a"), selected("", "a", "b")
    history = History()
    history.stepped(ALL)
    history.stepped(one)
    assert [history.undo(both), history.undo(one)] == [one, ALL]
    assert [history.redo(ALL), history.redo(one)] == [one, both]


def test_going_back_passes_marks_and_leaves_them_to_be_undone() -> None:
    marked = selected("one", "a")
    history = History()
    history.stepped(ALL)
    history.stepped(ONE)
    assert history.back(marked) == ALL.selection
    shown = State(ALL.selection, marked.marks)
    assert history.back(shown) is None
    assert history.undo(shown) == ALL


def test_going_back_can_be_undone() -> None:
    history = History()
    history.stepped(ALL)
    history.back(ONE)
    assert history.redo(ALL) == ONE


def test_going_back_without_another_selection_keeps_the_marks_that_can_be_undone() -> None:
    history = History()
    history.stepped(ALL)
    marked = selected("", "a")
    assert history.back(marked) is None
    assert history.undo(marked) == ALL


def test_the_oldest_steps_are_forgotten() -> None:
    history = History()
    states = [selected(str(place)) for place in range(LONGEST + 5)]
    for state in states:
        history.stepped(state)
    shown, undone = ALL, 0
    while (before := history.undo(shown)) is not None:
        shown, undone = before, undone + 1
    assert (shown, undone) == (states[5], LONGEST)


def test_the_package_that_a_query_led_to_is_no_other_selection() -> None:
    history = History()
    history.stepped(ALL)
    history.stepped(State(Selection("one", package=None), Marks()))
    marked = State(Selection("one", package="found"), Marks(frozenset("a")))
    assert history.back(marked) == ALL.selection
