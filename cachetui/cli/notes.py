"""What commands tell on standard error: how far they are, what they opened, how a spec was read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from cachetui.cli.console import ProgressLine, tell

if TYPE_CHECKING:
    from cachetui.refresh import OnProgress, Opened, Policy
    from cachetui.search import Engine, Result

T = TypeVar("T")

SAMPLE_NOTE = (
    "this is the embedded sample, as no mirror is configured in Spack here; "
    "name a real build cache: cachetui PATH, URL, or develop"
)


def with_progress(work: Callable[[OnProgress], T]) -> T:
    progress = ProgressLine()
    try:
        return work(progress.show)
    finally:
        progress.clear()


def open_told(
    locations: tuple[str, ...], verbose: bool, policy: Policy, output: Path | None = None
) -> Opened:
    """Open the catalog; what a person should know goes to stderr."""
    from cachetui.refresh import open_catalog

    opened = with_progress(lambda show: open_catalog(locations, show, policy, output))
    click.get_current_context().call_on_close(opened.catalog.close)
    if not locations and opened.is_sample:
        tell(SAMPLE_NOTE)
    named = opened.problems if verbose else ()
    for line in (*opened.failures, *opened.stale, *opened.notes, *named):
        tell(line)
    more = opened.skipped - len(named)
    if named and more:
        tell(f"{more:,} more records were skipped")
    elif more:
        tell(f"{'1 record was' if more == 1 else f'{more:,} records were'} skipped; -v says which")
    return opened


def tell_reading(result: Result, verbose: bool) -> None:
    """Say how the spec was read: if asked, if two Spacks read it differently, or what is not looked at."""
    from cachetui.search import read_alike

    differently = not read_alike(result.readings)
    for reading in result.readings:
        if differently or reading.notes or (verbose and reading.text()):
            records = f"{reading.records:,} {'build' if reading.records == 1 else 'builds'}"
            tell(f"{reading.dialect.value} ({records}): {reading.text()}")


def nothing_found(engine: Engine, result: Result) -> str:
    if not result.total:
        return "there are no builds here"
    name = result.words
    if not name or engine.catalog.package_rows(name) or name in engine.evaluator.virtuals:
        unmet = ", ".join(result.lacking)
        return f"no build has {unmet}" if unmet else "no build satisfies all of this spec"
    alike = ", ".join(package.name for package in engine.rank(name)[:3])
    return f"no build of a package named {name}{f'; there is {alike}' if alike else ''}"
