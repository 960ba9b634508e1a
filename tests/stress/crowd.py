"""Part 4: processes at once, on an empty and on an outdated cache: all answer alike, one catalog remains."""

from __future__ import annotations

import subprocess

from tests.bench.bench import PROGRAM
from tests.stress.homes import kinds_of_files
from tests.stress.killed import Scene, generated, scene
from tests.stress.outcome import Outcome, Run, tell
from tests.terminal.harness import ROOT, environment

AT_ONCE = 20

USUAL = 5
"""Rounds of each."""

SPECS = 2_000


def measure(run: Run) -> list[Outcome]:
    """Start them again and again."""
    folder = run.place("crowd")
    made = scene(folder, generated(folder, SPECS))
    outcomes = []
    for has_old in (False, True):
        cache = "an outdated cache" if has_old else "an empty cache"
        tell(f"crowd: {AT_ONCE} processes on {cache}")
        outcome = Outcome(f"{AT_ONCE} processes at once on {cache}, each round")
        for _ in range(run.times(USUAL)):
            crowd(made, has_old, AT_ONCE, outcome)
            outcome.times += 1
        outcomes.append(outcome)
    return outcomes


def crowd(made: Scene, has_old: bool, number: int, outcome: Outcome) -> None:
    """Let so many processes list the builds of a mirror that has changed."""
    made.begin(has_old)
    command = [*PROGRAM, "list", str(made.mirror), "--format", "hashes"]
    environ = environment(made.home, TMPDIR=str(made.home))
    started = [
        subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(number)
    ]
    for process in started:
        out, err = process.communicate()
        if process.returncode != 0:
            outcome.crashed += 1
            outcome.failures.append(f"exit code {process.returncode}: {err.decode(errors='replace')[-200:]}")
        elif frozenset(out.decode().split()) != made.new:
            outcome.wrong += 1
            outcome.failures.append(f"{len(out.split())} builds were listed")
    catalogs = [kind for kind in kinds_of_files(made.home) if "/catalogs/" in kind]
    if len(catalogs) != 1:
        outcome.lost += 1
        outcome.failures.append(f"the catalogs are {', '.join(catalogs)}")
