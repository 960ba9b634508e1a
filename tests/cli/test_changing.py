"""`diff` of two mirrors, and of a previous catalog: what came, went or changed version."""

from __future__ import annotations

import gzip
import json
import os
import time
from pathlib import Path

import pytest

from cachetui import paths
from tests.conftest import MIRROR_023, MIRROR_12, Call

pytestmark = pytest.mark.usefixtures("own_folder")

NAMES = (MIRROR_023.name, MIRROR_12.name)


def hashes(call: Call, *arguments: str) -> set[str]:
    return set(call("list", "--format", "hashes", *arguments).lines)


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    folder = tmp_path / "mirror"
    (folder / "build_cache").mkdir(parents=True)
    publish(folder, 3)
    return folder


def publish(mirror: Path, every: int) -> None:
    """Write an index without some of its builds."""
    index = json.loads(gzip.decompress((MIRROR_023 / "build_cache/index.json.gz").read_bytes()))
    installs = index["database"]["installs"]
    kept = {key: install for n, (key, install) in enumerate(sorted(installs.items())) if n % every}
    index["database"]["installs"] = kept
    (mirror / "build_cache/index.json").write_text(json.dumps(index))


def test_mirrors_are_compared_by_hash(call: Call) -> None:
    places = str(MIRROR_023), str(MIRROR_12)
    before, after = (hashes(call, place) for place in places)
    done = call("diff", "--mirrors", *NAMES, *places, "--format", "json")
    data = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert {build["hash"] for package in data["packages"] for build in package["came"]} == after - before
    assert {build["hash"] for package in data["packages"] for build in package["went"]} == before - after
    assert data["builds"] == {
        "came": len(after - before),
        "went": len(before - after),
        "kept": len(before & after),
    }
    for package in data["packages"]:
        came, went, kept = (package["builds"][key] for key in ("came", "went", "kept"))
        assert (came, went) == (len(package["came"]), len(package["went"]))
        is_changed = kept or (came and went)
        assert package["change"] == ("changed" if is_changed else "came" if came else "went")


def test_the_text_has_a_line_for_each_package(call: Call) -> None:
    places = str(MIRROR_023), str(MIRROR_12)
    done = call("diff", "--mirrors", *NAMES, *places)
    data = json.loads(call("diff", "--mirrors", *NAMES, *places, "--format", "json").out)
    assert done.lines[0] == f"mirror {NAMES[0]} -> mirror {NAMES[1]}"
    assert [line.split()[:2] for line in done.lines[2:]] == [
        [package["change"], package["name"]] for package in data["packages"]
    ]


def test_a_mirror_has_no_changes_to_itself(call: Call) -> None:
    done = call("diff", "--mirrors", NAMES[0], NAMES[0], str(MIRROR_023), "--format", "json")
    assert (done.code, json.loads(done.out)["packages"]) == (0, [])


def test_an_unknown_value_is_wrong_usage(call: Call) -> None:
    done = call("diff", "--mirrors", "here", "th\x1bere", str(MIRROR_023))
    assert (done.code, done.out) == (2, "")
    assert done.err == f"cachetui: no build has the mirror 'here'; there are {NAMES[0]}\n"
    done = call("diff", "--tags", "v1", "v2", str(MIRROR_023))
    assert (done.code, done.err) == (2, "cachetui: no build has the tag 'v1'; there are none at all\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--mirrors", "a", "b", "--since", "1d"),
        ("--mirrors", "a", "b", "--tags", "a", "b"),
        ("--mirrors", "a"),
        ("--since", "soon"),
        ("--since", "1d", "--format", "spack"),
        ("--since", "1d", ""),
    ],
)
def test_options_that_make_no_sense_are_wrong_usage(call: Call, arguments: tuple[str, ...]) -> None:
    done = call("diff", *arguments)
    assert (done.code, done.out) == (2, "")


def test_since_compares_with_the_catalog_of_that_time(call: Call, mirror: Path) -> None:
    before = hashes(call, str(mirror))
    (path,) = paths.catalog_dir().glob("*.sqlite")
    long_ago = time.time() - 9 * 86400
    os.utime(path, (long_ago, long_ago))
    publish(mirror, 4)
    after = hashes(call, str(mirror))
    done = call("diff", "--since", "7d", str(mirror), "--format", "json")
    data = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert {build["hash"] for package in data["packages"] for build in package["came"]} == after - before
    assert {build["hash"] for package in data["packages"] for build in package["went"]} == before - after
    assert before - after and after - before
    assert "9 days ago" in data["before"]["name"]


def test_since_says_how_far_back_it_can_look(call: Call, mirror: Path) -> None:
    call("list", str(mirror))
    done = call("diff", "--since", "7d", str(mirror))
    assert (done.code, done.out) == (1, "")
    assert "no previous catalog of these locations is kept yet" in done.err
    publish(mirror, 4)
    call("list", str(mirror))
    done = call("diff", "--since", "7d", str(mirror))
    assert done.code == 0 and done.lines
    assert "the oldest catalog that is kept is less than a minute old" in done.err


def test_nothing_changed_since_the_catalog_was_compiled(call: Call, mirror: Path) -> None:
    call("list", str(mirror))
    done = call("diff", "--since", "0s", str(mirror), "--format", "json")
    assert (done.code, json.loads(done.out)["packages"]) == (0, [])
