"""Process start to first complete paint, beside a bare Textual app, by turns."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from tests.bench.bench import PROGRAM, Bench, Compiled
from tests.bench.report import Row, median_row
from tests.terminal.harness import Terminal

BUDGET = 1.3
BARE = (sys.executable, str(Path(__file__).parent / "bare_app.py"))
QUIET = 0.5


@dataclass(frozen=True, slots=True)
class Paint:
    """When a first screen was complete, how many bytes that took, and how many came until all was quiet."""

    ms: float
    size: int
    settled: int


def painted_texts(size: int) -> tuple[str, ...]:
    """What a complete screen of the browser shows: panes with their content, counts and hints."""
    return ("all packages", "□ ", " hash", f"{size:,} builds", "quit")


def first_paint(command: Sequence[str], environ: Mapping[str, str], wanted: Sequence[str]) -> Paint:
    """The moment from which on the screen shows all that it shows in the end; what is wanted is there."""
    began = perf_counter()
    shown: list[tuple[float, int, list[object]]] = []
    size = 0
    with Terminal(command, environ) as terminal:
        while not all(text in terminal.text for text in wanted):
            pieces = terminal.record(QUIET)
            assert pieces, f"waited for {wanted}; the screen shows\n{terminal.text}"
            for moment, data in pieces:
                terminal.draw(data)
                size += len(data)
                shown.append((moment, size, terminal.picture))
    _, settled, last = shown[-1]
    incomplete = max((i for i, (_, _, picture) in enumerate(shown) if picture != last), default=-1)
    moment, size, _ = shown[incomplete + 1]
    return Paint((moment - began) * 1000, size, settled)


def measure(bench: Bench, size: int) -> list[Row]:
    """The start of the browser, of the bare app, and the ratio of each pair of runs."""
    compiled = bench.compiled(size)
    _pair(bench, compiled, size)  # writes what bytecode is missing, fills the disk cache
    pairs = [_pair(bench, compiled, size) for _ in range(bench.runs)]
    ours, theirs = ([paint.ms for paint in paints] for paints in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    note = f"{pairs[0][0].size:,} bytes, {pairs[0][0].settled:,} until quiet"
    return [
        replace(median_row("start", size, ours, "ms"), note=note),
        median_row("start of a bare Textual app", size, theirs, "ms"),
        Row("start / bare app", size, ratio, "x", BUDGET),
    ]


def _pair(bench: Bench, compiled: Compiled, size: int) -> tuple[Paint, Paint]:
    environ = bench.environ(compiled.home)
    browser = [*PROGRAM, str(compiled.location)]
    return first_paint(browser, environ, painted_texts(size)), first_paint(BARE, environ, ["Hello"])
