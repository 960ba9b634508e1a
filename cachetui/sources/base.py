"""The protocol of all sources: a name, a fingerprint of the content, and specs in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from msgspec import Struct

from cachetui.errors import SourceError
from cachetui.spec import Spec
from cachetui.text import clean, reason_of

NEWEST_DATABASE = 9
"""The newest version of Spack's database whose records are known."""

BATCH_SIZE = 1000
"""Records per batch, about 20 ms of work: how often progress is shown and a refresh can be cancelled."""

BATCH_BYTES = 1 << 20
"""Bytes of the records of a batch: as objects they may take many times the memory."""


FAULTS = (
    ValueError,  # also what msgspec raises, and UnicodeError
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
)
"""What reading content may raise that nobody foresaw: it concerns one record, or else one source."""


class Problem(Struct, frozen=True):
    """Something wrong with the content of a source, for the user: where, and what."""

    place: str
    reason: str
    skipped: bool = True
    """Whether it was left out; False: it was read nevertheless."""
    count: int = 1
    """Of how many records."""

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class Batch(Struct, frozen=True):
    """Some specs, and how much of the source has been read, in bytes."""

    specs: list[Spec]
    done: int
    total: int


Report = Callable[[Problem], None]

MOST_REASON = 300

MOST_PROBLEMS = 100
"""Problems that are kept in full; more are counted."""


class Problems:
    """The problems of something that may have to be read again, or that has too many to keep."""

    def __init__(self) -> None:
        self.kept: list[Problem] = []
        self._more = 0
        self._last: Problem | None = None

    def add(self, problem: Problem) -> None:
        """Keep or count a problem."""
        if len(self.kept) < MOST_PROBLEMS:
            self.kept.append(problem)
        else:
            self._more += problem.count if problem.skipped else 0
            self._last = problem

    def all(self) -> list[Problem]:
        """Those that are kept, and the last one for all that are only counted."""
        if self._last is None or not self._more:
            return self.kept
        return [*self.kept, Problem(self._last.place, self._last.reason, count=self._more)]


def skipped(label: str, key: str, error: BaseException) -> Problem:
    """Why a record is skipped."""
    return Problem(f"{label}: record {clean(key[:40])}", reason_of(error)[:MOST_REASON])


class Source(Protocol):
    """One mirror, page tree or file."""

    @property
    def name(self) -> str:
        """A short name: that of the mirror, or the tags."""

    def fingerprint(self) -> str:
        """Return a text that is equal for equal content, without reading the content. Raises SourceError."""

    def batches(self, report: Report) -> Iterator[Batch]:
        """Yield all specs; records that cannot be read go to `report`. Raises SourceError."""


class SourcePart(Protocol):
    """A piece of a source that can be read independently, also by another process."""

    @property
    def label(self) -> str:
        """The name of what it is a part of, in messages."""

    @property
    def size(self) -> int:
        """The approximate size in bytes."""

    @property
    def key(self) -> str:
        """Identifies it among the parts of all sources; empty if its specs are not worth caching."""

    @property
    def stamp(self) -> str:
        """Text that changes with the content of the part."""

    def batches(self, report: Report) -> Iterator[Batch]:
        """Yield all its specs. Raises SourceError, NotDivisible."""


@runtime_checkable
class Divisible(Source, Protocol):
    """A source that can be read in parts."""

    def parts(self, report: Report) -> Sequence[SourcePart]:
        """Return the parts in order; none if it has to be read as a whole. Raises SourceError."""

    @property
    def is_one_file(self) -> bool:
        """Whether no hash can occur in two parts, and the source is damaged if one part is."""

    @property
    def label(self) -> str:
        """Its name in messages."""


class NotDivisible(Exception):
    """The parts of a source turn out not to be parts: it has to be read as a whole."""


def none_readable(label: str, failures: Sequence[SourceError]) -> SourceError:
    """Return the error for a tree none of whose pages can be read: the first one, and how many there are."""
    if len(failures) < 2:
        return failures[0] if failures else SourceError(label, "it has no pages")
    reason = f"none of its {len(failures)} pages can be read; the first: {failures[0].reason}"
    return SourceError(label, reason, transient=any(failure.transient for failure in failures))
