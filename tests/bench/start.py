"""Process start of an installation to first complete paint, beside a bare Textual app, by turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter, time
from typing import TypeVar

from tests.bench.bench import Bench
from tests.bench.installation import WITHOUT_CODE
from tests.bench.report import Row, median_row, ratio_row
from tests.terminal.harness import Terminal

BUDGET = 1.15
QUIET = 0.5

Found = TypeVar("Found")
Start = Callable[[Sequence[str], Mapping[str, str], Sequence[str]], Found]
"""Measures one start by its command, its environment, and the texts of its complete screen."""


@dataclass(frozen=True, slots=True)
class Paint:
    """When a first screen was complete, how many bytes that took, and how many came until all was quiet.

    Args:
        ms: since the start.
        epoch: the same moment in seconds since the epoch.
    """

    ms: float
    epoch: float
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
    return Paint((moment - began) * 1000, time() - perf_counter() + moment, size, settled)


def measure(bench: Bench, size: int) -> list[Row]:
    """The start of the browser, with and without its code in one file, of the bare app, and the ratio."""
    bench.compiled(size)
    turns(bench, size, first_paint, 1)  # fills the disk cache
    ours, without, theirs = turns(bench, size, first_paint)
    note = f"{ours[0].size:,} bytes, {ours[0].settled:,} until quiet"
    times, bare = ([paint.ms for paint in paints] for paints in (ours, theirs))
    return [
        replace(median_row("start", size, times, "ms"), note=note),
        median_row("start without the code cache", size, [paint.ms for paint in without], "ms"),
        median_row("start of a bare Textual app", size, bare, "ms"),
        ratio_row("start / bare app", size, times, bare, BUDGET),
    ]


def turns(bench: Bench, size: int, measured: Start[Found], runs: int = 0) -> tuple[list[Found], ...]:
    """What is found of the browser, of the browser without the code cache, and of the bare app, by turns."""
    compiled, installation = bench.compiled(size), bench.installed()
    environ, texts = bench.installed_environ(compiled.home), painted_texts(size)
    installation.warm(compiled.home, environ, compiled.location, texts)
    browser = [*installation.program, str(compiled.location)]
    starts = (
        (browser, environ, texts),
        (browser, environ | WITHOUT_CODE, texts),
        (installation.bare, environ, ["Hello"]),
    )
    found = [[measured(*start) for start in starts] for _ in range(runs or bench.runs)]
    return tuple(map(list, zip(*found, strict=True)))
