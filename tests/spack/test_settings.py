"""Folders and settings of config.yaml, and variables in paths."""

from __future__ import annotations

import getpass
import re
import time

import pytest

from cachetui.spack import Upstream
from tests.builders.homes import FakeMachine


@pytest.mark.parametrize(
    ("version", "configured", "expected"),
    [
        ("", "", "{home}/.spack/cache"),
        ("0.17.0", "", "{home}/.spack/cache"),
        ("1.1.0", "", "{home}/.spack/cache"),
        ("1.1.0", "misc_cache: $user_cache_path/mine", "{home}/.spack/mine"),
        ("1.1.0", "misc_cache: ~/mine/", "{home}/mine"),
        ("1.1.0", "misc_cache: ../mine", "{home}/mine"),
        ("1.1.0", "misc_cache: $spack/cache", "{root}/cache"),
        ("0.16.2", "", "{root}/opt/spack"),
        ("0.16.2", "binary_index_root: ~/index", "{home}/index"),
    ],
)
def test_misc_cache(machine: FakeMachine, version: str, configured: str, expected: str) -> None:
    if version:
        machine.spack(version)
    machine.config(machine.user, configured + "\n")
    config = machine.read()
    assert config.misc_cache == expected.format(home=machine.home, root=machine.root)
    assert config.notes == ()


def test_user_cache_path_variable(machine: FakeMachine) -> None:
    machine.environ["SPACK_USER_CACHE_PATH"] = "~/elsewhere"
    assert machine.read().misc_cache == f"{machine.home}/elsewhere/cache"


@pytest.mark.parametrize(("version", "own"), [("1.1.0", True), ("0.23.0", False)])
def test_existing_cache_of_the_instance_is_used(machine: FakeMachine, version: str, own: bool) -> None:
    machine.spack(version)
    machine.config(machine.etc / "defaults", "source_cache: $user_cache_path/$spack_instance_id\n")
    machine.mirrors(machine.user, "a: $user_cache_path/$spack_instance_id/cache\n")
    folder = machine.urls()["a"]
    assert re.fullmatch(rf"{machine.user}/[a-z2-7]{{7}}/cache", folder)
    assert machine.read().misc_cache == f"{machine.user}/cache"
    machine.write(machine.folder / folder / "indices/contents.json", "{}")
    assert machine.read().misc_cache == (folder if own else f"{machine.user}/cache")


@pytest.mark.parametrize("name", ["misc_cache", "install_tree"])
@pytest.mark.parametrize("value", ["$spack/x", "$NOWHERE/x", "[a]", "''"])
def test_unresolvable_folder_is_noted(machine: FakeMachine, name: str, value: str) -> None:
    file = machine.config(machine.user, f"{name}: {value}\n")
    config = machine.read()
    assert (config.misc_cache, config.install_trees)[name == "install_tree"] in ("", ())
    (note,) = config.notes
    assert note.startswith(f"{file}:2: {name} is ")


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("$user", getpass.getuser()),
        ("$tempdir", "//scratch"),
        ("$platform", "linux|darwin"),
        ("$date", time.strftime("%Y-%m-%d")),
        ("$env", "//work/env"),
        ("$spack_short_version", "1.1"),
        ("$spack_home", "{home}"),
        ("${User_Cache_Path}", "{home}/.spack"),
        ("$OTHER", "value"),
        ("${OTHER}", "value"),
        ("$other", re.escape("$other")),
        ("$os", re.escape("$os")),
        ("$spacker", re.escape("$spacker")),
    ],
)
def test_variables(machine: FakeMachine, variable: str, expected: str) -> None:
    machine.spack("1.1.0")
    machine.environment("spack: {}\n")
    machine.environ.update(TMPDIR="//scratch", SPACK_ENV="//work/env", OTHER="value")
    machine.mirrors(machine.user, f"m: 'file:///{variable}/x'\n")
    pattern = expected.replace("{home}", str(machine.home))
    assert re.fullmatch(f"file:///({pattern})/x", machine.urls()["m"])


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        ("", ["{root}/opt/spack"]),
        ("install_tree: ~/tree", ["{home}/tree"]),
        ("install_tree: {root: $spack/../tree}", ["{folder}/tree"]),
        ("install_tree: {root: tree, padded_length: false}", ["{home}/.spack/tree"]),
        ("install_tree: {projections: {all: x}}", ["{root}/opt/spack"]),
    ],
)
def test_install_tree(machine: FakeMachine, configured: str, expected: list[str]) -> None:
    machine.spack()
    machine.config(machine.user, configured + "\n")
    names = {"root": machine.root, "home": machine.home, "folder": machine.folder}
    assert list(machine.read().install_trees) == [text.format(**names) for text in expected]


def test_no_install_tree_without_spack(machine: FakeMachine) -> None:
    assert machine.read().install_trees == ()


@pytest.mark.parametrize("length", ["128", "true", "false"])
def test_padded_roots_are_found_on_disk(machine: FakeMachine, length: str) -> None:
    pad = "__spack_path_placeholder__"
    tree = machine.home / "tree"
    padded = [tree / pad / pad / "__spack_pa", tree / pad / pad / pad, tree / pad]
    for folder in (*padded, tree / "other" / pad, tree):
        machine.write(folder / ".spack-db/index.json", "{}")
    (tree / pad / "empty").mkdir()
    machine.config(machine.user, f"install_tree: {{root: ~/tree, padded_length: {length}}}\n")
    first, *others = machine.read().install_trees
    assert first == str(tree)
    assert sorted(others) == (sorted(map(str, padded)) if length != "false" else [])


def test_circular_padding_ends(machine: FakeMachine) -> None:
    tree = machine.home / "tree"
    machine.write(tree / ".spack-db/index.json", "{}")
    for name in ("__spack_path_placeholder__", "__spack_path"):
        (tree / name).symlink_to(tree)
    machine.config(machine.user, "install_tree: {root: ~/tree, padded_length: 300}\n")
    assert len(machine.read().install_trees) <= 256


def test_upstreams(machine: FakeMachine) -> None:
    file = machine.write(
        machine.user / "upstreams.yaml",
        """\
        upstreams:
          one:
            install_tree: /a/b/
            modules: {tcl: /x}
          two: {install_tree: ~/c}
          three: {modules: {}}
          four: null
          five: {install_tree: $NOWHERE/d}
        """,
    )
    config = machine.read()
    assert config.upstreams == (Upstream("one", "/a/b"), Upstream("two", f"{machine.home}/c"))
    assert config.notes == (
        f"{file}:6: the install_tree of 'three' is not a path",
        f"{file}:7: the install_tree of 'four' is not a path",
        f"{file}:8: the install_tree of 'five' is a path with $NOWHERE, which is not defined here",
    )


@pytest.mark.parametrize(
    ("version", "configured", "expected", "noted"),
    [
        ("", "", 10.0, False),
        ("0.23.0", "", 10.0, False),
        ("1.0.0", "", 30.0, False),
        ("1.1.0", "connect_timeout: 5", 5.0, False),
        ("1.1.0", "connect_timeout: 0", 0.0, False),
        ("1.1.0", "connect_timeout: 2.5", 2.5, False),
        ("1.1.0", "connect_timeout: null", 30.0, False),
        ("1.1.0", "connect_timeout: -1", 30.0, True),
        ("1.1.0", "connect_timeout: inf", 30.0, True),
        ("1.1.0", "connect_timeout: nan", 30.0, True),
        ("0.23.0", "connect_timeout: soon", 10.0, True),
        ("0.23.0", "connect_timeout: [1]", 10.0, True),
    ],
)
def test_connect_timeout(
    machine: FakeMachine, version: str, configured: str, expected: float, noted: bool
) -> None:
    if version:
        machine.spack(version)
    machine.config(machine.user, configured + "\n")
    config = machine.read()
    assert config.connect_timeout == expected
    assert bool(config.notes) is noted


@pytest.mark.parametrize(
    ("value", "expected", "noted"),
    [("true", True, False), ("false", False, False), ("no", False, False), ("null", True, False),
     ("perhaps", True, True)],
)  # fmt: skip
def test_verify_ssl(machine: FakeMachine, value: str, expected: bool, noted: bool) -> None:
    machine.config(machine.user, f"verify_ssl: {value}\n")
    config = machine.read()
    assert config.verify_ssl is expected
    assert bool(config.notes) is noted


@pytest.mark.parametrize(
    ("value", "certificates", "expected"),
    [
        ("$SSL_CERT_FILE", "/c.pem", "/c.pem"),
        ("$SSL_CERT_FILE", None, ""),
        ("$SSL_CERT_FILE", "", ""),
        ("~/certs", None, "{home}/certs"),
        ("certs", None, "{home}/.spack/certs"),
        ("null", "/c.pem", ""),
    ],
)
def test_ssl_certs(machine: FakeMachine, value: str, certificates: str | None, expected: str) -> None:
    if certificates is not None:
        machine.environ["SSL_CERT_FILE"] = certificates
    machine.config(machine.user, f"ssl_certs: {value}\n")
    config = machine.read()
    assert config.ssl_certs == expected.format(home=machine.home)
    assert config.notes == ()
