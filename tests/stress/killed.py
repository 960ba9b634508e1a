"""Part 3: kill -9 at a random moment of a refresh and of a first compile; then the answer is right."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from cachetui.errors import CachetuiError
from cachetui.files import ABANDONED_SECONDS
from tests.bench.bench import PROGRAM
from tests.bench.generate import write_index
from tests.stress.homes import aged, answer, cached_answer, copied, kinds_of_files, living_in
from tests.stress.outcome import Outcome, Run, tell
from tests.terminal.harness import ROOT, Terminal, environment

USUAL = 100
"""Rounds of each: 200 together."""

SPECS = 8_000
"""Enough for a second process to take part in the compile."""

LONGEST = 120.0


@dataclass
class Scene:
    """A mirror whose index has changed, and the home of somebody who compiled the old one, or nothing yet.

    Args:
        home: where each round begins anew.
        indexes: old, new and newest.
        kinds: the files of a home without accidents.
    """

    folder: Path
    home: Path
    mirror: Path
    indexes: list[Path]
    old: frozenset[str]
    new: frozenset[str]
    kinds: list[str]

    def publish(self, number: int) -> None:
        """Put an index into the mirror, as a server does that writes it aside first."""
        index = self.mirror / "build_cache/index.json"
        index.parent.mkdir(parents=True, exist_ok=True)
        aside = shutil.copyfile(self.indexes[number], index.with_name("aside.json"))
        os.replace(aside, index)

    def begin(self, has_old: bool) -> None:
        """Begin anew, after the index has changed."""
        copied(self.folder / ("compiled" if has_old else "empty"), self.home)
        self.publish(1)


def generated(folder: Path, specs: int) -> list[Path]:
    """Three indexes, each of which has one build more than the one before."""
    return [write_index(specs + more, folder / f"index-{more}") for more in range(3)]


def scene(folder: Path, indexes: list[Path]) -> Scene:
    """Compile the old one of three indexes."""
    home, mirror, empty = folder / "home", folder / "mirror", folder / "empty"
    empty.mkdir()
    made = Scene(folder, home, mirror, indexes, frozenset(), frozenset(), [])
    with living_in(home):
        made.publish(0)
        made.old = answer(str(mirror))
        copied(home, folder / "compiled")
        made.begin(has_old=True)
        made.new = answer(str(mirror))
        made.kinds = kinds_of_files(home)
    return made


def measure(run: Run) -> list[Outcome]:
    """Kill it again and again."""
    folder = run.place("killed")
    made = scene(folder, generated(folder, SPECS))
    numbers = random.Random(run.seed)
    outcomes = []
    for tried, has_old, kill in (
        ("kill -9 at a random moment of `cachetui refresh`", True, killed_refresh),
        ("kill -9 at a random moment of the browser's first compile", False, killed_browser),
    ):
        tell(f"killed: {tried}")
        outcome = Outcome(tried)
        made.begin(has_old)
        longest = kill(made, LONGEST)
        for _ in range(run.times(USUAL)):
            made.begin(has_old)
            kill(made, numbers.uniform(0.0, longest))
            look_after(made, outcome, has_old)
            outcome.times += 1
        outcome.note = f"within {longest:.1f} s, {SPECS:,} specs"
        outcomes.append(outcome)
    return outcomes


def killed_refresh(made: Scene, moment: float) -> float:
    """Kill a refresh after some seconds, unless it is done by then; the seconds that it had."""
    began = time.monotonic()
    process = subprocess.Popen(
        [*PROGRAM, "refresh", str(made.mirror)],
        env=environment(made.home, TMPDIR=str(made.home)),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return time.monotonic() - began


def killed_browser(made: Scene, moment: float) -> float:
    """Kill a browser after some seconds, or once it shows builds; the seconds that it had."""
    began = time.monotonic()
    environ = environment(made.home, TMPDIR=str(made.home))
    with Terminal([*PROGRAM, str(made.mirror)], environ) as terminal:
        while time.monotonic() < began + moment and f"{SPECS + 1:,}" not in terminal.text:
            terminal.pump(min(0.02, moment))
        lived = time.monotonic() - began
        os.kill(terminal.process.pid, signal.SIGKILL)
        terminal.wait_for(lambda: not terminal.session())  # its second process ends too
    return lived


def look_after(made: Scene, outcome: Outcome, has_old: bool) -> None:
    """What the next start shows, what the next refresh finds, and what is left over in the end."""
    with living_in(made.home):
        shown = cached_answer(str(made.mirror))
        if shown is None and has_old:
            outcome.lost += 1
            outcome.failures.append("no catalog is left")
        if shown is not None and shown not in (made.old, made.new):
            outcome.wrong += 1
            outcome.failures.append(f"{len(shown)} builds are shown at the next start")
        try:
            found = answer(str(made.mirror))
        except CachetuiError as error:
            found = frozenset()
            outcome.failures.append(f"the next refresh: {error}")
        outcome.wrong += found != made.new
        look_for_leftovers(made, outcome)


def look_for_leftovers(made: Scene, outcome: Outcome) -> None:
    """What a killed process left is swept by a later refresh."""
    if set(kinds_of_files(made.home)) <= set(made.kinds):
        return
    aged(made.home, 2 * ABANDONED_SECONDS)
    made.publish(2)
    answer(str(made.mirror))
    if left := set(kinds_of_files(made.home)) - set(made.kinds):
        outcome.lost += 1
        outcome.failures.append(f"left over: {', '.join(sorted(left))}")
