"""A configuration is remembered until something changes, and never with a secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cachetui.spack import SpackConfig, remembered_config
from cachetui.spack.machine import Machine
from cachetui.spack.reading import read
from tests.builders.homes import FakeMachine


class Remembered:
    """Reads the configuration, and returns whether any file was read for it."""

    def __init__(self, machine: FakeMachine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file = machine.folder / "memo" / "spack.json"
        self.readings = 0
        self._machine = machine

        def counting(on: Machine) -> SpackConfig:
            self.readings += 1
            return read(on)

        monkeypatch.setattr("cachetui.spack.memo.read", counting)

    def config(self) -> SpackConfig:
        return remembered_config(self._machine.environ, self.file)

    def is_read_anew(self) -> bool:
        before = self.readings
        self.config()
        return self.readings > before


@pytest.fixture
def remembered(machine: FakeMachine, monkeypatch: pytest.MonkeyPatch) -> Remembered:
    """A machine with a Spack, and a file in three scopes."""
    machine.spack("1.1.0")
    machine.write(
        machine.root / "etc/spack/include.yaml", "include: [{path: more.yaml, optional: true}, ~/mine]\n"
    )
    machine.mirrors(machine.home / "mine", "a: {url: https://a, binary: false, view: v}\nb: ~/store\n")
    machine.config(
        machine.home / "mine", "install_tree: {root: ~/tree, padded_length: 128}\nssl_certs: $CERTS\n"
    )
    machine.write(machine.home / "mine/upstreams.yaml", "upstreams: {up: {install_tree: /up}, bad: 3}\n")
    machine.environment("spack: {specs: [zlib]}\n")
    return Remembered(machine, monkeypatch)  # fmt: skip


def test_remembered_configuration_equals_the_one_read(machine: FakeMachine, remembered: Remembered) -> None:
    config = machine.read()
    assert len(config.mirrors) == 2
    assert len(config.notes) == 1
    assert [remembered.config() for _ in range(3)] == [config] * 3
    assert remembered.readings == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.mirrors(m.home / "mine", "a: https://other\n"),
        lambda m: (m.home / "mine/upstreams.yaml").unlink(),
        lambda m: (m.home / "mine/upstreams.yaml").rename(m.home / "mine/include.yaml"),
        lambda m: m.write(m.etc / "more.yaml", "mirrors: {}\n"),
        lambda m: m.config(m.etc, "verify_ssl: false\n"),
        lambda m: m.mirrors(m.etc / "defaults", "a: https://a\n"),
        lambda m: m.write(m.root / "lib/spack/spack/__init__.py", '__version__ = "1.2.0"'),
        lambda m: m.write(m.folder / "work/spack.yaml", "spack: {specs: [zlib-ng]}\n"),
        lambda m: os.utime(m.home / "mine/config.yaml", (1, 1)),
        lambda m: (m.home / "mine/config.yaml").chmod(0o600),
        lambda m: m.write(m.home / "tree/__spack_path_placeholder__/.spack-db/index.json", "{}"),
        lambda m: m.environ.update(CERTS="/certs"),
        lambda m: m.environ.update(HOME="/elsewhere"),
        lambda m: m.environ.pop("SPACK_ROOT"),
        lambda m: m.environ.pop("SPACK_ENV"),
        lambda m: m.environ.update(SPACK_ENV="/elsewhere"),
    ],
)
def test_changes_are_noticed(
    machine: FakeMachine, remembered: Remembered, change: Callable[[FakeMachine], object]
) -> None:
    assert remembered.is_read_anew()
    assert not remembered.is_read_anew()
    change(machine)
    assert remembered.is_read_anew()
    assert not remembered.is_read_anew()


def test_other_variables_do_not_matter(machine: FakeMachine, remembered: Remembered) -> None:
    remembered.config()
    machine.environ["EDITOR"] = "vi"
    assert not remembered.is_read_anew()


def test_replaced_file_of_same_size_and_time_is_noticed(machine: FakeMachine, remembered: Remembered) -> None:
    file = machine.home / "mine/mirrors.yaml"
    os.utime(file, (1, 1))
    remembered.config()
    other = file.with_name("other")
    other.write_text(file.read_text().replace("https://a", "https://b"))
    os.utime(other, (1, 1))
    folder = file.parent.stat()
    other.replace(file)
    os.utime(file.parent, ns=(folder.st_atime_ns, folder.st_mtime_ns))
    assert remembered.config().mirrors[0].url == "https://b"


def test_spack_that_appears_on_the_path_is_noticed(machine: FakeMachine, remembered: Remembered) -> None:
    del machine.environ["SPACK_ROOT"]
    assert remembered.config().root == ""
    machine.write(machine.folder / "bin/spack", "").chmod(0o755)
    machine.write(machine.folder / "lib/spack/spack/__init__.py", '__version__ = "0.22.0"')
    assert remembered.config().version == "0.22.0"


def test_working_folder_matters_only_for_relative_paths(
    machine: FakeMachine, remembered: Remembered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered.config()
    monkeypatch.chdir(tmp_path)
    assert not remembered.is_read_anew()
    machine.environ["SPACK_ENV"] = "work"
    assert remembered.config().scopes[0].path == f"{machine.folder}/work/spack.yaml"
    monkeypatch.chdir(machine.home)
    assert remembered.is_read_anew()


def test_date_matters_only_if_a_path_contains_it(
    machine: FakeMachine, remembered: Remembered, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered.config()
    monkeypatch.setattr(time, "strftime", lambda form: "2024-01-01")
    assert not remembered.is_read_anew()
    machine.mirrors(machine.user, "day: /snapshots/$date\n")
    assert remembered.is_read_anew() is False, "the scope of the user is not in this include.yaml"
    machine.mirrors(machine.etc, "day: /snapshots/$date\n")
    assert remembered.config().mirrors[0].url == "/snapshots/2024-01-01"
    monkeypatch.setattr(time, "strftime", lambda form: "2024-01-02")
    assert remembered.config().mirrors[0].url == "/snapshots/2024-01-02"


@pytest.mark.parametrize(("name", "value"), [("program", "0.0.0"), ("user", -1)])
def test_memo_of_another_version_or_user_is_not_used(
    remembered: Remembered, name: str, value: object
) -> None:
    remembered.config()
    remembered.file.write_text(json.dumps({**json.loads(remembered.file.read_text()), name: value}))
    assert remembered.is_read_anew()


@pytest.mark.parametrize("content", [b"", b"{}", b"null", b"\xff", b'{"a"', b"[" * 100_000])
def test_broken_memo_is_replaced(remembered: Remembered, content: bytes) -> None:
    config = remembered.config()
    remembered.file.write_bytes(content)
    assert remembered.config() == config
    assert remembered.readings == 2
    assert not remembered.is_read_anew()


def test_memo_that_cannot_be_written_does_not_matter(machine: FakeMachine, remembered: Remembered) -> None:
    machine.write(remembered.file.parent, "a file where the folder should be")
    assert remembered.config() == machine.read()
    remembered.file.parent.unlink()
    remembered.file.mkdir(parents=True)
    assert remembered.config() == machine.read()
    assert os.listdir(remembered.file.parent) == [remembered.file.name], "nothing is left aside"


def test_configuration_with_an_undecodable_path_is_read_each_time(
    machine: FakeMachine, remembered: Remembered
) -> None:
    machine.environ["SPACK_ENV"] = str(machine.folder / os.fsdecode(b"\xff"))
    assert remembered.is_read_anew()
    assert remembered.is_read_anew()


SECRETS = """
a: {url: s3://b, access_pair: [me, hunter2], access_token: hunter2}
b: https://me:hunter2@h/p
c: {url: https://h, fetch: {url: "https://me:hunter2@h/p"}}
d: {url: https://h, access_pair: {id: me, secret_variable: SECRET}}
e: {url: s3://b, access_pair: hunter2, binary: hunter2, endpoint_url: https://hunter2}
f: [hunter2]
g: ftps://me:hunter2@h/p
h: https://open
"""


def test_no_secret_reaches_the_disk(machine: FakeMachine, remembered: Remembered) -> None:
    machine.mirrors(machine.etc, SECRETS)
    machine.environ["SECRET"] = "hunter2"
    machine.write(machine.etc / "include.yaml", "include: ['https://me:hunter2@h/x.yaml']\n")
    first, second = remembered.config(), remembered.config()
    assert first == second
    assert remembered.readings == 1
    assert [mirror.has_credentials for mirror in first.mirrors] == [True] * 6 + [False]
    assert {mirror.credentials for mirror in first.mirrors} == {None}
    assert "hunter2" not in remembered.file.read_text()


@pytest.mark.parametrize(
    ("mirrors", "is_stored"),
    [
        ("a: $STORE/p", False),
        ("a: {url: 'https://h/p', access_pair: {id: me, secret: $SECRET}}", True),
        ("a: {url: 'https://h/p', access_token: $SECRET}", True),
        ("a: 'https://h/p?sig=$SECRET'", False),
        ("a: 'https://h/p?sig=hunter2'", False),
        ("a: 'https://h/$SECRET/p'", True),
    ],
)
def test_no_secret_is_stored(
    machine: FakeMachine, remembered: Remembered, mirrors: str, is_stored: bool
) -> None:
    machine.mirrors(machine.etc, f"{mirrors}\n")
    machine.environ.update(STORE="https://me:hunter2@h", SECRET="hunter2")
    assert remembered.config().mirrors[0].url.startswith("https://h/")
    assert remembered.file.exists() is is_stored
    assert not is_stored or b"hunter2" not in remembered.file.read_bytes()
    assert remembered.is_read_anew() is not is_stored


def test_a_variable_that_the_configuration_names_is_noticed(
    machine: FakeMachine, remembered: Remembered
) -> None:
    machine.mirrors(machine.etc, "a: $STORE/p\n")
    for url in ("/one", "/two"):
        machine.environ["STORE"] = url
        assert remembered.config().mirrors[0].url == f"{url}/p"
        assert not remembered.is_read_anew()


RUN = """
import os, sys
from pathlib import Path
from cachetui.spack import remembered_config
config = remembered_config(os.environ, Path(sys.argv[1]))
print(len(config.mirrors), *sorted({"yaml", "hashlib", "pwd"} & set(sys.modules)))
"""


def test_yaml_is_imported_only_to_read_files(machine: FakeMachine, remembered: Remembered) -> None:
    def run() -> str:
        return subprocess.run(
            [sys.executable, "-c", RUN, str(remembered.file)],
            env=machine.environ,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    assert "yaml" in run().split()
    assert run().split() == ["2"]
