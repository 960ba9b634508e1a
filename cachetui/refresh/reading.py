"""All sources to one staging."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from cachetui.catalog.compile import KeptPart, KeptParts, Staging, absorb, pack_staging
from cachetui.errors import SourceError
from cachetui.refresh.helper import Helper
from cachetui.refresh.parts import PartsReader
from cachetui.refresh.progress import ProgressReporter
from cachetui.refresh.read_report import ReadReport
from cachetui.sources import Divisible, NotDivisible, Problem, Source
from cachetui.text import clean


class SourcesReader(Struct):
    """Reads sources.

    Args:
        helper: the second process; None: there is none.
        kept: parts that were read at an earlier start.
        keep: parts to be kept for the next start.
        counts: how many builds each source has.
    """

    findings: ReadReport
    advance: ProgressReporter
    helper: Helper | None
    kept: KeptParts
    keep: list[KeptPart] = field(default_factory=list)
    counts: list[tuple[Source, int]] = field(default_factory=list)

    def read(self, sources: Sequence[Source]) -> Staging:
        """The specs of all sources; raises the first error if none of them could be read."""
        errors: list[SourceError] = []
        together: Staging | None = None
        for source in sources:
            self.advance.begin()
            try:
                staging = self._staged(source)
            except SourceError as error:
                errors.append(error)
                continue
            self.counts.append((source, len(staging)))
            if together is None:
                together = staging
            else:
                absorb(together, pack_staging(staging))
        self.advance.begin()
        if errors and len(errors) == len(sources):
            raise errors[0]
        self.findings.failures += [clean(str(error)) for error in errors]
        self.findings.has_transient_failure = any(error.transient for error in errors)
        together = together or Staging()
        together.follow_compiler_edges()
        return together

    def _staged(self, source: Source) -> Staging:
        """The specs of one source; nothing is left of one that turns out to be damaged."""
        if isinstance(source, Divisible):
            problems: list[Problem] = []
            if parts := source.parts(problems.append):
                divided = PartsReader(source, parts, self.kept, self.helper, self.advance, problems=problems)
                try:
                    divided.read()
                except NotDivisible:
                    self.advance.begin_again()
                else:
                    self.keep += divided.keep
                    for problem in divided.problems:
                        self.findings.report(problem)
                    return divided.staging
        return self._whole(source)

    def _whole(self, source: Source) -> Staging:
        staging = Staging()
        for batch in source.batches(self.findings.report):
            for spec in batch.specs:
                staging.add(spec)
            self.advance.read(source.name, len(batch.specs), batch.done, batch.total)
        return staging
