"""Long steps in pieces come to the same as in one."""

from __future__ import annotations

import random
from array import array
from pathlib import Path

import pytest

from cachetui.catalog.compile import turns
from cachetui.catalog.compile.turns import in_order, picked, picked_numbers, places_in_order
from cachetui.refresh import open_catalog
from cachetui.sources import SAMPLE


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of a few values."""
    monkeypatch.setattr(turns, "PIECE", 3)
    monkeypatch.setattr(turns, "SORTED", 3)


@pytest.mark.parametrize("count", [0, 1, 3, 4, 20])
def test_pieces_come_to_the_same(count: int) -> None:
    values = random.Random(count).sample(range(100), count)
    places = list(range(count))[::-1]
    assert picked(values, places) == values[::-1]
    assert picked_numbers(values, places) == array("I", values[::-1])
    assert in_order(values, lambda value: -value) == sorted(values, reverse=True)
    assert in_order(values, lambda value: value % 3) == sorted(values, key=lambda value: value % 3)


@pytest.mark.parametrize("count", [0, 1, 4, 200])
def test_places_in_order(count: int) -> None:
    values = [random.Random(count + n).randbytes(3) for n in range(count)]
    values += values[:2]
    firsts = [value[0] for value in values]
    expected = sorted(range(len(values)), key=values.__getitem__)
    assert places_in_order(firsts, values.__getitem__) == array("I", expected)


def test_a_catalog_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / "pieces.sqlite", tmp_path / "whole.sqlite"]
    for file, size in zip(files, (3, 1 << 17), strict=True):
        monkeypatch.setattr(turns, "PIECE", size)
        monkeypatch.setattr(turns, "SORTED", size)
        open_catalog([SAMPLE], output=file).catalog.close()
    assert files[0].read_bytes() == files[1].read_bytes()
