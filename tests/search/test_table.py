"""Results as tables: kinds folded, constants lifted out, what tells rows apart, sorting."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.catalog.compile import compile_catalog
from cachetui.search import COLUMN_NAMES, TABLE_COLUMNS, Table, TableColumn, fold, sort_rank
from cachetui.search.table import MANY_SETS, VARIANTS, parameters_text, place_text
from cachetui.spec import Place, Spec
from cachetui.version import version_key
from tests.conftest import DATA, MIRROR_023, MIRROR_12, CatalogOf, build, read


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """Two mirrors, a view of one, and pages."""
    path = tmp_path_factory.mktemp("table") / "c.sqlite"
    specs = read(MIRROR_023, MIRROR_12, DATA / "pages")[0]
    viewed = [replace(spec, places=(Place("viewed", view="some"),)) for spec in specs[::2]]
    compile_catalog([*specs, *viewed], path)
    with closing(Catalog(path)) as catalog:
        yield catalog


def whole_cell(catalog: Catalog, row: int, column: TableColumn) -> str:
    """The text of a row in a column with all of its parameters."""
    return column.text(catalog.column(column.source)[row])


def assert_right(table: Table) -> None:
    """What holds for any table."""
    catalog, rows = table.catalog, table.rows
    members = [table.members(kind) for kind in table.kinds]
    assert sorted(row for some in members for row in some) == list(rows)
    assert [len(some) for some in members] == [kind.count for kind in table.kinds]
    for kind, some in zip(table.kinds, members, strict=True):
        assert {catalog.kinds.of(row) for row in some} == {kind.number} == {catalog.kinds.of(kind.row)}

    shown = {column.name for column in table.columns}
    constants = dict(table.constants)
    for column in TABLE_COLUMNS:
        texts = {whole_cell(catalog, row, column) for row in rows}
        assert (len(texts) > 1) == (column.name in shown)
        if len(texts) == 1 and texts != {""}:
            assert {constants[column.name]} == texts
        elif column is not VARIANTS:
            assert column.name not in constants
    if table.told_apart_by is not None:
        assert_told_apart(table)


def assert_told_apart(table: Table) -> None:
    sets = [table.catalog.column("parameters")[kind.row].as_dict() for kind in table.kinds]
    names = {name for parameters in sets for name in parameters}
    lacking = object()
    differing = {n for n in names if len({parameters.get(n, lacking) for parameters in sets}) > 1}
    assert table.told_apart_by == frozenset(differing)
    shared = frozenset(names - differing)
    for kind in table.kinds:
        parameters = table.catalog.column("parameters")[kind.row]
        assert dict(table.constants).get("variants", "") == parameters_text(parameters, shared)
        if not table.usual:
            assert table.cell(kind.row, VARIANTS) == parameters_text(parameters, frozenset(differing))
    if "package" in {column.name for column in table.columns}:
        assert not table.usual
    elif differing:
        assert_usual(table, [{n: some.get(n, lacking) for n in differing} for some in sets], lacking)


def assert_usual(table: Table, sets: list[dict[str, object]], lacking: object) -> None:
    """Most kinds have what is called usual, and what is unlike it tells all of them apart."""
    for name in sets[0]:
        votes = Counter(some[name] for some in sets)
        assert votes[table.usual.get(name, lacking)] == max(votes.values())
    looks = {tuple(sorted((n, repr(v)) for n, v in some.items())) for some in sets}
    assert len({table.cell(kind.row, VARIANTS) for kind in table.kinds}) == len(looks)
    for kind, some in zip(table.kinds, sets, strict=True):
        if all(value == table.usual.get(name, lacking) for name, value in some.items()):
            assert table.cell(kind.row, VARIANTS) == ""


def test_everything(catalog: Catalog) -> None:
    table = fold(catalog, catalog.listed)
    assert_right(table)
    assert len(table.kinds) < len(catalog.listed) == len(catalog)
    assert tuple(c.name for c in table.columns if c.name in ("version", "os")) == ("version", "os")


@pytest.mark.parametrize("package", ["py-filelock", "py-werkzeug", "hdf5", "zlib-ng", "openblas", "glibc"])
def test_packages(package: str, catalog: Catalog) -> None:
    table = fold(catalog, BitMap(catalog.package_rows(package)))
    assert_right(table)
    assert dict(table.constants)["package"] == package


def test_pages_fold_into_few_kinds(catalog: Catalog) -> None:
    table = fold(catalog, BitMap(catalog.package_rows("py-filelock")))
    assert sum(kind.count for kind in table.kinds) == 124
    assert len(table.kinds) < 40


@settings(max_examples=60, deadline=None)
@given(rows=st.sets(st.integers(0, 700), max_size=40))
def test_any_rows(rows: set[int], catalog: Catalog) -> None:
    assert_right(fold(catalog, BitMap(rows) & catalog.listed))


def test_no_rows(catalog: Catalog) -> None:
    table = fold(catalog, BitMap())
    assert (list(table.kinds), table.columns, table.constants) == ([], (), ())


def test_one_row(catalog: Catalog) -> None:
    table = fold(catalog, BitMap([5]))
    assert (len(table.kinds), table.columns) == (1, ())
    spec = catalog.spec(5)
    assert dict(table.constants)["version"] == spec.version
    assert dict(table.constants)["variants"] == spec.parameters_text().strip()


def test_members_are_those_of_the_result(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(build(number) for number in range(10))
    table = fold(catalog, BitMap([1, 4, 7]))
    (kind,) = table.kinds
    assert (kind.number, kind.row, kind.count) == (0, 1, 3)
    assert table.members(kind) == [1, 4, 7]


# Parameters


def told_apart(catalog_of: CatalogOf, *specs: Spec) -> Table:
    catalog = catalog_of(specs)
    table = fold(catalog, catalog.listed)
    assert_right(table)
    return table


def cells(table: Table) -> list[str]:
    return [table.cell(kind.row, VARIANTS) for kind in table.kinds]


def test_parameters_that_tell_apart(catalog_of: CatalogOf) -> None:
    common = (("api", "v18"), ("shared", True))
    flags = (("cflags", ("-O3", "-g")),)
    table = told_apart(
        catalog_of,
        build(1, variants=(*common, ("x", True))),
        build(2, variants=(*common, ("x", False))),
        build(3, variants=common, flags=flags),
    )
    assert table.told_apart_by == frozenset({"x", "cflags"})
    assert dict(table.constants)["variants"] == "+shared api=v18"
    assert sorted(cells(table)) == ["+x", "cflags='-O3 -g'", "~x"]


def test_only_what_is_unlike_most_is_told(catalog_of: CatalogOf) -> None:
    usual = (("api", "v18"), ("mpi", True), ("shared", True))
    table = told_apart(
        catalog_of,
        build(1, variants=usual),
        build(2, variants=usual, version="1.0"),
        build(3, variants=usual, version="2.0"),
        build(4, variants=(("api", "v20"), ("mpi", False), ("shared", True))),
        build(5, variants=(("mpi", True), ("shared", True))),
        build(6, variants=usual, flags=(("cflags", ("-O3",)),)),
    )
    assert table.usual_text == "+mpi api=v18"
    assert sorted(cells(table)) == ["", "", "", "cflags=-O3", "no api", "~mpi api=v20"]


def test_nothing_is_usual_among_several_packages(catalog_of: CatalogOf) -> None:
    on, off = (("mpi", True),), (("mpi", False),)
    specs = [
        build(1, name="a", variants=on),
        build(2, name="b", variants=on),
        build(3, name="b", variants=off),
    ]
    table = told_apart(catalog_of, *specs)
    assert (table.usual_text, sorted(cells(table))) == ("", ["+mpi", "+mpi", "~mpi"])


def test_patches_tell_apart(catalog_of: CatalogOf) -> None:
    common = (("shared", True),)
    table = told_apart(catalog_of, build(1, variants=common, patches=("a" * 64,)), build(2, variants=common))
    assert table.told_apart_by == frozenset({"patches"})
    assert sorted(cells(table)) == ["", "patches=aaaaaaa"]


def test_too_many_sets_to_look_at(catalog_of: CatalogOf) -> None:
    specs = [build(n, variants=(("n", str(n)), ("shared", True))) for n in range(MANY_SETS + 1)]
    table = told_apart(catalog_of, *specs)
    assert table.told_apart_by is None
    assert "+shared n=0" in cells(table)
    table = told_apart(catalog_of, *specs[:-1])
    assert table.told_apart_by == frozenset({"n"})


def test_texts_of_places() -> None:
    places = (Place("m", "t", "root"), Place("m", "u", "e4s"), Place("", "t", ""))
    assert [place_text(places, part) for part in ("mirror", "tag", "stack")] == ["m", "t, u", "e4s"]
    assert place_text((Place("m", "t", "root"),), "stack") == "root"
    assert place_text((), "tag") == ""


# Sorting


SORT_KEYS: dict[str, Callable[[Spec], Any]] = {
    "package": lambda spec: spec.name,
    "version": lambda spec: (version_key(spec.version), spec.version),
    "compiler": lambda spec: [
        (c.split("@")[0], version_key(c.partition("@")[2])) for c in spec.compilers or ()
    ],
    "target": lambda spec: spec.target,
    "os": lambda spec: spec.os,
    "platform": lambda spec: spec.platform,
    "stacks": lambda spec: place_text(spec.places, "stack"),
    "tags": lambda spec: place_text(spec.places, "tag"),
    "mirrors": lambda spec: place_text(spec.places, "mirror"),
    "views": lambda spec: place_text(spec.places, "view"),
    "namespace": lambda spec: spec.namespace,
    "external": lambda spec: spec.external,
}


@pytest.mark.parametrize("name", sorted(SORT_KEYS))
def test_sorting(name: str, catalog: Catalog) -> None:
    rows = BitMap(random.Random(1).sample(sorted(catalog.listed), 300))
    key = SORT_KEYS[name]
    ascending, descending = (fold(catalog, rows, name, down) for down in (False, True))
    keys = [key(catalog.spec(kind.row)) for kind in ascending.kinds]
    assert keys == sorted(keys)
    assert len({repr(k) for k in keys}) > 1
    assert [key(catalog.spec(kind.row)) for kind in descending.kinds] == sorted(keys, reverse=True)
    for table in (ascending, descending):
        assert_right(table)
        assert Counter(table.kinds) == Counter(fold(catalog, rows).kinds)


def test_variants_sort_into_groups(catalog: Catalog) -> None:
    table = fold(catalog, catalog.listed, "variants")
    ids = [catalog.column("parameters").ids[kind.row] for kind in table.kinds]
    assert ids == sorted(ids)
    assert set(SORT_KEYS) | {"variants"} == set(COLUMN_NAMES)


def test_catalog_order_without_sorting(catalog: Catalog) -> None:
    rows = [kind.row for kind in fold(catalog, catalog.listed).kinds]
    assert rows == sorted(rows)


def test_unknown_column(catalog: Catalog) -> None:
    with pytest.raises(StopIteration):
        sort_rank(catalog, "nosuch")
