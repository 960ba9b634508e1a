"""Find Spack and read its version from its source."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.builders.homes import FakeMachine


@pytest.mark.parametrize(
    ("source", "version"),
    [
        ('__version__ = "1.1.0"\nspack_version = __version__\n', "1.1.0"),
        ('#: comment\n__version__ = "1.2.0.dev0"', "1.2.0.dev0"),
        ("spack_version = '0.17.0'", "0.17.0"),
        ("spack_version_info = (0, 16, 0)\nspack_version = '.'.join(str(v) for v in x)", "0.16.0"),
        ('spack_version_info = (0, 18, 0, "dev0")', "0.18.0.dev0"),
        ('spack_version = Version("0.10.0")', "0.10.0"),
        ("nothing of the kind", ""),
    ],
)  # fmt: skip
def test_version_is_read_from_the_source(machine: FakeMachine, source: str, version: str) -> None:
    machine.spack()
    machine.write(machine.root / "lib/spack/spack/__init__.py", source)
    assert machine.read().version == version


def command(machine: FakeMachine, root: Path) -> Path:
    """The executable of a Spack, whose source lies beside it."""
    machine.write(root / "lib/spack/spack/__init__.py", '__version__ = "0.22.1"\n')
    file = machine.write(root / "bin/spack", "#!/bin/sh\n")
    file.chmod(0o755)
    return file


def test_spack_is_found_through_a_link_on_the_path(machine: FakeMachine) -> None:
    file = command(machine, machine.folder / "deep" / "spack")
    (machine.folder / "bin").mkdir()
    (machine.folder / "bin" / "spack").symlink_to(file)
    config = machine.read()
    assert (config.root, config.version) == (str(machine.folder / "deep" / "spack"), "0.22.1")


def test_other_command_named_spack_is_skipped(machine: FakeMachine) -> None:
    machine.write(machine.folder / "bin/spack", "#!/bin/sh\n").chmod(0o755)
    file = command(machine, machine.folder / "other")
    machine.environ["PATH"] = os.pathsep.join(["", str(machine.folder / "bin"), str(file.parent)])
    assert machine.read().root == str(machine.folder / "other")


def test_spack_root_wins_over_the_path(machine: FakeMachine) -> None:
    machine.environ["PATH"] = str(command(machine, machine.folder / "other").parent)
    machine.spack("1.1.0")
    assert machine.read().root == str(machine.root)


def test_spack_root_without_spack_is_noted_and_the_path_is_searched(machine: FakeMachine) -> None:
    machine.environ["PATH"] = str(command(machine, machine.folder / "other").parent)
    machine.environ["SPACK_ROOT"] = str(machine.folder / "gone")
    config = machine.read()
    assert config.root == str(machine.folder / "other")
    assert config.notes == (f"SPACK_ROOT: there is no Spack in {machine.folder}/gone",)


def test_spack_is_not_run(machine: FakeMachine) -> None:
    file = command(machine, machine.folder / "other")
    file.write_text(f"#!/bin/sh\ntouch {machine.folder}/ran\n")
    machine.environ["PATH"] = str(file.parent)
    assert machine.read().root
    assert not (machine.folder / "ran").exists()
