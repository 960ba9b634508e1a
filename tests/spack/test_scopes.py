"""The scopes and their order, by version of Spack."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.builders.homes import FakeMachine, scope_names

PLATFORM = "linux" if sys.platform.startswith("linux") else sys.platform

FOLDERS = {
    "defaults": "spack/etc/spack/defaults",
    f"defaults/{PLATFORM}": f"spack/etc/spack/defaults/{PLATFORM}",
    "system": "system",
    f"system/{PLATFORM}": f"system/{PLATFORM}",
    "etc": "spack/etc/spack",
    f"etc/{PLATFORM}": f"spack/etc/spack/{PLATFORM}",
    "etc/site": "spack/etc/spack/site",
    "user": "home/.spack",
    f"user/{PLATFORM}": f"home/.spack/{PLATFORM}",
}

OLD = [
    f"user/{PLATFORM}", "user", f"site/{PLATFORM}", "site", f"system/{PLATFORM}", "system",
    f"defaults/{PLATFORM}", "defaults",
]  # fmt: skip

ORDERS = [
    ("0.13.4", OLD),
    ("0.23.1", OLD),
    ("1.0.2", ["user", "site", "system", "defaults"]),
    ("1.1.0", ["spack", "user", "site", "system", "defaults"]),
    ("1.2.0.dev0", ["spack", "user", "site", "system", "defaults"]),
    ("unheard of", ["spack", "user", "site", "system", "defaults"]),
]


def everywhere(machine: FakeMachine) -> None:
    """Each folder names one mirror `shared`, whose URL ends in the name of the folder."""
    for name, folder in FOLDERS.items():
        machine.mirrors(machine.folder / folder, f"shared: https://{name}\n")


@pytest.mark.parametrize(("version", "order"), ORDERS)
def test_order_of_scopes(machine: FakeMachine, version: str, order: list[str]) -> None:
    machine.spack(version)
    everywhere(machine)
    assert scope_names(machine.read()) == order


@pytest.mark.parametrize(("version", "order"), ORDERS)
def test_highest_existing_scope_wins(machine: FakeMachine, version: str, order: list[str]) -> None:
    machine.spack(version)
    everywhere(machine)
    for name in order:
        config = machine.read()
        assert [mirror.scope for mirror in config.mirrors] == [name]
        scope = next(scope for scope in config.scopes if scope.name == name)
        assert config.mirrors[0].place == f"{scope.path}/mirrors.yaml:2"
        os.remove(Path(scope.path) / "mirrors.yaml")
    assert machine.read().mirrors == ()


def test_user_and_system_scopes_are_read_without_spack(machine: FakeMachine) -> None:
    everywhere(machine)
    config = machine.read()
    assert (config.root, config.version) == ("", "")
    assert scope_names(config) == ["user", "system"]
    assert config.mirrors[0].url == "https://user"
    assert config.notes == ()


@pytest.mark.parametrize("version", ["0.23.1", "1.0.2", "1.1.0"])
@pytest.mark.parametrize("value", ["1", "0", ""])
def test_local_configuration_can_be_disabled_by_any_value(
    machine: FakeMachine, version: str, value: str
) -> None:
    machine.spack(version)
    everywhere(machine)
    machine.environ["SPACK_DISABLE_LOCAL_CONFIG"] = value
    names = {name.partition("/")[0] for name in scope_names(machine.read())}
    assert {"site", "defaults"} <= names
    assert not names & {"user", "system"}


@pytest.mark.parametrize("version", ["0.23.1", "1.0.2", "1.1.0"])
@pytest.mark.parametrize(
    ("variable", "scope"), [("SPACK_USER_CONFIG_PATH", "user"), ("SPACK_SYSTEM_CONFIG_PATH", "system")]
)
def test_folders_of_scopes_can_be_set(machine: FakeMachine, version: str, variable: str, scope: str) -> None:
    machine.spack(version)
    machine.mirrors(machine.home / "other", "there: https://there\n")
    machine.environ[variable] = "~/other"
    (mirror,) = machine.read().mirrors
    assert (mirror.name, mirror.scope) == ("there", scope)


@pytest.mark.parametrize("version", ["0.23.1", "1.0.2", "1.1.0"])
@pytest.mark.parametrize("top", ["spack", "env"])
def test_environment_is_the_highest_scope(machine: FakeMachine, version: str, top: str) -> None:
    machine.spack(version)
    everywhere(machine)
    folder = machine.environment(f"{top}:\n  specs: [zlib]\n  mirrors:\n    shared: https://env\n")
    config = machine.read()
    assert config.scopes[0].name == f"env:{folder}"
    assert config.mirrors[0].url == "https://env"
    assert config.mirrors[0].place == f"{folder}/spack.yaml:4"
    assert config.mirrors[0].scope == f"env:{folder}"


def test_missing_environment_is_noted(machine: FakeMachine) -> None:
    machine.environ["SPACK_ENV"] = str(machine.folder / "gone")
    assert machine.read().notes == (f"SPACK_ENV: there is no spack.yaml in {machine.folder}/gone",)


INCLUDE_11 = """
    include:
      - name: "user"
        path_override_env_var: SPACK_USER_CONFIG_PATH
        path: "~/.spack"
        optional: true
        prefer_modify: true
        when: '"SPACK_DISABLE_LOCAL_CONFIG" not in env'
      - name: "site"
        path: "$spack/etc/spack/site"
        optional: true
      - name: "system"
        path_override_env_var: SPACK_SYSTEM_CONFIG_PATH
        path: "/etc/spack"
        optional: true
        when: '"SPACK_DISABLE_LOCAL_CONFIG" not in env'
"""

DEFAULTS_INCLUDE = """
    include:
      - path: "${platform}"
        optional: true
      - path: base
"""


def test_scopes_of_spack_1_1_are_those_it_includes(machine: FakeMachine) -> None:
    machine.spack("1.1.0")
    everywhere(machine)
    machine.write(machine.etc / "include.yaml", INCLUDE_11)
    machine.write(machine.etc / "defaults/include.yaml", DEFAULTS_INCLUDE)
    machine.mirrors(machine.etc / "defaults/base", "shared: https://base\n")
    config = machine.read()
    assert scope_names(config) == [
        "spack", "user", "site", "system", "defaults", f"defaults:{PLATFORM}", "defaults:base",
    ]  # fmt: skip
    assert config.notes == ()
    machine.environ["SPACK_DISABLE_LOCAL_CONFIG"] = ""
    assert scope_names(machine.read())[:3] == ["spack", "site", "defaults"]


def test_include_of_spack_decides_which_scopes_exist(machine: FakeMachine) -> None:
    machine.spack("1.1.0")
    everywhere(machine)
    machine.write(machine.etc / "include.yaml", "include: [{name: user, path: $spack/mine}]\n")
    machine.mirrors(machine.root / "mine", "mine: https://mine\n")
    config = machine.read()
    assert [(scope.name, scope.path) for scope in config.scopes][1] == ("user", f"{machine.root}/mine")
    assert scope_names(config) == ["spack", "user", "defaults"]


def test_defaults_of_spack_1_0_include_base(machine: FakeMachine) -> None:
    machine.spack("1.0.0")
    everywhere(machine)
    machine.write(machine.etc / "defaults/include.yaml", DEFAULTS_INCLUDE)
    machine.mirrors(machine.etc / "defaults/base", "base: https://base\n")
    config = machine.read()
    assert scope_names(config)[3:] == ["defaults", f"defaults:{PLATFORM}", "defaults:base"]
    assert config.mirrors[-1].name == "base"


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0.dev0"])
def test_defaults_may_name_the_standard_scopes(machine: FakeMachine, version: str) -> None:
    machine.spack(version)
    everywhere(machine)
    machine.write(
        machine.etc / "defaults/include.yaml",
        """
        include:
          - {name: user, path: ~/mine, optional: true}
          - {name: site, path: $spack/etc/spack, optional: true}
        """,
    )
    machine.mirrors(machine.home / "mine", "shared: https://mine\n")
    config = machine.read()
    assert scope_names(config) == ["user", "site", "system", "defaults"]
    assert config.scopes[0].path == f"{machine.home}/mine"
    assert config.mirrors[0].url == "https://mine"


def test_include_is_not_read_before_spack_1_0(machine: FakeMachine) -> None:
    machine.spack("0.23.0")
    machine.write(machine.user / "include.yaml", "include: [more]\n")
    machine.mirrors(machine.user / "more", "a: https://a\n")
    config = machine.read()
    assert scope_names(config) == ["user"]
    assert config.notes == ()
