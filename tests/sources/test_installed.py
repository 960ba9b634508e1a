"""The database of installed packages, read by the readers of index records."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachetui.errors import SourceError
from cachetui.sources import IndexFile, Problem, installed_specs
from cachetui.spec import Place
from tests.builders.mirrors import database
from tests.conftest import DATA


def no_problem(problem: Problem) -> None:
    raise AssertionError(str(problem))


def tree(folder: Path, **records: object) -> Path:
    """An install tree with some records."""
    file = folder / ".spack-db" / "index.json"
    file.parent.mkdir()
    file.write_bytes(database(records))
    return folder


def test_specs_of_a_real_tree_are_those_of_an_index() -> None:
    root = DATA / "installed-spack1.2"
    specs = {spec.name: spec for spec in installed_specs(root, no_problem)}
    assert sorted(specs) == ["ca-certificates-mozilla", "gdbm", "zlib-ng"]
    assert (specs["gdbm"].version, specs["gdbm"].dag_hash[:7]) == ("1.25", "ybzoako")
    assert [dependency.name for dependency in specs["gdbm"].dependencies][-1:] == ["readline"]
    file = IndexFile(root / ".spack-db" / "index.json", Place())
    (batch,) = file.batches(no_problem)
    uninstalled = {"berkeley-db"}
    assert {spec.name for spec in batch.specs} == {*specs, *uninstalled}
    assert [spec for spec in batch.specs if spec.name not in uninstalled] == list(specs.values())


def test_tree_of_an_old_spack() -> None:
    found = list(installed_specs(DATA / "installed-spack0.23", no_problem))
    assert [(spec.name, spec.spec_format, spec.external) for spec in found] == [
        ("glibc", 4, "/usr"),
        ("gcc-runtime", 4, ""),
        ("gmake", 4, ""),
        ("zlib-ng", 4, ""),
    ]


def test_record_that_does_not_say_is_installed(tmp_path: Path) -> None:
    node = {"name": "zlib", "version": "1.3", "hash": "a" * 32}
    root = tree(tmp_path, **{"a" * 32: {"spec": node, "path": "None"}})
    assert [spec.name for spec in installed_specs(root, no_problem)] == ["zlib"]


@pytest.mark.parametrize("installed", ["yes", None, [], {}])
def test_bad_record_is_reported_or_read(tmp_path: Path, installed: object) -> None:
    problems: list[Problem] = []
    root = tree(tmp_path, **{"a" * 32: {"spec": 7, "installed": installed}})
    assert list(installed_specs(root, problems.append)) == []
    assert len(problems) == 1 and ".spack-db/index.json: record aaa" in problems[0].place


def test_tree_without_a_database(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        list(installed_specs(tmp_path, no_problem))
