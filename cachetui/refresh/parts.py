"""The parts of a source to one staging: some are read by the helper, and those that are kept are not read."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress

import msgspec
from msgspec import Struct, field

from cachetui import __version__
from cachetui.catalog.compile import KeptPart, KeptParts, Staging, absorb, pack_staging
from cachetui.errors import CatalogError, SourceError
from cachetui.refresh.helper import Helper, PendingTask
from cachetui.refresh.progress import ProgressReporter
from cachetui.sources import Divisible, NotDivisible, Part, Problem

RUN_BYTES = 1 << 20
"""Parts are read in runs of at least this size."""

RUNS_AHEAD = 2
"""Runs that the helper is given at a time, so that it never waits for the next."""

MOST_TOGETHER = 8
"""Runs that the helper reads as one."""

COMPRESSION = 1


LEAST_TO_SHARE = 16 << 20
"""Bytes for which it is worth while to start a second process."""


class PartResult(msgspec.Struct, array_like=True):
    """What was read of a part.

    Args:
        packed: its specs as `pack_staging` packs them, compressed if they are to be kept; or empty.
        problems: (place, reason, skipped) of each.
        failure: the arguments of its SourceError, if it could not be read.
        undivided: it is no part at all.
    """

    packed: bytes = b""
    specs: int = 0
    problems: list[tuple[str, str, bool]] = []
    failure: tuple[str, str, bool] | None = None
    undivided: bool = False


class ReadParts(Struct, frozen=True):
    """The task of reading some parts."""

    parts: Sequence[Part]

    def run(self) -> list[PartResult]:
        """What was read of each; those that are not kept are packed together, as the first of them."""
        together = Staging()
        found = [_read_apart(part) if part.key else _read_into(together, part) for part in self.parts]
        if len(together):
            next(
                read for part, read in zip(self.parts, found, strict=True) if not part.key
            ).packed = pack_staging(together)
        return found


def _read_apart(part: Part) -> PartResult:
    """Read a part by itself, to be kept."""
    staging = Staging()
    found = _read_into(staging, part)
    found.packed = zlib.compress(pack_staging(staging), COMPRESSION)
    return found


def _read_into(staging: Staging, part: Part) -> PartResult:
    found = PartResult()
    problems: list[Problem] = []
    try:
        for batch in part.batches(problems.append):
            for spec in batch.specs:
                staging.add(spec)
            found.specs += len(batch.specs)
    except SourceError as error:
        found.failure = error.place, error.reason, error.transient
    except NotDivisible:
        found.undivided = True
    found.problems = [(problem.place, problem.reason, problem.skipped) for problem in problems]
    return found


class PartsReader(Struct):
    """Reads the parts of one source.

    Args:
        kept: parts that were read at an earlier start.
        helper: who reads some of them; None: nobody.
        advance: told after each run of parts.
    """

    source: Divisible
    parts: Sequence[Part]
    kept: KeptParts
    helper: Helper | None
    advance: ProgressReporter
    staging: Staging = field(default_factory=Staging)
    problems: list[Problem] = field(default_factory=list)
    failures: list[SourceError] = field(default_factory=list)
    keep: list[KeptPart] = field(default_factory=list)
    _done: int = 0
    _total: int = 0

    def read(self) -> None:
        """Read all of them. Raises SourceError, NotDivisible."""
        self._total = sum(part.size for part in self.parts)
        if sum(part.size for part in self.parts if not self._is_kept(part)) < LEAST_TO_SHARE:
            self.helper = None
        for run, found in self._read_runs(deque(_runs(self.parts))):
            fresh = iter(found)
            specs = sum(self._take(part, None if self._is_kept(part) else next(fresh)) for part in run)
            self._done += sum(part.size for part in run)
            self.advance.read(self.source.name, specs, self._done, self._total)
        if self.failures and (self.source.is_one_file or len(self.failures) == len(self.parts)):
            raise self.source.nothing_read(self.failures)
        if self.source.is_one_file and self.staging.merged:
            raise NotDivisible("a hash stands in it twice")

    def _is_kept(self, part: Part) -> bool:
        return bool(part.key) and self.kept.has(part.key, _stamp(part))

    def _read_runs(
        self, waiting: deque[Sequence[Part]]
    ) -> Iterator[tuple[Sequence[Part], Sequence[PartResult]]]:
        """Each run and what was read of those of its parts that are not kept, in order."""
        ahead: deque[tuple[Sequence[Part], PendingTask[list[PartResult]] | list[PartResult]]] = deque()
        given: deque[PendingTask[list[PartResult]]] = deque()
        while waiting or ahead:
            while self.helper and waiting and len(given) < RUNS_AHEAD:
                # larger runs are packed into less, and near the end smaller ones are waited for less
                several = max(1, min(len(waiting) // 8, MOST_TOGETHER))
                run: Sequence[Part] = [part for _ in range(several) for part in waiting.popleft()]
                given.append(self.helper.give(ReadParts(self._unread(run))))
                ahead.append((run, given[-1]))
            while given and given[0].is_done():
                given.popleft()
            if waiting and not (ahead and _is_done(ahead[0][1])):
                run = waiting.popleft()
                ahead.append((run, [self._read_here(part) for part in self._unread(run)]))
                self._wait()
            else:
                run, found = ahead.popleft()
                yield run, found if isinstance(found, list) else found.result(self._wait)

    def _unread(self, run: Sequence[Part]) -> list[Part]:
        return [part for part in run if not self._is_kept(part)]

    def _read_here(self, part: Part) -> PartResult:
        return _read_apart(part) if part.key else _read_into(self.staging, part)

    def _wait(self) -> None:
        self.advance.read(self.source.name, 0, self._done, self._total)

    def _take(self, part: Part, fresh: PartResult | None) -> int:
        """Stage what was read or kept of a part; the number of its specs."""
        found, data = (fresh, _to_keep(part, fresh)) if fresh else self._found_kept(part)
        if found.undivided:
            raise NotDivisible(str(self.source.name))
        self.problems += [Problem(*problem) for problem in found.problems]
        if found.failure:
            self._fail(SourceError(*found.failure))
            return 0
        if found.packed:
            absorb(self.staging, zlib.decompress(found.packed) if part.key else found.packed)
        if part.key:
            self.keep.append(KeptPart(part.key, _stamp(part), data))
        return found.specs

    def _found_kept(self, part: Part) -> tuple[PartResult, bytes]:
        with suppress(CatalogError, msgspec.DecodeError, zlib.error):
            data = self.kept.data(part.key)
            found = msgspec.msgpack.decode(data, type=PartResult)
            zlib.decompress(found.packed)
            return found, data
        found = _read_apart(part)
        return found, _to_keep(part, found)

    def _fail(self, error: SourceError) -> None:
        self.failures.append(error)
        if len(self.parts) > 1 and not self.source.is_one_file:
            self.problems.append(Problem(error.place, error.reason))


def _to_keep(part: Part, found: PartResult) -> bytes:
    return msgspec.msgpack.encode(found) if part.key else b""


def _is_done(found: PendingTask[list[PartResult]] | list[PartResult]) -> bool:
    return isinstance(found, list) or found.is_done()


def _stamp(part: Part) -> str:
    return f"{__version__} {part.stamp}"


def _runs(parts: Sequence[Part]) -> Iterator[Sequence[Part]]:
    """The parts in runs of at least RUN_BYTES."""
    run: list[Part] = []
    size = 0
    for part in parts:
        run.append(part)
        size += part.size
        if size >= RUN_BYTES:
            yield run
            run, size = [], 0
    if run:
        yield run
