"""Killed and crowded processes, a few of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.mirrors import V2, index, write_files
from tests.stress.crowd import crowd
from tests.stress.killed import Scene, killed_refresh, look_after, scene
from tests.stress.outcome import Outcome


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A scene with few builds."""
    folder = tmp_path_factory.mktemp("scene")
    numbers = (range(300), range(1, 302), range(1, 303))
    files = [write_files(folder / f"{len(each)}", {V2: index(*each)}) / V2 for each in numbers]
    yield scene(folder, files)


def test_a_killed_refresh_loses_nothing(small: Scene) -> None:
    outcome, numbers = Outcome(""), random.Random(1)
    for _ in range(3):
        small.begin(has_old=True)
        killed_refresh(small, numbers.uniform(0.1, 0.6))
        look_after(small, outcome, has_old=True)
    assert outcome.failures == []


@pytest.mark.parametrize("has_old", [False, True])
def test_processes_at_once_answer_alike(small: Scene, has_old: bool) -> None:
    outcome = Outcome("")
    crowd(small, has_old, 3, outcome)
    assert outcome.failures == []


def test_what_is_left_over_is_counted(small: Scene, tmp_path: Path) -> None:
    small.begin(has_old=True)
    (small.home / "cache/cachetui/catalogs/half.sqlite").write_bytes(b"")
    (small.home / "left").write_bytes(b"")
    outcome = Outcome("")
    look_after(small, outcome, has_old=True)
    assert outcome.lost and outcome.is_clean is False
