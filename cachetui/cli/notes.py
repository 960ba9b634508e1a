"""What commands write to stderr: progress, what was opened, how a spec was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from cachetui.cli.console import ProgressLine, note
from cachetui.errors import UnknownLocationError
from cachetui.text import counted, redacted

if TYPE_CHECKING:
    from cachetui.errors import CachetuiError
    from cachetui.refresh import OnProgress, Opened, Policy
    from cachetui.search import Result

T = TypeVar("T")

SAMPLE_NOTE = (
    "sample data: no mirror is configured in Spack here; "
    "open a build cache by its path, URL or name, such as develop"
)


def with_progress(work: Callable[[OnProgress], T]) -> T:
    """Show the progress of some work on a line that disappears afterwards."""
    progress = ProgressLine()
    try:
        return work(progress.show)
    finally:
        progress.clear()


def open_catalog_with_notes(
    locations: tuple[str, ...], verbose: bool, policy: Policy, output: Path | None = None
) -> Opened:
    """Open a catalog until the command ends, and print what the user should know of it."""
    from cachetui.refresh import open_catalog, tidy

    opened = with_progress(lambda show: open_catalog(locations, show, policy, output))
    context = click.get_current_context()
    context.call_on_close(lambda: tidy(opened.used))  # once everything is printed
    context.call_on_close(opened.catalog.close)
    if not locations and opened.is_sample:
        note(SAMPLE_NOTE)
    listed = opened.problems if verbose else ()
    failures = _with_lines_meant(opened.failures, locations)
    unanswered = (f"{line} (--wait all waits for it)" for line in opened.unanswered)
    for line in (*failures, *unanswered, *opened.stale, *opened.damaged, *opened.notes, *listed):
        note(line)
    more = opened.skipped - len(listed)
    if listed and more:
        note(f"{more:,} more records were skipped")
    elif more:
        note(f"{counted(more, 'record')} {'was' if more == 1 else 'were'} skipped; -v says which")
    return opened


def with_line_meant(error: CachetuiError, arguments: Sequence[str]) -> str:
    """An error, with the command line that was probably meant, if there is one."""
    from cachetui.cli.meant import meant_line

    line = meant_line(arguments, error)
    message = error.message if isinstance(error, UnknownLocationError) and line else str(error)
    return f"{message}; did you mean: {line}" if line else message


def _with_lines_meant(failures: Iterable[str], locations: Sequence[str]) -> Iterator[str]:
    """Failures of locations, each with what was meant if the location is none."""
    arguments = click.get_current_context().obj or ()
    unknown = {
        f"{redacted(location)[:200]}: no such file or folder, and no mirror of that name": location
        for location in locations
    }
    for failure in failures:
        message, mark, advice = failure.rpartition("; ")
        location = unknown.get(message)
        if mark and location is not None:
            yield with_line_meant(UnknownLocationError(message, advice, location), arguments)
        else:
            yield failure


def print_reading(result: Result, verbose: bool) -> None:
    """Print how a spec was read, if that is asked for, ambiguous, or leaves a part of it out."""
    from cachetui.search import read_alike

    ambiguous = not read_alike(result.readings)
    for reading in result.readings:
        if ambiguous or reading.notes or (verbose and reading.text()):
            builds = counted(reading.records, "build")
            note(f"{reading.dialect.value} ({builds}): {reading.text()}")
