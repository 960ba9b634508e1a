"""Columns that lie in several chunks, against plain lists; and chunks that are missing or cut short."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cachetui.catalog import Catalog, pieces, reader
from cachetui.catalog.compile import compile_catalog, writer
from cachetui.catalog.storage import Storage
from cachetui.errors import CatalogError
from tests.builders.damage import executed, forged
from tests.conftest import build, dag_hash

VERSIONS = [f"1.{n}" for n in range(11)]
NEWEST_FIRST = VERSIONS[::-1]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalog of eleven versions, of which a chunk holds three rows and two values."""
    for module in (pieces, reader, writer):
        for name, size in (("ROW_CHUNK", 3), ("VALUE_CHUNK", 2)):
            monkeypatch.setattr(module, name, size, raising=False)
    file = tmp_path / "c.sqlite"
    compile_catalog([build(n, version=version) for n, version in enumerate(VERSIONS)], file)
    return file


def test_numbers_and_values(path: Path) -> None:
    with closing(Catalog(path)) as catalog:
        column = catalog.column("version")
        assert [column[row] for row in (10, 0, 3, 2)] == [NEWEST_FIRST[row] for row in (10, 0, 3, 2)]
        assert [column.values[i] for i in column.ids] == NEWEST_FIRST
        assert list(column.values) == column.values[:] == VERSIONS
        assert (len(column.ids), len(column.values)) == (11, 11)
        assert [catalog.dag_hash(row) for row in range(11)] == [dag_hash(10 - row) for row in range(11)]
        assert catalog.rows_with_prefix(dag_hash(4)).tolist() == [6]


def test_ranges_of_rows(path: Path) -> None:
    with closing(Catalog(path)) as catalog:
        ids = catalog.column("version").ids
        numbers = [10 - row for row in range(11)]
        for first in range(12):
            for end in range(12):
                assert list(ids[first:end]) == numbers[first:end]


def test_numbers_of_many_rows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Catalog(path)) as catalog:
        ids = catalog.column("version").ids
        few = ids.of([9, 1])
        monkeypatch.setattr(pieces, "_MANY", 1)
        assert ids.of([9, 1]) == few == [1, 9]


def test_only_what_is_asked_for_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[object, ...]] = []
    pieces_of, values_of = Storage.column, Storage.values

    def noted_pieces(self: Storage, name: str, first: int, end: int, limit: int) -> array[int]:
        read.append((name, first, end))
        return pieces_of(self, name, first, end, limit)

    def noted_values(self: Storage, name: str, kind: type, chunk: int | None = None) -> list[object]:
        read.append((name, chunk))
        return values_of(self, name, kind, chunk)

    monkeypatch.setattr(Storage, "column", noted_pieces)
    monkeypatch.setattr(Storage, "values", noted_values)
    with closing(Catalog(path)) as catalog:
        assert [catalog.column("version")[10] for _ in range(2)] == ["1.0", "1.0"]
        assert catalog.dag_hash(10) == dag_hash(0)
    assert read == [("column version", 3, 4), ("version", 0)]


@pytest.mark.parametrize("change", [executed, forged])
@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM chunk WHERE name = 'column version' AND number = 1",
        "UPDATE chunk SET data = x'42' WHERE name = 'column version' AND number = 1",
        "UPDATE chunk SET data = x'420001' WHERE name = 'column version' AND number = 1",
        "UPDATE chunk SET data = x'42FFFFFF' WHERE name = 'column version' AND number = 1",
        "DELETE FROM chunk WHERE name = 'values version' AND number = 2",
        "UPDATE chunk SET data = CAST('[1]' AS BLOB) WHERE name = 'values version' AND number = 2",
    ],
)
def test_damage(path: Path, damage: str, change: Callable[[str], Callable[[Path], None]]) -> None:
    change(damage)(path)
    with closing(Catalog(path)) as catalog, pytest.raises(CatalogError, match="damaged"):
        assert [catalog.column("version")[row] for row in range(11)]
