"""`cachetui check`: what is in the caches, what is missing, the nearest build, exit codes."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.builders.homes import World, write_section
from tests.builders.mirrors import database, index, records_of
from tests.builders.wanted import Node, Nodes, changed, closure, lock_file, spec_file
from tests.conftest import DATA, MIRROR_023, MIRROR_12, Call, dag_hash

pytestmark = pytest.mark.usefixtures("own_folder")

HOLE = str(DATA / "hole-v2-spack1.2")
RECORDS = records_of(gzip.decompress((MIRROR_12 / "build_cache/index.json.gz").read_bytes()))
ROOT = next(h for h, record in RECORDS.items() if record["spec"]["name"] == "hdf5")
NODES = closure(RECORDS, [ROOT])


def written(content: bytes, name: str = "spack.lock") -> str:
    Path(name).write_bytes(content)
    return name


def checked(call: Call, *arguments: str) -> Any:
    return json.loads(call("check", *arguments, "--format", "json").out)


def needed(nodes: Nodes, root: str) -> set[str]:
    """The link and run closure, walked naively."""
    found, pending = set(), [root]
    while pending:
        node = pending.pop()
        if node in found:
            continue
        found.add(node)
        for edge in nodes[node].get("dependencies", []):
            if set(edge["parameters"]["deptypes"]) & {"link", "run"}:
                pending.append(edge["hash"])
    return found


def test_environment_that_is_cached(call: Call) -> None:
    file = written(lock_file(NODES, [ROOT], 6))
    done = call("check", file, str(MIRROR_12))
    closed = needed(NODES, ROOT)
    external = {h for h in closed if NODES[h].get("external")}
    specs = len(closed) - len(external)
    assert (done.code, done.err) == (0, "")
    assert done.lines[0] == f"{specs} of {specs} cached"
    data = checked(call, file, str(MIRROR_12))
    assert {each["hash"] for each in data["specs"] if each["needed"]} == closed
    assert {each["hash"] for each in data["specs"]} == set(NODES)
    assert {
        each["hash"] for each in data["specs"] if each["state"] == "external" and each["needed"]
    } == external
    assert [each["hash"] for each in data["specs"] if each["root"]] == [ROOT]
    assert all(each["mirrors"] == [MIRROR_12.name] for each in data["specs"] if each["state"] == "cached")


def test_nearest_builds_of_what_is_missing(call: Call) -> None:
    nodes, new = changed(NODES, "zlib-ng", lambda node: node.update(version="9.9"))
    file = written(lock_file(nodes, [new[ROOT]], 6))
    done = call("check", file, str(MIRROR_12))
    assert done.code == 1
    data = checked(call, file, str(MIRROR_12))
    lacking = {each["hash"]: each for each in data["specs"] if each["state"] == "missing"}
    assert set(lacking) == set(new.values())
    assert not data["complete"] and data["summary"]["to_build"] == sum(e["needed"] for e in lacking.values())
    for old, each in new.items():
        nearest = lacking[each]["nearest"]
        name = NODES[old]["name"]
        assert nearest["hash"] == old and len(nearest["differs"]) == 1
        version = next(node["version"] for node in NODES.values() if node["name"] == "zlib-ng")
        said = f"@{version} instead of 9.9"
        assert nearest["differs"] == [said if name == "zlib-ng" else f"^zlib-ng{said}"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda node: node["parameters"].update(szip=True), "~szip instead of +szip"),
        (lambda node: node["parameters"].update(api="v200"), "api=default instead of api=v200"),
        (lambda node: node["arch"].update(target="zen4"), "target {target} instead of zen4"),
        (lambda node: node["arch"].update(platform_os="rhel9"), "os debian12 instead of rhel9"),
        (lambda node: node["parameters"].update(cflags=["-O3"]), "no cflags instead of cflags=-O3"),
        (lambda node: node.update(version="1.0"), "@{version} instead of 1.0"),
        (lambda node: node.update(package_hash="abc===="), "another recipe"),
    ],
)
def test_what_differs_in_the_build_itself(call: Call, change: Any, said: str) -> None:
    nodes, new = changed(NODES, "hdf5", change)
    data = checked(call, written(spec_file(nodes, new[ROOT], 5), "spec.json"), str(MIRROR_12))
    (root,) = [each for each in data["specs"] if each["root"]]
    node = NODES[ROOT]
    said = said.format(target=node["arch"]["target"], version=node["version"])
    assert root["nearest"]["differs"] == [said]


def test_dependency_that_went_and_one_that_came(call: Call) -> None:
    def change(node: Node) -> None:
        edges = [e for e in node["dependencies"] if e["name"] != "zlib-ng"]
        new = {"name": "libaec", "hash": dag_hash(3), "parameters": {"deptypes": ["link"], "virtuals": []}}
        node["dependencies"] = [*edges, new]

    nodes, new = changed(NODES, "hdf5", change)
    data = checked(call, written(lock_file(nodes, [new[ROOT]], 6)), str(MIRROR_12))
    (root,) = [each for each in data["specs"] if each["root"]]
    assert root["nearest"]["hash"] == ROOT
    assert len(root["nearest"]["differs"]) == 2
    assert "without ^libaec" in root["nearest"]["differs"]
    assert any(each.startswith("with ^zlib-ng@") for each in root["nearest"]["differs"])
    # A node that neither the file nor a mirror describes.
    (unknown,) = [each for each in data["specs"] if each["hash"] == dag_hash(3)]
    assert (unknown["name"], unknown["state"], unknown["version"]) == ("libaec", "missing", None)


def test_hole_in_the_closure(call: Call) -> None:
    hole = next(h for h in needed(NODES, ROOT) - {ROOT} if not NODES[h].get("external"))
    records = {h: {**record, "in_buildcache": h != hole} for h, record in RECORDS.items()}
    Path("holes").mkdir()
    Path("holes/index.json").write_bytes(database(records))
    file = written(lock_file(NODES, [ROOT], 6))
    done = call("check", file, "holes")
    assert done.code == 1 and ", 1 hole" in done.lines[0]
    states = {
        each["hash"]: (each["state"], each["complete"]) for each in checked(call, file, "holes")["specs"]
    }
    assert states[hole] == ("hole", False) and states[ROOT] == ("cached", False)


def test_hole_below_a_hash(call: Call) -> None:
    """A hole that only the catalog describes has a nearest build, too."""
    Path("wanted").write_text("/7du73jo\n", encoding="utf-8")
    done = call("check", "wanted", HOLE)
    assert (done.code, done.lines[0]) == (1, "3 of 4 cached, 1 hole")
    (hole,) = (each for each in checked(call, "wanted", HOLE)["specs"] if each["state"] == "hole")
    assert (hole["name"], hole["version"]) == ("zlib-ng", "2.3.2")
    assert hole["nearest"]["hash"].startswith("uiabof5")
    assert hole["nearest"]["differs"] == ["~new_strategies instead of +new_strategies"]


def test_build_dependencies_are_counted_apart(call: Call) -> None:
    tools = {h for h in NODES if h not in needed(NODES, ROOT) and not NODES[h].get("external")}
    records = {h: record for h, record in RECORDS.items() if h not in tools}
    Path("some").mkdir()
    Path("some/index.json").write_bytes(database(records))
    done = call("check", written(lock_file(NODES, [ROOT], 6)), "some")
    assert done.code == 0
    assert f"needed only to build: 0 of {len(tools)} cached, {len(tools)} to build" in done.out


def feed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    buffer = io.BytesIO(text.encode())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=buffer, isatty=lambda: False))


def test_list_on_stdin(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    name, version = NODES[ROOT]["name"], NODES[ROOT]["version"]
    feed(
        monkeypatch,
        f"""
        # what Spack prints
        -- linux-debian12-x86_64_v3 / %c=gcc@13.2.0 ---------
        /{ROOT}
        {ROOT[:7]} {name}@{version}~cxx
        [+]  {ROOT[:7]}  {name}@{version}
        hdf5/{ROOT[:12]}
        hdf5 +mpi
        zlib-ng
        """,
    )
    done = call("check", "-", str(MIRROR_12))
    assert done.code == 0 and done.err == ""
    assert "roots" in done.out and "zlib-ng" in done.out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_pipe_is_read_once(call: Call) -> None:
    """As of `check <(spack find --format ...)`."""
    os.mkfifo("pipe")
    writer = threading.Thread(target=Path("pipe").write_bytes, args=(f"/{ROOT}\n".encode(),))
    writer.start()
    done = call("check", "pipe", str(MIRROR_12))
    writer.join()
    assert (done.code, done.err) == (0, "")


def test_specs_and_hashes_that_no_build_has(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, f"hdf5@77\n/{'7' * 32}\nno-such-package\n")
    data = json.loads(call("check", "-", str(MIRROR_12), "--format", "json").out)
    assert data["summary"]["to_build"] == 3
    by_asked = {each["asked"]: each["nearest"] for each in data["specs"]}
    assert by_asked["hdf5@77"]["differs"] == ["does not satisfy @77"]
    assert by_asked[f"/{'7' * 32}"] is None and by_asked["no-such-package"] is None


def test_bad_lines_are_named(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, "hdf5\n\nhdf5 @@\n")
    done = call("check", "-", str(MIRROR_12))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("cachetui: stdin, line 3: ")


def test_bad_files_and_usage(call: Call) -> None:
    done = call("check", written(b'{"concrete_specs": 3}'), str(MIRROR_12))
    assert done.code == 3 and done.err.startswith("cachetui: spack.lock: ") and done.err.count("\n") == 1
    for arguments, said in (
        ((), "give a spack.lock"),
        (("nothing.lock",), "nothing.lock: no such file"),
        ((str(MIRROR_12),), "not a file to check"),
        (("",), "empty"),
        (("-", "-"), "given twice"),
        (("-", "--browse"), "not stdin"),
    ):
        done = call("check", *arguments)
        assert (done.code, done.out) == (2, "") and said in done.err, arguments


def test_files_are_told_from_locations_by_content(call: Call) -> None:
    file = written(lock_file(NODES, [ROOT], 6), "index.json")
    Path("mine.txt").write_bytes(index())
    assert call("check", str(MIRROR_12), file).code == 0
    assert call("check", file, str(MIRROR_023)).code == 1


def test_source_that_fails_is_no_answer(call: Call) -> None:
    file = written(lock_file(NODES, [ROOT], 6))
    assert call("check", file, str(MIRROR_12), "file:///no/such/mirror").code == 3


def test_hosts_and_reasons(call: Call) -> None:
    file = written(lock_file(NODES, [ROOT], 6))
    old = ("--host", "linux-rhel8-haswell", "--libc", "glibc@2.17")
    done = call("check", file, str(MIRROR_12), *old)
    assert done.code == 0
    assert "for linux-rhel8-haswell with glibc 2.17" in done.out and "does not run here" in done.out
    assert f"{NODES[ROOT]['name']}@{NODES[ROOT]['version']}: needs " in done.out
    (root,) = [each for each in checked(call, file, str(MIRROR_12), *old)["specs"] if each["root"]]
    assert root["usable"] is False and any("glibc" in reason for reason in root["reasons"])


def test_usable_builds_are_nearer(call: Call) -> None:
    """Of two builds that differ in as much, or even less, the one that runs on the host is offered."""
    needed_libc = {
        "name": "glibc",
        "hash": dag_hash(50),
        "parameters": {"deptypes": ["link"], "virtuals": ["libc"]},
    }
    runtime = {
        "name": "gcc-runtime",
        "hash": dag_hash(51),
        "parameters": {"deptypes": ["link"], "virtuals": []},
    }

    def build(number: int, target: str, **more: object) -> tuple[str, dict[str, object]]:
        arch = {"platform": "linux", "platform_os": "rhel9", "target": target}
        node: dict[str, object] = {
            "name": "zlib",
            "version": "1.3",
            "arch": arch,
            "namespace": "builtin",
            "hash": dag_hash(number),
        }
        node["dependencies"] = [needed_libc, runtime]
        node["annotations"] = {"original_specfile_version": 5}
        return dag_hash(number), {"spec": {**node, **more}, "in_buildcache": True}

    libc = build(50, "x86_64", name="glibc", version="2.28", external={"path": "/usr"}, dependencies=[])
    records = dict(
        [
            libc,
            build(51, "x86_64", name="gcc-runtime", version="13.2.0", dependencies=[needed_libc]),
            build(1, "zen5"),
            build(2, "x86_64_v2", version="1.2"),
        ]
    )
    Path("two").mkdir()
    Path("two/index.json").write_bytes(database(records))
    _, record = build(3, "zen4")
    file = written(spec_file({dag_hash(3): record["spec"]}, dag_hash(3), 5))  # type: ignore[dict-item]
    host = ("--host", "linux-rhel9-zen4", "--libc", "glibc@2.34")
    (root,) = [each for each in checked(call, file, "two", *host)["specs"] if each["root"]]
    assert root["nearest"]["hash"] == dag_hash(2) and root["nearest"]["usable"] is True
    other = ("--host", "linux-rhel9-zen5", "--libc", "glibc@2.34")
    (root,) = [each for each in checked(call, file, "two", *other)["specs"] if each["root"]]
    assert root["nearest"]["hash"] == dag_hash(1)
    assert root["nearest"]["differs"] == ["target zen5 instead of zen4"]


def test_installed_builds_are_counted_also_those_in_no_cache(call: Call, world: World) -> None:
    nodes, new = changed(NODES, "zlib-ng", lambda node: node.update(version="9.9"))
    root, cached = new[ROOT], next(h for h in needed(nodes, new[ROOT]) if h in RECORDS)
    local = world.folder / "local"
    records = {
        h: {"spec": nodes[h], "installed": True, "explicit": True, "path": str(local / h)}
        for h in (root, cached)
    }
    (local / ".spack-db").mkdir(parents=True)
    (local / ".spack-db" / "index.json").write_bytes(database(records))
    write_section(world.scope / "config.yaml", "config", f"install_tree: {{root: '{local}'}}\n")
    file = written(lock_file(nodes, [root], 6))
    assert "(2 installed)" in call("check", file, str(MIRROR_12)).lines[0]
    found = {each["hash"]: each["installed"] for each in checked(call, file, str(MIRROR_12))["specs"]}
    assert [h for h, installed in found.items() if installed] == [root, cached]
