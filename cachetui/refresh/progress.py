"""How far a refresh has come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from msgspec import Struct

OPENING, FETCHING, READING, WRITING = "waiting for", "downloading", "reading", "writing"

MEGA = 1_000_000

ALMOST_DONE = 0.5
"""Seconds below which the remaining time would be rounded to 0."""

WAITING, RECEIVING, DONE, FAILED = "asking", "downloading", "done", "failed"
"""The states of a mirror that is asked."""

LONG_SILENCE = 3.0
"""Seconds after which a mirror is said not to answer."""

REPORT_INTERVAL = 0.1
"""Seconds between two reports of a download."""


class MirrorProgress(Struct, frozen=True):
    """How far one of the mirrors is that are asked at the same time.

    Args:
        state: one of the states of a mirror.
        done, total: bytes received, and in all (0: unknown).
        silence: seconds since anything was received.
        reason: why it failed.
    """

    name: str
    state: str
    done: int = 0
    total: int = 0
    silence: float = 0.0
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether its answer is still to come."""
        return self.state in (WAITING, RECEIVING)

    @property
    def text(self) -> str:
        """`asking`, `no answer for 8 s`, `12.0 of 60.0 MB`, `done` or why it failed."""
        silent = f"no answer for {self.silence:,.0f} s" if self.silence >= LONG_SILENCE else ""
        if self.state == WAITING:
            return silent or WAITING
        if self.state == RECEIVING:
            return ", ".join(filter(None, (self.size, silent)))
        if self.state == FAILED:
            return f"failed: {self.reason}"
        return f"done, {self.size}" if self.done else "done"

    @property
    def size(self) -> str:
        """What was received, and of how much."""
        if self.total <= self.done:
            return f"{self.done / MEGA:,.1f} MB"
        return f"{self.done / MEGA:,.1f} of {self.total / MEGA:,.1f} MB"


class Progress(Struct, frozen=True):
    """How far a refresh has come.

    Args:
        source: the name of the current source.
        specs: records read so far from all sources.
        done, total: bytes of this source; steps while the catalog is written.
        phase: OPENING files that do not answer, FETCHING an index, READING a source, or WRITING the catalog.
        rate: specs per second, or bytes per second of a download; 0: unknown.
        seconds_left: for this source in this phase; None: unknown.
        mirrors: those that are asked at the same time.
    """

    source: str
    specs: int
    done: int
    total: int
    phase: str = READING
    rate: float = 0.0
    seconds_left: float | None = None
    mirrors: tuple[MirrorProgress, ...] = ()

    @property
    def has_to_save(self) -> bool:
        """Whether what is done may leave something that the next start makes use of."""
        return self.phase not in (READING, WRITING)  # half a catalog is none

    @property
    def share(self) -> float:
        """The part of this phase that is done, 0 to 1."""
        return min(self.done / max(self.total, 1), 1.0)

    @property
    def activity(self) -> str:
        """What is done, and with which source."""
        is_asking = self.phase == FETCHING and not self.done
        return f"{WAITING if is_asking else self.phase} {self.source}"

    @property
    def states(self) -> str:
        """The states of the mirrors that have not answered, in one line."""
        left = [each for each in self.mirrors if each.is_open]
        ended = len(self.mirrors) - len(left)
        count = f"{ended} of {len(self.mirrors)} done" if ended else ""
        return "; ".join(filter(None, (count, *(f"{each.name} {each.text}" for each in left))))

    @property
    def numbers(self) -> str:
        """Format counts, rate and remaining time: `1,234 specs, 20,000/s, 3 s left`."""
        if self.phase == FETCHING:
            return self._bytes
        if self.phase == OPENING:
            return "no answer yet"
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
        self._mirrors: tuple[MirrorProgress, ...] = ()

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
        self._on_progress(Progress(source, 0, done, total, FETCHING, rate, left, self._mirrors))

    def ask(self, source: str) -> None:
        """Report that a mirror is asked for changes."""
        self.begin()
        self._download = source, 0, 0
        self.wait()

    def asked(self, mirrors: Sequence[MirrorProgress]) -> None:
        """Report how far the mirrors are that are asked at the same time."""
        left = [mirror for mirror in mirrors if mirror.is_open]
        receiving = [mirror for mirror in left if mirror.total] or left
        named = receiving[:2]
        name = ", ".join(mirror.name for mirror in named) or "mirrors"
        name += f" and {len(left) - len(named)} more" if len(left) > len(named) else ""
        done, total = sum(each.done for each in receiving), sum(each.total for each in receiving)
        self._download = name, done, total
        self._mirrors = tuple(mirrors)
        self.wait()
        self._mirrors = ()

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
