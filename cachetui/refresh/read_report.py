"""What went wrong while the sources were read."""

from __future__ import annotations

from msgspec import Struct, field

from cachetui.sources import Problem

MAX_PROBLEMS = 100
"""Problems that are reported in full; the rest is counted."""


class ReadReport(Struct):
    """What went wrong while the sources were read.

    Args:
        failures: the sources that could not be read.
        unanswered: the mirrors that were not waited for, and of which there is no index.
        problems: the skipped records, MAX_PROBLEMS at most.
        skipped: the number of skipped records.
        has_transient_failure: the next start must read the sources again, even if their content is the same.
    """

    failures: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    skipped: int = 0
    notes: list[str] = field(default_factory=list)
    has_transient_failure: bool = False
    unanswered: list[str] = field(default_factory=list)

    @property
    def missing(self) -> list[str]:
        """The sources that are left out; those that were not waited for stand first."""
        return [*self.unanswered, *self.failures]

    def add(self, problem: Problem) -> None:
        """Add a problem, or only count it once there are MAX_PROBLEMS."""
        if not problem.skipped:
            self.notes += [str(problem)] if len(self.notes) < MAX_PROBLEMS else []
            return
        self.skipped += problem.count
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(str(problem))
