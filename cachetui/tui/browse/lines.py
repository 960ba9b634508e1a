"""The bars of the main screen as lines: title, reading, status, suggestions."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from cachetui import __version__
from cachetui.refresh import Opened
from cachetui.search import Completions, Result
from cachetui.spec import SHORT_HASH
from cachetui.text import counted
from cachetui.tui.state import View
from cachetui.tui.widgets.lines import Line, columns

SAMPLE_HINT = "sample data; press m to open a build cache"

TYPING = " Enter go to the builds   ↑ ↓ packages   Tab panes   Esc done   F1 keys"
SEARCHING: Line = ((" type to search this facet   Enter keeps the values found   Esc ends", "muted"),)


def title(
    opened: Opened, result: Result | None, rows: Sequence[int], narrow: bool, width: int, activity: str
) -> Line:
    """What is open; on narrow screens, the way from the packages to the build under the cursor.

    Args:
        activity: what is done in the background.
    """
    catalog = opened.catalog
    right: Line = ((f"{activity}  ", "accent"), ("? keys ", "muted")) if activity else (("? keys ", "muted"),)
    if narrow and result is not None and result.package:
        shown = result.shown
        counts = (
            f"{shown.total:,}" if shown.matching == shown.total else f"{shown.matching:,} of {shown.total:,}"
        )
        place = f" packages > {shown.name} ({counts})"
        dag_hash = f" > {catalog.dag_hash(rows[0])[:SHORT_HASH]}" if len(rows) == 1 else ""
        return columns(((place + dag_hash, "title"),), right, width)
    external = catalog.listed.difference_cardinality(catalog.in_buildcache)
    of_these = f" ({external:,} external)" if external else ""
    packages = counted(catalog.listed_packages, "package")
    counts = f"   {counted(len(catalog.listed), 'build')}{of_these}, {packages}"
    return columns(
        (
            (f" cachetui {__version__}  ", "title"),
            (opened.catalog.meta["title"], "strong"),
            (counts, "muted"),
        ),
        right,
        width,
    )


def reading(result: Result, is_sample: bool, width: int) -> Line:
    """How the query and the choices were read, as far as there is room; without any, what this is."""
    read = result.reading()
    if read:
        line = columns(((" read as: ", "muted"), (read, "")), ((" ! all ", "muted"),), width)
        return line if cell_len(read) + 10 > width else ((" read as: ", "muted"), (read, ""))
    return ((f" {SAMPLE_HINT}", "warning"),) if is_sample else ()


def status(result: Result, opened: Opened) -> Line:
    """How much is shown, and how much could not be read."""
    shown = f" {len(result.rows):,} of {counted(result.total, 'build')}"
    packages = f"   {len(result.packages):,} of {counted(result.all_packages, 'package')}"
    line: Line = ((shown, ""), (packages, "muted"))
    if not result.rows:
        from cachetui.render import why_none  # not at a start, which shows builds

        way_back = "; Esc goes back" if result.total else ""
        line = ((f" {why_none(result)}{way_back}", "warning"),)
    problems = _problems(opened)
    return (*line, (f"   {problems}", "warning")) if problems else line


def news(view: View, opened: Opened) -> str:
    """What an update has changed; empty if nothing has, and the status line says what failed."""
    if view.is_up_to_date(opened):
        if opened.failures:
            return ""
        return opened.stale[0] if opened.stale else "up to date"
    old, new = len(view.catalog.listed), len(opened.catalog.listed)
    return f"updated: {counted(new, 'build')}" + (f", {new - old:+,}" if new != old else "")


def fits(text: str, width: int) -> bool:
    """Whether a message is shown whole in the status line."""
    return "\n" not in text and cell_len(f"{text} ") < width


def _problems(opened: Opened) -> str:
    """What could not be read, and the key that shows it, which is never cut off."""
    counts = {"source": len(opened.failures), "record": opened.skipped}
    words = {"source": "failed", "record": "skipped"}
    numbers = [f"{counted(number, noun)} {words[noun]}" for noun, number in counts.items() if number]
    notes = "   ".join([*opened.notes[:1], *opened.stale[:1]])
    if numbers:
        return f"{', '.join(numbers)} (! for details)   {notes}".rstrip()
    return f"! for details: {notes}" if notes else ""


def suggestions(completions: Completions) -> Line:
    """What the keys do while a query is typed; what Tab takes, and what else is offered."""
    if not completions.rest:
        return ((TYPING, "muted"),)
    first, *others = completions.items
    line: Line = (("  Tab", "accent"), (f" {first.text} {first.count:,}", ""))
    if others:
        line += (("   or ", "muted"), ("  ".join(f"{each.text} {each.count:,}" for each in others), "muted"))
    return line
