"""What every source offers: a name, a fingerprint of its content, and specs in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from msgspec import Struct

from cachetui.errors import SourceError
from cachetui.spec import Spec

NEWEST_DATABASE = 9
"""The version of Spack's database up to which its records are known."""

BATCH_SIZE = 1000
"""Records a batch, about 20 ms of work: the pace of progress and of cancelling."""


class Problem(Struct, frozen=True):
    """Something that a person should be told: where it stands and what is wrong with it."""

    place: str
    reason: str
    skipped: bool = True
    """False: it was read all the same."""

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class Batch(Struct, frozen=True):
    """Some specs, and how far the source has been read, in bytes."""

    specs: list[Spec]
    done: int
    total: int


Report = Callable[[Problem], None]


class Source(Protocol):
    """One mirror, page tree or file."""

    @property
    def name(self) -> str:
        """Short name for people: the mirror, or the tags."""

    def fingerprint(self) -> str:
        """Equal for equal content; cheap, reads no content. Raises SourceError."""

    def batches(self, report: Report) -> Iterator[Batch]:
        """All specs, streamed; bad records go to `report`. Raises SourceError."""


class Part(Protocol):
    """A piece of a source that can be read by itself, also by another process."""

    @property
    def size(self) -> int:
        """In bytes, about."""

    @property
    def key(self) -> str:
        """Names it among the parts of all sources; empty if what is read of it need not be kept."""

    @property
    def stamp(self) -> str:
        """Equal for equal content of a part with this key."""

    def batches(self, report: Report) -> Iterator[Batch]:
        """All its specs. Raises SourceError, NotDivisible."""


@runtime_checkable
class Divisible(Source, Protocol):
    """A source that can be read in parts."""

    def parts(self, report: Report) -> Sequence[Part]:
        """In order; none if it has to be read as a whole. Raises SourceError."""

    @property
    def is_one_file(self) -> bool:
        """No hash stands in two parts, and without one part it is damaged."""

    def nothing_read(self, failures: Sequence[SourceError]) -> SourceError:
        """What to say if not one part could be read."""


class NotDivisible(Exception):
    """What looked like a part of a source is none: the source has to be read as a whole."""
