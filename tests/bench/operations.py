"""File operations: how many a start and `cachetui list` need, and a start where each takes a millisecond.

strace counts the system calls that take a path, and `fstat`, which is one of them on current systems
(`newfstatat`); the `execve` at the beginning does not count. The delay is injected into the same calls.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence

from tests.bench.bench import Bench
from tests.bench.installation import WITHOUT_CODE
from tests.bench.listing import FOUND_OR_NOT, QUERY, listing
from tests.bench.processes import wall_ms
from tests.bench.report import Row, median_row, ratio_row
from tests.bench.start import first_paint, turns

START_SHARE = 0.25
"""Of the file operations of the bare app."""

LIST_OPERATIONS = 250

DELAYED_SHARE = 0.4
"""Of the time of the bare app."""

STRACE = ("strace", "-f", "--seccomp-bpf", "-qq", "-ttt", "-e", "signal=none", "-e", "trace=%file")
DELAYED = (*STRACE, "-o", "/dev/null", "-e", "inject=%file:delay_enter=1000")
"""In microseconds."""

NOT_COUNTED = ("execve(", "<... ")
"""The start of the program, and the second half of a call that another thread interrupted."""


def measure(bench: Bench, size: int) -> list[Row]:
    """The rows of starts and of `list`; one that says so where there is no strace."""
    if not shutil.which("strace"):
        return [Row("file operations", size, note="there is no strace on the PATH")]
    return [*_starts(bench, size), *_lists(bench, size), *_delayed(bench, size)]


def _starts(bench: Bench, size: int) -> list[Row]:
    record = bench.homes / "strace"

    def count(command: Sequence[str], environ: Mapping[str, str], texts: Sequence[str]) -> float:
        paint = first_paint([*STRACE, "-o", str(record), *command], environ, texts)
        return sum(moment <= paint.epoch for moment in moments(record.read_text()))

    ours, without, theirs = turns(bench, size, count)
    name = "file operations of a start"
    return [
        median_row(name, size, ours, "ops"),
        median_row(f"{name} without the code cache", size, without, "ops"),
        median_row("file operations of a bare Textual app", size, theirs, "ops"),
        ratio_row(f"{name} / bare app", size, ours, theirs, START_SHARE),
    ]


def _lists(bench: Bench, size: int) -> list[Row]:
    compiled, record = bench.compiled(size), bench.homes / "strace"
    environ = bench.installed_environ(compiled.home)
    command = [*STRACE, "-o", str(record), *listing(bench, compiled, size)]

    def count(environ: Mapping[str, str]) -> float:
        wall_ms(command, environ, FOUND_OR_NOT)
        return len(moments(record.read_text()))

    ours, without = ([count(each) for _ in range(bench.runs)] for each in (environ, environ | WITHOUT_CODE))
    name = f"file operations of list -q {QUERY}"
    return [
        median_row(name, size, ours, "ops", LIST_OPERATIONS),
        median_row(f"{name} without the code cache", size, without, "ops"),
    ]


def _delayed(bench: Bench, size: int) -> list[Row]:
    ours, without, theirs = turns(
        bench, size, lambda command, *rest: first_paint([*DELAYED, *command], *rest).ms
    )
    name = "start with 1 ms a file operation"
    return [
        median_row(name, size, ours, "ms"),
        median_row(f"{name}, without the code cache", size, without, "ms"),
        median_row(f"{name}, bare Textual app", size, theirs, "ms"),
        ratio_row(f"{name} / bare app", size, ours, theirs, DELAYED_SHARE),
    ]


def moments(record: str) -> list[float]:
    """When each file operation of a record began, in seconds since the epoch."""
    lines = [line.split(maxsplit=2) for line in record.splitlines()]
    return [float(line[1]) for line in lines if len(line) == 3 and not line[2].startswith(NOT_COUNTED)]
