"""Comparisons laid out in columns: nothing is lost, no word is broken, no line is too wide."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachetui.graph import Reason
from cachetui.render import ComparisonRow, laid_out, plain
from cachetui.render.comparison import reason_name, reason_note

WORDS = ("a", "1.2", "/abcdefg", "gcc@12.3", "+new_strategies", "this", "intel-oneapi", "x86_64_v3", "b,c")
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)


@st.composite
def tables(draw: st.DrawFn) -> list[ComparisonRow]:
    number = draw(st.integers(2, 8))
    rows = []
    for section in ["builds", *draw(st.lists(st.sampled_from(["causes", "details"]), max_size=6))]:
        cells = tuple(((draw(texts), ""),) for _ in range(number))
        rows.append(ComparisonRow(section, ((draw(texts), ""),), cells, draw(texts | st.just(""))))
    return rows


def written(lines: list[str]) -> list[str]:
    return [word for line in lines for word in line.split()]


@settings(max_examples=60)
@given(tables(), st.integers(30, 130))
def test_every_word_is_there_and_no_line_is_too_wide(rows: list[ComparisonRow], width: int) -> None:
    found = list(laid_out(rows, width))
    assert all(len(plain(line)) <= width for line, _ in found)
    for number, row in enumerate(rows):
        lines = written([plain(line) for line, of in found if of == number])
        for cell in row.cells:
            assert set(plain(cell).split()) <= set(lines)
        if row.section == "causes":
            assert set(row.note.split()) <= set(lines)
        if row.section != "builds":
            assert set(plain(row.label).split()) <= set(lines)


@settings(max_examples=30)
@given(tables())
def test_without_a_width_each_row_is_one_line(rows: list[ComparisonRow]) -> None:
    found = list(laid_out(rows))
    assert [number for _, number in found] == list(range(len(rows)))
    for (line, _), row in zip(found, rows, strict=True):
        parts = [row.label, *row.cells, ((row.note, ""),)]
        assert plain(line).split() == " ".join(map(plain, parts)).split()


@pytest.mark.parametrize(
    ("reason", "name", "note"),
    [
        (Reason("version", ("1", "2"), ("zlib",), False, ("a", "b")), "zlib version", "2 above inherit it"),
        (Reason("variants", ("+a", "~a"), ("hdf5",), True, ()), "hdf5 variants", "this build"),
        (Reason("version", ("1", "2"), ("zlib",), False, ("a",)), "zlib version", "1 above inherits it"),
        (
            Reason("target", ("a", "b"), ("hdf5", "w", "x", "y", "z"), True, ()),
            "target",
            "this build and w, x, y and 1 more",
        ),
        (Reason("^mpi", ("a@1", "b@2"), ("x", "y"), False, ("z",)), "^mpi", "in x, y; 1 above inherits it"),
        (Reason("package hash", ("a", "b"), ("x",), False, ()), "x recipe", "in x"),
        (Reason("package hash", (None, None), ("x", "y"), False, ()), "recipes", "in x, y"),
        (
            Reason("version", ("1", "2"), ("x",), False, ("y",), "y"),
            "x version",
            "below y; 1 above inherits it",
        ),
    ],
    ids=str,
)
def test_reasons_in_words(reason: Reason, name: str, note: str) -> None:
    assert reason_name(reason) == name
    assert reason_note(reason) == note
