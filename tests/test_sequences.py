"""Sequences whose items are made when they are asked for."""

from __future__ import annotations

import pytest

from cachetui.sequences import LazySequence


class Squares(LazySequence[int]):
    """The first squares; notes which were made."""

    def __init__(self, size: int) -> None:
        self._roots = range(size)
        self.made: list[int] = []

    def __len__(self) -> int:
        return len(self._roots)

    def _item(self, place: int) -> int:
        self.made.append(self._roots[place])
        return self._roots[place] ** 2


def test_items_are_made_when_asked_for() -> None:
    squares = Squares(1_000_000)
    assert (len(squares), squares[3], squares[-1]) == (1_000_000, 9, 999_999**2)
    assert squares[2:8:2] == [4, 16, 36]
    assert squares[-2:] == [999_998**2, 999_999**2]
    assert squares.made == [3, 999_999, 2, 4, 6, 999_998, 999_999]


def test_it_is_a_sequence() -> None:
    squares = Squares(4)
    assert list(squares) == list(squares[:]) == [0, 1, 4, 9]
    assert list(reversed(squares)) == squares[::-1] == [9, 4, 1, 0]
    assert (squares.index(4), 9 in squares, 5 in squares) == (2, True, False)
    assert squares[7:] == []
    with pytest.raises(IndexError):
        squares[4]
