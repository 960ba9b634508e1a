"""`-s` of list, packages and pick: what the query bar of the browser understands."""

from __future__ import annotations

import re

import pytest

from tests.conftest import DATA, MIRROR_023, MIRROR_12, Call

pytestmark = pytest.mark.usefixtures("own_folder")

OLD, NEW = str(MIRROR_023), str(MIRROR_12)


def hashes(call: Call, *arguments: str) -> list[str]:
    """The hashes that a command lists."""
    return call("list", *arguments, "--format", "hashes").lines


@pytest.mark.parametrize(
    ("text", "spec"),
    [("hdf5 with mpi", "hdf5 +mpi"), ("hdf5 +mpi", "hdf5 +mpi"), ("zlib ng", "zlib-ng")],
)
def test_text_finds_what_its_spec_finds(call: Call, text: str, spec: str) -> None:
    for location in (OLD, NEW):
        found = hashes(call, location, "-s", text)
        assert found == hashes(call, location, "-q", spec) and found


def test_how_the_words_were_read_is_noted(call: Call) -> None:
    done = call("list", "-s", "hdf5 with mpi nosuch", "--count", OLD)
    assert done.err == "cachetui: read as: hdf5 +mpi\ncachetui: 'nosuch' is not understood for hdf5\n"
    assert (done.code, done.out) == (0, call("list", "-q", "hdf5 +mpi", "--count", OLD).out)
    near = call("list", "-s", "hdf5 fortan", "--count", OLD)
    assert "'fortan' is not understood for hdf5; near: fortran" in near.err


def test_text_and_spec_hold_together(call: Call) -> None:
    both = call("list", "-s", "hdf5 mpi", "-q", "%gcc", "--count", OLD)
    assert both.out == call("list", "-q", "hdf5 +mpi %gcc", "--count", OLD).out
    assert call("list", "-s", "hdf5", "-q", "zlib-ng", "--count", OLD).code == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hdf5 1.99", "no build of hdf5 has @1.99"),
        ("zzqqzz", "no package is called anything like zzqqzz"),
    ],
)
def test_nothing_found(call: Call, text: str, reason: str) -> None:
    done = call("list", "-s", text, OLD)
    assert done.code == 1 and f"cachetui: {reason}\n" in done.err


def test_a_wrong_text_is_refused(call: Call) -> None:
    done = call("list", "-s", "hdf5 @", OLD)
    assert (done.code, done.out) == (2, "") and "a version is expected after @" in done.err
    assert call("list", "-s", "a", "-s", "b", OLD).code == 2


def test_packages_of_matching_builds(call: Call) -> None:
    done = call("packages", "-s", "hdf mpi", "--format", "names", OLD)
    assert done.lines[0] == "hdf5" and "read as: " in done.err
    assert call("packages", "-s", "hdf5 +mpi", "--format", "names", OLD).lines[0] == "hdf5"


def test_pasted_lines(call: Call) -> None:
    whole = hashes(call, OLD, "-q", "hdf5")[0]
    (spec,) = call("list", OLD, "-q", f"/{whole}", "--format", "specs").lines
    version = re.split("[^0-9.]", spec.partition("@")[2])[0]
    for text in (
        f"[+]  {whole[:7]}  hdf5@{version}\n[+] abcdefg ^zlib@1.3\n",
        f"==> Installing hdf5-{version}-{whole} [3/40]",
    ):
        assert hashes(call, OLD, "-s", text) == [whole]
    lost = call("list", OLD, "-s", "aaaaaaa hdf5@1.14", "--count")
    assert "no build has the hash aaaaaaa; builds of hdf5@1.14" in lost.err
    assert lost.out == call("list", OLD, "-q", "hdf5@1.14", "--count").out


def test_pick_prints_the_only_match(call: Call) -> None:
    whole = hashes(call, OLD, "-q", "hdf5")[0]
    assert call("pick", "-1", "-s", f"hdf5 {whole}", OLD).out == f"{whole}\n"
    assert call("pick", "-s", "hdf5", "-q", "zlib", OLD).code == 2


def test_recorded_lines_are_read_or_said(call: Call) -> None:
    for line in (DATA / "pasted_lines.txt").read_text().splitlines():
        done = call("list", "--count", OLD, "-s", line)
        assert done.code in (0, 1) and (done.code == 0 or "builds of" in done.err or "no build" in done.err)
