"""What Spack has installed: the databases of a configuration, and the hashes in them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from cachetui.spack import (
    Database,
    SpackConfig,
    Upstream,
    environment_of,
    find_databases,
    installed_hashes,
    read_config,
)
from cachetui.spec import is_dag_hash
from tests.builders.homes import FakeMachine, write_section
from tests.builders.mirrors import database
from tests.conftest import DATA, dag_hash, shared_data

PADDING = "__spack_path_placeholder__"


def tree(root: Path, *hashes: str, **more: object) -> Path:
    """An install tree in which these are installed, and more records that are not."""
    records = {each: {"spec": {"name": "zlib"}, "installed": True} for each in hashes}
    return written(root, database({**records, **more}))


def written(root: Path, content: bytes) -> Path:
    file = root / ".spack-db" / "index.json"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    return root


def found(config: SpackConfig, **configs: SpackConfig) -> list[tuple[str, str]]:
    """(name, root) of the databases; `configs` are those of other Spacks by the names of their folders."""
    return [(each.name, each.root) for each in find_databases(config, lambda root: configs[Path(root).name])]


def config(root: Path, *upstreams: Upstream, spack: Path | None = None) -> SpackConfig:
    return SpackConfig(root=str(spack or ""), install_trees=(str(root),), upstreams=upstreams)


def read(*roots: Path) -> tuple[set[str], tuple[str, ...]]:
    """The hashes installed in some trees, and the notes."""
    answer = installed_hashes([Database(root.name, str(root), True) for root in roots])
    return set(answer.all), answer.notes


def test_hashes_of_real_databases() -> None:
    """`spack find` lists the same; berkeley-db is a record of what is not installed."""
    root = DATA / "installed-spack1.2"
    hashes, notes = read(root)
    records = json.loads((root / ".spack-db/index.json").read_text())["database"]["installs"]
    names = {records[each]["spec"]["name"] for each in hashes}
    assert (names, notes) == ({"ca-certificates-mozilla", "gdbm", "zlib-ng"}, ())
    assert "berkeley-db" in {record["spec"]["name"] for record in records.values()}


def test_externals_are_installed_and_say_where() -> None:
    local = Database("local", str(DATA / "installed-spack0.23"))
    answer = installed_hashes([local])
    at = {key: record.external for key, record in answer.by_database[local].items()}
    assert sorted(at.values()) == ["", "", "", "/usr"]
    (glibc,) = (key for key, prefix in at.items() if prefix)
    database, record = answer.of(glibc) or (None, None)
    assert database == local and record is not None and record.time > 1.7e9 and not record.explicit
    assert answer.of(dag_hash(999)) is None


@pytest.mark.parametrize("version", ["5", "6", "7", "8", "9", 8, "10"])
def test_database_versions(tmp_path: Path, version: object) -> None:
    node = {"version": "1", "external": {"path": None, "module": ["zlib/1"]}}
    spec = {"zlib": node} if version == "5" else {"name": "zlib", **node}
    record = {"spec": spec, "installed": True, "explicit": True, "path": "None"}
    root = written(tmp_path / "tree", database({dag_hash(1): record}, version))
    answer = installed_hashes([Database("up", str(root), True)])
    ((_, says),) = (pair for found in answer.by_database.values() for pair in found.items())
    assert (says.explicit, says.time, says.external) == (True, 0.0, "zlib/1")
    assert [note.partition(": ")[2] for note in answer.notes] == (
        ["database version 10 is newer than 9"] if version == "10" else []
    )


def test_only_what_is_said_to_be_installed_is(tmp_path: Path) -> None:
    """As `spack find`: a record without the key is not installed, nor one that was deprecated."""
    silent = {"spec": {"name": "zlib"}}
    gone = {"spec": {"name": "zlib"}, "installed": False, "deprecated_for": dag_hash(1)}
    cached = {"spec": {"name": "zlib"}, "in_buildcache": True}
    records = {dag_hash(2): silent, dag_hash(3): gone, dag_hash(4): cached}
    assert read(tree(tmp_path / "tree", dag_hash(1), **records)) == ({dag_hash(1)}, ())


@pytest.mark.parametrize(
    ("record", "reads"),
    [(7, False), ({"installed": "yes"}, False), ({"installed": True, "spec": 7}, True), (None, False)],
)
def test_damaged_record_hides_no_other(tmp_path: Path, record: object, reads: bool) -> None:
    hashes, notes = read(tree(tmp_path / "tree", dag_hash(1), **{dag_hash(2): record}))
    assert hashes == {dag_hash(1)} | ({dag_hash(2)} if reads else set())
    assert len(notes) == (0 if reads else 1)
    assert reads or "1 damaged record left out" in notes[0]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"<html>", b'{"database": {}', b'{"database": {"installs": 3}}', b"\x00\xff", b"{}"],
)
def test_damaged_database_is_a_note_and_hides_no_other(tmp_path: Path, content: bytes) -> None:
    bad, good = written(tmp_path / "bad", content), tree(tmp_path / "good", dag_hash(1))
    hashes, (note,) = read(bad, good, tmp_path)[0], read(bad, good)[1]
    assert hashes == {dag_hash(1)}
    assert note.startswith(f"bad: {bad}/.spack-db/index.json: not a database of Spack")


def test_note_holds_no_control_characters(tmp_path: Path) -> None:
    (note,) = read(written(tmp_path / "a\x1b[31m", b"\x1b]0;x\x07"))[1]
    assert note.isprintable()


def test_text_around_a_database_is_ignored(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + database({dag_hash(1): {"installed": True}}) + b'\n{"more": 1}'
    assert read(written(tmp_path / "tree", text)) == ({dag_hash(1)}, ())


def test_missing_database(tmp_path: Path) -> None:
    """A Spack that installed nothing yet has none; an upstream should have one."""
    answer = installed_hashes([Database("local", str(tmp_path)), Database("up", str(tmp_path), True)])
    assert answer.all == frozenset()
    assert answer.notes == (f"up: {tmp_path}/.spack-db/index.json: No such file or directory",)


def test_changed_database_is_read_again(tmp_path: Path) -> None:
    root = tree(tmp_path / "tree", dag_hash(1))
    assert read(root)[0] == {dag_hash(1)}
    file = root / ".spack-db" / "index.json"
    known = installed_hashes([Database("x", str(root))])
    assert known.by_database == installed_hashes([Database("x", str(root))]).by_database
    file.write_bytes(database({dag_hash(2): {"installed": True}}))
    os.utime(file, ns=(1, 1))
    assert read(root)[0] == {dag_hash(2)}
    file.unlink()
    assert read(root)[0] == set()


def test_upstreams_and_theirs_are_found_once(tmp_path: Path) -> None:
    """Each in the order of the configurations, although they name each other."""
    first, second = tmp_path / "first", tmp_path / "second"
    for spack in (first, second):
        (spack / "lib/spack/spack").mkdir(parents=True)
    trees = {each.name: str(each / "opt/spack") for each in (first, second)}
    mine = Upstream("mine", str(tmp_path / "tree"))
    configs = {
        "first": config(tmp_path, Upstream("next", trees["second"]), mine),
        "second": config(tmp_path, Upstream("next", str(tmp_path / "far")), Upstream("a", trees["first"])),
    }
    here = config(tmp_path / "tree", Upstream("site", trees["first"]))
    assert found(here, **configs) == [
        ("local", str(tmp_path / "tree")),
        ("site", trees["first"]),
        ("next", trees["second"]),
        (f"next ({tmp_path}/far)", str(tmp_path / "far")),
    ]


def test_tree_that_is_a_link_to_another_is_one(tmp_path: Path) -> None:
    root = tree(tmp_path / "tree")
    (tmp_path / "link").symlink_to(root)
    here = config(root, Upstream("same", str(tmp_path / "link")))
    assert found(here) == [("local", str(root))]


@pytest.mark.parametrize("depth", [1, 4])
def test_padded_roots(tmp_path: Path, depth: int) -> None:
    padded = tmp_path.joinpath("up", *[PADDING] * depth, "__spac")
    tree(padded, dag_hash(1))
    local = SpackConfig(install_trees=(str(tmp_path / "a"), str(tmp_path / "a" / PADDING)))
    assert found(local) == [("local", str(tmp_path / "a" / PADDING))]
    assert found(config(tmp_path, Upstream("up", str(tmp_path / "up"))))[1:] == [("up", str(padded))]


def test_padded_root_of_the_configured_length(machine: FakeMachine) -> None:
    root = machine.home / "tree"
    short, long = root / "__spack", root / "__spack_path_placehol"
    for each in (root, short, long):
        tree(each)
    machine.config(machine.user, f"install_tree: {{root: ~/tree, padded_length: {len(str(long))}}}\n")
    assert found(machine.read()) == [("local", str(long))]


def test_databases_of_a_machine_with_an_upstream(machine: FakeMachine) -> None:
    """The configuration of the upstream is that of its site: nothing of the user's is read as its own."""
    machine.spack("1.1.0")
    up = machine.folder / "up"
    machine.write(up / "lib/spack/spack/__init__.py", '__version__ = "1.1.0"\n')
    write_section(up / "etc/spack/site/upstreams.yaml", "upstreams", "base: {install_tree: $spack/../base}\n")
    write_section(machine.user / "upstreams.yaml", "upstreams", f"site: {{install_tree: {up}/opt/spack}}\n")
    for number, root in enumerate((machine.root / "opt/spack", up / "opt/spack", machine.folder / "base")):
        tree(root, dag_hash(number))
    databases = find_databases(
        machine.read(), lambda root: read_config(environment_of(root, machine.environ))
    )
    assert [each.name for each in databases] == ["local", "site", "base"]
    answer = installed_hashes(databases)
    assert set(answer.all) == {dag_hash(number) for number in range(3)}
    assert answer.notes == ()


def test_unreadable_database_is_a_note(tmp_path: Path) -> None:
    root = tree(tmp_path / "tree", dag_hash(1))
    shutil.rmtree(root / ".spack-db")
    (root / ".spack-db").mkdir()
    (root / ".spack-db" / "index.json").mkdir()
    assert read(root)[1] == (f"tree: {root}/.spack-db/index.json: Is a directory",)


@pytest.mark.parametrize("answer", ["find-me", "find-up"])
def test_hashes_are_those_that_spack_find_lists(answer: str) -> None:
    """With an upstream and without: externals are listed, uninstalled records are not."""
    folder = shared_data("installed/spack1.2")
    lines = (folder / f"{answer}.txt").read_text().splitlines()
    listed = {line[:32] for line in lines if is_dag_hash(line[:32])}
    roots = [folder / "mine"] * (answer == "find-me") + [folder / "upstream"]
    assert read(*roots) == (listed, ())


def test_hashes_in_a_padded_tree_are_those_that_spack_find_lists() -> None:
    folder = shared_data("installed/spack0.23")
    (database,) = find_databases(
        config(folder, Upstream("pad", str(folder / "pad"))), lambda root: SpackConfig()
    )[1:]
    listed = {node["hash"] for node in json.loads((folder / "find-pad.json").read_text())}
    assert set(installed_hashes([database]).all) == listed
