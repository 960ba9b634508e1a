"""Colours of the command line: only for text, only where they are wanted, and nothing but colours."""

from __future__ import annotations

import re
from io import StringIO

import pytest

from cachetui.cli.colors import chosen_colors
from cachetui.render import ROLES
from tests.builders.homes import World
from tests.builders.mirrors import mirror
from tests.conftest import Call

pytestmark = pytest.mark.usefixtures("own_folder")

HDF5 = ("list", "-q", "hdf5", "sample")
CODE = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(StringIO):
    """A stream to a terminal."""

    def isatty(self) -> bool:
        return True


def uncoloured(text: str) -> str:
    """The text without codes, and without blanks that only colours would need."""
    return "".join(line.rstrip() + "\n" for line in CODE.sub("", text).splitlines())


@pytest.mark.parametrize("form", ["table", "specs"])
def test_colours_change_nothing_else_in_lists(call: Call, form: str) -> None:
    plain = call(*HDF5, "--format", form).out
    coloured = call(*HDF5, "--format", form, "--color", "always").out
    assert "\x1b" not in plain
    assert coloured.count("\x1b[") > 4 * coloured.count("\n")
    assert uncoloured(coloured) == plain


@pytest.mark.parametrize("form", ["json", "csv", "hashes"])
def test_data_is_never_coloured(call: Call, form: str) -> None:
    command = (*HDF5, "--format", form)
    assert call(*command, "--color", "always") == call(*command)


@pytest.mark.parametrize("command", [("show",), ("show", "--tree"), ("packages",), ("mirrors",)])
def test_colours_change_nothing_else(call: Call, world: World, command: tuple[str, ...]) -> None:
    world.mirrors(
        f"here: {mirror(world.folder / 'x', 1, 2)}",
        f"gone: {world.folder}/gone",
        "sources: {url: 'https://s.example', binary: false}",
    )
    hdf5 = call("list", "-q", "hdf5", "--format", "hashes", "sample").lines[0]
    arguments = (*command, hdf5, "sample") if "show" in command else command
    plain = call(*arguments)
    coloured = call(*arguments, "--color", "always")
    assert plain.code == coloured.code
    assert "\x1b" not in plain.out and "\x1b[" in coloured.out
    assert uncoloured(coloured.out) == plain.out


def test_parts_of_a_spec_have_the_colours_of_spack(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLORTERM", raising=False)
    line = call(*HDF5, "--format", "specs", "--color", "always").lines[0]
    for code, part in (("36", "@"), ("32", "%"), ("35", "arch="), ("94", "[~+]"), ("90", "/")):
        assert re.search(rf"\x1b\[{code}m{part}", line), part


def test_a_state_has_a_colour_of_its_own(call: Call, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLORTERM", raising=False)
    world.mirrors(f"here: {mirror(world.folder / 'x', 1)}", f"gone: {world.folder}/gone")
    _, here, gone = call("mirrors", "--color", "always").lines
    assert "\x1b[32mon this machine" in here
    assert "\x1b[31mfailed" in gone


@pytest.mark.parametrize(
    ("stream", "environ", "coloured"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (Terminal(), {"TERM": "xterm", "NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (Terminal(), {}, False),
        (StringIO(), {"TERM": "xterm"}, False),
        (StringIO(), {"TERM": "xterm", "CLICOLOR_FORCE": "1"}, True),
        (StringIO(), {"TERM": "xterm", "FORCE_COLOR": "1"}, True),
        (StringIO(), {"TERM": "xterm", "FORCE_COLOR": "0"}, False),
        (StringIO(), {"TERM": "xterm", "FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_auto(stream: StringIO, environ: dict[str, str], coloured: bool) -> None:
    line = (("1.2", "version"),)
    (text,) = chosen_colors("auto", stream, environ).texts([line])
    assert (text != "1.2") is coloured
    (text,) = chosen_colors("always", stream, environ).texts([line])
    assert text != "1.2"
    (text,) = chosen_colors("never", stream, environ).texts([line])
    assert text == "1.2"


@pytest.mark.parametrize(
    ("environ", "many"),
    [
        ({"TERM": "xterm"}, False),
        ({"TERM": "linux"}, False),
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "tmux-direct"}, True),
        ({"TERM": "xterm-ghostty"}, True),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, True),
    ],
)
def test_every_role_has_a_code(environ: dict[str, str], many: bool) -> None:
    colors = chosen_colors("always", StringIO(), environ)
    assert all(colors.codes(role)[0] for role in ROLES)
    assert ("38;5;" in colors.codes("version")[0]) is many


def test_colour_is_one_of_three(call: Call) -> None:
    done = call(*HDF5, "--color", "sometimes")
    assert done.code == 2 and "'sometimes' is not one of" in done.err
