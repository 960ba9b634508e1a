"""How far the compiling is."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from msgspec import Struct

FETCHING, READING, WRITING = "downloading", "reading", "writing"

MEGA = 1_000_000

PACE = 0.1
"""Seconds between two tellings of a download."""


class Progress(Struct, frozen=True):
    """How far the compiling is.

    Args:
        source: the name of the source that is being read.
        specs: records so far, over all sources.
        done, total: bytes of this source; steps while the catalog is written.
        phase: FETCHING what mirrors have, READING, or WRITING once all sources are read.
        rate: specs a second so far, bytes of a download; 0: not known.
        seconds_left: in this phase, of this source; None: not known.
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
        """How much of this phase is done, 0 to 1."""
        return min(self.done / max(self.total, 1), 1.0)

    @property
    def numbers(self) -> str:
        """`1,234 specs, 20,000 a second, 3 s left`, as far as it is known."""
        if self.phase == FETCHING:
            return self._bytes
        rate = f", {self.rate:,.0f} a second" if self.rate and self.phase == READING else ""
        left = "" if self.seconds_left is None else f", {self.seconds_left:,.0f} s left"
        return f"{self.specs:,} specs{rate}{left}"

    @property
    def _bytes(self) -> str:
        if not self.done:
            return "asking whether there is something new"
        total = f" of {self.total / MEGA:,.1f}" if self.total else ""
        left = "" if self.seconds_left is None else f", {self.seconds_left:,.0f} s left"
        return f"{self.done / MEGA:,.1f}{total} MB, {self.rate / MEGA:,.1f} MB a second{left}"


OnProgress = Callable[[Progress], None]


class ProgressReporter:
    """Tells how far the compiling is, and lets it be cancelled there.

    Args:
        on_progress: may raise Cancelled.
    """

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self._first = self._began = monotonic()
        self._specs = 0
        self._before = 0
        self._told = 0.0
        self._fetching = "", 0, 0

    def begin(self) -> None:
        """The next source, or the writing, begins."""
        self._before = self._specs
        self._began = monotonic()

    def begin_again(self) -> None:
        """The source is read once more, from its beginning."""
        self._specs = self._before
        self._began = monotonic()

    def fetched(self, source: str, done: int, total: int) -> None:
        """So many bytes of a download have come."""
        self._fetching = source, done, total
        now = monotonic()
        if now - self._told >= PACE:
            self.wait()

    def wait(self) -> None:
        """Nothing new has come."""
        now = self._told = monotonic()
        source, done, total = self._fetching
        rate = done / max(now - self._began, 0.001)
        left = (total - done) / rate if done and total else None
        self._on_progress(Progress(source, 0, done, total, FETCHING, rate, left))

    def ask(self, source: str) -> None:
        """A mirror is asked whether it has something new."""
        self.begin()
        self._fetching = source, 0, 0
        self.wait()

    def read(self, source: str, specs: int, done: int, total: int) -> None:
        """So many more specs were read."""
        self._specs += specs
        self._tell(source, done, total, READING)

    def wrote(self, title: str, done: int, total: int) -> None:
        """So many steps of the writing are done."""
        self._tell(title, done, total, WRITING)

    def _tell(self, source: str, done: int, total: int, phase: str) -> None:
        now = monotonic()
        rate = self._specs / max(now - self._first, 0.001)
        left = (now - self._began) * (total - done) / done if done else None
        self._on_progress(Progress(source, self._specs, done, total, phase, rate, left))
