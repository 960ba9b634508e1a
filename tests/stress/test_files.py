"""A disk that fails during a refresh: some of its file operations, the longer run has all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests.stress.failing import FailingFiles
from tests.stress.files import attempt, every_call, world
from tests.stress.outcome import Outcome

STEP = 61


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO], ids=errno.errorcode.get)
def test_a_refresh_survives_a_failing_disk(number: int, tmp_path: Path) -> None:
    with world(tmp_path, has_old=True) as made:
        outcome = every_call(made, number, STEP, first=14)
    assert outcome.times > 2
    assert outcome.failures == []


def test_the_call_that_is_to_fail_fails(tmp_path: Path) -> None:
    files = FailingFiles(tmp_path, errno.EIO, at=2)
    with files.installed():
        os.stat(tmp_path)
        with pytest.raises(OSError, match="Input/output error"):
            (tmp_path / "file").write_bytes(b"x")
        (tmp_path / "file").write_bytes(b"x")
        (tmp_path.parent / "elsewhere").write_bytes(b"x")
    assert files.calls == 4  # stat, open, open, write


def test_what_is_lost_is_counted(tmp_path: Path) -> None:
    with world(tmp_path, has_old=True) as made:
        outcome = Outcome("")
        made.old = frozenset({"other"})
        made.kinds = made.later = []
        assert attempt(made, FailingFiles(made.home, errno.ENOSPC, at=1), outcome)
    assert outcome.wrong and outcome.lost
