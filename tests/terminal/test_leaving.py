"""The browser is left while a catalog is compiled, in a step that does not end."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests.builders.mirrors import mirror
from tests.terminal.harness import Terminal, environment

STUCK = """
import pathlib, threading
from cachetui.__main__ import main
from cachetui.catalog.compile import compiler
def rows(staging):
    pathlib.Path({reached!r}).touch()
    threading.Event().wait()
compiler.Rows = rows
main()
"""


@pytest.mark.parametrize(("how", "code"), [("q", 130), ("\x03", 130), (signal.SIGTERM, 143)])
def test_a_compile_that_is_left_leaves_no_file(tmp_path: Path, how: str | signal.Signals, code: int) -> None:
    reached, home = tmp_path / "reached", tmp_path / "home"
    program = [sys.executable, "-c", STUCK.format(reached=str(reached)), mirror(tmp_path / "m", 1, 2)]
    with Terminal(program, environment(home)) as shown:
        shown.wait_for(reached.exists)
        assert list(home.rglob(".*.sqlite.*")), "the file that is written"
        if isinstance(how, str):
            shown.send(how)
        else:
            shown.process.send_signal(how)
        assert shown.exit_code() == code
        shown.wait_for(lambda: not shown.session())
        assert not list(home.rglob("*.sqlite*"))
