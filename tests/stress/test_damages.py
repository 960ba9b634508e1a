"""A short form of `python -m tests.stress.damages`."""

from __future__ import annotations

from pathlib import Path

from cachetui.catalog import verify
from cachetui.catalog.compile import compile_catalog
from tests.conftest import MIRROR_12, read
from tests.stress import damages


def test_no_damage_gives_a_wrong_answer_or_a_traceback(tmp_path: Path) -> None:
    whole = tmp_path / "whole.sqlite"
    compile_catalog(read(MIRROR_12)[0][:60], whole, {"title": "whole"})
    assert verify(whole) == []
    found = damages.run(whole, 60, seed=7)
    assert set(found) == {"found", "harmless"}
