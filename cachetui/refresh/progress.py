"""How far the compiling is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from cachetui.errors import CachetuiError

READING, WRITING = "reading", "writing"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the compiling is.

    Args:
        source: the name of the source that is being read.
        specs: records so far, over all sources.
        done, total: bytes of this source; steps while the catalog is written.
        phase: READING, or WRITING once all sources are read.
        seconds: since the compiling began.
    """

    source: str
    specs: int
    done: int
    total: int
    phase: str = READING
    seconds: float = 0.0

    @property
    def share(self) -> float:
        """How much of this phase is done, 0 to 1."""
        return min(self.done / max(self.total, 1), 1.0)

    @property
    def rate(self) -> float:
        """Specs a second."""
        return self.specs / self.seconds if self.seconds else 0.0


class Cancelled(CachetuiError):
    """Raised out of a progress callback to stop; nothing that was compiled before is lost."""


OnProgress = Callable[[Progress], None]


class Advance:
    """Tells how far the compiling is, and lets it be cancelled there.

    Args:
        on_progress: may raise Cancelled.
    """

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self._began = monotonic()
        self._specs = 0
        self._before = 0

    def begin(self) -> None:
        """The next source begins."""
        self._before = self._specs

    def begin_again(self) -> None:
        """The source is read once more, from its beginning."""
        self._specs = self._before

    def read(self, source: str, specs: int, done: int, total: int) -> None:
        """So many more specs were read."""
        self._specs += specs
        self._tell(source, done, total, READING)

    def wrote(self, title: str, done: int, total: int) -> None:
        """So many steps of the writing are done."""
        self._tell(title, done, total, WRITING)

    def _tell(self, source: str, done: int, total: int, phase: str) -> None:
        seconds = monotonic() - self._began
        self._on_progress(Progress(source, self._specs, done, total, phase, seconds))
