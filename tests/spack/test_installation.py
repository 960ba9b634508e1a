"""How Spack is found, and what its source says of its version."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.spack.tools import FakeMachine


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
def test_version_as_the_source_has_it(machine: FakeMachine, source: str, version: str) -> None:
    machine.spack()
    machine.write(machine.root / "lib/spack/spack/__init__.py", source)
    assert machine.read().version == version


def command(machine: FakeMachine, root: Path) -> Path:
    """The executable of a Spack, whose source lies beside it."""
    machine.write(root / "lib/spack/spack/__init__.py", '__version__ = "0.22.1"\n')
    file = machine.write(root / "bin/spack", "#!/bin/sh\n")
    file.chmod(0o755)
    return file


def test_spack_on_the_path_by_a_link(machine: FakeMachine) -> None:
    file = command(machine, machine.folder / "deep" / "spack")
    (machine.folder / "bin").mkdir()
    (machine.folder / "bin" / "spack").symlink_to(file)
    config = machine.read()
    assert (config.root, config.version) == (str(machine.folder / "deep" / "spack"), "0.22.1")


def test_what_is_on_the_path_and_no_spack_is_passed_over(machine: FakeMachine) -> None:
    machine.write(machine.folder / "bin/spack", "#!/bin/sh\n").chmod(0o755)
    file = command(machine, machine.folder / "other")
    machine.environ["PATH"] = os.pathsep.join(["", str(machine.folder / "bin"), str(file.parent)])
    assert machine.read().root == str(machine.folder / "other")


def test_the_environment_comes_before_the_path(machine: FakeMachine) -> None:
    machine.environ["PATH"] = str(command(machine, machine.folder / "other").parent)
    machine.spack("1.1.0")
    assert machine.read().root == str(machine.root)


def test_a_root_without_spack_is_noted_and_the_path_is_tried(machine: FakeMachine) -> None:
    machine.environ["PATH"] = str(command(machine, machine.folder / "other").parent)
    machine.environ["SPACK_ROOT"] = str(machine.folder / "gone")
    config = machine.read()
    assert config.root == str(machine.folder / "other")
    assert config.notes == (f"SPACK_ROOT: there is no Spack in {machine.folder}/gone",)


def test_nothing_is_run(machine: FakeMachine) -> None:
    file = command(machine, machine.folder / "other")
    file.write_text(f"#!/bin/sh\ntouch {machine.folder}/ran\n")
    machine.environ["PATH"] = str(file.parent)
    assert machine.read().root
    assert not (machine.folder / "ran").exists()
