"""Read the parts of one source into one staging: in both processes, or from an earlier start."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress

import msgspec
from msgspec import Struct, field
from msgspec.structs import astuple

from cachetui import __version__
from cachetui.catalog.compile import NoRoomError, Room, Staging, StoredPart, StoredParts, absorb, pack_staging
from cachetui.errors import CatalogError, SourceError
from cachetui.refresh.helper import Helper, PendingTask
from cachetui.refresh.progress import ProgressReporter
from cachetui.sources import (
    Divisible,
    NotDivisible,
    Problem,
    Problems,
    Report,
    SourcePart,
    none_readable,
    skipped,
)
from cachetui.spec import Spec

RUN_BYTES = 1 << 20
"""Parts are read in runs of at least this size: each run is one task and one report of progress."""

RUNS_AHEAD = 2
"""Runs that the helper has at a time: it reads the second while this process takes in the first."""

MAX_MERGED_RUNS = 8
"""Runs that the helper reads as one."""

COMPRESSION = 1

SHARING_THRESHOLD = 16 << 20
"""Bytes from which the helper saves more time than its start costs."""


class PartResult(msgspec.Struct, array_like=True):
    """What was read from a part.

    Specs stay packed between processes and starts: one buffer is pickled and stored faster than many objects.

    Args:
        packed: its specs from `pack_staging`, compressed if it is stored; empty if they are staged already.
        problems: (place, reason, skipped, count) of each.
        failure: the arguments of its SourceError, if it could not be read.
        not_divisible: it is not a run of records, so the source has to be read as a whole.
    """

    packed: bytes = b""
    specs: int = 0
    problems: list[tuple[str, str, bool, int]] = []
    failure: tuple[str, str, bool] | None = None
    not_divisible: bool = False


class ReadParts(Struct, frozen=True):
    """The task of reading some parts."""

    parts: Sequence[SourcePart]

    def run(self) -> list[PartResult]:
        """Read each part; the specs of those that are not stored are packed together with the first."""
        merged = Staging(Room(sum(part.size for part in self.parts)))
        results = [_read_alone(part) if part.key else _read_into(merged, part) for part in self.parts]
        if len(merged):
            unstored = (result for part, result in zip(self.parts, results, strict=True) if not part.key)
            next(unstored).packed = pack_staging(merged)
        return results


def _read_alone(part: SourcePart) -> PartResult:
    """Read a part into a staging of its own, so that it can be stored."""
    staging = Staging(Room(part.size))
    found = _read_into(staging, part)
    found.packed = zlib.compress(pack_staging(staging), COMPRESSION)
    return found


def _read_into(staging: Staging, part: SourcePart) -> PartResult:
    found = PartResult()
    problems = Problems()
    try:
        for batch in part.batches(problems.add):
            found.specs += take_in(staging, batch.specs, part.label, problems.add)
    except SourceError as error:
        found.failure = error.place, error.reason, error.transient
    except NotDivisible:
        found.not_divisible = True
    found.problems = [astuple(problem) for problem in problems.all()]
    return found


class PartsReader(Struct):
    """Reads the parts of one source.

    Args:
        stored: the parts stored at an earlier start.
        helper: reads some of the parts; None: there is no second process.
        progress: receives a report after each run of parts.
        to_store: the parts to store for the next start.
    """

    source: Divisible
    parts: Sequence[SourcePart]
    stored: StoredParts
    helper: Helper | None
    progress: ProgressReporter
    staging: Staging = field(default_factory=Staging)
    problems: Problems = field(default_factory=Problems)
    failures: list[SourceError] = field(default_factory=list)
    to_store: list[StoredPart] = field(default_factory=list)
    _done: int = 0
    _total: int = 0

    def read(self) -> None:
        """Read all parts into `staging`. Raises SourceError, NotDivisible."""
        self._total = sum(part.size for part in self.parts)
        self.staging = Staging(Room(self._total))
        if sum(part.size for part in self.parts if not self._is_stored(part)) < SHARING_THRESHOLD:
            self.helper = None
        for run, results in self._read_runs(deque(_runs(self.parts))):
            fresh = iter(results)
            specs = sum(self._stage(part, None if self._is_stored(part) else next(fresh)) for part in run)
            self._done += sum(part.size for part in run)
            self.progress.read(self.source.name, specs, self._done, self._total)
        if self.failures and (self.source.is_one_file or len(self.failures) == len(self.parts)):
            is_one_file = self.source.is_one_file
            raise self.failures[0] if is_one_file else none_readable(self.source.label, self.failures)
        if self.source.is_one_file and self.staging.merged:
            raise NotDivisible("a hash occurs twice")

    def _is_stored(self, part: SourcePart) -> bool:
        return bool(part.key) and self.stored.has(part.key, _stamp(part))

    def _read_runs(
        self, waiting: deque[Sequence[SourcePart]]
    ) -> Iterator[tuple[Sequence[SourcePart], Sequence[PartResult]]]:
        """Yield each run with the results of its parts that are not stored, in order.

        Both processes read ahead of the run that is yielded next: staging has to follow the order of the
        parts, reading has not.
        """
        ahead: deque[tuple[Sequence[SourcePart], PendingTask[list[PartResult]] | list[PartResult]]] = deque()
        submitted: deque[PendingTask[list[PartResult]]] = deque()
        while waiting or ahead:
            while self.helper and waiting and len(submitted) < RUNS_AHEAD:
                # Large runs are packed into fewer bytes; near the end, small ones are waited for less.
                several = max(1, min(len(waiting) // 8, MAX_MERGED_RUNS))
                run: Sequence[SourcePart] = [part for _ in range(several) for part in waiting.popleft()]
                submitted.append(self.helper.submit(ReadParts(self._unread(run))))
                ahead.append((run, submitted[-1]))
            while submitted and submitted[0].is_done():
                submitted.popleft()
            if waiting and not (ahead and _is_done(ahead[0][1])):
                run = waiting.popleft()
                ahead.append((run, [self._read_here(part) for part in self._unread(run)]))
                self._wait()
            else:
                run, found = ahead.popleft()
                yield run, found if isinstance(found, list) else found.result(self._wait)

    def _unread(self, run: Sequence[SourcePart]) -> list[SourcePart]:
        return [part for part in run if not self._is_stored(part)]

    def _read_here(self, part: SourcePart) -> PartResult:
        return _read_alone(part) if part.key else _read_into(self.staging, part)

    def _wait(self) -> None:
        self.progress.read(self.source.name, 0, self._done, self._total)

    def _stage(self, part: SourcePart, fresh: PartResult | None) -> int:
        """Stage a part that was just read or is stored; return the number of its specs."""
        found, data = (fresh, _encoded(part, fresh)) if fresh else self._load(part)
        if found.not_divisible:
            raise NotDivisible(str(self.source.name))
        for problem in found.problems:
            self.problems.add(Problem(*problem))
        if found.failure:
            self._fail(SourceError(*found.failure))
            return 0
        if found.packed:
            packed = zlib.decompress(found.packed) if part.key else found.packed
            absorb(self.staging, packed, lambda dag_hash: self._refuse(part, dag_hash))
        if part.key:
            self.to_store.append(StoredPart(part.key, _stamp(part), data))
        return found.specs

    def _load(self, part: SourcePart) -> tuple[PartResult, bytes]:
        """Load a stored part, or read it if what is stored is damaged."""
        with suppress(CatalogError, msgspec.DecodeError, zlib.error):
            data = self.stored.data(part.key)
            found = msgspec.msgpack.decode(data, type=PartResult)
            zlib.decompress(found.packed)
            return found, data
        found = _read_alone(part)
        return found, _encoded(part, found)

    def _refuse(self, part: SourcePart, dag_hash: str) -> None:
        self.problems.add(skipped(part.label, dag_hash, NoRoomError()))

    def _fail(self, error: SourceError) -> None:
        self.failures.append(error)
        if len(self.parts) > 1 and not self.source.is_one_file:
            self.problems.add(Problem(error.place, error.reason))


def take_in(staging: Staging, specs: Sequence[Spec], label: str, report: Report) -> int:
    """Stage specs, those that there is no room for excepted; return the number of the others."""
    taken = 0
    for spec in specs:
        try:
            staging.add(spec)
        except NoRoomError as error:
            report(skipped(label, spec.dag_hash, error))
        else:
            taken += 1
    return taken


def _encoded(part: SourcePart, found: PartResult) -> bytes:
    return msgspec.msgpack.encode(found) if part.key else b""


def _is_done(found: PendingTask[list[PartResult]] | list[PartResult]) -> bool:
    return isinstance(found, list) or found.is_done()


def _stamp(part: SourcePart) -> str:
    return f"{__version__} {part.stamp}"


def _runs(parts: Sequence[SourcePart]) -> Iterator[Sequence[SourcePart]]:
    """The parts in runs of at least RUN_BYTES."""
    run: list[SourcePart] = []
    size = 0
    for part in parts:
        run.append(part)
        size += part.size
        if size >= RUN_BYTES:
            yield run
            run, size = [], 0
    if run:
        yield run
