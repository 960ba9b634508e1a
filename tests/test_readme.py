"""Each command of the README is one that the program takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from cachetui.cli import FOUND, NOTHING_FOUND, cli, run

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

_FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_MARKED = re.compile(r"<!-- (start|test) command -->\s*```sh\n([^\n]+)\n```")
_REDIRECTED = {"|", "||", "&&", ";", ">", ">>", "<", "2>", "&"}
_RUN = {"list", "packages", "show", "paths"}
"""The others open the browser."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


def command_lines(text: str) -> list[list[str]]:
    """The arguments of each line that begins with `cachetui`, in fences that are marked `sh`."""
    found = []
    for fence in _FENCE.findall(text):
        for line in fence.replace("\\\n", " ").splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if words[:1] == ["cachetui"]:
                end = next((i for i, word in enumerate(words) if word in _REDIRECTED), len(words))
                found.append(words[1:end])
    return found


def parsed(arguments: list[str]) -> tuple[str, tuple[str, ...]]:
    """(command, its locations) as the program reads a line. Raises click's UsageError."""
    name, *rest = arguments if arguments[:1] and arguments[0] in cli.commands else ["browse", *arguments]
    with cli.commands[name].make_context(name, rest) as context:
        return name, context.params.get("locations", ())


COMMAND_LINES = command_lines(README)
MARKED = dict(_MARKED.findall(README))


def test_command_lines_are_found() -> None:
    text = "```sh\n$ cachetui list -q 'a b' | head  # some\nls\ncachetui \\\n  sample\n```\n"
    text += "```\ncachetui no\n```\n"
    assert command_lines(text) == [["list", "-q", "a b"], ["sample"]]


@pytest.mark.skipif(not COMMAND_LINES, reason="the README has no commands yet")
@pytest.mark.parametrize("arguments", COMMAND_LINES, ids=shlex.join)
def test_command_is_understood(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    if arguments[-1:] in (["--help"], ["--version"]):
        assert run(list(arguments)) == FOUND
        assert capsys.readouterr().out
        return
    name, locations = parsed(arguments)
    if name in _RUN and set(locations) <= {"sample"}:
        code = run(list(arguments))
        assert code in (FOUND, NOTHING_FOUND), capsys.readouterr().err


@pytest.mark.skipif(not MARKED, reason="the README has no marked commands yet")
def test_marked_commands() -> None:
    """What the continuous integration runs."""
    assert set(MARKED) == {"start", "test"}
    assert " -e '.[test]' " in MARKED["test"]
    assert MARKED["test"].endswith(".venv/bin/pytest")
