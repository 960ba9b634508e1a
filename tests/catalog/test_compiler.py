"""Compiling: the order of rows, kinds, facets, and the file that appears whole or not at all."""

from __future__ import annotations

import os
import random
import resource
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cachetui.catalog import INDEXES, Catalog, Parameters
from cachetui.catalog.compile import compile_catalog
from cachetui.errors import CatalogError
from cachetui.files import ABANDONED_SECONDS
from cachetui.spec import Place, Spec
from cachetui.version import version_key
from tests.conftest import (
    DATA,
    FACET_NAMES,
    MIRROR_023,
    MIRROR_12,
    CatalogOf,
    build,
    dag_hash,
    facet_values,
    read,
)


def content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that a catalog file holds."""
    tables = ("meta", "chunk")
    with closing(sqlite3.connect(path)) as db:
        return {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


def specs_of(catalog: Catalog) -> list[Spec]:
    return [catalog.spec(row) for row in range(len(catalog))]


@pytest.fixture(scope="module")
def mixed() -> list[Spec]:
    """Two mirrors and pages."""
    return read(MIRROR_023, MIRROR_12, DATA / "pages")[0]


def test_order_of_the_input_does_not_matter(mixed: list[Spec], tmp_path: Path) -> None:
    contents = []
    for seed in range(3):
        shuffled = list(mixed)
        random.Random(seed).shuffle(shuffled)
        compile_catalog(shuffled, tmp_path / f"{seed}.sqlite")
        contents.append(content(tmp_path / f"{seed}.sqlite"))
    by_kind = {"values edge_kind", "kind_source", "kind_target", "group_kind", "group_start", "edges", "ends"}
    one, *others = [{part[:2]: part for part in c["chunk"] if part[0] not in by_kind} for c in contents]
    assert others == [one, one]
    assert contents[0]["meta"] == contents[1]["meta"] == contents[2]["meta"]


def test_edges_whatever_the_order(mixed: list[Spec], catalog_of: CatalogOf) -> None:
    one, other = catalog_of(mixed), catalog_of(reversed(mixed))
    assert specs_of(one) == specs_of(other)


def test_target_parents_whatever_the_order(catalog_of: CatalogOf) -> None:
    given = [
        build(n, target=t, target_parents=(p,))
        for n, (t, p) in enumerate([("a", "b"), ("a", "c"), ("b", "a"), ("a", "a")])
    ]
    assert catalog_of(given).meta == catalog_of(reversed(given)).meta


def row_key(spec: Spec) -> tuple[Any, ...]:
    """The order of rows, as documented: package, newest version first, then every visible column."""
    compilers = [c.partition("@") for c in spec.compilers or ()]
    parameters = (spec.variants, spec.flags, spec.patches)
    return (
        (spec.name,),
        (version_key(spec.version), spec.version),
        (spec.platform, spec.os, spec.target, [(n, version_key(v)) for n, _, v in compilers]),
        (spec.namespace, parameters, spec.external, spec.places),
    )


def test_rows_are_sorted(mixed: list[Spec], catalog_of: CatalogOf) -> None:
    specs = specs_of(catalog_of(mixed))
    for before, after in pairwise(specs):
        old, new = row_key(before), row_key(after)
        assert old[0] <= new[0]
        if old[0] == new[0]:
            assert old[1] >= new[1]
        if old[:2] == new[:2]:
            assert old[2] <= new[2]
        if old == new:
            assert before.dag_hash < after.dag_hash


def test_versions_and_compilers_are_sorted_as_versions(catalog_of: CatalogOf) -> None:
    versions = ["1.9", "1.10", "develop", "1.10rc1", "", "main", "1.10.0"]
    catalog = catalog_of(build(n, version=version) for n, version in enumerate(versions))
    assert [s.version for s in specs_of(catalog)] == [
        "develop",
        "main",
        "1.10.0",
        "1.10",
        "1.10rc1",
        "1.9",
        "",
    ]
    compilers = [("gcc@9.4.0",), ("gcc@13.2.0",), (), ("clang@17",), ("gcc@13.2.0", "llvm@17")]
    catalog = catalog_of(build(n, compilers=names) for n, names in enumerate(compilers))
    assert [s.compilers for s in specs_of(catalog)] == [
        (), ("clang@17",), ("gcc@9.4.0",), ("gcc@13.2.0",), ("gcc@13.2.0", "llvm@17")
    ]  # fmt: skip


def test_packages_are_ranges(mixed: list[Spec], catalog_of: CatalogOf) -> None:
    catalog = catalog_of(mixed)
    names = [spec.name for spec in specs_of(catalog)]
    assert catalog.packages == sorted(set(names))
    for i, name in enumerate(catalog.packages):
        rows = catalog.package_rows(name)
        assert [row for row, other in enumerate(names) if other == name] == list(rows)
        assert rows == catalog.package_ranges[i]
        assert catalog.package_counts[i] == sum(row in catalog.listed for row in rows)
    for unknown in ("", "zzz", "hdf", "hdf5 "):
        assert catalog.package_rows(unknown) == range(0)


def look(spec: Spec) -> Spec:
    """A spec without what the table does not store."""
    hidden = {"dag_hash", "dependencies", "package_hash", "provided_virtuals", "spec_format", "size",
              "in_buildcache", "target_parents"}  # fmt: skip
    seen = {f: getattr(spec, f) for f in spec.__struct_fields__ if f not in hidden}
    return Spec(**{**seen, "dag_hash": ""})


def test_kinds_are_builds_that_look_the_same(mixed: list[Spec], catalog_of: CatalogOf) -> None:
    catalog = catalog_of(mixed)
    rows_of: dict[Spec, list[int]] = defaultdict(list)
    for row, spec in enumerate(specs_of(catalog)):
        rows_of[look(spec)].append(row)
    kinds = defaultdict(list)
    for row in range(len(catalog)):
        kinds[catalog.lookalikes.of(row)].append(row)
    assert sorted(rows_of.values()) == sorted(kinds.values())
    assert [list(catalog.lookalikes[k]) for k in range(len(kinds))] == [kinds[k] for k in range(len(kinds))]
    assert len(kinds) < len(catalog)


# Facets


def index_values(spec: Spec, index: str) -> set[str]:
    """The values of a spec in an index, naively; those of variants, flags and patches are as they are."""
    if index == "patch":
        return set(spec.patches)
    if index == "spec_format":
        return {str(spec.spec_format)}
    if index != "variant":
        return facet_values(spec, index)
    values = {f"{name}={' '.join(words)}" for name, words in spec.flags}
    for name, value in spec.variants:
        for part in value if isinstance(value, tuple) else (value,):
            values.add(("~+"[part] + name) if isinstance(part, bool) else f"{name}={part}")
    return values


ODD = build(
    namespace="my.repo",
    flags=(("cflags", ("-O3", "-g")),),
    variants=(("x", ("a b", "c")), ("y", "it's"), ("z", "")),
    patches=("b" * 64, "a" * 64, "b" * 64),
)


@pytest.mark.parametrize("name", [index.name for index in INDEXES])
def test_index_is_a_naive_scan(name: str, mixed: list[Spec], catalog_of: CatalogOf) -> None:
    catalog = catalog_of([*mixed, ODD])
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, spec in enumerate(specs_of(catalog)):
        for value in index_values(spec, name):
            rows_of[value].append(row)
    index = catalog.facet(name)
    assert {v: list(rows) for v, rows in zip(index.values, index.bitmaps, strict=True)} == rows_of
    assert [list(index.rows(value)) for value in index.values] == [rows_of[value] for value in index.values]
    assert not index.rows("no such value")


def test_values_are_raw(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([ODD])
    assert catalog.facet("variant").values == ["cflags=-O3 -g", "x=a b", "x=c", "y=it's", "z="]
    assert catalog.facet("patch").values == ["a" * 64, "b" * 64]
    assert catalog.facet("namespace").values == ["my.repo"]
    assert not {"namespace", "patch"} & set(FACET_NAMES)


def test_order_of_facet_values(mixed: list[Spec], catalog_of: CatalogOf) -> None:
    catalog = catalog_of(mixed)
    assert [index.name for index in map(catalog.facet, FACET_NAMES)] == list(FACET_NAMES)
    versions = catalog.facet("version").values
    assert versions == sorted(versions, key=lambda value: (version_key(value), value))
    assert versions != sorted(versions)
    compilers = [value.partition("@") for value in catalog.facet("compiler").values]
    assert compilers == sorted(compilers, key=lambda parts: (parts[0], version_key(parts[2])))
    for facet in ("os", "target", "stack", "variant"):
        values = catalog.facet(facet).values
        assert values == sorted(set(values))


def test_listed_and_in_buildcache(catalog_of: CatalogOf) -> None:
    specs = [
        build(1),
        build(2, in_buildcache=False),
        build(3, in_buildcache=False, external="/usr"),
        build(4, external="/usr"),
    ]
    catalog = catalog_of(specs)
    assert {catalog.dag_hash(row) for row in catalog.in_buildcache} == {dag_hash(1), dag_hash(4)}
    assert {catalog.dag_hash(row) for row in catalog.listed} == {dag_hash(1), dag_hash(3), dag_hash(4)}


def test_parameters_by_name() -> None:
    variants = (("a", True), ("z", ("1", "2")))
    parameters = Parameters(variants, (("cflags", ("-g",)),), ("f" * 64, "0" * 64))
    assert list(parameters.as_dict().items()) == [
        ("a", True), ("patches", ("0000000", "fffffff")), ("z", ("1", "2")), ("cflags", ("-g",))
    ]  # fmt: skip


# Hostile values


def test_endless_digits_are_survived(catalog_of: CatalogOf) -> None:
    digits = "9" * 6000
    versions = [digits, f"1.0rc{digits}", f"1.{digits}", f"git.x={digits}"]
    catalog = catalog_of(build(n, version=v, compilers=(f"gcc@{v}",)) for n, v in enumerate(versions))
    assert sorted(spec.version for spec in specs_of(catalog)) == sorted(versions)


# The file


def test_no_specs_at_all(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([])
    assert (len(catalog), catalog.packages, len(catalog.listed)) == (0, [], 0)
    assert [index.values for index in map(catalog.facet, FACET_NAMES)] == [[] for _ in FACET_NAMES]
    assert list(catalog.rows_with_prefix("a")) == []


def test_meta_is_kept(tmp_path: Path) -> None:
    compile_catalog([build()], tmp_path / "c.sqlite", {"title": "ä", "schema": "mine", "specs": "7"})
    with closing(Catalog(tmp_path / "c.sqlite")) as catalog:
        assert (catalog.meta["title"], len(catalog)) == ("ä", 1)


def test_replacing_leaves_readers_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folders" / "c.sqlite"
    compile_catalog([build(1), build(2)], path)
    with closing(Catalog(path)) as old:
        compile_catalog([build(3, "hdf5")], path)
        with closing(Catalog(path)) as new:
            assert (len(new), new.packages) == (1, ["hdf5"])
        assert [spec.name for spec in specs_of(old)] == ["zlib", "zlib"]
    assert os.listdir(path.parent) == ["c.sqlite"]


def test_what_killed_writers_left_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    ages = {
        ".c.sqlite.dead": ABANDONED_SECONDS + 60,
        ".c.sqlite.alive": ABANDONED_SECONDS - 60,
        ".other.sqlite.dead": ABANDONED_SECONDS + 60,
        "c.sqlite.copy": ABANDONED_SECONDS + 60,
    }
    for name, age in ages.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    compile_catalog([build()], path)
    assert {*os.listdir(tmp_path)} == {*ages, "c.sqlite"} - {".c.sqlite.dead"}


def test_nothing_is_left_of_a_failed_write(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    (path / "in the way").mkdir(parents=True)
    with pytest.raises(CatalogError, match="cannot be written"):
        compile_catalog([build()], path)
    assert os.listdir(tmp_path) == ["c.sqlite"]


def test_nothing_is_left_of_a_source_that_fails(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    compile_catalog([build()], path)
    before = path.read_bytes()

    def failing() -> Iterator[Spec]:
        yield build(2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compile_catalog(failing(), path)
    assert (os.listdir(tmp_path), path.read_bytes()) == (["c.sqlite"], before)


def test_full_disk(tmp_path: Path, mixed: list[Spec]) -> None:
    path = tmp_path / "c.sqlite"
    compile_catalog([build()], path)
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 10, hard))
    try:
        with pytest.raises(CatalogError, match="cannot be written"):
            compile_catalog(mixed, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (os.listdir(tmp_path), path.read_bytes()) == (["c.sqlite"], before)


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "c.sqlite", tmp_path / "file" / "deeper" / "c.sqlite"):
        with pytest.raises(CatalogError, match="cannot be written"):
            compile_catalog([build()], path)


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not hold for root")
def test_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        for path in (tmp_path / "c.sqlite", tmp_path / "deeper" / "c.sqlite"):
            with pytest.raises(CatalogError, match="Permission denied"):
                compile_catalog([build()], path)
    finally:
        tmp_path.chmod(0o700)
    assert os.listdir(tmp_path) == []


def test_places_of_many_kinds(catalog_of: CatalogOf) -> None:
    places = (Place("m", "develop", "e4s"), Place("m", "develop", "root"), Place("", "v1", ""))
    catalog = catalog_of([build(places=places), build(2, places=())])
    found = {f: catalog.facet(f).values for f in ("mirror", "tag", "stack")}
    assert found == {"mirror": ["m"], "tag": ["develop", "v1"], "stack": ["e4s", "root"]}
