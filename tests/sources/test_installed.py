"""Install trees as locations: their databases are read as indexes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from cachetui.errors import LocationError
from cachetui.sources import IndexFile, Problem, layout_of, open_path, root_of
from cachetui.sources.index import parts
from cachetui.spec import INSTALLED, Spec
from tests.builders.mirrors import database
from tests.conftest import DATA, dag_hash, read, shared_data

TREE = DATA / "installed-spack1.2"
PADDING = "__spack_path_placeholder__"


def record(number: int, **fields: object) -> dict[str, object]:
    """The record of an installed zlib; `fields` are of the record."""
    node = {"name": "zlib", "version": f"1.{number}", "hash": dag_hash(number)}
    return {"spec": node, "path": f"/x/{number}", "installed": True, "explicit": False, **fields}


def tree(root: Path, records: object = None, version: object = "8") -> Path:
    """An install tree with a database."""
    file = root / ".spack-db" / "index.json"
    file.parent.mkdir(parents=True)
    file.write_bytes(database({dag_hash(1): record(1)} if records is None else records, version))
    return root


def listed(specs: Iterable[Spec]) -> list[str]:
    return [spec.name for spec in specs if spec.listed]


def opened(location: Path | str) -> list[tuple[str, str]]:
    """(name, root) of the install trees at a location."""
    sources = open_path(str(location))
    assert all(isinstance(source, IndexFile) and layout_of(source) == INSTALLED for source in sources)
    return [(source.name, str(root_of(source))) for source in sources if isinstance(source, IndexFile)]


def test_specs_of_a_real_tree_are_those_that_are_installed() -> None:
    specs, problems = read(TREE)
    assert (sorted(listed(specs)), problems) == (["ca-certificates-mozilla", "gdbm", "zlib-ng"], [])
    (gone,) = (spec for spec in specs if not spec.listed)
    assert (gone.name, gone.places, gone.installed_in) == ("berkeley-db", (), ())
    gdbm = next(spec for spec in specs if spec.name == "gdbm")
    assert (gdbm.installed_in, gdbm.has_binary) == (("installed-spack1.2",), False)
    assert [dependency.name for dependency in gdbm.dependencies][-1:] == ["readline"]


def test_tree_of_an_old_spack() -> None:
    specs, problems = read(DATA / "installed-spack0.23")
    assert [(spec.name, spec.spec_format, spec.external) for spec in specs if spec.listed] == [
        ("glibc", 4, "/usr"),
        ("gcc-runtime", 4, ""),
        ("gmake", 4, ""),
        ("zlib-ng", 4, ""),
    ]
    assert problems == []


@pytest.mark.parametrize("below", ["", ".spack-db", ".spack-db/index.json"])
def test_tree_is_opened_by_each_of_its_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    root = tree(tmp_path / "site")
    assert opened(root / below) == [("site", str(root))]
    assert opened(f"file://{root / below}") == [("site", str(root))]
    folder, name = (
        ((root / below).parent, (root / below).name) if below.endswith("json") else (root / below, ".")
    )
    monkeypatch.chdir(folder)
    assert opened(name) == [("site", str(root))]


def test_spack_is_opened_by_its_root(tmp_path: Path) -> None:
    root = tree(tmp_path / "my-spack" / "opt" / "spack")
    for location in (tmp_path / "my-spack", root, root / ".spack-db"):
        assert opened(location) == [("my-spack", str(root))]


def test_padded_tree_is_opened_by_its_root_with_and_without_padding(tmp_path: Path) -> None:
    root = tree(tmp_path.joinpath("pad", *[PADDING] * 3, "__spack_p"))
    for location in (tmp_path / "pad", tmp_path / "pad" / PADDING, root):
        assert opened(location) == [("pad", str(root))]
    second = tree(tmp_path / "pad" / PADDING / "__")
    assert sorted(opened(tmp_path / "pad")) == sorted(
        (f"pad padded to {len(str(each))}", str(each)) for each in (root, second)
    )


def test_mirror_that_stands_in_a_tree_is_a_mirror(tmp_path: Path) -> None:
    shutil.copytree(DATA / "mirror-v2-spack1.2", tmp_path / "x")
    assert layout_of(open_path(str(tmp_path / "x"))[0]) == "v2"


@pytest.mark.parametrize("version", ["5", "6", "7", "8", "9"])
def test_database_versions(tmp_path: Path, version: str) -> None:
    node = {"name": "zlib", "version": "1.3", "external": {"path": "/usr", "module": None}}
    if version == "5":
        node = {"zlib": {"version": "1.3", "external": {"path": "/usr", "module": None}}}
    there, gone = {"spec": node, "installed": True}, {"spec": node, "installed": False}
    specs, problems = read(tree(tmp_path / "t", {dag_hash(1): there, dag_hash(2): gone}, version))
    assert [(spec.dag_hash, spec.external, spec.listed) for spec in specs] == [
        (dag_hash(1), "/usr", True),
        (dag_hash(2), "", False),
    ]
    assert problems == []


def test_record_that_does_not_say_is_not_installed(tmp_path: Path) -> None:
    """Spack reads it so; the index of a mirror, which never says it, is read as before."""
    silent = record(1)
    del silent["installed"]
    (spec,) = read(tree(tmp_path / "t", {dag_hash(1): silent}))[0]
    assert not spec.listed
    (tmp_path / "index.json").write_bytes(database({dag_hash(1): silent}))
    (spec,) = read(tmp_path / "index.json")[0]
    assert spec.listed


def test_copy_of_a_database_lists_what_is_installed(tmp_path: Path) -> None:
    records = {dag_hash(1): record(1), dag_hash(2): record(2, installed=False)}
    (tmp_path / "copy.json").write_bytes(database(records))
    assert [spec.version for spec in read(tmp_path / "copy.json")[0] if spec.listed] == ["1.1"]


@pytest.mark.parametrize("installed", ["yes", 1, [], {}])
def test_damaged_record_is_reported_and_hides_no_other(tmp_path: Path, installed: object) -> None:
    records = {dag_hash(1): record(1, installed=installed), dag_hash(2): record(2)}
    specs, (problem,) = read(tree(tmp_path / "t", records))
    assert [spec.version for spec in specs] == ["1.2"]
    assert f".spack-db/index.json: record {dag_hash(1)}" in problem.place


def test_big_database_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 500)
    records = {dag_hash(n): record(n, installed=n % 3 != 0) for n in range(1, 60)}
    (source,) = open_path(str(tree(tmp_path / "t", records)))
    problems: list[Problem] = []
    assert isinstance(source, IndexFile)
    pieces = source.parts(problems.append)
    assert len(pieces) > 3
    specs = [spec for part in pieces for batch in part.batches(problems.append) for spec in batch.specs]
    assert [spec.listed for spec in specs] == [n % 3 != 0 for n in range(1, 60)]
    assert specs == list(read(tmp_path / "t")[0]) and not problems


def test_folder_inside_a_tree_names_the_tree(tmp_path: Path) -> None:
    root = tree(tmp_path / "a site")
    prefix = root / "linux-x86_64" / "zlib-1.3-abc"
    prefix.mkdir(parents=True)
    with pytest.raises(LocationError, match=r"inside an install tree; open the tree: cachetui '.*/a site'"):
        open_path(str(prefix))


def test_tree_without_a_database(tmp_path: Path) -> None:
    (tmp_path / ".spack-db").mkdir()
    for location in (tmp_path, tmp_path / ".spack-db"):
        with pytest.raises(LocationError, match="an install tree without a database"):
            open_path(str(location))


@pytest.mark.parametrize(
    ("location", "answer"),
    [
        ("spack1.2/mine", "find-me-local.txt"),
        ("spack1.2/upstream", "find-up.txt"),
        ("spack0.23/pad", "find-pad.txt"),
    ],
)
def test_listed_hashes_are_those_that_spack_find_lists(location: str, answer: str) -> None:
    file = shared_data(f"installed/{location.partition('/')[0]}") / answer
    lines = [line.split() for line in file.read_text().splitlines()]
    expected = {line[0] for line in lines if len(line) == 2 and len(line[0]) == 32}
    specs, problems = read(shared_data(f"installed/{location}"))
    assert ({spec.dag_hash for spec in specs if spec.listed}, problems) == (expected, [])
