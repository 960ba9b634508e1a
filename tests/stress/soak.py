"""Part 6: random keys in a real terminal, and many renewals of the catalog; memory stays flat."""

from __future__ import annotations

import random
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from tests.bench.bench import PROGRAM
from tests.bench.generate import write_index
from tests.bench.processes import memory
from tests.bench.refreshes import replace
from tests.builders.homes import write_text
from tests.stress.outcome import Outcome, Run, tell
from tests.terminal.harness import Terminal, environment

KEYS = 40_000
RENEWALS = 100
SPECS = 10_000

WARM_UP = 0.2
"""Share of the keys after which all caches are full."""

GROWTH = 1.10
"""What memory may grow by afterwards."""

LATE_GROWTH = 1.05
"""What it may grow by in the second half: 220 bytes a key. The allocator takes steps of 1 to 2 MB."""

SAMPLE_EVERY = 200
SETTLED_SECONDS = 0.02
LONGEST_ANSWER = 60.0

ESCAPE = "\x1b"
_MOVES = (
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1b[5~",
    "\x1b[6~",
    "\x1b[H",
    "\x1b[F",
    *"jkgGhl",
    "\t",
    "\x1b[Z",
)
_WORDS = ("hdf5", "py-", "zlib", "mpi", "netcdf fortran", "+mpi", " %gcc", " ^zlib", "@1.", "^[", "zzz", "/a")
_DIALOGS = ("#", "H", "m", "t", "!", "L", "Y", "d", "D", "=", "c", "\x0f", "\x14", "\x10", "\x1bOP", "\r")
_CHANGES = ("f", " ", "x", "s", "S", "v", "C", "u", "U", "y", "w", "a")
_SIZES = ((120, 40), (99, 30), (80, 24), (200, 60))
_TINY = ((60, 20), (20, 5), (1, 1))
_LOWEST_CLICK = 18
"""A line above the hints in every size: a click on `q quit` leaves."""

Step = Sequence[str]
"""Keys that belong together."""


def steps(numbers: random.Random) -> Iterator[Step]:
    """Random keys without end; none leaves the browser: q is in none."""
    kinds: list[Callable[[random.Random], Step]] = [_moves, _moves, _query, _change, _dialog, _paste, _mouse]
    while True:
        yield numbers.choice(kinds)(numbers)


def _moves(numbers: random.Random) -> Step:
    return [numbers.choice(_MOVES)] * numbers.choice((1, 1, 2, 8))


def _query(numbers: random.Random) -> Step:
    ends = ([ESCAPE], ["\r"], ["\t"], ["\x7f"] * 4, ["\x15"])
    return ["/", *numbers.choice(_WORDS), *numbers.choice(ends)]


def _change(numbers: random.Random) -> Step:
    return [numbers.choice(_CHANGES) for _ in range(numbers.choice((1, 2, 3)))]


def _dialog(numbers: random.Random) -> Step:
    key = numbers.choice(_DIALOGS)
    inside = () if key == "\x10" else [*_moves(numbers), *numbers.choice(((), (" ",), ("\r",)))]
    return [key, *inside, *[ESCAPE] * numbers.choice((1, 1, 3))]


def _paste(numbers: random.Random) -> Step:
    text = numbers.choice((*_WORDS, "two\nlines", "漢" * 50, "hdf5@1.14.6 %gcc@13", "x " * 400))
    return [f"\x1b[200~{text}\x1b[201~", ESCAPE]


def _mouse(numbers: random.Random) -> Step:
    place = f"{numbers.randint(1, 130)};{numbers.randint(1, _LOWEST_CLICK)}"
    if numbers.random() < 0.5:
        return [f"\x1b[<{numbers.choice((64, 65))};{place}M"] * 3
    return [f"\x1b[<0;{place}M", f"\x1b[<0;{place}m"]


def measure(run: Run) -> list[Outcome]:
    """Type, then renew."""
    folder = run.place("soak")
    indexes = [write_index(count, folder / f"{count}") for count in (SPECS, SPECS - 1)]
    mirror = folder / "mirror"
    replace(mirror, indexes[0])
    write_text(folder / "home/config/cachetui/config.yaml", "offline: true\n")
    times = run.times(KEYS)
    outcomes = []
    for tried, keys, renewals in (
        ("random keys in a terminal: letters, dialogs, marks, pastes, clicks, sizes", times, 0),
        ("renewals of a browser's catalog", 0, min(RENEWALS, times)),
    ):
        tell(f"soak: {tried}")
        outcome = Outcome(tried)
        with Terminal([*PROGRAM, str(mirror)], environment(folder / "home")) as terminal:
            terminal.wait_for(f"{SPECS:,} builds", LONGEST_ANSWER)
            terminal.until_quiet()
            terminal.send(ESCAPE)
            if keys:
                held = typed(terminal, keys, random.Random(run.seed), outcome)
            else:
                held = renewed(terminal, mirror, indexes, renewals, outcome)
            finish(terminal, outcome)
        judge(held, outcome)
        outcomes.append(outcome)
        replace(mirror, indexes[0])
    return outcomes


def typed(terminal: Terminal, keys: int, numbers: random.Random, outcome: Outcome) -> list[float]:
    """Type so many keys, and resize the terminal now and then; the megabytes held meanwhile."""
    held: list[float] = []
    sampled = 0
    last: deque[Step] = deque(maxlen=30)
    for step in steps(numbers):
        if terminal.process.poll() is not None:
            outcome.failures.append(f"the last keys: {list(last)}")
            return held
        if outcome.times >= keys:
            return held
        last.append(step)
        terminal.send("".join(step))
        outcome.times += len(step)
        if numbers.random() < 0.02:
            terminal.resize(*numbers.choice(_TINY))
            settle(terminal)
            terminal.resize(*numbers.choice(_SIZES))
        settle(terminal)
        if outcome.times - sampled >= SAMPLE_EVERY:
            sampled = outcome.times
            held.append(held_now(terminal))
    return held


def renewed(
    terminal: Terminal, mirror: Path, indexes: Sequence[Path], times: int, outcome: Outcome
) -> list[float]:
    """Renew the catalog so often; the megabytes held after each."""
    held: list[float] = []
    for number in range(1, times + 1):
        replace(mirror, indexes[number % 2])
        terminal.send("r")
        terminal.wait_for(f"{SPECS - number % 2:,} builds of", LONGEST_ANSWER)
        settle(terminal)
        outcome.times += 1
        held.append(held_now(terminal))
    return held


def settle(terminal: Terminal) -> None:
    """Read, without drawing, until nothing more comes and the browser waits for keys.

    What is typed faster than it is answered would wait in the browser, and count as its memory.
    """
    if len(terminal.raw) > 1 << 20:
        terminal.raw.clear()
    deadline = time.monotonic() + LONGEST_ANSWER
    terminal.record(SETTLED_SECONDS, patience=10 * SETTLED_SECONDS)
    while not _sleeps(terminal.process.pid) and time.monotonic() < deadline:
        terminal.record(SETTLED_SECONDS, patience=SETTLED_SECONDS)


def _sleeps(pid: int) -> bool:
    """Whether the main thread of a process waits for something, or is over."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/task/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "SZX"
    return True


def held_now(terminal: Terminal) -> float:
    """The megabytes that the browser holds."""
    return memory(terminal.process.pid, "VmRSS") / 1e6 if terminal.process.poll() is None else 0.0


def finish(terminal: Terminal, outcome: Outcome) -> None:
    """Look whether the screen still answers, and leave."""
    if terminal.process.poll() is not None:
        outcome.crashed += 1
        outcome.failures.append(f"it ended with {terminal.process.returncode}: {terminal.raw[-600:]!r}")
        return
    for _ in range(12):
        terminal.send(ESCAPE)
        settle(terminal)
    terminal.resize(110, 35)
    settle(terminal)
    terminal.resize(120, 40)
    try:
        terminal.wait_for("quit", LONGEST_ANSWER)
        terminal.until_quiet()
        terminal.send("\x1bOP")
        terminal.wait_for("everywhere", LONGEST_ANSWER)
        terminal.send(ESCAPE)
        terminal.until_quiet()
        terminal.send("\x03")
        terminal.exit_code(LONGEST_ANSWER)
    except AssertionError as error:
        outcome.wrong += 1
        outcome.failures.append(str(error))
    if not terminal.echoes:
        outcome.wrong += 1
        outcome.failures.append("the terminal is left raw")


def judge(held: Sequence[float], outcome: Outcome) -> None:
    """Compare the memory in the end with that after the warm-up, and with that in the middle."""
    warm, late = (held[int(len(held) * share) :] for share in (WARM_UP, 0.5))
    if len(warm) < 4:
        return
    each = max(len(held) // 8, 1)
    first, middle, last = (statistics.median(part) for part in (warm[:each], late[:each], late[-each:]))
    outcome.note = f"{first:,.0f} MB after the warm-up, {middle:,.0f} in the middle, {last:,.0f} in the end"
    for before, growth, when in ((first, GROWTH, "warm-up"), (middle, LATE_GROWTH, "middle")):
        if last > before * growth:
            outcome.lost += 1
            outcome.failures.append(f"memory grew from {before:.1f} to {last:.1f} MB since the {when}")
