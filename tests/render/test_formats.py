"""Formats are tables of functions: the command line and its help follow them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cachetui.render import LIST_FORMATS, MIRROR_FORMATS, PACKAGE_FORMATS, PUBLIC_FORMATS, SHOW_FORMATS
from tests.conftest import Call

A_NEW_FORMAT = """
import sys
from cachetui.render import LIST_FORMATS

def names(catalog, rows):
    return (f"{catalog.column('package')[row]}!" for row in rows)

LIST_FORMATS["names"] = names

from cachetui.cli import run
sys.exit(run(sys.argv[1:]))
"""


def test_a_list_format_is_one_function_and_one_entry() -> None:
    def run(*arguments: str) -> str:
        command = [sys.executable, "-c", A_NEW_FORMAT, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert run("list", "-q", "hdf5", "--limit", "2", "--format", "names", "sample") == "hdf5!\nhdf5!\n"
    assert "[table|json|csv|hashes|specs|names]" in run("list", "--help")


@pytest.mark.parametrize(
    ("command", "formats"),
    [
        ("list", LIST_FORMATS),
        ("packages", PACKAGE_FORMATS),
        ("show", SHOW_FORMATS),
        ("mirrors", MIRROR_FORMATS),
        ("mirrors", PUBLIC_FORMATS),
    ],
)
def test_help_lists_the_formats(call: Call, command: str, formats: dict[str, object]) -> None:
    assert f"[{'|'.join(formats)}]" in call(command, "--help").out
