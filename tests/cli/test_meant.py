"""A spec or a host in place of a location: the error offers the command line that was meant."""

from __future__ import annotations

import shlex

import pytest

from cachetui.cli.commands import cli
from cachetui.cli.meant import COMMANDS
from tests.conftest import MIRROR_023, Call

pytestmark = pytest.mark.usefixtures("own_folder")

HERE = str(MIRROR_023)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("list hdf5@1.14", "list -q hdf5@1.14"),
        ("list hdf5 mpi zen3", "list -s 'hdf5 mpi zen3'"),
        ("list hdf5@1.14 --count", "list --count -q hdf5@1.14"),
        ("list -q hdf5 +mpi", "list -q 'hdf5 +mpi'"),
        ("list -s hdf5 mpi", "list -s 'hdf5 mpi'"),
        ("packages openmpi cuda --limit 3", "packages --limit 3 -s 'openmpi cuda'"),
        ("list binaries.example.org/develop/e4s", "list https://binaries.example.org/develop/e4s"),
        ("list ghcr.io/x/y --count", "list oci://ghcr.io/x/y --count"),
        ("list localhost:5000/x", "list http://localhost:5000/x"),
        ("refresh mirror.example.org/x", "refresh https://mirror.example.org/x"),
        ("list builtin.zlib/abcdefg", "list -q builtin.zlib/abcdefg"),
        (f"show {HERE} hdf5/abcdefg", f"show hdf5/abcdefg {HERE}"),
        (f"show hdf5@1.14 {HERE}", f"list {HERE} -q hdf5@1.14"),
        ("list hdf5 installed", "list installed -q hdf5"),
        ("list hdf5 mpi sample", "list sample -s 'hdf5 mpi'"),
        ("find hdf5@1.14", "list installed -q hdf5@1.14"),
        ("find", "list installed"),
        (f"list {HERE} hdf5 --count", f"list {HERE} --count -q hdf5"),
    ],
)
def test_what_was_meant_is_offered(call: Call, given: str, meant: str) -> None:
    error = call(*shlex.split(given)).err
    assert f"did you mean: cachetui {meant}\n" in error


@pytest.mark.parametrize(
    "given",
    [
        "list ../x",
        "list /x/y",
        "list index.json",
        "list develop/a/b",
        "list hdf5@@",
        "list 'hdf5;rm'",
        "refresh hdf5",
        "mirrors hdf5",
        "list https://user:pass@host.example.org.invalid:x/y",
        "list user:pass@host.example.org/x",
        "show not-a-hash sample",
    ],
)
def test_nothing_is_offered_that_would_not_be_read(call: Call, given: str) -> None:
    assert "did you mean" not in call(*shlex.split(given)).err


def test_the_offered_line_is_understood(call: Call) -> None:
    for given in (("list", HERE, "hdf5", "--count"), ("list", HERE, "hdf5 mpi", "--count")):
        line = call(*given).err.partition("did you mean: cachetui ")[2].strip()
        assert call(*shlex.split(line)).code == 0


def test_every_command_is_known() -> None:
    assert sorted(COMMANDS) == sorted(cli.commands)
