"""The command line as a contract: what stands on stdout and on stderr, and the exit codes."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cachetui import __version__
from cachetui.__main__ import COMMANDS, are_locations
from cachetui.cli import cli
from cachetui.tui import start, terminal
from cachetui.version import version_key
from tests.conftest import Call
from tests.tools import program

FULL_HASH = re.compile(r"[a-z2-7]{32}")
KNOWN = "4ita2a4maf5q4nb644bguj2patsen7fs"
LIST_FORMATS = ("table", "json", "csv", "hashes", "specs")
pytestmark = pytest.mark.usefixtures("own_folder")

EVIL = "x\x1b[31m\r\x07\x9b2J\u202e\x7fy"


# Formats


def hashes_in(form: str, out: str) -> list[str]:
    """The hashes that a format holds, read back as whoever takes it would."""
    if form == "json":
        return [build["hash"] for build in json.loads(out)]
    if form == "csv":
        return [line["hash"] for line in csv.DictReader(out.splitlines())]
    lines = out.splitlines()
    if form == "table":
        assert lines[0].startswith("hash  ")
        return [line.split()[0] for line in lines[1:]]
    return [line.rpartition("/")[2].split()[0] for line in lines]


@pytest.mark.parametrize("form", LIST_FORMATS)
def test_list_formats_can_be_read_back(call: Call, form: str) -> None:
    done = call("list", "-q", "py-filelock", "--format", form, "sample")
    hashes = hashes_in(form, done.out)
    assert (done.code, done.err) == (0, "")
    assert len(set(hashes)) == len(hashes) == 125
    assert all(map(FULL_HASH.fullmatch, hashes))
    expected = call("list", "-q", "py-filelock", "--format", "hashes", "sample").lines
    assert sorted(hashes) == expected


def test_json_and_csv_hold_the_same(call: Call) -> None:
    builds = json.loads(call("list", "-q", "hdf5", "--format", "json", "sample").out)
    rows = list(csv.DictReader(call("list", "-q", "hdf5", "--format", "csv", "sample").lines))
    for key in ("hash", "version", "target", "os", "platform", "namespace"):
        assert [row[key] for row in rows] == [build[key] for build in builds]
    assert {row["package"] for row in rows} == {build["name"] for build in builds} == {"hdf5"}


def test_table_leaves_out_empty_columns(call: Call) -> None:
    heading = call("list", "-q", "hdf5", "sample").lines[0].split()
    assert "tags" not in heading
    assert "tags" in call("list", "-q", "py-wheel", "sample").lines[0].split()


@pytest.mark.parametrize(("form", "out"), [("table", ""), ("json", "[\n]\n"), ("hashes", ""), ("specs", "")])
def test_nothing_found(call: Call, form: str, out: str) -> None:
    done = call("list", "-q", "no-such-package", "--format", form, "sample")
    assert done == (1, out, "cachetui: no build of a package named no-such-package\n")


@pytest.mark.parametrize(("name", "alike"), [("filelock", "py-filelock"), ("pythn", "python")])
def test_nothing_found_names_similar_packages(call: Call, name: str, alike: str) -> None:
    done = call("list", "-q", name, "sample")
    assert (done.code, done.out) == (1, "")
    assert re.fullmatch(
        rf"cachetui: no build of a package named {name}; there is {alike}(, [a-z0-9-]+){{0,2}}\n", done.err
    )


def test_count(call: Call) -> None:
    assert call("list", "--count", "sample") == (0, "793\n", "")
    message = "cachetui: no build of a package named no-such-package\n"
    assert call("list", "--count", "-q", "no-such-package", "sample") == (1, "0\n", message)


@pytest.mark.parametrize("form", LIST_FORMATS)
def test_limit(call: Call, form: str) -> None:
    done = call("list", "--limit", "3", "--format", form, "sample")
    assert done.code == 0
    assert len(hashes_in(form, done.out)) == 3


def test_limit_of_nothing(call: Call) -> None:
    assert call("list", "--limit", "0", "--format", "hashes", "sample") == (0, "", "")
    assert call("packages", "--limit", "0", "--format", "names", "sample") == (0, "", "")


def test_sort_and_reverse(call: Call) -> None:
    def versions(sort: str) -> list[Any]:
        builds = json.loads(call("list", "--sort", sort, "--format", "json", "sample").out)
        return [version_key(build["version"]) for build in builds]

    assert versions("version") == sorted(versions("version"))
    assert versions("-version") == sorted(versions("version"), reverse=True)
    assert versions("hash") != versions("version")


def test_sort_by_hash(call: Call) -> None:
    ordered = call("list", "--format", "hashes", "sample").lines
    backwards = call("list", "--sort", "-hash", "--format", "csv", "sample").out
    assert hashes_in("csv", backwards) == ordered[::-1]


@pytest.mark.parametrize("sort", ["bogus", "-bogus", "-", "", "--hash"])
@pytest.mark.parametrize("more", [(), ("--count",)])
def test_sort_by_unknown_column(call: Call, sort: str, more: tuple[str, ...]) -> None:
    done = call("list", f"--sort={sort}", *more, "no-such-folder")
    if not sort:
        assert done.code == 3
        return
    assert (done.code, done.out) == (2, "")
    assert "--sort: there is no column" in done.err and "version, compiler" in done.err


def test_packages(call: Call) -> None:
    names = call("packages", "-s", "filelock", "--format", "names", "sample").lines
    assert names[0] == "py-filelock"
    listed = json.loads(call("packages", "-s", "filelock", "--format", "json", "sample").out)
    assert listed[0] == {"name": "py-filelock", "builds": 125}
    table = call("packages", "-s", "filelock", "--limit", "1", "sample").lines
    assert [line.split() for line in table] == [["package", "builds"], ["py-filelock", "125"]]
    assert call("packages", "-q", "py-filelock", "--format", "names", "sample").lines == ["py-filelock"]
    message = "cachetui: no build of a package named {}; there is py-filelock\n"
    assert call("packages", "-q", "filelock", "sample") == (1, "", message.format("filelock"))
    found = call("packages", "-s", "zzqqzzqqzz", "--format", "json", "sample")
    assert found == (1, "[]\n", "cachetui: no package has a name like zzqqzzqqzz\n")


def test_any_text_can_be_searched(call: Call) -> None:
    for text in ("hdf5 ^mpi", "+", "@:", "'", EVIL):
        done = call("packages", "-s", text, "--format", "names", "sample")
        printable = "".join(c if c.isprintable() else "\ufffd" for c in text)
        nothing = (1, "", f"cachetui: no package has a name like {printable}\n")
        assert done == (nothing if done.code else (0, done.out, "")) and bool(done.out) is not bool(done.code)


def test_packages_knows_aliases(call: Call, tmp_path: Path) -> None:
    config = tmp_path / "home" / "config" / "cachetui" / "config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text("aliases: {lock: py-filelock}")
    assert call("packages", "-s", "lock", "--format", "names", "sample").lines[0] == "py-filelock"


@pytest.mark.parametrize("wanted", [KNOWN, KNOWN[:7], f"/{KNOWN[:7]}", f"py-filelock/{KNOWN}", KNOWN.upper()])
def test_show(call: Call, wanted: str) -> None:
    text = call("show", wanted, "sample")
    assert (text.code, text.err) == (0, "")
    assert f"hash          {KNOWN}" in text.lines
    assert json.loads(call("show", wanted, "--format", "json", "sample").out)["hash"] == KNOWN


def test_show_tree(call: Call) -> None:
    hdf5 = call("list", "-q", "hdf5", "--format", "hashes", "sample").lines[0]
    builds = json.loads(call("show", hdf5, "--tree", "--format", "json", "sample").out)
    assert (builds[0]["name"], builds[0]["hash"]) == ("hdf5", hdf5)
    text = call("show", hdf5, "--tree", "sample").lines
    tree = text[text.index("tree") + 1 :]
    assert [line[:7] for line in tree] == [build["hash"][:7] for build in builds]
    assert len(tree) > 5


def test_table_marks_externals(call: Call) -> None:
    externals = {b["hash"]: b["external"] for b in json.loads(call("list", "--format", "json", "sample").out)}
    heading, *lines = call("list", "sample").lines
    start = heading.index("external")
    printed = {line.split()[0]: line[start:].split("  ")[0] or None for line in lines}
    assert printed == externals
    assert sum(path is not None for path in printed.values()) == 12
    assert "external" not in call("list", "-q", "hdf5", "sample").lines[0].split()


def test_tree_marks_externals(call: Call) -> None:
    hdf5 = call("list", "-q", "hdf5", "--format", "hashes", "sample").lines[0]
    builds = json.loads(call("show", hdf5, "--tree", "--format", "json", "sample").out)
    text = call("show", hdf5, "--tree", "sample").lines
    printed = [line.partition("  [external at ")[2] for line in text[text.index("tree") + 1 :]]
    assert printed == [f"{build['external']}]" if build["external"] else "" for build in builds]
    assert any(printed) and not printed[0]


def test_paths(call: Call, tmp_path: Path) -> None:
    done = call("paths")
    found = dict(line.split(maxsplit=1) for line in done.lines)
    assert done.code == 0
    assert list(found) == ["config", "site", "catalogs", "previous", "downloads", "state", "styles", "sample"]
    assert found["catalogs"].startswith(str(tmp_path))
    assert Path(found["styles"], "app.tcss").is_file()


@pytest.mark.parametrize("command", [(), ("list",), ("packages",), ("show",), ("browse",), ("paths",)])
def test_help(call: Call, command: tuple[str, ...]) -> None:
    done = call(*command, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: {' '.join(('cachetui', *command))}")


def test_version(call: Call) -> None:
    assert call("--version") == (0, f"cachetui, version {__version__}\n", "")


# Wrong usage


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ("hdf5+", 4),
        ("hdf5 +mpi+mpi", 9),
        ("@", 0),
        ("hdf5@=", 4),
        ("hdf5 & (", 5),
        ("hdf5 zlib", 5),
        (f"hdf5{EVIL}", 5),
    ],
)
@pytest.mark.parametrize("command", ["list", "packages"])
def test_wrong_query_has_a_caret_under_it(call: Call, command: str, query: str, column: int) -> None:
    done = call(command, "-q", query, "no-such-folder")
    _, shown, underline = done.err.splitlines()
    assert (done.code, done.out) == (2, "")
    assert shown == "  " + "".join(c if c.isprintable() else "\ufffd" for c in query)
    assert underline.index("^") - 2 == column


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("list", "--format", "xml"), "'xml' is not one of"),
        (("list", "--limit", "-1"), "-1 is not in the range"),
        (("list", "--nothing"), "No such option"),
        (("show",), "Missing argument 'HASH'"),
        (("show", "not-a-hash", "sample"), "'not-a-hash' is not a DAG hash"),
        (("show", EVIL, "sample"), "is not a DAG hash"),
        (("show", "a", "sample"), "type more characters"),
        (("paths", "sample"), "unexpected extra argument"),
        (("--nothing",), "No such option"),
    ],
)
def test_wrong_usage_is_one_line(call: Call, arguments: tuple[str, ...], text: str) -> None:
    done = call(*arguments)
    (line,) = done.err.splitlines()
    assert (done.code, done.out) == (2, "")
    assert line.startswith("cachetui: ") and text in line and line.isprintable()


def test_unknown_hash(call: Call) -> None:
    for wanted in ("7" * 32, f"hdf5/{KNOWN}"):
        done = call("show", wanted, "sample")
        assert (done.code, done.out) == (1, "")
        assert done.err == f"cachetui: no build has a hash that begins with {wanted!r}\n"


@pytest.mark.parametrize(
    ("arguments", "locations", "mouse"),
    [
        ((), (), True),
        (("--no-mouse",), (), False),
        (("--no-mouse", "sample"), ("sample",), False),
        (("a", "--no-mouse", "b"), ("a", "b"), False),
        (("./list",), ("./list",), True),
        (("--", "list"), ("list",), True),
        (("browse", "list"), ("list",), True),
    ],
)
def test_browse_is_the_default_command(
    call: Call, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], locations: object, mouse: bool
) -> None:
    opened: list[tuple[object, bool]] = []

    def run_app(locations: object, config: object, options: object, mouse: bool) -> SimpleNamespace:
        opened.append((locations, mouse))
        return SimpleNamespace(return_code=0)

    monkeypatch.setattr(terminal, "refusal", lambda: None)
    monkeypatch.setattr(start, "run_app", run_app)
    assert call(*arguments) == (0, "", "")
    assert opened == [(locations, mouse)]


@pytest.mark.parametrize("arguments", [(), ("sample",), ("--no-mouse", "./list"), ("browse",)])
def test_browser_refuses_without_a_terminal(arguments: tuple[str, ...]) -> None:
    done = program(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1 and "`cachetui list` works without one" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("hdf5",), "-q hdf5"),
        (("hdf5@1.14", "+mpi"), "-q 'hdf5@1.14 +mpi'"),
        (("sample", "hdf5", "mpi"), "sample -s 'hdf5 mpi'"),
        (("browse", "--no-mouse", "hdf5"), "browse --no-mouse -q hdf5"),
        (("pick", "--max-age", "1h", "hdf5"), "pick --max-age 1h -q hdf5"),
    ],
)
def test_without_a_terminal_a_spec_in_place_of_a_location_is_told(
    arguments: tuple[str, ...], meant: str
) -> None:
    done = program(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"works without one; did you mean: cachetui {meant}\n")


@pytest.mark.parametrize(
    "arguments", [("sample",), ("./list",), ("-q", "hdf5"), ("https://nosuch.invalid/x",)]
)
def test_without_a_terminal_nothing_is_offered_for_a_location(arguments: tuple[str, ...]) -> None:
    assert "did you mean" not in program(*arguments).stderr


def test_command_names_are_not_locations() -> None:
    assert frozenset(cli.commands) == COMMANDS
    assert are_locations([]) and are_locations(["./list", "pick"])
    for arguments in (["list"], ["browse", "x"], ["x", "--no-mouse"], ["--help"], ["x", ""]):
        assert not are_locations(arguments)
