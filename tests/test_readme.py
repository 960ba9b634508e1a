"""What the README says holds: its commands, queries and plain words, and the tables made from the program."""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path

import pytest

from cachetui.cli import cli, run
from cachetui.cli.exit_codes import FOUND, NOTHING_FOUND
from cachetui.query import LANGUAGE
from cachetui.search import Engine, Selection
from cachetui.spec import Dependency, Place
from tests import readme
from tests.conftest import Call, CatalogOf, build, dag_hash

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

_FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SESSION = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_MARKED = re.compile(r"<!-- (start|test) command -->\s*```sh\n([^\n]+)\n```")
_REDIRECTED = {"|", "||", "&&", ";", ">", ">>", "<", "2>", "&"}
_RUN = {"list", "packages", "show", "paths"}
"""The others open the browser."""


pytestmark = pytest.mark.usefixtures("home")


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


def sessions(text: str) -> list[tuple[str, list[str]]]:
    """(command line, what it prints) in fences that are marked `console`."""
    found: list[tuple[str, list[str]]] = []
    for fence in _SESSION.findall(text):
        for line in fence.splitlines():
            if line.startswith("$ "):
                found.append((line.removeprefix("$ "), []))
            else:
                found[-1][1].append(line)
    return found


def parsed(arguments: list[str]) -> tuple[str, tuple[str, ...]]:
    """(command, its locations) as the program reads a line. Raises click's UsageError."""
    name, *rest = arguments if arguments[:1] and arguments[0] in cli.commands else ["browse", *arguments]
    with cli.commands[name].make_context(name, rest) as context:
        return name, context.params.get("locations", ())


COMMAND_LINES = command_lines(README)
SESSIONS = sessions(README)
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


# Commands and what they print


def is_printed(wanted: list[str], printed: list[str]) -> bool:
    """Whether lines are those that a session shows; `...` stands for any number of lines."""
    patterns = [".*" if line == "..." else re.escape(line) + "\n" for line in wanted]
    return re.fullmatch("".join(patterns), "".join(f"{line}\n" for line in printed), re.DOTALL) is not None


def test_left_out_lines() -> None:
    assert is_printed(["...", "b", "..."], ["a", "b", "c"])
    assert not is_printed(["...", "b"], ["a", "b", "c"])
    assert not is_printed(["b", "..."], ["a", "b"])


@pytest.mark.parametrize(("line", "wanted"), SESSIONS, ids=[line for line, _ in SESSIONS])
def test_session_prints_what_the_readme_shows(
    line: str, wanted: list[str], call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    piped, _, command = line.rpartition(" | ")
    if piped:
        # `printf` alone: its text, without a shell
        _, text = shlex.split(piped)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.replace("\\n", "\n").encode())))
    name, *arguments = shlex.split(command)
    assert name == "cachetui"
    done = call(*arguments)
    assert done.code in (FOUND, NOTHING_FOUND), done.err
    printed = done.out.replace(str(ROOT), "/path/to/cachetui").splitlines()
    assert is_printed(wanted, printed), done.out


def test_sessions_are_of_every_answer() -> None:
    commands = {shlex.split(line.rpartition(" | ")[2])[1] for line, _ in SESSIONS}
    assert {"diff", "show", "list", "packages", "check", "coverage", "pick"} <= commands


# What is made from the program


def test_tables_are_those_of_the_program() -> None:
    assert readme.renewed(README) == README, "run: python tests/readme.py"


def test_picture_is_small_and_loads_nothing() -> None:
    (name,) = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    svg = (ROOT / name).read_text(encoding="utf-8")
    assert len(svg.encode()) <= 150_000
    assert re.findall(r"https?://[^\"]+", svg) == ["http://www.w3.org/2000/svg"]
    assert str(Path.home()) not in svg


# Plain words, over the sample

_WORDS = re.compile(r"^\| `([^`]+)` \| `([^`]+)` \|$", re.MULTILINE)
PLAIN_WORDS = _WORDS.findall(README[README.index("| typed | read as |") :].partition("\n\n")[0])


def test_plain_words_are_found() -> None:
    assert ("hdf5 mpi", "hdf5 +mpi") in PLAIN_WORDS


@pytest.mark.parametrize(("typed", "spec"), PLAIN_WORDS)
def test_plain_words_are_read_as_the_readme_says(typed: str, spec: str, call: Call) -> None:
    found, wanted = call("list", "sample", "-v", "-s", typed), call("list", "sample", "-q", spec)
    assert f"read as: {spec}\n" in found.err
    assert found.lines == wanted.lines
    assert len(found.lines) > 1


# The table of what can be typed

_ROW = re.compile(r"^\| `([^`]+)` \| (.+) \|$", re.MULTILINE)
_PICKED = "3ocg37b".ljust(32, "a")
_GIT = "git.main=1.14.2"

SPECS = [
    build(1, "hdf5", version="1.14.6", variants=(("mpi", True),), namespace="builtin"),
    build(2, "hdf5", version="1.10", variants=(("api", "v18"), ("mpi", False)), namespace="mine"),
    build(3, "hdf5", version=_GIT, variants=(("build_type", "Release"), ("languages", ("c", "c++")))),
    build(4, "zlib-ng", version="2.2.3", variants=(("compat", True), ("shared", False)), os="rhel8"),
    build(5, "openmpi", version="5", compilers=("clang@17.0.6",), flags=(("cflags", ("-O3", "-g")),)),
    build(6, "cmake", version="3", target="zen3", compilers=("gcc@11.4.0",), dag_hash=_PICKED),
    build(
        7,
        "netcdf-c",
        version="4",
        os="ubuntu22.04",
        places=(Place("m", "develop", "e4s"),),
        dependencies=(
            Dependency("openmpi", dag_hash(5), ("link",), ("mpi",)),
            Dependency("zlib-ng", dag_hash(4), ("link",), ("zlib-api",)),
        ),
    ),
    build(8, "llvm", version="18", spec_format=5, compilers=None),
    build(
        9,
        "kokkos",
        version="4",
        spec_format=5,
        compilers=None,
        dependencies=(Dependency("llvm", dag_hash(8), ("build",), ("c", "cxx")),),
    ),
]
NUMBERS = {spec.dag_hash: number for number, spec in enumerate(SPECS, 1)}

FOUND_BY = {
    "hdf5": {1, 2, 3},
    "@1.14": {1, 3},
    "@=1.14.6": {1},
    "@1.12:1.14": {1, 3},
    "@git.main": {3},
    "+mpi": {1},
    "build_type=Release": {3},
    "api=*": {2},
    "++shared": {1, 2, 3, 5, 6, 8, 9},
    'cflags="-O3 -g"': {5},
    "%gcc@12:": {1, 2, 3, 4, 7},
    "%c,cxx=clang": {9},
    "target=x86_64_v3": {1, 2, 3, 4, 5, 7, 8, 9},
    "target=:x86_64_v3": {1, 2, 3, 4, 5, 7, 8, 9},
    "os=ubuntu22.04": {7},
    "^zlib-ng@2.2+compat": {7},
    "^mpi": {7},
    "^[virtuals=mpi] openmpi": {7},
    "mpi": {5},
    "/3ocg37b": {6},
    "builtin.hdf5": {1},
    "stack=e4s": {7},
}
"""Example of the table to the numbers of the builds that it finds."""


def test_table_matches_the_language() -> None:
    assert tuple(_ROW.findall(README[README.index("| typed | means |") :])[: len(LANGUAGE)]) == LANGUAGE
    assert list(FOUND_BY) == [example for example, _ in LANGUAGE]


@pytest.mark.parametrize("example", FOUND_BY)
def test_example_finds_its_builds(example: str, catalog_of: CatalogOf) -> None:
    catalog = catalog_of(SPECS)
    result = Engine(catalog).select(Selection(example, exact=True))
    assert {NUMBERS[catalog.dag_hash(row)] for row in result.rows} == FOUND_BY[example]


@pytest.mark.parametrize("meaning", [meaning for _, meaning in LANGUAGE])
def test_examples_in_the_explanations_can_be_typed_too(meaning: str, catalog_of: CatalogOf) -> None:
    engine = Engine(catalog_of(SPECS))
    for text in re.findall("`([^`]+)`", meaning):
        engine.select(Selection(f"{text}x" if text.endswith("=") else text))
