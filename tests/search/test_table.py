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
from cachetui.search import COLUMNS, Attributes, BoundAttribute, Table
from cachetui.search import fold as fold_attributes
from cachetui.search.attributes import parameters_text, place_text
from cachetui.search.table import MANY_SETS
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


def fold(catalog: Catalog, rows: BitMap, sort: str = "", descending: bool = False) -> Table:
    """The table of rows of a catalog."""
    return fold_attributes(Attributes(catalog), rows, sort, descending)


def whole_cell(row: int, column: BoundAttribute) -> str:
    """The text of a row in a column with all of its parameters."""
    return column.text(column.values[column.number(row)])


def assert_right(table: Table) -> None:
    """What holds for any table."""
    catalog, rows = table.catalog, table.rows
    members = [table.members(line) for line in table.folds]
    assert sorted(row for some in members for row in some) == list(rows)
    assert [len(some) for some in members] == [line.count for line in table.folds]
    for line, some in zip(table.folds, members, strict=True):
        assert (
            {catalog.lookalikes.of(row) for row in some} == {line.number} == {catalog.lookalikes.of(line.row)}
        )

    shown = {column.heading for column in table.columns}
    constants = dict(table.constants)
    for column in Attributes(catalog).columns:
        texts = {whole_cell(row, column) for row in rows}
        assert (len(texts) > 1) == (column.heading in shown)
        if len(texts) == 1 and texts != {""}:
            assert {constants[column.heading]} == texts
        elif column.heading != "variants":
            assert column.heading not in constants
    if table.differing is not None:
        assert_told_apart(table)


def assert_told_apart(table: Table) -> None:
    sets = [table.catalog.column("parameters")[line.row].as_dict() for line in table.folds]
    names = {name for parameters in sets for name in parameters}
    absent = object()
    differing = {n for n in names if len({parameters.get(n, absent) for parameters in sets}) > 1}
    assert table.differing == frozenset(differing)
    shared = frozenset(names - differing)
    variants = Attributes(table.catalog).column("variants")
    for line in table.folds:
        parameters = table.catalog.column("parameters")[line.row]
        assert dict(table.constants).get("variants", "") == parameters_text(parameters, shared)
        if not table.usual:
            assert table.cell(line, variants) == parameters_text(parameters, frozenset(differing))
    if "package" in {column.heading for column in table.columns}:
        assert not table.usual
    elif differing:
        assert_usual(table, [{n: some.get(n, absent) for n in differing} for some in sets], absent)


def assert_usual(table: Table, sets: list[dict[str, object]], absent: object) -> None:
    """Most kinds have what is called usual, and what is unlike it tells all of them apart."""
    for name in sets[0]:
        votes = Counter(some[name] for some in sets)
        assert votes[table.usual.get(name, absent)] == max(votes.values())
    variants = Attributes(table.catalog).column("variants")
    looks = {tuple(sorted((n, repr(v)) for n, v in some.items())) for some in sets}
    assert len({table.cell(line, variants) for line in table.folds}) == len(looks)
    for line, some in zip(table.folds, sets, strict=True):
        if all(value == table.usual.get(name, absent) for name, value in some.items()):
            assert table.cell(line, variants) == ""


def test_everything(catalog: Catalog) -> None:
    table = fold(catalog, catalog.listed)
    assert_right(table)
    assert len(table.folds) < len(catalog.listed) == len(catalog)
    assert tuple(c.heading for c in table.columns if c.heading in ("version", "os")) == ("version", "os")


@pytest.mark.parametrize("package", ["py-filelock", "py-werkzeug", "hdf5", "zlib-ng", "openblas", "glibc"])
def test_packages(package: str, catalog: Catalog) -> None:
    table = fold(catalog, BitMap(catalog.package_rows(package)))
    assert_right(table)
    assert dict(table.constants)["package"] == package


def test_pages_fold_into_few_kinds(catalog: Catalog) -> None:
    table = fold(catalog, BitMap(catalog.package_rows("py-filelock")))
    assert sum(line.count for line in table.folds) == 124
    assert len(table.folds) < 40


@settings(max_examples=60, deadline=None)
@given(rows=st.sets(st.integers(0, 700), max_size=40))
def test_any_rows(rows: set[int], catalog: Catalog) -> None:
    assert_right(fold(catalog, BitMap(rows) & catalog.listed))


def test_no_rows(catalog: Catalog) -> None:
    table = fold(catalog, BitMap())
    assert (list(table.folds), table.columns, table.constants) == ([], (), ())


def test_one_row(catalog: Catalog) -> None:
    table = fold(catalog, BitMap([5]))
    assert (len(table.folds), table.columns) == (1, ())
    spec = catalog.spec(5)
    assert dict(table.constants)["version"] == spec.version
    assert dict(table.constants)["variants"] == spec.parameters_text().strip()


def test_members_are_those_of_the_result(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(build(number) for number in range(10))
    table = fold(catalog, BitMap([1, 4, 7]))
    (line,) = table.folds
    assert (line.number, line.row, line.count) == (0, 1, 3)
    assert table.members(line) == [1, 4, 7]


# Parameters


def told_apart(catalog_of: CatalogOf, *specs: Spec) -> Table:
    catalog = catalog_of(specs)
    table = fold(catalog, catalog.listed)
    assert_right(table)
    return table


def cells(table: Table) -> list[str]:
    variants = Attributes(table.catalog).column("variants")
    return [table.cell(line, variants) for line in table.folds]


def test_parameters_that_tell_apart(catalog_of: CatalogOf) -> None:
    common = (("api", "v18"), ("shared", True))
    flags = (("cflags", ("-O3", "-g")),)
    table = told_apart(
        catalog_of,
        build(1, variants=(*common, ("x", True))),
        build(2, variants=(*common, ("x", False))),
        build(3, variants=common, flags=flags),
    )
    assert table.differing == frozenset({"x", "cflags"})
    assert dict(table.constants)["variants"] == "+shared api=v18"
    assert sorted(cells(table)) == ["+x", "cflags='-O3 -g'", "~x"]


def test_only_what_differs_from_the_usual_is_shown(catalog_of: CatalogOf) -> None:
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
    assert table.differing == frozenset({"patches"})
    assert sorted(cells(table)) == ["", "patches=aaaaaaa"]


def test_too_many_sets_to_look_at(catalog_of: CatalogOf) -> None:
    specs = [build(n, variants=(("n", str(n)), ("shared", True))) for n in range(MANY_SETS + 1)]
    table = told_apart(catalog_of, *specs)
    assert table.differing is None
    assert "+shared n=0" in cells(table)
    table = told_apart(catalog_of, *specs[:-1])
    assert table.differing == frozenset({"n"})


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
    keys = [key(catalog.spec(line.row)) for line in ascending.folds]
    assert keys == sorted(keys)
    assert len({repr(k) for k in keys}) > 1
    assert [key(catalog.spec(line.row)) for line in descending.folds] == sorted(keys, reverse=True)
    for table in (ascending, descending):
        assert_right(table)
        assert Counter(table.folds) == Counter(fold(catalog, rows).folds)


def test_variants_sort_into_groups(catalog: Catalog) -> None:
    table = fold(catalog, catalog.listed, "variants")
    ids = [catalog.column("parameters").ids[line.row] for line in table.folds]
    assert ids == sorted(ids)
    assert set(SORT_KEYS) | {"variants"} == {column.heading for column in COLUMNS}


def test_catalog_order_without_sorting(catalog: Catalog) -> None:
    rows = [line.row for line in fold(catalog, catalog.listed).folds]
    assert rows == sorted(rows)


def test_versions_stand_newest_first_without_sorting(catalog: Catalog) -> None:
    for package in catalog.packages:
        table = fold(catalog, BitMap(catalog.package_rows(package)))
        keys = [version_key(catalog.column("version")[line.row]) for line in table.folds]
        assert keys == sorted(keys, reverse=True)


# Chosen columns


def headings(table: Table) -> list[str]:
    return [column.heading for column in table.columns]


def test_chosen_columns_stand_in_their_order_even_if_constant(catalog: Catalog) -> None:
    rows = BitMap(catalog.package_rows("zlib-ng"))
    chosen = ("os", "package", "version", "os", "nosuch", "^nosuch")
    table = fold_attributes(Attributes(catalog), rows, chosen=chosen)
    assert headings(table) == ["os", "package", "version"]
    package = table.columns[1]
    assert {table.cell(line, package) for line in table.folds} == {"zlib-ng"}
    automatic = fold(catalog, rows)
    assert "package" not in headings(automatic)
    assert dict(table.constants) == {k: v for k, v in automatic.constants if k != "package"}
    assert list(table.folds) == list(automatic.folds)


def test_no_chosen_column_lifts_only_what_is_constant(catalog: Catalog) -> None:
    rows = BitMap(catalog.package_rows("zlib-ng"))
    table = fold_attributes(Attributes(catalog), rows, chosen=())
    assert (headings(table), table.constants) == ([], fold(catalog, rows).constants)


def test_chosen_variants_that_are_constant_are_shown_whole(catalog_of: CatalogOf) -> None:
    variants = (("api", "v18"), ("mpi", True))
    catalog = catalog_of([build(1, variants=variants), build(2, variants=variants, version="9")])
    table = fold_attributes(Attributes(catalog), catalog.listed, chosen=("variants",))
    assert cells(table) == ["+mpi api=v18"] * 2
    assert "variants" not in dict(table.constants)


def test_chosen_variants_that_differ_leave_what_all_have(catalog_of: CatalogOf) -> None:
    specs = [build(n, variants=(("mpi", True), ("shared", n > 1))) for n in range(3)]
    catalog = catalog_of(specs)
    table = fold_attributes(Attributes(catalog), catalog.listed, chosen=("variants",))
    assert dict(table.constants)["variants"] == "+mpi"
    assert sorted(cells(table)) == ["", "+shared"]


def test_a_column_of_another_catalog_does_not_sort(catalog: Catalog) -> None:
    rows = list(fold(catalog, catalog.listed).folds)
    for name in ("nosuch", "^nosuch"):
        assert list(fold(catalog, catalog.listed, name, True).folds) == rows
