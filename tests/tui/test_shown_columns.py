"""Which columns the table shows: offered and chosen ones, and what it says of those that it hides."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachetui.catalog import Catalog
from cachetui.catalog.compile import compile_catalog
from cachetui.search import Engine, Fold, Selection, Table, fold, telling
from cachetui.tui.remembered import load_remembered
from cachetui.tui.widgets.table_layout import MEASURED_LINES, TableColumns
from tests.builders.mirrors import mirror, record
from tests.conftest import DATA, build
from tests.tui.driver import Browser, browsing
from tests.tui.test_fold import headings, to_table

INDEX = str(DATA / "whole-v2-spack0.23")

COMPILERS = ("gcc@13.2.0", "intel-oneapi-compilers@2024.2.1", "gcc@12.4.0")
OSES = ("debian12", "rhel9")
VARIANTS = ((), (("mpi", True),), (("mpi", False),), (("api", "v18"), ("shared", True)))


@pytest.fixture(scope="module")
def many_alike(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """Builds of which neighbours differ in one column, and others in none that is near."""
    path = tmp_path_factory.mktemp("alike") / "catalog.sqlite"
    kinds = product(("1.10", "1.9.2-long-name-of-a-version"), COMPILERS, OSES, ("zen3", "zen4"), VARIANTS)
    specs = [
        build(number, version=version, compilers=(compiler,), os=os, target=target, variants=variants)
        for number, (version, compiler, os, target, variants) in enumerate(kinds)
    ]
    others = [build(1000 + n, f"tool{n}", variants=VARIANTS[n % 4]) for n in range(2 * MEASURED_LINES)]
    compile_catalog([*specs, *others], path)
    catalog = Catalog(path)
    yield catalog
    catalog.close()


def differing(table: Table, one: Fold, other: Fold) -> set[str]:
    """The columns in which two lines differ."""
    return {c.heading for c in table.columns if table.cell(one, c) != table.cell(other, c)}


def check_lines(columns: TableColumns, lines: list[Fold]) -> None:
    """No two of the lines look equal that are not, unless they say in what they differ."""
    columns.make_room(lines)
    for one, other in combinations(lines, 2):
        apart = differing(columns.table, one, other)
        if apart and columns.look(one) == columns.look(other):
            assert columns.also_width
            for line in (one, other):
                assert apart & {column.heading for column in columns.differing(line, lines)}
                assert columns.also(line, lines)


@settings(deadline=None)
@given(
    st.sampled_from(["", "zlib"]),
    st.sampled_from(["", "os", "target", "variants"]),
    st.integers(40, 200),
    st.integers(0, 8),
    st.integers(0, 400),
)
def test_lines_on_the_screen_look_different_or_say_in_what_they_differ(
    many_alike: Catalog, package: str, sort: str, width: int, steps: int, top: int
) -> None:
    result = Engine(many_alike).select(Selection(package=package, sort=sort))
    columns = TableColumns(fold(result.attributes, result.rows, sort), width)
    columns.move(steps)
    check_lines(columns, list(columns.table.folds[top : top + 30]))


@settings(deadline=None)
@given(st.integers(40, 200), st.integers(0, 8), st.integers(0, 200))
def test_lines_of_a_real_index_too(real_catalog: Catalog, width: int, steps: int, top: int) -> None:
    result = Engine(real_catalog).select(Selection(package=""))
    columns = TableColumns(fold(result.attributes, result.rows), width)
    columns.move(steps)
    check_lines(columns, list(columns.table.folds[top : top + 30]))


async def test_lines_that_are_scrolled_to_say_in_what_they_differ(tmp_path: Path) -> None:
    wide: dict[str, Any] = {
        "arch": {"platform": "linux", "platform_os": "name-of-a-system", "target": "name-of-a-target"},
        "compiler": {"name": "a-compiler", "version": "1.2.3"},
    }
    newer = [record(n, version=f"2.{n}", **wide) for n in range(MEASURED_LINES + 20)]
    last = [record(900 + n, namespace=name) for n, name in enumerate(("builtin", "mine"))]
    async with browsing(mirror(tmp_path / "m", *newer, *last), size=(60, 24)) as browser:
        await to_table(browser, "zlib")
        assert "namespace" not in headings(browser) and "also" not in headings(browser)
        await browser.press("G")
        assert [line.split()[-2] for line in browser.pane("table")[-3:-1]] == ["builtin", "mine"]
        await browser.press("g")
        assert "also" in headings(browser), "the columns stay where they are"


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160])
async def test_no_two_lines_of_the_sample_are_equal_but_for_their_builds(width: int) -> None:
    async with browsing(size=(width, 40)) as browser:
        await to_table(browser)
        columns, lines = browser.table.columns, [line.fold for line in browser.table.lines]
        assert columns is not None
        check_lines(columns, lines)
        shown = [line for line in browser.pane("table")[2:] if line.endswith("alike")]
        cells = [line.rsplit(None, 2)[0] for line in shown]
        assert all(cell.endswith("stacks") or "+" in cell for cell in cells if cells.count(cell) > 1)


# Offered and chosen columns


async def test_dependencies_that_tell_builds_apart_are_offered() -> None:
    async with browsing(INDEX, size=(160, 40)) as browser:
        await to_table(browser, "hdf5")
        result = browser.result
        assert telling(result.attributes, result.rows) == ("mpi",)
        assert "mpi" in headings(browser)
        await browser.query("zlib-ng")
        await browser.press("enter")
        assert "mpi" not in headings(browser)


def all_headings(browser: Browser) -> list[str]:
    """The columns of the table, also those that there is no room for."""
    assert browser.table.columns is not None
    return [column.heading for column in browser.table.columns.columns]


async def choose(browser: Browser, heading: str) -> None:
    """Show or hide a column in the dialog."""
    await browser.press("c")
    screen = browser.app.screen
    lines = browser.pane("lines")[1:]
    place = next(index for index, line in enumerate(lines) if line.split()[1] == heading)
    for _ in range(place):
        await browser.press("down")
    await browser.press("space", "escape")
    assert browser.app.screen is not screen


async def test_chosen_columns_come_back_at_the_next_start_for_their_kind_of_catalog() -> None:
    async with browsing(INDEX, size=(160, 40)) as browser:
        await to_table(browser, "hdf5")
        assert "namespace" not in all_headings(browser)
        await choose(browser, "namespace")
        chosen = all_headings(browser)
        assert "namespace" in chosen
    assert load_remembered().columns == {"index": tuple(chosen)}
    async with browsing(INDEX, size=(160, 40)) as browser:
        await to_table(browser, "hdf5")
        assert all_headings(browser) == chosen
    async with browsing(size=(160, 40)) as browser:
        await to_table(browser)
        assert "stacks" in all_headings(browser), "the sample has pages beside an index"
