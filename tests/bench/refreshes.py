"""The memory of the browser after many refreshes of an index that changes."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.bench.bench import PROGRAM, Bench
from tests.bench.generate import write_index
from tests.bench.processes import memory
from tests.bench.report import Row
from tests.bench.start import painted_texts
from tests.terminal.harness import Terminal

REFRESHES = 20
GROWTH = 1.05
"""What the last refresh may leave of the memory after the first."""

SMALLEST = 10_000
"""With fewer specs the catalogs are lost in the noise."""

COMPILED_SECONDS = 300.0
ESCAPE = "\x1b"


def measure(bench: Bench, size: int) -> list[Row]:
    """Refresh a browser again and again, its index one build smaller or larger than before."""
    if size < SMALLEST:
        return []
    home = bench.homes / f"refreshed-{size}"
    mirror = home / "mirror"
    sizes = (size, size - 1)
    indexes = [write_index(each, home / f"{each}") for each in sizes]
    replace(mirror, indexes[0])
    held: list[float] = []
    with Terminal([*PROGRAM, str(mirror)], bench.environ(home)) as terminal:
        for text in painted_texts(size):
            terminal.wait_for(text, COMPILED_SECONDS)
        terminal.until_quiet(1.0)
        terminal.send(ESCAPE)  # what is typed at the start is a query
        terminal.until_quiet(1.0)
        for number in range(1, REFRESHES + 1):
            replace(mirror, indexes[number % 2])
            terminal.send("r")
            terminal.wait_for(f"{sizes[number % 2]:,} builds of", COMPILED_SECONDS)
            terminal.until_quiet(1.0)
            held.append(memory(terminal.process.pid, "VmRSS") / 1e6)
    first, last = held[0], held[-1]
    note = f"{first:,.0f} MB after the first, {max(held):,.0f} MB at most"
    return [
        Row(f"memory after {REFRESHES} refreshes", size, last, "MB", note=note),
        Row(f"memory after {REFRESHES} refreshes / after the first", size, last / first, "x", GROWTH),
    ]


def replace(mirror: Path, index: Path) -> None:
    """Put another index into a mirror, as a server does that writes it aside first."""
    folder = mirror / "build_cache"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(index, folder / "new.json").replace(folder / "index.json")
