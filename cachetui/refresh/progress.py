"""How far a refresh has come."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from msgspec import Struct

FETCHING, READING, WRITING = "downloading", "reading", "writing"

MEGA = 1_000_000

ALMOST_DONE = 0.5
"""Seconds below which the remaining time would be rounded to 0."""

REPORT_INTERVAL = 0.1
"""Seconds between two reports of a download."""


class Progress(Struct, frozen=True):
    """How far a refresh has come.

    Args:
        source: the name of the current source.
        specs: records read so far from all sources.
        done, total: bytes of this source; steps while the catalog is written.
        phase: FETCHING an index, READING a source, or WRITING the catalog.
        rate: specs per second, or bytes per second of a download; 0: unknown.
        seconds_left: for this source in this phase; None: unknown.
    """

    source: str
    specs: int
    done: int
    total: int
    phase: str = READING
    rate: float = 0.0
    seconds_left: float | None = None

    @property
    def share(self) -> float:
        """The part of this phase that is done, 0 to 1."""
        return min(self.done / max(self.total, 1), 1.0)

    @property
    def numbers(self) -> str:
        """Format counts, rate and remaining time: `1,234 specs, 20,000/s, 3 s left`."""
        if self.phase == FETCHING:
            return self._bytes
        rate = f", {self.rate:,.0f}/s" if self.rate and self.phase == READING else ""
        return f"{self.specs:,} specs{rate}{self._left}"

    @property
    def _bytes(self) -> str:
        if not self.done:
            return "checking for updates"
        total = f" of {self.total / MEGA:,.1f}" if self.total else ""
        return f"{self.done / MEGA:,.1f}{total} MB, {self.rate / MEGA:,.1f} MB/s{self._left}"

    @property
    def _left(self) -> str:
        if self.seconds_left is None:
            return ""
        return f", {self.seconds_left:,.0f} s left" if self.seconds_left > ALMOST_DONE else ", almost done"


OnProgress = Callable[[Progress], None]


class ProgressReporter:
    """Reports progress; each report is a point at which the refresh can be cancelled.

    Args:
        on_progress: may raise Cancelled.
    """

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self._first = self._began = monotonic()
        self._specs = 0
        self._specs_before = 0
        self._last_report = 0.0
        self._download = "", 0, 0

    def begin(self) -> None:
        """Start timing the next source, or the writing."""
        self._specs_before = self._specs
        self._began = monotonic()

    def restart(self) -> None:
        """Start over with the current source, without the specs read from it so far."""
        self._specs = self._specs_before
        self._began = monotonic()

    def fetched(self, source: str, done: int, total: int) -> None:
        """Report the bytes of a download, at most once per REPORT_INTERVAL."""
        self._download = source, done, total
        now = monotonic()
        if now - self._last_report >= REPORT_INTERVAL:
            self.wait()

    def wait(self) -> None:
        """Report the download once more while no data arrives."""
        now = self._last_report = monotonic()
        source, done, total = self._download
        rate = done / max(now - self._began, 0.001)
        left = (total - done) / rate if done and total else None
        self._on_progress(Progress(source, 0, done, total, FETCHING, rate, left))

    def ask(self, source: str) -> None:
        """Report that a mirror is asked for changes."""
        self.begin()
        self._download = source, 0, 0
        self.wait()

    def read(self, source: str, specs: int, done: int, total: int) -> None:
        """Report that more specs were read."""
        self._specs += specs
        self._report(source, done, total, READING)

    def wrote(self, title: str, done: int, total: int) -> None:
        """Report the steps of writing that are done."""
        self._report(title, done, total, WRITING)

    def _report(self, source: str, done: int, total: int, phase: str) -> None:
        now = monotonic()
        rate = self._specs / max(now - self._first, 0.001)
        left = (now - self._began) * (total - done) / done if done else None
        self._on_progress(Progress(source, self._specs, done, total, phase, rate, left))
