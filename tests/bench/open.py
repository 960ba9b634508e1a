"""Opening a catalog with all facet counts, without a terminal; and the memory of the whole browser."""

from __future__ import annotations

from tests.bench.bench import Bench
from tests.bench.keys import DOWN, PAGE_DOWN, browser, press
from tests.bench.processes import memory, probe
from tests.bench.report import Row, median_row

BUDGET_MS = 50.0
BUDGET_MB = 120.0
KEYS = (*"/hdf5 +mpi ^zlib-ng", "\r", *(DOWN, PAGE_DOWN, "\r") * 3, "f", *(DOWN, DOWN, " ") * 3)
"""A query, some builds looked at, some facet values chosen."""


def measure(bench: Bench, size: int) -> list[Row]:
    """Fresh processes for the time; for the memory, a browser before and after some keys."""
    compiled = bench.compiled(size)
    environ = bench.environ(compiled.home)
    probe("open", compiled.catalog, environ)  # fills the disk cache
    times = [probe("open", compiled.catalog, environ).seconds * 1000 for _ in range(bench.runs)]
    return [median_row("open and count all facets", size, times, "ms", BUDGET_MS), *_memory(bench, size)]


def _memory(bench: Bench, size: int) -> list[Row]:
    with browser(bench, size) as terminal:
        started = memory(terminal.process.pid, "VmRSS") / 1e6
        for key in KEYS:
            press(terminal, key)
        most = memory(terminal.process.pid, "VmHWM") / 1e6
    return [
        Row("memory of the browser, started", size, started, "MB", BUDGET_MB),
        Row("memory of the browser, peak", size, most, "MB", BUDGET_MB, note=f"after {len(KEYS)} keys"),
    ]
