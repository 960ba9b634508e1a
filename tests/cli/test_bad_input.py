"""Bad input and bad surroundings: one line each, the right exit code, never a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cachetui.cli import run
from tests.builders import pages
from tests.builders.mirrors import V2, database, write_files
from tests.tools import program

HASH = "abcdefghijklmnopqrstuvwxyz234567"
OTHER = "7" * 32
pytestmark = pytest.mark.usefixtures("own_folder")

EVIL = "x\x1b[31m\r\n\x07\x9b2J\u202e\x7fy"
"""What a terminal would obey."""


def written(file: Path, text: str) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return str(file)


def index(folder: Path, **records: object) -> str:
    """A mirror of these records."""
    return str(write_files(folder, {V2: database(records)}))


def spec(**fields: object) -> dict[str, object]:
    return {"spec": {"name": "zlib", "version": "1.3", "hash": HASH, **fields}}


def page(folder: Path, text: str) -> str:
    pages.write(folder, text)
    return str(folder)


def empty(folder: Path) -> str:
    folder.mkdir(parents=True)
    return str(folder)


def cut(folder: Path) -> str:
    location = index(folder, **{HASH: spec()})
    file = folder / "build_cache" / "index.json"
    written(file, file.read_text()[:60])
    return location


# Locations


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda p: str(p), "no such file or folder", id="nothing"),
        pytest.param(empty, "the folder is empty", id="empty folder"),
        pytest.param(lambda p: written(p, "x"), "neither an index (index.json) nor a page", id="some file"),
        pytest.param(lambda p: str(Path(empty(p)).parent), "neither a mirror", id="some folder"),
        pytest.param(lambda p: page(p, "---\ntitle: x\n"), "is not closed by ---", id="open page"),
        pytest.param(lambda p: page(p, "---\n- a\n---\n"), "is not a mapping", id="list page"),
        pytest.param(
            lambda p: page(p, "---\ntitle: x\n---\n"), "the page has no records", id="page of nothing"
        ),
        pytest.param(lambda p: page(p, ""), "the page does not begin with ---", id="empty page"),
        pytest.param(cut, "truncated or damaged JSON at", id="cut index"),
        pytest.param(lambda p: written(p / "index.json", ""), "the index is empty", id="empty index"),
        pytest.param(lambda p: written(p / "index.json", "<html>"), "not a JSON index", id="web page"),
        pytest.param(lambda p: written(p / "index.json", "{}"), "not a Spack index", id="other JSON"),
        pytest.param(lambda p: written(p / "index.json", "[" * 99999), "not a JSON index", id="deep JSON"),
        pytest.param(lambda p: f"{p}\0x", "no such file or folder", id="NUL"),
        pytest.param(lambda p: "a" * 5000, "not a path", id="long path"),
        pytest.param(lambda p: f"{p}/{EVIL}", "no such file or folder", id="evil path"),
        pytest.param(lambda p: "~no-such-user/m", "not a path", id="unknown user"),
        pytest.param(lambda p: "ftp://cache.example/m", "ftp:// is not supported", id="ftp"),
        pytest.param(lambda p: "https:///m", "the URL has no host", id="no host"),
        pytest.param(lambda p: "https://[::1/m", "not a URL", id="half an address"),
        pytest.param(lambda p: "https://127.0.0.1:port/m", "not a URL", id="no port"),
        pytest.param(lambda p: f"file://{p}/a%20b", "no such file or folder", id="file URL"),
    ],
)
@pytest.mark.parametrize("command", [("list",), ("packages",), ("show", HASH)], ids=lambda c: c[0])
def test_unreadable_location(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, ...],
    make: Callable[[Path], str],
    reason: str,
) -> None:
    location = make(tmp_path / "given" / "m")
    assert run([*command, location]) == 3
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert out == ""
    assert line.startswith("cachetui: ") and reason in line and line.isprintable()


def test_passwords_are_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--offline", "https://user:p@secret@cache.example/m?key=secret"]) == 3
    assert capsys.readouterr().err.startswith(
        "cachetui: m (https://cache.example/m?\u2026): never downloaded"
    )


def test_empty_location_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """As from a shell variable that is not set: it is not the folder one stands in."""
    assert run(["list", "sample", ""]) == 2
    assert capsys.readouterr() == ("", "cachetui: Invalid value for '[LOCATION]...': a location is empty\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_folder_without_permission(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    location = index(tmp_path / "m", **{HASH: spec()})
    (tmp_path / "m").chmod(0)
    assert run(["list", location]) == 3
    (tmp_path / "m").chmod(0o700)
    assert "Permission denied" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ({HASH: {"in_buildcache": True}}, "the record has no `spec`"),
        ({"ABC": spec()}, "the hash 'ABC' is not 32 characters of a-z2-7"),
        ({HASH: spec(name="")}, "the spec has no name"),
        ({HASH: spec(version=None)}, "the spec has no version"),
        ({HASH: 5}, "Expected `object`"),
        ({HASH: spec(name=[1])}, "Expected `str | null`"),
        ({EVIL: spec()}, "is not 32 characters of a-z2-7"),
    ],
)
def test_bad_record_is_skipped_with_a_note(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], records: dict[str, object], reason: str
) -> None:
    location = index(tmp_path / "m", **{OTHER: spec(hash=OTHER)}, **records)
    assert run(["list", "--format", "hashes", location]) == 0
    assert capsys.readouterr() == (f"{OTHER}\n", "cachetui: 1 record was skipped; -v says which\n")
    assert run(["list", "--count", "-v", location]) == 0
    out, err = capsys.readouterr()
    assert out == "1\n"
    assert reason in err and err.count("\n") == 1 and err[:-1].isprintable()


def test_nothing_but_bad_records_is_nothing_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", index(tmp_path / "m", a={}, b={})]) == 1
    assert capsys.readouterr() == (
        "",
        "cachetui: 2 records were skipped; -v says which\ncachetui: there are no builds here\n",
    )


def test_further_bad_records_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records: dict[str, object] = {f"bad{number}": {} for number in range(120)}
    assert run(["list", "-v", index(tmp_path / "m", **records)]) == 1
    *message, counted, nothing = capsys.readouterr().err.splitlines()
    assert len(message) == 100
    assert counted == "cachetui: 20 more records were skipped"
    assert nothing == "cachetui: there are no builds here"


def test_bad_source_does_not_hide_a_good_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = index(tmp_path / "good", **{HASH: spec()}), cut(tmp_path / "bad")
    for _ in range(2):
        assert run(["list", "--format", "hashes", bad, good, "nowhere"]) == 3
        out, err = capsys.readouterr()
        assert out == f"{HASH}\n"
        assert [bad in line or "nowhere" in line for line in err.splitlines()] == [True, True]


@pytest.mark.parametrize(
    "location",
    [
        "a b",
        "./a b",
        "a b/",
        "a b/build_cache",
        "a b/build_cache/index.json",
        "~/a b",
        "file://{}/a%20b",
        "list",
    ],
)
def test_spellings_of_a_location(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], location: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    index(tmp_path / "a b", **{HASH: spec()})
    index(tmp_path / "list", **{HASH: spec()})
    assert run(["list", "--format", "hashes", location.format(tmp_path)]) == 0
    assert capsys.readouterr() == (f"{HASH}\n", "")


def test_a_folder_whose_name_is_not_utf8(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    location = index(tmp_path / os.fsdecode(b"gr\xf6\xdfe"), **{HASH: spec()})
    for _ in range(2):
        assert (run(["list", location, "--count"]), *capsys.readouterr()) == (0, "1\n", "")


def test_bad_configuration_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path / "home" / "config" / "cachetui" / "config.yaml", "- x")
    assert run(["packages", "sample"]) == 3
    assert capsys.readouterr() == ("", f"cachetui: {file}: not a mapping of settings\n")


# Data that a terminal would obey


@pytest.fixture
def evil(tmp_path: Path) -> list[str]:
    """A mirror and a page with control characters wherever there is text."""
    edge = {"name": EVIL, "hash": OTHER, "parameters": {"deptypes": [EVIL, "link"], "virtuals": [EVIL]}}
    fields: dict[str, object] = {
        "name": EVIL,
        "version": EVIL,
        "namespace": EVIL,
        "package_hash": EVIL,
        "provided_virtuals": [EVIL],
        "arch": {"platform": EVIL, "platform_os": EVIL, "target": {"name": EVIL, "parents": [EVIL]}},
        "parameters": {EVIL: EVIL, "a": [EVIL, "b"], "cflags": [EVIL], "patches": [EVIL]},
        "external": {"path": EVIL, "module": [EVIL]},
        "annotations": {"original_specfile_version": 4, "compiler": EVIL},
        "dependencies": [edge],
    }
    record = {
        "hash": OTHER,
        "versions": [EVIL],
        "stacks": [EVIL],
        "tags": [EVIL],
        "os": EVIL,
        "platform": EVIL,
        "target": EVIL,
        "compiler": EVIL,
        "num_stacks": 1,
    }
    head = f"title: {json.dumps(EVIL)}\ncategories: [package, {json.dumps(EVIL)}]"
    text = f"---\n{head}\nspec_details: {json.dumps([record])}\n---\n"
    return [index(tmp_path / "m", **{HASH: spec(**fields)}), page(tmp_path / "p", text)]


@pytest.mark.parametrize(
    "arguments",
    [
        *(("list", "--format", form) for form in ("table", "json", "csv", "hashes")),
        *(("packages", "--format", form) for form in ("table", "json", "markdown", "html")),
        *(("show", dag_hash, *tree) for dag_hash in (HASH, OTHER) for tree in ((), ("--tree",))),
        ("show", HASH, "--format", "json"),
    ],
    ids=" ".join,
)
def test_control_characters_are_not_printed(
    evil: list[str], capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert run([*arguments, "-v", *evil]) == 0
    out, err = capsys.readouterr()
    assert out
    assert [c for c in out + err if not c.isprintable() and c != "\n"] == []
    assert "[31m" in out.replace("\\", "") or "hashes" in arguments, "the rest of the text is kept"


# Surroundings


@pytest.mark.parametrize("arguments", [("list", "sample"), ("paths",), ("--help",)], ids=" ".join)
def test_full_disk_is_one_line(arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        done = program(*arguments, stdout=full)
    assert done.returncode == 3
    assert done.stderr.startswith("cachetui: ") and done.stderr.endswith("No space left on device\n")
    assert done.stderr.count("\n") == 1


def closed(stream: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", "-c", f'exec "$@" {stream}>&-', "sh", sys.executable, "-m", "cachetui", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_closed_output_is_one_line() -> None:
    done = closed(1, "list", "sample")
    assert (done.returncode, done.stderr) == (3, "cachetui: standard output is closed\n")
    assert closed(1, "list", "sample", "--count").returncode == 3


def test_closed_stderr_does_not_matter() -> None:
    done = closed(2, "list", "--count")
    assert (done.returncode, done.stdout) == (0, "793\n")
    assert closed(2, "list", "nowhere").returncode == 3


def test_reader_may_close_the_pipe() -> None:
    command = [sys.executable, "-m", "cachetui", "list", "--format", "json", "sample"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "[\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == -signal.SIGPIPE


def test_ascii_output(tmp_path: Path) -> None:
    location = index(tmp_path / "m", **{HASH: spec(namespace="bücher")})
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    done = program("show", HASH, location, env={**os.environ, **plain})
    assert (done.returncode, done.stderr) == (0, "")
    assert "package       b?cher.zlib" in done.stdout.splitlines()


def test_arguments_that_are_not_utf8() -> None:
    done = program("list", b"\xff\xfe")
    assert (done.returncode, done.stdout) == (3, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("cachetui: \ufffd\ufffd: no such file or folder, and no mirror of that name; ")


INTERRUPTIBLE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from cachetui.__main__ import main
main()
"""


def test_interrupt(tmp_path: Path) -> None:
    """It comes while the program reads a pipe that never ends."""
    fifo = tmp_path / "spack.lock"
    os.mkfifo(fifo)
    command = [sys.executable, "-c", INTERRUPTIBLE, "check", str(fifo), "sample"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with fifo.open("w"):  # succeeds once the program reads
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err.strip()) == (130, "", "")
    assert [file for file in (tmp_path / "home").rglob("*") if file.is_file()] == []
