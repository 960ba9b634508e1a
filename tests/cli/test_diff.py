"""The command `diff`: hashes and locations, formats, exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Call

pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.fixture
def hashes(call: Call) -> list[str]:
    """Some builds of the sample: of hdf5, then one of zlib-ng."""
    found = call("list", "-q", "hdf5", "sample", "--format", "hashes").lines[:8]
    return [*found, call("list", "-q", "zlib-ng", "sample", "--format", "hashes").lines[0]]


def data(call: Call, arguments: Iterable[str]) -> dict[str, Any]:
    done = call("diff", *arguments, "sample", "--format", "json")
    assert (done.code, done.err) == (0, "")
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_the_causes_stand_first(call: Call, hashes: list[str]) -> None:
    done = call("diff", *hashes[:2], "sample")
    assert (done.code, done.err) == (0, "")
    assert done.lines[0] == "2 builds of hdf5"
    assert done.lines[2] == " causes of the difference"
    assert done.lines[3].startswith(" 1  ")
    equal = next(i for i, line in enumerate(done.lines) if line.startswith(" equal: "))
    assert done.lines.index(" direct dependencies") > equal
    everything = call("diff", *hashes[:2], "sample", "--all").lines
    assert set(done.lines) < set(everything)


def test_whether_the_builds_run_on_a_host(call: Call, hashes: list[str]) -> None:
    host = ("--host", "linux-debian12-zen4")
    line = call("diff", *hashes[:2], "sample", *host).lines[2]
    assert line.startswith(" runs on linux-debian12-zen4")
    shown = [call("show", each, "sample", *host, "--format", "json") for each in hashes[:2]]
    found = data(call, [*hashes[:2], *host])["host"]
    assert found == [json.loads(each.out)["host"] for each in shown]
    assert line.count("● yes") == sum(each["usable"] for each in found)
    assert call("diff", *hashes[:2], "sample", "--host", "zen99").code == 2
    assert "host" not in data(call, hashes[:2])


def test_json_holds_causes_and_what_is_side_by_side(call: Call, hashes: list[str]) -> None:
    found = data(call, hashes[:3])
    assert [each["hash"] for each in found["builds"]] == hashes[:3]
    assert found["causes"]
    assert found["dependencies_known"]
    for cause in found["causes"]:
        assert cause["changes"]
        assert all(len(change["values"]) == 3 for change in cause["changes"])
    names = [attribute["name"] for attribute in found["attributes"]]
    assert {"package", "version", "compiler", "os", "target"} <= set(names)
    for each in [*found["attributes"], *found["dependencies"]]:
        values = each.get("values") or [sorted(b["hash"] for b in builds) for builds in each["builds"]]
        assert each["equal"] == all(value == values[0] for value in values)


@pytest.mark.parametrize("form", ["/{}", "hdf5/{}", "{}"])
def test_hashes_in_all_their_forms(call: Call, hashes: list[str], form: str) -> None:
    given = [form.format(each[:12]) for each in hashes[:3]]
    assert [each["hash"] for each in data(call, given)["builds"]] == hashes[:3]


def test_builds_of_different_packages(call: Call, hashes: list[str]) -> None:
    done = call("diff", hashes[0], hashes[-1], "sample")
    assert done.code == 0
    assert done.lines[0] == "2 builds of hdf5, zlib-ng"
    assert "different packages" in done.out


def test_the_facts_of_spack(call: Call, hashes: list[str]) -> None:
    done = call("diff", *hashes[:2], "sample", "--format", "spack")
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert list(found) == ["intersect", "a_not_b", "b_not_a", "a_name", "b_name"]
    assert found["a_name"].endswith(f"/{hashes[0]}")
    assert ["hash", f"hdf5 {hashes[0]}"] in found["a_not_b"]
    assert all(len(fact) == 2 for part in ("intersect", "a_not_b", "b_not_a") for fact in found[part])


def test_the_same_build_twice(call: Call, hashes: list[str]) -> None:
    done = call("diff", hashes[0], hashes[0], "sample")
    assert done.code == 0
    assert "the same build: nothing differs" in done.out
    assert data(call, [hashes[0]] * 2)["causes"] == []


@pytest.mark.parametrize("number", [0, 1, 9])
def test_two_to_eight(call: Call, hashes: list[str], number: int) -> None:
    done = call("diff", *hashes[:number])
    assert (done.code, done.out) == (2, "")
    assert f"compare 2 to 8 builds: {number} given" in done.err
    assert call("diff", *hashes[:8], "sample").code == 0


def test_what_is_taken_as_a_location_is_named(call: Call, hashes: list[str]) -> None:
    done = call("diff", hashes[0], "abc9", "sample")
    assert (done.code, done.out) == (2, "")
    assert "1 given; taken as locations: abc9, sample" in done.err


def test_spack_compares_two(call: Call, hashes: list[str]) -> None:
    done = call("diff", *hashes[:3], "sample", "--format", "spack")
    assert done.code == 2
    assert "compares 2 builds" in done.err


def test_what_is_a_location_is_no_hash(call: Call, hashes: list[str], tmp_path: Path) -> None:
    # All of its characters could stand in a hash.
    (tmp_path / "sample2").mkdir()
    done = call("diff", *hashes[:2], "sample2")
    assert done.code == 3
    assert "sample2" in done.err
    done = call("diff", *hashes[:2], "abc2", "sample")
    assert done.code == 1
    assert "begins with 'abc2'" in done.err


def test_unknown_and_malformed(call: Call, hashes: list[str]) -> None:
    assert call("diff", hashes[0], "/aaaaaaaaaaaa", "sample").code == 1
    assert call("diff", hashes[0], "no hash!", "sample").code == 2
    assert call("diff", *hashes[:2], "").code == 2
    done = call("diff", hashes[0], "sample")
    assert done.code == 2
