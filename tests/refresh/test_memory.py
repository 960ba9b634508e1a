"""Compiling leaves no memory behind in a process that goes on."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from cachetui.refresh import open_catalog
from cachetui.sources.specfile import _parameters
from tests.conftest import MIRROR_023
from tests.terminal.harness import ROOT


@pytest.mark.parametrize("is_browser", [True, False])
def test_browser_keeps_no_parsed_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_browser: bool
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(gc, "isenabled", lambda: is_browser)
    _parameters.clear()
    open_catalog([str(MIRROR_023)]).catalog.close()
    assert bool(_parameters) is not is_browser


ARENAS = """
import gc, sys, threading
from pathlib import Path
from cachetui.refresh.memory import share_memory

def allocate():
    held.append(bytearray(20_000))
    together.wait()

if sys.argv[1] == "disabled":
    gc.disable()
if sys.argv[1] != "never":
    share_memory()
held, together = [], threading.Barrier(4)
threads = [threading.Thread(target=allocate) for _ in range(4)]
for each in threads: each.start()
for each in threads: each.join()
starts = [int(line.split("-")[0], 16) for line in Path("/proc/self/maps").read_text().splitlines()
          if len(line.split()) == 5 and line.split()[1] == "rw-p"]
print(sum(start % (64 << 20) == 0 for start in starts))
"""
"""Prints how many arenas the threads of a process have; each begins at a multiple of its largest size."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
def test_threads_share_memory_in_a_browser_alone() -> None:
    """A command is about to end: it need not import what this takes."""
    found = {}
    for when in ("never", "disabled", "in a browser"):
        command = [sys.executable, "-c", ARENAS, when]
        found[when] = int(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    assert found["in a browser"] == 0 < found["never"] == found["disabled"]
