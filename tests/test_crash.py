"""A crash is one line, a code and a report of its own, in which nothing is secret."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cachetui import crash, paths
from cachetui.secret import Secret
from tests.builders.mirrors import index, v2
from tests.servers.faults import faulty
from tests.terminal.harness import ROOT, Terminal, environment

SECRET = "hunter2-and-more"
RUN = """
import sys
import {module} as module
owner = module
*names, last = {name!r}.split(".")
for name in names:
    owner = getattr(owner, name)
def broken(*arguments, **options):
    password = {secret!r}
    raise {error}
setattr(owner, last, broken)
from cachetui.__main__ import main
main()
"""
RAISED = [
    f"RuntimeError('https://me:{SECRET}@h/m?sig={SECRET}')",
    f"KeyError('{SECRET}')",
    f"ValueError('bad value \\'{SECRET}\\', password={SECRET}')",
    "RecursionError('deep')",
]


def ended(
    home: Path, error: str, module: str, name: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    code = RUN.format(module=module, name=name, secret=SECRET, error=error)
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment(home),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("error", RAISED)
def test_an_unexpected_error_is_one_line_and_a_private_report(tmp_path: Path, error: str) -> None:
    done = ended(tmp_path, error, "cachetui.search.engine", "Engine.select", "list", "sample", "-q", "zlib")
    assert done.returncode == crash.CRASHED
    (line,) = done.stderr.splitlines()
    report = Path(line.rpartition("the report is ")[2])
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert "engine" in report.read_text() or "searching.py" in report.read_text()
    assert error.partition("(")[0] in line
    written = [done.stdout, done.stderr, *(f.read_bytes().decode("latin-1") for f in tmp_path.rglob("*.*"))]
    assert not any(SECRET in text for text in written if "sqlite" not in text[:20])


@pytest.mark.parametrize("command", [[], ["pick"]], ids=["browse", "pick"])
def test_a_crash_of_the_browser_shows_and_stores_no_secret(tmp_path: Path, command: list[str]) -> None:
    with faulty(v2("/m", index(1))) as server:
        url = f"http://me:{SECRET}@{server.url.removeprefix('http://')}/m?sig={SECRET}"
        code = RUN.format(
            module="cachetui.tui.widgets.spec_table",
            name="SpecTable.show_signs",
            secret=SECRET,
            error=RAISED[0],
        )
        program = [sys.executable, "-c", code, *command, url]
        with Terminal(program, environment(tmp_path, AWS_SECRET_ACCESS_KEY=SECRET)) as shown:
            assert shown.exit_code() == crash.CRASHED
            assert shown.echoes and "cachetui: crashed, RuntimeError at " in shown.text
            assert SECRET.encode() not in shown.raw
    (report,) = tmp_path.rglob("crashes/*.txt")
    assert "spec_table" in report.read_text() or "browse" in report.read_text()
    assert not [
        file for file in tmp_path.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()
    ]


def test_out_of_memory_is_one_line(tmp_path: Path) -> None:
    done = ended(
        tmp_path, "MemoryError()", "cachetui.search.engine", "Engine.select", "list", "sample", "-q", "x"
    )
    assert (done.returncode, done.stderr) == (crash.CRASHED, "cachetui: out of memory\n")


def test_a_bounded_number_of_reports_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(paths, "crash_dir", lambda: tmp_path)
    for number in range(crash.KEPT + 5):
        (tmp_path / f"2020-01-01-{number:06}-1.txt").write_text("")
    newest = crash.write_report(ValueError(Secret(SECRET)))
    assert len(list(tmp_path.iterdir())) == crash.KEPT and newest.exists()
