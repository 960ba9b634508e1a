"""Rows of measures with their budgets, as tables of text and of Markdown."""

from __future__ import annotations

import os
import platform
import statistics
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

_FORMATS = {
    "ms": "{:,.1f} ms",
    "s": "{:,.2f} s",
    "x": "{:,.2f} x",
    "MB": "{:,.0f} MB",
    "B": "{:,.0f} bytes",
    "%": "{:,.1f} %",
    "/s": "{:,.0f}/s",
    "ops": "{:,.0f}",
}
_HEADINGS = ("measure", "specs", "budget", "measured", "of budget", "", "")


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured at one size, or why it was not.

    Args:
        size: specs of the index; None where it does not matter.
        value: None: not measured, the note says why.
        budget: None: there is none, the value is only told.
        least: the budget is a minimum.
    """

    name: str
    size: int | None = None
    value: float | None = None
    unit: str = ""
    budget: float | None = None
    least: bool = False
    note: str = ""
    crashed: bool = False

    @property
    def missed(self) -> bool:
        """Whether the run has to fail for it."""
        if self.value is None or self.budget is None:
            return self.crashed
        return self.value < self.budget if self.least else self.value > self.budget

    @property
    def verdict(self) -> str:
        """One word on how it went; none where nothing was asked."""
        if self.value is None:
            return "CRASHED" if self.crashed else "skipped"
        if self.budget is None:
            return ""
        return "MISSED" if self.missed else "ok"

    def cells(self) -> tuple[str, ...]:
        """The row as texts."""
        budget = "" if self.budget is None else self._text(self.budget)
        share = "" if not self.budget or self.value is None else f"{self.value / self.budget:.2f}"
        return (
            self.name,
            "" if self.size is None else f"{self.size:,}",
            f"{'>=' if self.least else '<='} {budget}" if budget else "",
            "" if self.value is None else self._text(self.value),
            share,
            self.verdict,
            self.note,
        )

    def _text(self, value: float) -> str:
        return _FORMATS[self.unit].format(value)


def median_row(
    name: str, size: int | None, values: Sequence[float], unit: str, budget: float | None = None
) -> Row:
    """The median of some runs, with the spread in the note."""
    note = f"{len(values)} runs, {_span(values, unit)}"
    return Row(name, size, statistics.median(values), unit, budget, note=note)


def ratio_row(
    name: str, size: int | None, values: Sequence[float], others: Sequence[float], budget: float
) -> Row:
    """The median of the ratios of values that were measured by turns."""
    ratios = [value / other for value, other in zip(values, others, strict=True)]
    return median_row(name, size, ratios, "x", budget)


def p95_row(name: str, size: int | None, values: Sequence[float], unit: str, budget: float | None) -> Row:
    """The 95th percentile of some runs, with the middle and the worst in the note."""
    middle, worst = (_FORMATS[unit].format(value) for value in (statistics.median(values), max(values)))
    return Row(
        name, size, p95(values), unit, budget, note=f"{len(values)} keys, median {middle}, worst {worst}"
    )


def p95(values: Sequence[float]) -> float:
    """The value that 95 % of the values do not exceed."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def _span(values: Sequence[float], unit: str) -> str:
    return f"{_FORMATS[unit].format(min(values))} to {_FORMATS[unit].format(max(values))}"


def table(lines: Sequence[Sequence[str]]) -> str:
    """Columns of text below each other: words to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if 0 < i < 5 else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def text_report(rows: Sequence[Row]) -> str:
    """The table for the terminal."""
    return table([_HEADINGS, *(row.cells() for row in rows)])


def markdown_report(rows: Sequence[Row], sizes: Sequence[int]) -> str:
    """The table for the README: a line for each measure, and a column for each size.

    A row of another size, as pages have, goes into the next larger column.
    """
    columns = [f"{size:,}" for size in sizes]
    lines = [_across([row for row in rows if row.name == name], sizes) for name in _names(rows)]
    aligned = ["---", *["---:"] * (len(columns) + 1), "---"]
    return markdown_table([["measure", *columns, "budget", ""], aligned, *lines])


def _names(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.name for row in rows))


def _across(rows: Sequence[Row], sizes: Sequence[int]) -> list[str]:
    """The line of one measure; notes are left out, but for what was not measured."""
    cells = [""] * len(sizes)
    for row in rows:
        column = bisect_left(sizes[:-1], row.size or 0)
        other = row.size is not None and row.size != sizes[column]
        value = row.cells()[3] or f"{row.verdict}: {row.note}"
        cells[column] = f"{value} ({row.size:,})" if other else value
    budgets = dict.fromkeys(budget for row in rows if (budget := row.cells()[2]))
    verdicts = {row.verdict for row in rows}
    worst = next((each for each in ("CRASHED", "MISSED", "skipped", "ok") if each in verdicts), "")
    return [rows[0].name, *cells, ", ".join(budgets), worst]


def markdown_table(lines: Sequence[Sequence[str]]) -> str:
    """Headings, how the columns are aligned, and what stands below."""
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> str:
    """Where and when it was measured."""
    return (
        f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"Textual {version('textual')}, {date.today().isoformat()}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
