"""What a command brings in: the start of the program is as long as what it imports."""

from __future__ import annotations

import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import cachetui
from tests.builders.homes import home_variables

BROWSER = {"textual", "rich"}
READING = {"msgspec", "sqlite3", "yaml", "rapidfuzz", "pyroaring"}

RUN = """
import sys
from cachetui.cli import run
if sys.argv[1:]:
    run(sys.argv[1:])
print("\\nMODULES", *sys.modules, file=sys.stderr)
"""

ALONE = """
import asyncio, click, importlib, msgspec, os, pyroaring, sqlite3, sys, yaml  # once for all, as they are slow
for name in sys.argv[1:]:
    if (child := os.fork()) == 0:
        importlib.import_module(name)
        # httpx brings in rich for a command line of its own
        found = ({"textual"} if "httpx" in sys.modules else {"textual", "rich"}).intersection(sys.modules)
        print(name, *sorted(found), flush=True)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print(name, "cannot be imported alone", flush=True)
"""

HEADLESS = sorted(
    module.name
    for module in pkgutil.walk_packages(cachetui.__path__, "cachetui.")
    if not module.name.startswith("cachetui.tui")
)


def python(code: str, arguments: tuple[str, ...], home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **home_variables(home)},
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )


def brought_in(arguments: tuple[str, ...], home: Path) -> set[str]:
    """The top-level modules that a command leaves in `sys.modules`."""
    last = python(RUN, arguments, home).stderr.splitlines()[-1]
    marker, *modules = last.split()
    assert marker == "MODULES"
    return {module.partition(".")[0] for module in modules}


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("list", "sample"),
        ("packages", "-s", "hdf5", "sample"),
        ("show", "4ita2a4", "sample"),
        ("paths",),
        ("--help",),
    ],
    ids=lambda arguments: " ".join(arguments) or "import",
)
def test_commands_do_not_import_the_browser(arguments: tuple[str, ...], tmp_path: Path) -> None:
    modules = brought_in(arguments, tmp_path)
    assert "cachetui" in modules
    assert not modules & BROWSER


@pytest.mark.parametrize("arguments", [(), ("--help",), ("--version",), ("list", "--help")], ids=str)
def test_help_imports_nothing_that_reads(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert not brought_in(arguments, tmp_path) & (BROWSER | READING)


def test_each_module_below_the_browser_can_be_imported_alone(tmp_path: Path) -> None:
    assert "cachetui.refresh" in HEADLESS
    assert python(ALONE, tuple(HEADLESS), tmp_path).stdout.split("\n") == [*HEADLESS, ""]
