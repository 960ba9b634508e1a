"""A short form of `python -m tests.stress.hostile`: with less room for values, in less memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.terminal.harness import ROOT, environment

NAMES = ["variants", "values.gz", "dependencies"]

SIZE = 1_500_000

MOST = 60 << 20
"""Bytes that one of them may take; without a bound, variants and dependencies need more."""

SCRIPT = f"""
import sys
from pathlib import Path
from cachetui.catalog.compile import room
from tests.stress.hostile import compile_all

room.LEAST_ROOM = int(sys.argv[2])
compile_all(Path(sys.argv[1]), {NAMES}, {SIZE}, {MOST})
"""


def compiled(folder: Path, least_room: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SCRIPT, str(folder), str(least_room)]
    return subprocess.run(command, env=environment(folder), cwd=ROOT, capture_output=True, text=True)


def test_hostile_records_fill_no_memory(tmp_path: Path) -> None:
    done = compiled(tmp_path, 30_000)
    assert (done.returncode, done.stderr) == (0, "")
    found = [line.split() for line in done.stdout.splitlines()]
    assert [name for name, _, _ in found] == NAMES
    assert all(int(taken) > 0 and int(skipped) > 0 for _, taken, skipped in found)


def test_the_bound_is_what_keeps_the_memory_low(tmp_path: Path) -> None:
    assert compiled(tmp_path, 10**9).returncode != 0
