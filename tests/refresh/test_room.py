"""A hostile index has too many different values; its other records are read, as a whole and in parts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from cachetui.catalog.compile import room
from cachetui.refresh import open_catalog
from tests.conftest import dag_hash
from tests.refresh.parts import cut_into

pytestmark = pytest.mark.usefixtures("home")


def test_the_rest_of_an_index_is_read_and_the_refused_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LEAST_ROOM", 100)
    monkeypatch.setattr(room, "BYTES_PER_VALUE", 10**9)
    cut_into(monkeypatch, 2000)
    records = {dag_hash(n): {"spec": {"name": f"n{n}", "version": "1"}} for n in range(200)}
    records |= {dag_hash(n): {"spec": {"name": "n0", "version": "1"}} for n in range(200, 300)}
    text = json.dumps({"database": {"version": "8", "installs": records}}).encode()
    for content in (text, gzip.compress(text)):
        file = tmp_path / f"{len(content)}.json"
        file.write_bytes(content)
        opened = open_catalog([str(file)])
        assert 150 < len(opened.catalog) < 200
        assert len(opened.catalog) + opened.skipped == 300
        assert dag_hash(299) in {opened.catalog.dag_hash(row) for row in range(len(opened.catalog))}
        assert "no room" in opened.problems[0]
        opened.catalog.close()
