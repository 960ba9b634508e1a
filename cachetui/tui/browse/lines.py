"""The bars of the main screen as lines: title, counts, reading, filters, suggestions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len

from cachetui.refresh import Opened
from cachetui.search import Completions, Plain, Result, choices_text
from cachetui.spec import SHORT_HASH
from cachetui.text import counted
from cachetui.tui.state import View
from cachetui.tui.widgets.lines import Line, Span, columns, fit, line_width

SAMPLE_HINT = "sample data: press m to open a build cache"

HELP: Line = (("F1", "accent"), (" help ", "muted"))

SEARCHING: Line = (("  type to search this facet   Enter keeps the values found   Esc ends", "muted"),)

BAR = 12
"""Cells of the progress bar."""


def title(
    opened: Opened, result: Result | None, rows: Sequence[int], is_single: bool, width: int, activity: Line
) -> Line:
    """What is open; where one pane is shown at a time, the way from the packages to the build.

    Args:
        rows: the builds under the cursor.
        activity: what is done in the background; empty: nothing.
    """
    catalog = opened.catalog
    right = (*(activity or _problems(opened, width)), *HELP)
    if is_single and result is not None and result.package:
        dag_hash = f" > {catalog.dag_hash(rows[0])[:SHORT_HASH]}" if len(rows) == 1 else ""
        return columns(((f" packages > {result.package}{dag_hash}", "title"),), right, width)
    left: Line = ((" cachetui", "accent"), (f"  {catalog.meta['title']}", "title"))
    counts = f"    {counted(len(catalog.listed), 'build')} of {counted(catalog.listed_packages, 'package')}"
    if line_width(left) + len(counts) + line_width(right) < width:
        left = (*left, (counts, "muted"))
    hint = f"    {SAMPLE_HINT}"
    if opened.is_sample and line_width(left) + len(hint) + line_width(right) < width:
        left = (*left, (hint, "warning"))
    return columns(left, right, width)


def activity(text: str, share: float | None = None) -> Line:
    """What is done in the background, with a bar if it is known how far it has come."""
    if share is None:
        return ((f"{text}   ", "accent"),)
    done = round(share * BAR)
    return ((f"{text} ", "accent"), ("▇" * done, "accent"), ("▁" * (BAR - done), "muted"), ("   ", ""))


def counts(result: Result) -> Line:
    """How many builds match, of how many."""
    shown, total = len(result.rows), result.shown.total
    text = f"{shown:,} of {counted(total, 'build')}" if shown != total else counted(total, "build")
    return ((f"{text} ", "muted" if shown else "warning"),)


def reading(result: Result, width: int) -> Line:
    """How the query was read, as far as there is room."""
    if result.plain is not None:
        return _plain_reading(result.plain, width)
    typed = result.selection.text.strip()
    if not typed or typed == result.words or not result.rows:  # the panes say all there is to say
        return ()
    read = result.reading()
    line = columns(((" read as: ", "muted"), (read, "muted")), (("! all ", "muted"),), width)
    return line if cell_len(read) + 11 > width else ((f" read as: {read}", "muted"),)


def _plain_reading(plain: Plain, width: int) -> Line:
    """What plain words became, and the key that writes it into the query."""
    line: Line = (("   ", ""), *spec_spans(plain.written))
    if plain.said:
        line += ((f"  and {' and '.join(plain.said)}", ""),)
    if plain.notes:
        line += ((f"   {'; '.join(plain.notes)}", "warning"),)
    hint: Line = (("   Tab", "accent"), (" writes this into the query", "muted"))
    return (*line, *hint) if line_width(line) + line_width(hint) <= width else line


def spec_spans(text: str) -> Line:
    """A spec as text, its parts in the colours of Spack."""
    spans: list[Span] = []
    for word in re.findall(r"\s+|\S+", text):
        name, at, version = word.partition("@")
        sign = word[:1]
        if sign in "+~":
            spans.append((word, "variant"))
        elif sign == "%":
            spans.append((word, "compiler"))
        elif sign == "/":
            spans.append((word, "hash"))
        elif "=" in name:
            is_arch = name.partition("=")[0].strip(":") in ("os", "target", "arch", "platform")
            spans.append((word, "arch" if is_arch else "variant"))
        else:
            spans += [(name, ""), (at + version, "version")]
    return tuple(spans)


def filters(result: Result, width: int) -> Line:
    """The selected facet values, where no pane shows them."""
    chosen = " · ".join(choices_text(result.selection.choices, result.attributes.headings_here))
    return columns(((" filters  ", "muted"), (chosen, "")), (("f", "accent"), (" edit ", "muted")), width)


def news(view: View, opened: Opened) -> str:
    """What an update has changed; empty if nothing has, and the title line says what failed."""
    if view.is_up_to_date(opened):
        if opened.failures or opened.is_partial:
            return ""
        if opened.unanswered:
            return opened.unanswered[0]
        return opened.stale[0] if opened.stale else "up to date"
    old, new = len(view.catalog.listed), len(opened.catalog.listed)
    return f"updated: {counted(new, 'build')}" + (f", {new - old:+,}" if new != old else "")


def fits(text: str, width: int) -> bool:
    """Whether a message is shown whole in its line."""
    return "\n" not in text and cell_len(f"{text} ") < width


def _problems(opened: Opened, width: int) -> Line:
    """What could not be read, in short; `!` shows it."""
    failed, stale = len(opened.failed_mirrors), len(opened.stale) + len(opened.unanswered)
    if opened.unread:
        text = "configuration not read" if width >= 100 else "config not read"
    elif failed:
        total = failed + len(opened.catalog.mirrors)
        text = f"{failed} of {counted(total, 'mirror')} failed" if width >= 100 else f"{failed} failed"
    elif stale:
        text = f"{counted(stale, 'mirror')} not reached" if width >= 100 else f"{stale} not reached"
    elif opened.damaged:
        text = "a catalog was damaged" if width >= 100 else "damaged"
    elif opened.skipped:
        text = f"{counted(opened.skipped, 'record')} skipped"
    elif opened.notes:
        text = counted(len(opened.notes), "note")
    else:
        return ()
    return ((f"▲ {text} ", "warning"), ("!", "accent"), (" details   " if width >= 100 else "  ", "muted"))


def suggestions(completions: Completions, width: int) -> Line:
    """What Tab takes, and what else is offered; nothing if nothing is."""
    if not completions.rest:
        return ()
    first, *others = completions.items
    line: Line = ((" Tab", "accent"), (f" {first.text} {first.count:,}", ""))
    if others:
        offered = "  ".join(f"{each.text} {each.count:,}" for each in others)
        line += (("   or ", "muted"), (offered, "muted"))
    return columns(fit(line, width - line_width(HELP) - 2), HELP, width)
