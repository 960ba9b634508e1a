"""Words are found in many texts at once as text by text, and long answers ask before each piece."""

from __future__ import annotations

from contextvars import copy_context

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachetui.errors import Cancelled
from cachetui.search import fuzzy
from cachetui.search.fuzzy import PackageRanker
from cachetui.search.joined import Joined
from cachetui.search.pieces import ask_before_pieces

NAMES = ["hdf5", "py-h5py", "netcdf-c", "netcdf-fortran", "openmpi", "py-numpy", "zlib", "zlib-ng", "libszip"]
TEXTS = ["hfd5", "h5", "numpi", "py numpi", "netcdf f", "zlbi", "opnempi", "lib", "n", "ncf", "zz"]


@given(st.lists(st.text("ab-", max_size=5), max_size=8), st.text("ab-", min_size=1, max_size=3))
def test_joined_texts_are_searched_as_each_is(texts: list[str], word: str) -> None:
    expected = [place for place, text in enumerate(texts) if word in text]
    assert list(Joined(texts).holding(word)) == expected


@pytest.mark.parametrize("text", TEXTS)
def test_comparing_in_pieces_changes_no_order(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = PackageRanker(NAMES).rank(text)
    monkeypatch.setattr(fuzzy, "COMPARED", 2)
    assert PackageRanker(NAMES).rank(text) == whole


def test_an_answer_that_is_not_wanted_any_more_ends_with_its_next_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fuzzy, "COMPARED", 2)
    asked: list[None] = []

    def ask() -> None:
        asked.append(None)
        if len(asked) == 4:
            raise Cancelled("cancelled")

    def rank() -> None:
        ask_before_pieces(ask)
        PackageRanker(NAMES).rank("hfd5")

    with pytest.raises(Cancelled):
        copy_context().run(rank)
    assert len(asked) == 4
    PackageRanker(NAMES).rank("hfd5")  # in another context nobody is asked
    assert len(asked) == 4
