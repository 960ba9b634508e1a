"""Keys in a real terminal: the time until the last byte has come back, the bytes; and what idling costs."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from tests.bench.bench import PROGRAM, Bench
from tests.bench.processes import cpu_ticks
from tests.bench.report import Row, p95_row
from tests.bench.start import painted_texts
from tests.terminal.harness import Terminal

LARGE = 60_000
"""Up to here the budgets of small indexes hold."""

TYPED_MS, TYPED_MS_LARGE = 16.0, 33.0
TOGGLE_MS, TOGGLE_MS_LARGE = 16.0, 50.0
ARROW_MS, ARROW_BYTES = 5.0, 600.0
PAGE_MS, PAGE_BYTES = 25.0, 8_000.0
DIALOG_MS, DIALOG_BYTES = 100.0, 20_000.0

REPEAT = 0.025
"""Seconds without a byte after which the next key of a held one comes: about 30 a second."""

QUIET = 0.1
"""Seconds without a byte after which an answer is over; they do not count."""

PATIENCE = 1.0
"""Seconds after which a key that nothing comes back for has no answer."""

LEAST_KEYS = 50
IDLE_SECONDS = 3.0
QUERIES = ("hdf5 +mpi %gcc@12: target=x86_64_v3:", "py-num", "openmpi ^zlib-ng") * 2
FACET_LINES = 32
TOGGLES = 4
"""Times that each facet value is chosen or taken back."""

LINES = {"packages": 13, "table": 16}
"""Lines that the cursor goes down and up again, by pane; no pane scrolls for so many."""

CHOSEN = "■"
"""The sign of a chosen facet value."""

ESCAPE = "\x1b"
UP, DOWN, PAGE_DOWN = "\x1b[A", "\x1b[B", "\x1b[6~"
DELETE_BEFORE = "\x15"
DIALOGS = {
    "help": "?",
    "mirrors": "m",
    "copy menu": "Y",
    "columns": "c",
    "commands": "\x10",
    "themes": "\x14",
    "problems": "!",
    "open build": "\r",
    "depends on": "d",
    "used by": "D",
    "compare": "=",
    "changes": "t",
    "coverage": "#",
    "hosts": "H",
}
"""Keys that open a dialog or a screen, from the table."""

COMPARED = 4
"""Builds that are marked, and compared."""

TO_PANE = {"packages": (), "table": ("\t", "\t")}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a key: after how long, how much."""

    ms: float
    size: int


@contextmanager
def browser(bench: Bench, size: int) -> Iterator[Terminal]:
    """The browser on a compiled index, at rest."""
    compiled = bench.compiled(size)
    command = [*PROGRAM, str(compiled.location)]
    with Terminal(command, bench.environ(compiled.home)) as terminal:
        for text in painted_texts(size):
            terminal.wait_for(text)
        terminal.until_quiet(1.0)
        press(terminal, ESCAPE)  # from the query to the panes
        yield terminal


def press(terminal: Terminal, key: str, quiet: float = QUIET) -> Answer:
    """Press a key and read what it brings; the wait for the end of it does not count."""
    began = perf_counter()
    terminal.send(key)
    pieces = terminal.record(quiet, PATIENCE)
    for _, data in pieces:
        terminal.draw(data)
    ms = (pieces[-1][0] - began) * 1000 if pieces else 0.0
    return Answer(ms, sum(len(data) for _, data in pieces))


def type_queries(terminal: Terminal, quiet: float) -> list[Answer]:
    """Type queries one after the other; each character of them is an answer."""
    press(terminal, "/")
    answers = []
    for query in QUERIES:
        answers += [press(terminal, character, quiet) for character in query]
        press(terminal, DELETE_BEFORE)
    return answers


def toggle_facets(terminal: Terminal, quiet: float) -> list[Answer]:
    """Choose facet values and take them back, one line after the other."""
    press(terminal, "f")
    answers = []
    for _ in range(FACET_LINES):
        press(terminal, DOWN)
        for _ in range(TOGGLES):
            before = terminal.text.count(CHOSEN)
            answer = press(terminal, " ", quiet)
            # On headings the key does something else.
            answers += [answer] if terminal.text.count(CHOSEN) != before else []
    return answers


def go_up_and_down(terminal: Terminal, pane: str, quiet: float) -> list[Answer]:
    """Move the cursor within the lines that are shown."""
    for key in TO_PANE[pane]:
        press(terminal, key)
    there_and_back = [DOWN] * LINES[pane] + [UP] * LINES[pane]
    return [press(terminal, key, quiet) for key in there_and_back * 2]


def page_down(terminal: Terminal, pane: str, quiet: float) -> list[Answer]:
    """Page through a list, from the start again where it ends."""
    for key in TO_PANE[pane]:
        press(terminal, key)
    answers: list[Answer] = []
    for _ in range(3 * LEAST_KEYS):
        answer = press(terminal, PAGE_DOWN, quiet)
        if answer.size:
            answers.append(answer)
        else:
            press(terminal, "g")
        if len(answers) == LEAST_KEYS:
            break
    return answers


def open_dialogs(terminal: Terminal, times: int) -> dict[str, list[Answer]]:
    """Open each dialog some times, and close it again."""
    for key in TO_PANE["table"]:
        press(terminal, key)
    for _ in range(COMPARED):
        press(terminal, " ")
    answers: dict[str, list[Answer]] = {name: [] for name in DIALOGS}
    for _ in range(times):
        for name, key in DIALOGS.items():
            answers[name].append(press(terminal, key))
            press(terminal, ESCAPE, 2 * QUIET)  # a lone Esc is waited for
    return answers


def measure(bench: Bench, size: int) -> list[Row]:
    """All keys, each kind in a browser of its own."""
    large = size > LARGE
    typed_ms = TYPED_MS_LARGE if large else TYPED_MS
    toggle_ms = TOGGLE_MS_LARGE if large else TOGGLE_MS
    rows = []
    for name, budget, answer in (
        ("typed character", typed_ms, type_queries),
        ("facet toggle", toggle_ms, toggle_facets),
    ):
        with browser(bench, size) as terminal:
            answers = answer(terminal, REPEAT)
        rows += _p95_rows(name, size, answers, budget)
        with browser(bench, size) as terminal:
            answers = answer(terminal, QUIET)
        rows += _p95_rows(f"{name}, until the details follow", size, answers, None)
    for pane in TO_PANE:
        with browser(bench, size) as terminal:
            answers = go_up_and_down(terminal, pane, REPEAT)
        rows += _median_rows(f"arrow, {pane}", size, answers, ARROW_MS, ARROW_BYTES)
        with browser(bench, size) as terminal:
            answers = page_down(terminal, pane, REPEAT)
        rows += _median_rows(f"page down, {pane}", size, answers, PAGE_MS, PAGE_BYTES)
        with browser(bench, size) as terminal:
            answers = go_up_and_down(terminal, pane, QUIET)
        rows += _median_rows(f"arrow, {pane}, until the other panes follow", size, answers, None, None)
    with browser(bench, size) as terminal:
        opened = open_dialogs(terminal, bench.runs)
    rows += _dialog_rows(size, opened)
    with browser(bench, size) as terminal:
        return rows + idle(terminal, size)


def idle(terminal: Terminal, size: int) -> list[Row]:
    """What comes and what is spent while nobody presses a key."""
    before = cpu_ticks(terminal.process.pid)
    came = sum(len(data) for _, data in terminal.record(IDLE_SECONDS, IDLE_SECONDS))
    seconds = (cpu_ticks(terminal.process.pid) - before) / os.sysconf("SC_CLK_TCK")
    percent = float(round(100 * seconds / IDLE_SECONDS))
    return [
        Row("idle", size, float(came), "B", 0.0, note=f"in {IDLE_SECONDS:.0f} s"),
        Row("idle, processor", size, percent, "%", 0.0, note=f"{seconds:.2f} s in {IDLE_SECONDS:.0f} s"),
    ]


def _p95_rows(name: str, size: int, answers: Sequence[Answer], budget: float | None) -> list[Row]:
    assert len(answers) >= LEAST_KEYS, f"{name}: only {len(answers)} keys did something"
    times = p95_row(f"{name}, p95", size, [answer.ms for answer in answers], "ms", budget)
    return [times, _bytes_row(name, size, answers, None)]


def _median_rows(
    name: str, size: int, answers: Sequence[Answer], budget_ms: float | None, budget_bytes: float | None
) -> list[Row]:
    assert len(answers) >= LEAST_KEYS, f"{name}: only {len(answers)} keys did something"
    times = [answer.ms for answer in answers]
    note = f"{len(times)} keys, worst {max(times):.1f} ms"
    row = Row(name, size, statistics.median(times), "ms", budget_ms, note=note)
    return [row, _bytes_row(name, size, answers, budget_bytes)]


def _dialog_rows(size: int, opened: Mapping[str, Sequence[Answer]]) -> list[Row]:
    """The slowest and the largest of them; each by the median of its runs."""
    times = {name: statistics.median(answer.ms for answer in answers) for name, answers in opened.items()}
    sizes = {name: statistics.median(answer.size for answer in answers) for name, answers in opened.items()}
    assert all(sizes.values()), f"nothing was painted: {sizes}"
    slowest, largest = max(times, key=times.__getitem__), max(sizes, key=sizes.__getitem__)
    return [
        Row("dialog opened, slowest", size, times[slowest], "ms", DIALOG_MS, note=slowest),
        Row("dialog opened, bytes of the largest", size, sizes[largest], "B", DIALOG_BYTES, note=largest),
    ]


def _bytes_row(name: str, size: int, answers: Sequence[Answer], budget: float | None) -> Row:
    sizes = [answer.size for answer in answers]
    return Row(f"{name}, bytes", size, statistics.median(sizes), "B", budget, note=f"worst {max(sizes):,}")
