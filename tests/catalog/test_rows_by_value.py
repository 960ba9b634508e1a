"""The rows of each value, as sets or as numbers in order; what a staging forgets before it is written."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.catalog.compile import Staging, rows_by_value, write_catalog
from cachetui.catalog.compile.rows_by_value import _Sets, _Sorted
from tests.conftest import build, dag_hash

VALUES = 5


@given(
    st.lists(st.integers(0, VALUES - 1), max_size=20),
    st.sets(st.integers(0, VALUES - 1), min_size=1),
)
def test_sets_and_rows_in_order_are_the_same(ids: list[int], asked: set[int]) -> None:
    expected = BitMap(row for row, value in enumerate(ids) if value in asked)
    for kind in (_Sets, _Sorted):
        assert kind(array("I", ids), VALUES).having(sorted(asked)) == expected


def test_a_set_is_its_own() -> None:
    """The writer changes what it gets."""
    for rows in (_Sets([0, 0], 2), _Sorted(array("I", [0, 0]), 2)):
        rows.having([0]).add(9)
        assert rows.having([0]) == BitMap([0, 1])


@pytest.mark.parametrize("many", [2, 10_000])
def test_many_values_are_written_as_few_are(
    many: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_by_value, "MANY_VALUES", many)
    staging = Staging()
    for n in range(9):
        staging.add(build(n, f"p{n % 3}", version=f"1.{n}", dependencies=()))
    staging.follow_compiler_edges()
    for place in ("a", "b"):  # the folder of the first may be full
        write_catalog(staging, tmp_path / place)
        catalog = Catalog(tmp_path / place)
        assert [catalog.row_of(dag_hash(n)) in catalog.facet("version").rows(f"1.{n}") for n in range(9)] == (
            [True] * 9
        )
        catalog.close()


def test_a_staging_forgets_numbers_and_keeps_values() -> None:
    staging = Staging()
    staging.add(build(1, "zlib"))
    staging.close()
    assert "zlib" in staging.interners["package"].values
    assert staging.hashes[1:] == [dag_hash(1)]
    assert not staging.interners["package"]._numbers
