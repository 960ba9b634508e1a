"""What a person should be told of the reading."""

from __future__ import annotations

from msgspec import Struct, field

from cachetui.sources import Problem

MAX_PROBLEMS = 100
"""Problems kept in full; the rest is counted."""


class ReadReport(Struct):
    """What went wrong while reading."""

    failures: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    skipped: int = 0
    notes: list[str] = field(default_factory=list)
    has_transient_failure: bool = False
    """The next start must read the sources again, even if their content is the same."""

    def report(self, problem: Problem) -> None:
        """Keep a problem, or only count it."""
        if not problem.skipped:
            self.notes += [str(problem)] if len(self.notes) < MAX_PROBLEMS else []
            return
        self.skipped += 1
        if self.skipped <= MAX_PROBLEMS:
            self.problems.append(str(problem))
