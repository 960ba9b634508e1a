"""Read all sources into one staging."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from cachetui.catalog.compile import Room, Staging, StoredPart, StoredParts, absorb, pack_staging
from cachetui.errors import UNFORESEEN, SourceError, unforeseen
from cachetui.refresh.helper import Helper
from cachetui.refresh.parts import PartsReader, take_in
from cachetui.refresh.progress import ProgressReporter
from cachetui.refresh.read_report import ReadReport
from cachetui.secret import foreign
from cachetui.sources import Divisible, IndexFile, NotDivisible, Problems, Source
from cachetui.text import clean


class SourcesReader(Struct):
    """Reads sources.

    Args:
        helper: the second process; None: there is none.
        stored: the parts stored at an earlier start.
        to_store: the parts to store for the next start.
        counts: the number of builds of each source.
    """

    report: ReadReport
    progress: ProgressReporter
    helper: Helper | None
    stored: StoredParts
    to_store: list[StoredPart] = field(default_factory=list)
    counts: list[tuple[Source, int]] = field(default_factory=list)

    def read(self, sources: Sequence[Source]) -> Staging:
        """Read all sources. Raises the first SourceError if none of them can be read."""
        errors: list[SourceError] = []
        merged: Staging | None = None
        for source in sources:
            self.progress.begin()
            try:
                staging = self._read_source(source)
            except SourceError as error:
                errors.append(error)
                continue
            except UNFORESEEN as error:
                errors.append(unforeseen(getattr(source, "label", source.name), error, foreign(error)))
                continue
            self.counts.append((source, _count(source, staging)))
            if merged is None:
                merged = staging
                merged.room.open_up()
            else:
                absorb(merged, pack_staging(staging), _never)
        self.progress.begin()
        if errors and len(errors) == len(sources):
            raise errors[0]
        self.report.failures += [clean(str(error)) for error in errors]
        self.report.has_transient_failure = any(error.transient for error in errors)
        merged = merged or Staging()
        merged.follow_compiler_edges()
        return merged

    def _read_source(self, source: Source) -> Staging:
        """Read one source into a staging of its own, so that nothing remains of one that fails halfway."""
        if isinstance(source, Divisible):
            problems = Problems()
            if parts := source.parts(problems.add):
                reader = PartsReader(
                    source, parts, self.stored, self.helper, self.progress, problems=problems
                )
                try:
                    reader.read()
                except NotDivisible:
                    self.progress.restart()
                else:
                    self.to_store += reader.to_store
                    for problem in reader.problems.all():
                        self.report.add(problem)
                    return reader.staging
        return self._read_whole(source)

    def _read_whole(self, source: Source) -> Staging:
        staging = Staging(Room(0))
        label = getattr(source, "label", source.name)
        for batch in source.batches(self.report.add):
            staging.room.grow(batch.total)
            take_in(staging, batch.specs, label, self.report.add)
            self.progress.read(source.name, len(batch.specs), batch.done, batch.total)
        return staging


def _never(dag_hash: str) -> None:
    """Each source was read within its own room, so that there is room for all of them together."""
    raise AssertionError


def _count(source: Source, staging: Staging) -> int:
    """The builds of a source; the database of an install tree also has records of what is not installed."""
    is_tree = isinstance(source, IndexFile) and source.place.is_installed
    return sum(staging.in_buildcache) if is_tree else len(staging)
