"""Index to catalog: rate, beside the typed decode alone, memory and size; and a tree of pages."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.bench import Bench, Compiled, tell
from tests.bench.processes import Probed, probe
from tests.bench.report import Row, median_row

LEAST_RATE = 20_000.0
MOST_DECODES = 4.0
MEGABYTE = 1e6
MORE_MEMORY = 300.0
LARGEST_SHARE = 20.0
SMALLEST_REAL = 60_000
"""Of smaller indexes, which compile in less than a second, what is the same for all sizes counts most."""
SECOND_FORMAT_AT = 60_000
PAGES_SHARE = 3 / 4
"""Builds in the tree of pages, of the specs of the largest index."""

_HASH = '"hash":"'


def measure(bench: Bench, size: int) -> list[Row]:
    """Both forms of spec nodes at one size, the common one at all."""
    rows = _measure(bench, size, 7, "")
    if size == SECOND_FORMAT_AT:
        rows += _measure(bench, size, 8, ", database v8")
    return rows


def _measure(bench: Bench, size: int, version: int, suffix: str) -> list[Row]:
    compiled = bench.compiled(size, version)
    pairs = [_pair(bench, compiled) for _ in range(bench.runs)]
    rates = [ours.specs / ours.seconds for ours, _ in pairs]
    ratio = statistics.median(ours.seconds / decode.seconds for ours, decode in pairs)
    decoding = statistics.median(decode.seconds for _, decode in pairs)
    json_size = compiled.index.stat().st_size / MEGABYTE
    peak = max(ours.peak for ours, _ in pairs) / MEGABYTE
    share = 100 * compiled.catalog.stat().st_size / MEGABYTE / json_size
    is_real = size >= SMALLEST_REAL
    most_decodes, largest_share = (MOST_DECODES, LARGEST_SHARE) if is_real else (None, None)
    rate = f"{len(rates)} runs, {min(rates):,.0f} to {max(rates):,.0f}"
    return [
        Row(f"compile{suffix}", size, statistics.median(rates), "/s", LEAST_RATE, True, rate),
        Row(f"compile / typed decode{suffix}", size, ratio, "x", most_decodes, note=f"that {decoding:.3f} s"),
        Row(f"compile, memory{suffix}", size, peak, "MB", json_size + MORE_MEMORY, note="worst run"),
        Row(f"catalog / index{suffix}", size, share, "%", largest_share, note=f"of {json_size:,.1f} MB"),
    ]


def _pair(bench: Bench, compiled: Compiled) -> tuple[Probed, Probed]:
    """(a compile into an empty cache folder, the decode alone)."""
    with tempfile.TemporaryDirectory(dir=bench.homes) as home:
        ours = probe("compile", compiled.location, bench.environ(Path(home)))
    assert ours.compiled
    return ours, probe("decode", compiled.index, bench.environ(compiled.home))


def measure_pages(bench: Bench, size: int) -> list[Row]:
    """A first compile of many pages, and the start after one of them was changed; at the largest size."""
    if size != bench.sizes[-1]:
        return []
    builds = round(size * PAGES_SHARE)
    site = bench.pages(builds)
    pages = sorted(site.rglob("specs.md"))
    first: list[Probed] = []
    again: list[Probed] = []
    for run in range(bench.runs):
        tell(f"pages, run {run + 1} of {bench.runs}")
        with tempfile.TemporaryDirectory(dir=bench.homes) as home:
            environ = bench.environ(Path(home))
            first.append(probe("compile", site, environ))
            with changed(pages[run * len(pages) // bench.runs]):
                again.append(probe("compile", site, environ))
    assert all(run.compiled for run in first + again)
    rates = [run.specs / run.seconds for run in first]
    note = f"{len(pages):,} pages, {statistics.median(run.seconds for run in first):.2f} s"
    return [
        Row("compile pages", builds, statistics.median(rates), "/s", note=note),
        median_row("open pages after one changed", builds, [run.seconds for run in again], "s"),
    ]


@contextmanager
def changed(page: Path) -> Iterator[None]:
    """For a while the first build of a page has another hash."""
    before = page.read_text()
    start = before.index(_HASH) + len(_HASH)
    other = "a" if before[start] != "a" else "b"
    page.write_text(f"{before[:start]}{other}{before[start + 1 :]}")
    try:
        yield
    finally:
        page.write_text(before)
