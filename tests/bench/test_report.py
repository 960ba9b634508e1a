"""What the benchmark makes of what it measured."""

from __future__ import annotations

import pytest

from tests.bench.operations import moments
from tests.bench.plot import chart, growth, markdown_growth
from tests.bench.report import Row, markdown_report, p95, text_report


@pytest.mark.parametrize(
    ("row", "verdict", "missed"),
    [
        (Row("a", 1, 5.0, "ms", 5.0), "ok", False),
        (Row("a", 1, 5.1, "ms", 5.0), "MISSED", True),
        (Row("a", 1, 5.1, "/s", 5.0, least=True), "ok", False),
        (Row("a", 1, 4.9, "/s", 5.0, least=True), "MISSED", True),
        (Row("a", 1, 0.0, "B", 0.0), "ok", False),
        (Row("a", 1, 1.0, "B", 0.0), "MISSED", True),
        (Row("a", 1, 1.0, "B"), "", False),
        (Row("a", note="no such program"), "skipped", False),
        (Row("a", note="it fell", crashed=True), "CRASHED", True),
    ],
)
def test_the_verdict_compares_with_the_budget(row: Row, verdict: str, missed: bool) -> None:
    assert (row.verdict, row.missed) == (verdict, missed)


def test_the_table_names_budget_and_share() -> None:
    row = Row("start", 60_000, 390.0, "ms", 300.0, note="5 runs")
    line = text_report([row]).splitlines()[1]
    assert " ".join(line.split()) == "start 60,000 <= 300.0 ms 390.0 ms 1.30 MISSED 5 runs"


def test_the_table_of_the_readme_has_one_line_for_each_measure() -> None:
    rows = [
        Row("--help", None, 40.0, "ms", 120.0),
        Row("key", 60_000, 14.0, "ms", 16.0),
        Row("key, bytes", 60_000, 800.0, "B"),
        Row("pages", 300_000, 3.5, "s"),
        Row("key", 400_000, 34.0, "ms", 33.0),
        Row("key, bytes", 400_000, 900.0, "B"),
        Row("spack", 400_000, note="not on the PATH"),
    ]
    assert markdown_report(rows, [60_000, 400_000]).splitlines() == [
        "| measure | 60,000 | 400,000 | budget |  |",
        "| --- | ---: | ---: | ---: | --- |",
        "| --help | 40.0 ms |  | <= 120.0 ms | ok |",
        "| key | 14.0 ms | 34.0 ms | <= 16.0 ms, <= 33.0 ms | MISSED |",
        "| key, bytes | 800 bytes | 900 bytes |  |  |",
        "| pages |  | 3.50 s (300,000) |  |  |",
        "| spack |  | skipped: not on the PATH |  | skipped |",
    ]


def test_p95_ignores_one_of_twenty() -> None:
    assert p95([1.0] * 20 + [9.0]) == 1.0
    assert p95([1.0] * 10 + [9.0] * 2) == 9.0


def test_charts_have_a_logarithmic_axis_of_sizes() -> None:
    lines = chart("start (ms)", [(1_000, 1.0), (10_000, 2.0), (100_000, 4.0)]).splitlines()
    columns = [line.index("*") for line in reversed(lines) if "*" in line]
    assert columns[1] - columns[0] == columns[2] - columns[1]


def test_growth_needs_two_sizes() -> None:
    rows = [Row("start", 1_000, 2.0, "ms"), Row("start", 10_000, 3.0, "ms"), Row("compile", 1_000, 1.0, "/s")]
    assert growth(rows[:1]) == ""
    assert growth(rows).splitlines()[-1].split() == ["start", "2.0", "ms", "3.0", "ms", "1.50"]
    assert markdown_growth(rows[:1]) == ""
    assert markdown_growth(rows).splitlines()[1:] == [
        "| --- | ---: | ---: | ---: |",
        "| start | 2.0 ms | 3.0 ms | 1.50 |",
    ]


def test_interrupted_calls_and_the_start_of_the_program_do_not_count_as_file_operations() -> None:
    record = """\
71    1764165600.000100 execve("/bin/x", ["x"], 0x7ffe /* 9 vars */) = 0
71    1764165600.000200 openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC <unfinished ...>
72    1764165600.000300 newfstatat(3, "", {st_mode=S_IFREG|0644, st_size=9, ...}, AT_EMPTY_PATH) = 0
71    1764165600.000400 <... openat resumed>) = 3
71    1764165600.0005"""
    assert moments(record) == [1764165600.0002, 1764165600.0003]
