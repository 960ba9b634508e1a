"""Broken, odd and hostile files: each becomes a note, never a traceback."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from cachetui.spack import machine as looking
from tests.builders.homes import FakeMachine

BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
MERGE_BOMB = "a0: &a0 {k: v}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12)
)

TAG = "a tag that is not plain YAML"
NOT_SPACKS = "not a mirrors.yaml of Spack: it has no 'mirrors' at the top level"

BROKEN = {
    "two values in a line": ("mirrors:\n  a: b: c\n", 2, "not YAML"),
    "a tab": ("mirrors:\n\ta: https://a\n", 2, "not YAML"),
    "an open bracket": ("mirrors: [\n", 2, "not YAML"),
    "an alias of nothing": ("mirrors:\n  a: *hunter2\n", 2, "not YAML"),
    "two documents": ("mirrors: {}\n---\nmirrors: {}\n", 2, "not YAML"),
    "a control character": ("mirrors:\n  a: \x1b[31m\n", 2, "not YAML"),
    "a character that does not exist": ('mirrors:\n  a: "\\UFFFFFFFF"\n', 2, "not YAML"),
    "half a character": ('mirrors:\n  a: "\\U00110000"\n', 2, "not YAML"),
    "a tag of Python": ("mirrors:\n  a: !!python/object/apply:os.abort []\n", 2, TAG),
    "a tag of Python on a text": ("mirrors:\n  a: !!python/name:os.abort ''\n", 2, TAG),
    "a tag on a key": ("mirrors:\n  !!binary aGk=: x\n", 2, TAG),
    "a tag of its own": ("mirrors: !hunter2 {a: b}\n", 1, TAG),
    "a key that is a list": ("mirrors:\n  ? [a]\n  : b\n", 2, "a key that is not text"),
    "aliases of aliases": (BOMB + "mirrors: {}\n", None, "too many values"),
    "merges of merges": (MERGE_BOMB + "mirrors: {}\n", None, "too many values"),
    "a mapping in itself": ("mirrors: &m\n  a: *m\n", None, "nested too deeply"),
    "merged with a text": ("mirrors:\n  <<: text\n", 2, "not YAML"),
    "deep": ("mirrors: " + "[" * 120 + "]" * 120, None, "nested too deeply"),
    "very deep": ("mirrors: " + "[" * 5000, None, "nested too deeply"),
    "not a mapping": ("- mirrors\n", None, NOT_SPACKS),
    "a text": ("mirrors\n", None, NOT_SPACKS),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_file_is_noted_and_the_others_are_read(
    machine: FakeMachine, text: str, line: int | None, reason: str
) -> None:
    machine.mirrors(machine.system, "a: https://a\n")
    machine.user.mkdir()
    file = machine.user / "mirrors.yaml"
    file.write_text(text)
    config = machine.read()
    assert [mirror.name for mirror in config.mirrors] == ["a"]
    (note,) = config.notes
    assert note.startswith(f"{file}:{line}: " if line else f"{file}:")
    assert note.endswith(f": {reason}")
    assert "hunter2" not in note


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"mirrors:\n  a: \xff\xfe\n", "not UTF-8"),
        (b"mirrors:\n  a: \x00\n", "not YAML"),
        ("mirrors: {}".encode("utf-16"), "not UTF-8"),
    ],
)
def test_broken_bytes_are_noted(machine: FakeMachine, content: bytes, reason: str) -> None:
    machine.user.mkdir()
    file = machine.user / "mirrors.yaml"
    file.write_bytes(content)
    (note,) = machine.read().notes
    assert note.startswith(str(file))
    assert note.endswith(reason)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfmirrors:\n  a: https://a\n",
        b"mirrors:\r\n  a: https://a\r\n",
        b"%YAML 1.1\n---\nmirrors:\n  a: https://a\n...\n",
        b"{\"mirrors\": {\"a\": \"https://a\"}}",
        b"x: &x {a: https://a}\nmirrors: *x\n",
        b"x: &x {a: https://a}\nmirrors: {<<: *x}\n",
        b"x: &x {a: https://b}\nmirrors: {a: https://a, <<: *x}\n",
        b"x: &x {a: https://a}\ny: &y {a: https://b}\nmirrors: {<<: [*x, *y]}\n",
        b"<<: {mirrors: {a: https://a}}\n",
    ],
)  # fmt: skip
def test_odd_file_is_read(machine: FakeMachine, content: bytes) -> None:
    machine.user.mkdir()
    (machine.user / "mirrors.yaml").write_bytes(content)
    assert machine.urls() == {"a": "https://a"}
    assert machine.read().notes == ()


@pytest.mark.parametrize(
    "content", ["", "\n", "# nothing\n", "---\n", "null\n", "mirrors:\n", "mirrors: {}\n"]
)
def test_empty_file_is_nothing(machine: FakeMachine, content: str) -> None:
    machine.write(machine.user / "mirrors.yaml", content)
    config = machine.read()
    assert (config.mirrors, config.notes) == ((), ())


def test_repeated_key_is_noted_and_the_last_one_counts(machine: FakeMachine) -> None:
    file = machine.mirrors(machine.user, "a: https://one\nb: https://b\na: https://two\n")
    config = machine.read()
    assert [(mirror.name, mirror.url, mirror.place) for mirror in config.mirrors] == [
        ("b", "https://b", f"{file}:3"),
        ("a", "https://two", f"{file}:4"),
    ]
    assert config.notes == (f"{file}:4: 'a' is repeated; the last one counts",)


def test_large_file_is_not_read(machine: FakeMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "LARGEST_FILE", 100)
    file = machine.mirrors(machine.user, f"a: https://a\n# {'x' * 100}\n")
    assert machine.read().notes == (f"{file}: too large for a configuration file",)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_is_noted(machine: FakeMachine) -> None:
    file = machine.mirrors(machine.user, "a: https://a\n")
    file.chmod(0)
    assert machine.read().notes == (f"{file}: Permission denied",)


def test_file_that_cannot_be_opened_is_noted(machine: FakeMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    file = machine.mirrors(machine.user, "a: https://a\n")

    def refusing(*arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("cachetui.bounded.open_regular", refusing)
    notes = machine.read().notes
    monkeypatch.undo()
    assert notes == (f"{file}: Permission denied",)


def test_path_that_is_not_a_file_is_noted(machine: FakeMachine) -> None:
    (machine.user / "mirrors.yaml").mkdir(parents=True)
    os.mkfifo(machine.user / "config.yaml")
    assert machine.read().notes == (
        f"{machine.user}/mirrors.yaml: not a file",
        f"{machine.user}/config.yaml: not a file",
    )


@pytest.mark.parametrize(
    "environ", [{}, {"HOME": ""}, {"HOME": "/dev/null"}, {"HOME": "x\0y", "PATH": "\0:a"}]
)
def test_any_environment_is_read(environ: dict[str, str], machine: FakeMachine, tmp_path: Path) -> None:
    machine.environ = {
        **environ,
        "SPACK_USER_CONFIG_PATH": str(tmp_path / "none"),
        "SPACK_SYSTEM_CONFIG_PATH": str(tmp_path / "none"),
    }
    config = machine.read()
    assert (config.mirrors, config.scopes) == ((), ())


def test_removed_working_folder(
    machine: FakeMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    machine.environ["SPACK_ROOT"] = "relative"
    assert machine.read().notes == ("SPACK_ROOT: there is no Spack in relative",)


def test_no_text_has_control_characters(machine: FakeMachine) -> None:
    folder = machine.home / "bad\x1b\u202ename"
    machine.environ["SPACK_USER_CONFIG_PATH"] = str(folder)
    machine.mirrors(
        folder,
        r"""
        "a\e[31m": "https://h/\u202Ex\n"
        "b\e": 3
        "c\e": []
        d: {url: "https://h", view: "v\e"}
        """,
    )
    config = machine.read()
    shown = [
        text for mirror in config.mirrors for text in (mirror.name, mirror.url, mirror.view, mirror.place)
    ]
    assert config.mirrors[0].name == "a\ufffd[31m"
    assert config.mirrors[0].url == "https://h/\ufffdx"
    assert len(config.notes) == 1
    assert all(text.isprintable() for text in (*shown, *config.notes))


def test_two_large_files_are_merged(machine: FakeMachine) -> None:
    items = ", ".join(f"{{k{n}: v}}" for n in range(12_000))
    for folder in (machine.system, machine.user):
        machine.config(folder, f"a: [{items}]\n")
    start = time.perf_counter()
    assert machine.read().notes == ()
    assert time.perf_counter() - start < 60
