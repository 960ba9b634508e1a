"""A short form of `python -m tests.stress.forged`."""

from __future__ import annotations

import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from cachetui.catalog import Catalog
from cachetui.catalog.chunks import checksum
from cachetui.errors import DamagedError
from tests.stress import forged

MB = 1 << 20


@pytest.mark.usefixtures("home")
def test_a_forged_catalog_gives_an_answer_or_is_refused(tmp_path: Path) -> None:
    assert forged.run(forged.compiled(tmp_path, 60), 25, 7, tmp_path) == []


def replaced(folder: Path, name: str, data: bytes) -> Catalog:
    file = forged.compiled(folder, 20)
    with closing(sqlite3.connect(file)) as db:
        known = checksum(name, 0, data)
        db.execute(
            "UPDATE chunk SET data = ?, checksum = ? WHERE name = ? AND number = 0", (data, known, name)
        )
        db.commit()
    return Catalog(file)


def test_ranges_of_rows_that_do_not_ascend_are_refused(tmp_path: Path) -> None:
    found = replaced(tmp_path, "package_start", b"B\0\1\0\x14")
    with closing(found) as catalog, pytest.raises(DamagedError):
        list(catalog.package_counts)


def test_texts_where_numbers_are_wanted_are_refused(tmp_path: Path) -> None:
    found = replaced(tmp_path, "values facet spec_format", b'["five"]')
    with closing(found) as catalog, pytest.raises(DamagedError):
        catalog.facet("spec_format")


def test_a_text_of_millions_of_tiny_values_is_refused(tmp_path: Path) -> None:
    bomb = b"[%b]" % b",".join([b'""'] * (5 << 20))
    with closing(replaced(tmp_path, "values version", bomb)) as catalog:
        tracemalloc.start()
        try:
            with pytest.raises(DamagedError, match="too many values"):
                list(catalog.values("version"))
            assert tracemalloc.get_traced_memory()[1] < len(bomb) + 5 * MB
        finally:
            tracemalloc.stop()
