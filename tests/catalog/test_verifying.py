"""A catalog is read whole, and each damage is found."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

from cachetui.catalog import Catalog, verify


def test_a_whole_catalog_has_no_problems(real_catalog: Catalog) -> None:
    assert verify(real_catalog.path) == []


def test_each_flipped_byte_of_a_chunk_is_found(real_catalog: Catalog, tmp_path: Path) -> None:
    content = real_catalog.path.read_bytes()
    with sqlite3.connect(real_catalog.path) as db:
        chunks = [data for (data,) in db.execute("SELECT data FROM chunk WHERE length(data) > 19")]
    db.close()
    chunks = [data for data in chunks if len(data) < 800]
    damaged = tmp_path / "damaged.sqlite"
    for data in random.Random(1).sample(chunks, 20):
        start = content.find(data)
        if start < 0:
            continue
        damaged.write_bytes(content[:start] + bytes([data[0] ^ 1]) + content[start + 1 :])
        assert any("checksum" in problem for problem in verify(damaged))


def test_a_missing_chunk_is_found(real_catalog: Catalog, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(real_catalog.path.read_bytes())
    db = sqlite3.connect(damaged)
    with db:
        db.execute("DELETE FROM chunk WHERE rowid = 5")
    db.close()
    assert any("missing" in problem for problem in verify(damaged))


def test_what_is_no_catalog(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("no")
    assert len(verify(tmp_path / "x")) == len(verify(tmp_path / "missing")) == 1
