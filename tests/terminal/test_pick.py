"""`$(cachetui pick)`: the browser on the terminal, the choice on standard output."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.conftest import MIRROR_023
from tests.terminal.harness import Terminal, environment

PICK = [sys.executable, "-m", "cachetui", "pick", "sample", "-q", "py-werkzeug"]


def shell(line: str) -> list[str]:
    """A command line for the shell, in which `$@` picks."""
    return ["/bin/sh", "-c", line, "sh", *PICK]


def test_standard_output_gets_only_the_picked_build(tmp_path: Path) -> None:
    line = 'found=$("$@" --print name/hash); echo "code $? found <$found>"'
    with Terminal(shell(line), environment(tmp_path)) as shown:
        shown.wait_for("py-werkzeug")
        shown.wait_for("38 builds")
        shown.send("\r")
        shown.until_quiet()
        shown.send("G\r")
        shown.until_quiet()
        shown.send("G\r")
        shown.wait_for("code 0 found <py-werkzeug/")
        assert shown.exit_code() == 0


def test_quitting_without_a_choice_exits_with_130(tmp_path: Path) -> None:
    with Terminal(shell('found=$("$@"); echo "code $? found <$found>"'), environment(tmp_path)) as shown:
        shown.wait_for("38 builds")
        shown.send("q")
        shown.wait_for("code 130 found <>")
        assert shown.exit_code() == 0


@pytest.mark.parametrize("command", ["browse", "pick"])
def test_a_query_in_the_syntax_of_another_spack_is_refused(command: str, tmp_path: Path) -> None:
    started = [sys.executable, "-m", "cachetui", command, "-q", "hdf5 %gcc %mpi", str(MIRROR_023)]
    with Terminal(started, environment(tmp_path)) as shown:
        shown.wait_for("a spec has one compiler in Spack 0.23")
        assert shown.exit_code() == 2
