"""The command `coverage`, and lists of software for web pages."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Call

pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.mark.parametrize("facet", ["target", "os", "compiler", "version", "mirror", "variant"])
def test_counts_are_those_of_list(call: Call, facet: str) -> None:
    done = call("coverage", "-q", "hdf5", "--by", facet, "--format", "json", "sample")
    builds = int(call("list", "-q", "hdf5", "--count", "sample").out)
    data = json.loads(done.out)
    assert (done.code, done.err, data["builds"], data["facet"]) == (0, "", builds, facet)
    assert [package["name"] for package in data["packages"]] == ["hdf5"]
    assert data["packages"][0]["counts"] == {value["value"]: value["builds"] for value in data["values"]}


def test_text_as_typed_narrows_it(call: Call) -> None:
    done = call("coverage", "-s", "hdf5 mpi", "--format", "json", "sample")
    assert json.loads(done.out)["builds"] == int(call("list", "-s", "hdf5 mpi", "--count", "sample").out)


def test_an_unknown_facet_is_wrong_usage(call: Call) -> None:
    done = call("coverage", "--by", "colour", "sample")
    assert (done.code, done.out) == (2, "")
    assert "there is no facet 'colour'; there are " in done.err


def test_nothing_found_is_code_1(call: Call) -> None:
    done = call("coverage", "-q", "hdf5@99", "sample")
    assert (done.code, done.out) == (1, "")


def test_colours_on_demand_only(call: Call) -> None:
    plain = call("coverage", "-q", "hdf5", "sample").out
    painted = call("coverage", "-q", "hdf5", "--color", "always", "sample").out
    assert "\x1b[" not in plain and "\x1b[" in painted


def test_gaps_first_lists_the_least_covered_first(call: Call) -> None:
    done = call("coverage", "--gaps-first", "--format", "json", "sample")
    filled = [len(package["counts"]) for package in json.loads(done.out)["packages"]]
    assert filled == sorted(filled) and filled[0] < filled[-1]


def test_software_list_counts_what_is_found(call: Call) -> None:
    done = call("packages", "-q", "hdf5", "--format", "markdown", "sample")
    builds = call("list", "-q", "hdf5", "--count", "sample").out.strip()
    assert done.lines[2].startswith("| hdf5 | 1.14.6, ") and f" | {builds} | " in done.lines[2]
    assert call("packages", "-s", "hdf5", "--limit", "1", "--format", "html", "sample").out.count("<tr>") == 2
