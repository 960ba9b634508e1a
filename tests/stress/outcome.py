"""What a part of the stress run found, and the table of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HEADINGS = ("what was tried", "times", "lost", "wrong", "crashed", "")
BEGIN, END = "<!-- stress table -->", "<!-- end of stress table -->"


@dataclass(slots=True)
class Outcome:
    """One line of the table.

    Args:
        tried: what was done; it identifies the line in the README.
        times: how often.
        lost: how often something that was there before is gone, or something is left over.
        wrong: how often an answer was not the right one.
        crashed: how often the program ended by anything else than an answer or an error of its own.
        note: what was measured.
        failures: each failure in one line, for whoever mends it.
    """

    tried: str
    times: int = 0
    lost: int = 0
    wrong: int = 0
    crashed: int = 0
    note: str = ""
    failures: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing failed."""
        return not (self.lost or self.wrong or self.crashed or self.failures)

    def cells(self) -> tuple[str, ...]:
        """The line as texts."""
        return (self.tried, *(f"{n:,}" for n in (self.times, self.lost, self.wrong, self.crashed)), self.note)


@dataclass(frozen=True, slots=True)
class Run:
    """How the parts are run.

    Args:
        folder: each part makes its files below it.
        seed: the same seed tries the same things.
        rounds: how often each thing is tried; 0: as often as the part thinks fit.
    """

    folder: Path
    seed: int = 1
    rounds: int = 0

    def times(self, usual: int) -> int:
        """How often to try."""
        return self.rounds or usual

    def place(self, name: str) -> Path:
        """A folder of its own for a part."""
        path = self.folder / name
        path.mkdir(parents=True)
        return path


def tell(message: str) -> None:
    """Say how far it is."""
    print(message, file=sys.stderr, flush=True)


def table(outcomes: Iterable[Outcome]) -> str:
    """The table as Markdown."""
    return _table(outcome.cells() for outcome in outcomes)


def _table(lines: Iterable[Sequence[str]]) -> str:
    aligned = ("---", "---:", "---:", "---:", "---:", "---")
    return "\n".join(f"| {' | '.join(line)} |" for line in (HEADINGS, aligned, *lines))


def rows_of(text: str) -> list[tuple[str, ...]]:
    """The lines of the table in a README."""
    table = text[text.index(BEGIN) : text.index(END)]
    lines = re.findall(r"^\|(.*)\|$", table, re.MULTILINE)[2:]
    return [tuple(cell.strip() for cell in line.split("|")) for line in lines]


def renewed(text: str, outcomes: Iterable[Outcome]) -> str:
    """A README whose table has these outcomes; lines of what was not tried now stay as they are."""
    rows = {row[0]: row for row in rows_of(text)} | {each.tried: each.cells() for each in outcomes}
    before, after = text[: text.index(BEGIN)], text[text.index(END) + len(END) :]
    return f"{before}{BEGIN}\n\n{_table(rows.values())}\n\n{END}{after}"
