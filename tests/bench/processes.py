"""Commands in processes of their own: how long they take and how much memory they and their children hold."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.terminal.harness import ROOT

PROBE = Path(__file__).parent / "probe.py"
SAMPLING_SECONDS = 0.02
KILOBYTE = 1024


@dataclass(frozen=True, slots=True)
class Probed:
    """What a probe found.

    Args:
        seconds: as the probe measured them.
        peak: bytes that its processes held at once, at most.
    """

    seconds: float
    specs: int
    compiled: bool
    peak: int


def probe(what: str, path: Path, environ: Mapping[str, str]) -> Probed:
    """Run a probe in a fresh process."""
    with tempfile.TemporaryFile() as output:
        peak = _peak([sys.executable, str(PROBE), what, str(path)], environ, output.fileno())
        output.seek(0)
        found = msgspec.json.decode(output.read())
    return Probed(found["seconds"], int(found["specs"]), bool(found.get("compiled")), peak)


def wall_ms(command: Sequence[str], environ: Mapping[str, str], codes: Collection[int] = (0,)) -> float:
    """Milliseconds from the start of a process to its end, which must be one of some exit codes."""
    began = time.perf_counter()
    done = subprocess.run(
        command, env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT
    )
    took = (time.perf_counter() - began) * 1000
    assert done.returncode in codes, f"exit code {done.returncode}: {done.stderr.decode(errors='replace')}"
    return took


def memory(pid: int, name: str) -> int:
    """Bytes that a process holds by one of the lines of its status: VmRSS, or VmHWM for the most so far."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * KILOBYTE
    return 0


def cpu_ticks(pid: int) -> int:
    """Processor time of a process so far, its own and the kernel's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _peak(command: Sequence[str], environ: Mapping[str, str], stdout: int) -> int:
    """Run to the end; the most bytes that the process and its children were seen to hold together."""
    process = subprocess.Popen(command, env=dict(environ), stdout=stdout, cwd=ROOT)
    seen = 0
    while True:
        done, status, used = os.wait4(process.pid, os.WNOHANG)
        if done:
            break
        seen = max(seen, _held(_tree(process.pid)))
        time.sleep(SAMPLING_SECONDS)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return max(seen, used.ru_maxrss * KILOBYTE)


def _tree(pid: int) -> list[int]:
    """A process and all below it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it may be over by now
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    tree = [pid]
    for member in tree:
        tree += children.get(member, [])
    return tree


def _held(pids: Sequence[int]) -> int:
    """Bytes of some processes together; what several of them share counts once."""
    with suppress(OSError):
        if len(pids) == 1:
            return memory(pids[0], "VmRSS")
        return sum(map(_proportional, pids))
    return 0


def _proportional(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * KILOBYTE
    return 0
