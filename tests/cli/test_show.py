"""What `cachetui show` prints of the DAG of a build: its tree, its closure, what uses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cachetui.cli.exit_codes import FOUND, WRONG_USAGE
from cachetui.config import config_file
from cachetui.spec import DEPTYPES
from tests.builders.binaries import KEY, SIGNED_MANIFEST, binary_v3
from tests.builders.mirrors import index, mirror, record, v3_files, write_files
from tests.conftest import DATA, Call, dag_hash

HOLE = str(DATA / "hole-v2-spack1.2")
HDF5 = "4lniym76ijwcsuph2zplcq4kimbu5tlj"
"""It links the zlib-ng that has no binary."""
ZLIB = "5ackrcoineuurp7ejov2nfzm2o7alpk5"


def shown(call: Call, *arguments: str) -> Any:
    done = call("show", *arguments, "--format", "json")
    assert (done.code, done.err) == (FOUND, "")
    return json.loads(done.out)


def test_closure_with_a_hole(call: Call) -> None:
    closure = shown(call, HDF5, HOLE, "--closure")["closure"]
    assert {state: len(hashes) for state, hashes in closure.items()} == {
        "cached": 3,
        "external": 1,
        "hole": 1,
        "missing": 0,
    }
    assert closure["hole"] == [ZLIB]
    assert HDF5 in closure["cached"]
    assert closure["cached"] == sorted(closure["cached"])
    lines = call("show", HDF5, HOLE, "--closure").lines
    start = next(i for i, line in enumerate(lines) if line.startswith("closure"))
    assert lines[start] == (
        "closure       incomplete; 5 builds by link and run: 3 cached, 1 external, 1 hole"
    )
    assert lines[start + 1] == f"{ZLIB[:7]}  hole      zlib-ng@2.3.2"
    assert len(lines) == start + 6


def test_complete_closure(call: Call) -> None:
    lines = call("show", "zkmqnvu", HOLE, "--closure").lines
    assert "closure       complete; 3 builds by link and run: 2 cached, 1 external" in lines


def test_missing_node(call: Call, tmp_path: Path) -> None:
    edge = {"name": "cmake", "hash": dag_hash(2), "parameters": {"deptypes": ["link"]}}
    location = mirror(tmp_path / "m", record(1, dependencies=[edge]))
    assert shown(call, dag_hash(1), location, "--closure")["closure"]["missing"] == [dag_hash(2)]
    assert f"{dag_hash(2)[:7]}  missing   cmake" in call("show", dag_hash(1), location, "--closure").lines
    tree = shown(call, dag_hash(1), location, "--tree")
    assert [(node["name"], node["hash"], node["state"]) for node in tree] == [
        ("zlib", dag_hash(1), "cached"),
        ("cmake", dag_hash(2), "missing"),
    ]
    assert call("show", dag_hash(1), location, "--tree").lines[-1] == (
        f"{dag_hash(2)[:7]}  [ l  ]      ^cmake  [missing: not in the index]"
    )


def test_closure_of_pages_is_unknown(call: Call) -> None:
    pages = str(DATA / "pages")
    dag = call("list", pages, "--format", "hashes", "--limit", "1").lines[0]
    assert (
        "closure       unknown: pages do not list dependencies" in call("show", dag, pages, "--closure").lines
    )


def test_used_by(call: Call) -> None:
    found = shown(call, ZLIB, HOLE, "--used-by")["used_by"]
    assert list(found["direct"]) == list(DEPTYPES)
    assert {deptype: len(hashes) for deptype, hashes in found["direct"].items()} == {
        "build": 7,
        "link": 7,
        "run": 0,
        "test": 0,
    }
    assert HDF5 in found["transitive"]
    lines = call("show", ZLIB, HOLE, "--used-by").lines
    assert "used by       7 builds directly: build 7, link 7, run 0, test 0" in lines
    assert f"{HDF5[:7]}  [bl  ]  hdf5@1.14.5" in lines
    assert "used by       no build here depends on it" in call("show", HDF5, HOLE, "--used-by").lines


def test_used_by_over_other_deptypes(call: Call) -> None:
    sigsegv = "z5fs72i"
    runtime = shown(call, sigsegv, HOLE, "--used-by")["used_by"]["transitive"]
    every = shown(call, sigsegv, HOLE, "--used-by", "--deptypes", "all")["used_by"]["transitive"]
    build = shown(call, sigsegv, HOLE, "--used-by", "--deptypes", "build")["used_by"]["transitive"]
    assert set(runtime) < set(every)
    assert set(build) <= set(every)
    text = call("show", sigsegv, HOLE, "--used-by", "--deptypes", "all").out
    assert f"{len(every)} builds transitively, over all deptypes" in text


def test_tree_has_deptypes_virtuals_and_states(call: Call) -> None:
    tree = shown(call, HDF5, HOLE, "--tree")
    by_name = {node["name"]: node for node in tree}
    zlib = by_name["zlib-ng"]
    assert (zlib["deptypes"], zlib["virtuals"], zlib["state"]) == (["build", "link"], ["zlib-api"], "hole")
    assert {node["state"] for node in tree} == {"cached", "external", "hole"}
    lines = call("show", HDF5, HOLE, "--tree").lines
    assert lines[-1].startswith(f"{ZLIB[:7]}  [bl  ]      ^zlib-ng@2.3.2")
    assert lines[-1].endswith(" as zlib-api  [hole: no binary]")
    assert len({node["hash"] for node in tree}) == len(tree)


def test_tree_of_some_deptypes(call: Call) -> None:
    runtime = [node["name"] for node in shown(call, HDF5, HOLE, "--tree", "--deptypes", "link,run")]
    assert runtime == ["hdf5", "gcc-runtime", "glibc", "pkgconf", "zlib-ng"]
    (pkgconf,) = (
        n for n in shown(call, HDF5, HOLE, "--tree", "--deptypes", "run,link") if n["name"] == "pkgconf"
    )
    assert pkgconf["deptypes"] == ["run"]


def test_several_walks_at_once(call: Call) -> None:
    data = shown(call, HDF5, HOLE, "--tree", "--closure", "--used-by")
    assert data["hash"] == HDF5
    assert {"closure", "used_by", "tree"} <= set(data)
    assert data["tree"][0]["hash"] == HDF5
    lines = call("show", HDF5, HOLE, "--tree", "--closure", "--used-by").lines
    assert [line.split()[0] for line in lines if line.split()[0] in ("closure", "used", "tree")] == [
        "closure",
        "used",
        "tree",
    ]


def test_nothing_more_than_what_is_asked_for(call: Call) -> None:
    assert not {"closure", "used_by", "tree"} & set(shown(call, HDF5, HOLE))


@pytest.mark.parametrize("given", ["lin", "", "link,", "all,link"])
def test_unknown_deptype(call: Call, given: str) -> None:
    done = call("show", HDF5, HOLE, "--tree", "--deptypes", given)
    assert (done.code, done.out) == (WRONG_USAGE, "")
    assert "is not one of all, build, link, run, test" in done.err


CLANG = "22n3ovjgferyakubei2ep5x7pxkozhm2"
TRIMMED = str(DATA / "mirror-v2-spack0.23")


def test_host(call: Call) -> None:
    host = shown(call, CLANG, TRIMMED, "--host", "linux-debian12-zen4")["host"]
    assert (host["arch"], host["libc"], host["usable"], host["reasons"]) == (
        "linux-debian12-zen4",
        "glibc@2.36",
        True,
        [],
    )
    host = shown(call, CLANG, TRIMMED, "--host", "linux-rhel9-zen2", "--libc", "glibc@2.34")["host"]
    assert not host["usable"]
    assert host["reasons"] == [
        "needs zen3, the host is zen2 (and 2 nodes below)",
        "needs glibc 2.36, the host has 2.34 (and 2 nodes below)",
    ]
    assert CLANG in host["nodes"]
    assert len(host["nodes"]) == 3
    assert "host" not in shown(call, CLANG, TRIMMED)


def test_host_in_words(call: Call) -> None:
    lines = call("show", CLANG, TRIMMED, "--host", "linux-debian12-zen4").lines
    assert lines[-1] == "runs          ● yes, on linux-debian12-zen4 with glibc 2.36"
    lines = call("show", CLANG, TRIMMED, "--host", "darwin-sequoia-m1").lines
    assert lines[-4] == "runs          ○ no, on darwin-sequoia-m1"
    assert lines[-3:] == [
        "              needs linux, the host is darwin (and 2 nodes below)",
        "              needs zen3, the host is m1 (and 2 nodes below)",
        "              needs debian12, the host has sequoia (and 2 nodes below)",
    ]


def test_this_host(call: Call) -> None:
    host = shown(call, CLANG, TRIMMED, "--host")["host"]
    assert host["name"] == "this host"
    # A location after `--host` is no host.
    done = call("show", CLANG, "--host", TRIMMED, "--format", "json")
    assert json.loads(done.out)["host"] == host
    assert shown(call, CLANG, TRIMMED, "--libc", "musl@1.2.5")["host"]["libc"] == "musl@1.2.5"


def test_host_of_the_configuration(call: Call, home: Path) -> None:
    file = config_file()
    file.parent.mkdir(parents=True)
    file.write_text("hosts:\n  gpu: {arch: linux-rhel9-zen4, libc: glibc@2.40}\nhost: gpu\n")
    assert shown(call, CLANG, TRIMMED, "--host", "gpu")["host"]["usable"]
    assert shown(call, CLANG, TRIMMED, "--host")["host"]["name"] == "gpu"
    assert shown(call, CLANG, TRIMMED, "--libc", "glibc@2.17")["host"]["arch"] == "linux-rhel9-zen4"
    assert shown(call, CLANG, TRIMMED, "--host", "this host")["host"]["name"] == "this host"
    gpu = shown(call, CLANG, TRIMMED, "--host", "gpu", "--libc", "glibc@2.17")["host"]
    assert (gpu["name"], gpu["libc"]) == ("gpu", "glibc@2.17")
    assert gpu["reasons"] == ["needs glibc 2.36, gpu has 2.17 (and 2 nodes below)"]


def test_wrong_host_of_the_configuration(call: Call, home: Path) -> None:
    file = config_file()
    file.parent.mkdir(parents=True)
    file.write_text("hosts: {gpu: {arch: linux-rhel9-zen4}}\nhost: gpuu\n")
    wrong = "cachetui: host: 'gpuu' is not a configured host (gpu), a target, or platform-os-target; "
    for command in (("show", CLANG, TRIMMED, "--host"), ("list", TRIMMED, "--runs-here")):
        done = call(*command)
        assert (done.code, done.out, done.err) == (WRONG_USAGE, "", f"{wrong}did you mean: gpu\n")
    assert call("list", TRIMMED, "--count").code == FOUND
    assert call("list", TRIMMED, "--runs-here", "--host", "gpu").code == FOUND


@pytest.mark.parametrize("host", ["zen99", "linux-rhel9-zen99", "linux-mine-zen3", "\x1b[31m"])
def test_wrong_host(call: Call, host: str) -> None:
    done = call("show", CLANG, TRIMMED, "--host", host)
    assert (done.code, done.out, len(done.err.splitlines())) == (WRONG_USAGE, "", 1)
    assert "\x1b" not in done.err


def test_builds_that_run_on_a_host(call: Call) -> None:
    def hashes(*options: str) -> set[str]:
        return set(call("list", TRIMMED, "--format", "hashes", *options).lines)

    zen4 = ("--host", "linux-debian12-zen4")
    assert CLANG in hashes("--runs-here", *zen4)
    assert CLANG not in hashes("--runs-here", "--host", "linux-debian12-zen2")
    assert hashes("--runs-here", *zen4) | hashes("--no-runs-here", *zen4) == hashes()


def test_size_date_and_signature(call: Call, tmp_path: Path) -> None:
    files = {**v3_files(index(record(1))), **binary_v3(1, SIGNED_MANIFEST)}
    location = str(write_files(tmp_path / "m", files))
    data = shown(call, dag_hash(1), location, "--size")
    (binary,) = data["binaries"]
    assert binary.pop("date").endswith("Z")
    assert binary.pop("size") == data["closure_size"] == 5506
    assert binary == {"mirror": "m", "view": "", "signature": "signed", "key": KEY, "note": ""}
    text = call("show", dag_hash(1), location, "--size").out
    assert f"signed (key {KEY[-16:]}), in m\n" in text
    assert "5.5 kB in 1 binary by link and run\n" in text


def test_no_size_is_null_with_its_reason(call: Call, tmp_path: Path) -> None:
    data = shown(call, dag_hash(1), mirror(tmp_path / "m", record(1)), "--size")
    (binary,) = data["binaries"]
    assert (binary["size"], binary["date"], binary["key"], data["closure_size"]) == (None, None, None, None)
    assert (binary["signature"], binary["note"]) == ("unknown", "not in the mirror (no such file)")
