"""The only module that prints: data to stdout, everything else to stderr."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING

import click

from cachetui.errors import OutputError, QuerySyntaxError
from cachetui.text import clean

if TYPE_CHECKING:
    from cachetui.cli.colors import Colors
    from cachetui.refresh import Progress
    from cachetui.render import Lines

EXCERPT = 160
"""Characters of a longer query that are shown around the error."""


COLOR_CHOICE = "cachetui.color"
"""Where the context of a command holds what `--color` says."""


AT_ONCE = 5000
"""Lines that are made before the first is written: what is damaged is found before then, mostly."""

_written: list[bool] = []


def times_written() -> int:
    """How often something was written to stdout."""
    return len(_written)


def write(lines: Lines) -> None:
    """Write lines to stdout, in colours if they are wanted there. Raises OutputError."""
    if sys.stdout is None:
        raise OutputError("standard output is closed")
    with suppress(ValueError):  # not in the main thread
        # Not earlier: the browser writes to clipboard programs that may stop reading.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    texts = iter(_colors().texts(lines))
    first = list(islice(texts, AT_ONCE))
    _written.append(True)
    try:
        sys.stdout.writelines(f"{text}\n" for text in chain(first, texts))
        sys.stdout.flush()
    except OSError as error:
        discard_output()
        raise OutputError(f"standard output: {error.strerror or error}") from error


def _colors() -> Colors:
    from cachetui.cli.colors import chosen_colors

    context = click.get_current_context(silent=True)
    return chosen_colors(context.meta.get(COLOR_CHOICE, "auto") if context else "auto", sys.stdout)


def discard_output() -> None:
    """Redirect stdout to nowhere, so that flushing it when Python exits does not fail again."""
    with suppress(OSError, AttributeError):  # not a file, or closed
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def note(message: str) -> None:
    """Write a message for the user to stderr, if that is open."""
    with suppress(OSError):
        for line in f"cachetui: {message}".split("\n"):
            click.echo(clean(line), err=True)


def underlined(error: QuerySyntaxError) -> str:
    """The message of a query error, the query, and carets under the characters in question."""
    from unicodedata import east_asian_width

    first = max(error.spans[0][0] - EXCERPT // 2, 0) if len(error.text) > EXCERPT else 0
    shown = error.text[first : first + EXCERPT]
    marks = error.underline()[first : first + EXCERPT + 1]
    widths = [2 if east_asian_width(c) in "WF" else 1 for c in shown]
    carets = "".join(mark * width for mark, width in zip(marks, [*widths, 1], strict=False))
    before, after = "... " if first else "", " ..." if first + EXCERPT < len(error.text) else ""
    return f"{error}\n  {before}{clean(shown)}{after}\n  {' ' * len(before)}{carets}"


class ProgressLine:
    """A line on a terminal that is overwritten; elsewhere, nothing."""

    def __init__(self) -> None:
        self._shown = False
        terminal = sys.stderr is not None and sys.stderr.isatty()
        self._enabled = terminal and os.environ.get("TERM") != "dumb"

    def show(self, progress: Progress) -> None:
        """Replace the line by the current progress."""
        if self._enabled:
            text = f"{progress.phase} {progress.source[:30]}: {progress.share:.0%}, {progress.numbers}"
            if len(progress.mirrors) > 1:
                text = progress.states
            click.echo(f"\r{clean(text)[:79]}\x1b[K", err=True, nl=False)
            self._shown = True

    def clear(self) -> None:
        """Erase the line."""
        if self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)
