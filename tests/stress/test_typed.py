"""JSON of another type, or none, at some places of every text that is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachetui.errors import SourceError
from tests.stress.typed import VALUES, Case, Change, cases, changes, failures

SEED = 1
MOST = 12

CASES = {case.name: case for case in cases()}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", CASES)
def test_a_changed_value_is_read_or_refused(name: str, tmp_path: Path) -> None:
    assert [failure.reason for failure in failures(CASES[name], SEED, MOST, tmp_path)] == []


def test_every_place_gets_every_value() -> None:
    made = list(changes({"a": [1, {"b": None}]}, "seed", 10**6))
    assert {change.where for change in made} == {(), ("a",), ("a", 0), ("a", 1), ("a", 1, "b")}
    assert len({change.text for change in made}) == len(made) == 5 * len(VALUES)
    assert b'{"a": [1, {"b": NaN}]}' in {change.text for change in made}


def test_a_failure_is_found(tmp_path: Path) -> None:
    def read(change: Change, folder: Path) -> None:
        if b"null" in change.text:
            raise KeyError
        raise SourceError("here", "refused")

    found = failures(Case("any", {"a": 1}, read), SEED, 1000, tmp_path)
    assert [failure.reason.partition(" at ")[0] for failure in found] == ["KeyError in the test"]
