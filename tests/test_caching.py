"""Results that an instance remembers, and that are freed with it."""

from __future__ import annotations

import weakref

import pytest

from cachetui.caching import cached_method, lru_cached_method, sized_cached_method


class Squares:
    """Counts what it computes."""

    def __init__(self) -> None:
        self.computed: list[int] = []

    @cached_method
    def every(self, number: int) -> int:
        """The square of a number."""
        return self._square(number)

    @lru_cached_method(maxsize=2)
    def last(self, number: int) -> int:
        """The same, remembered for two numbers."""
        return self._square(number)

    @sized_cached_method(100, lambda square: square)
    def small(self, number: int) -> int:
        """The same, remembered up to a sum of squares."""
        return self._square(number)

    @cached_method
    def nothing(self, number: int) -> None:
        """A result that is remembered although it is none."""
        self._square(number)

    def _square(self, number: int) -> int:
        self.computed.append(number)
        if number < 0:
            raise KeyError(number)
        return number * number


def test_a_result_is_computed_once() -> None:
    squares = Squares()
    assert [squares.every(3), squares.every(4), squares.every(3)] == [9, 16, 9]
    squares.nothing(5)
    squares.nothing(5)
    assert squares.computed == [3, 4, 5]


def test_the_least_recently_used_result_is_evicted() -> None:
    squares = Squares()
    for number in (1, 2, 1, 3, 1, 2):
        assert squares.last(number) == number * number
    assert squares.computed == [1, 2, 3, 2]


def test_results_are_evicted_by_their_sizes() -> None:
    squares = Squares()
    for number in (1, 2, 3, 4, 5, 1):  # 55 in all
        squares.small(number)
    assert squares.computed == [1, 2, 3, 4, 5]
    squares.small(8)  # 119: those that were not used for longest go until 75 are left
    for number in (1, 8):
        squares.small(number)
    assert squares.computed == [1, 2, 3, 4, 5, 8]
    for number in (5, 4):
        squares.small(number)
    assert squares.computed[6:] == [5, 4]


def test_a_result_larger_than_the_limit_is_kept_alone() -> None:
    squares = Squares()
    for number in (2, 11, 11, 2):
        squares.small(number)
    assert squares.computed == [2, 11, 2]


def test_methods_and_instances_do_not_share_results() -> None:
    one, other = Squares(), Squares()
    one.every(3)
    one.last(3)
    other.every(3)
    assert (one.computed, other.computed) == ([3, 3], [3])


@pytest.mark.parametrize("name", ["every", "last"])
def test_an_error_is_not_cached_and_has_no_context(name: str) -> None:
    squares = Squares()
    for _ in range(2):
        with pytest.raises(KeyError) as caught:
            getattr(squares, name)(-1)
        assert caught.value.__context__ is None
    assert squares.computed == [-1, -1]


def test_a_method_keeps_its_name_and_docstring() -> None:
    assert (Squares.every.__name__, Squares.last.__doc__) == (
        "every",
        "The same, remembered for two numbers.",
    )


@pytest.mark.usefixtures("without_collection")
def test_an_instance_is_freed_with_its_results() -> None:
    squares = Squares()
    squares.every(3)
    squares.last(3)
    squares.nothing(3)
    alive = weakref.ref(squares)
    del squares
    assert alive() is None
