"""The dialog of columns: what it lists, how columns are shown, hidden and moved, what it says in the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.message import Message

from cachetui.catalog import Catalog
from cachetui.search import COLUMNS, Engine, Selection, fold
from cachetui.tui.column_choice import SAMPLED, ColumnChoice, automatic_columns, column_entries
from cachetui.tui.dialogs.columns import ABSENT, ColumnsScreen
from cachetui.tui.requests import ColumnsChosen
from tests.builders.mirrors import mirror, record
from tests.conftest import CatalogOf, build
from tests.search.test_dependency_columns import MPICH, OPENMPI_4, OPENMPI_5, PROVIDERS, needs, using
from tests.tui.driver import WIDE, Browser, browsing

CHOICE = ColumnChoice(("a", "b", "c", "d", "e"), frozenset("ace"))


# A choice as a value


def test_shown_columns_stand_first() -> None:
    choice = ColumnChoice.of(["c", "x"], ["a", "b", "c"])
    assert choice.headings == ("c", "x", "a", "b")
    assert choice.columns == ("c", "x")


def test_showing_and_hiding() -> None:
    assert CHOICE.toggled("b").columns == ("a", "b", "c", "e")
    assert CHOICE.toggled("c").columns == ("a", "e")
    assert CHOICE.toggled("b").toggled("b") == CHOICE


def test_the_last_column_stays() -> None:
    one = ColumnChoice(("a", "b"), frozenset("a"))
    assert one.toggled("a") == one
    assert one.toggled("b").toggled("a").columns == ("b",)


@pytest.mark.parametrize(
    ("heading", "step", "headings"),
    [
        ("c", -1, "cabde"),
        ("c", 1, "abdec"),
        ("a", 1, "bcade"),
        ("e", -1, "abecd"),
        ("a", -1, "abcde"),
        ("e", 1, "abcde"),
        ("b", 1, "abcde"),
    ],
)
def test_a_column_moves_past_the_next_shown_one(heading: str, step: int, headings: str) -> None:
    assert "".join(CHOICE.moved(heading, step).headings) == headings


def entries(catalog: Catalog, text: str) -> dict[str, str]:
    found = column_entries(Engine(catalog).select(Selection(text, exact=True)))
    return {entry.heading: entry.note for entry in found}


def test_what_can_be_chosen(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            *PROVIDERS,
            *(build(number, version="1.3.1", os=f"os{number}") for number in (301, 302)),
            using(1, needs("zlib", 301), needs("mpich", MPICH, "mpi"), needs("openmpi", OPENMPI_5)),
            using(2, needs("zlib", 301), needs("openmpi", OPENMPI_4, "mpi"), version="2"),
            using(3, needs("zlib", 302), needs("openmpi", OPENMPI_4), version="2"),
        ]
    )
    found = entries(catalog, "app")
    assert list(found)[:5] == ["version", "mpi", "^mpich", "^openmpi", "^zlib"]
    assert list(found)[5:] == [column.heading for column in COLUMNS if column.heading != "version"]
    assert (found["package"], found["version"]) == ("same in all: app", "2 values")
    assert (found["os"], found["tags"]) == ("same in all: debian12", "empty in all")
    assert found["mpi"] == "2 values, in 2 of 3 builds"
    assert found["^mpich"] == "1 value, in 1 of 3 builds"
    assert found["^openmpi"] == "2 values"
    assert found["^zlib"] == "2 builds of one version"


def test_a_sample_of_many_builds(catalog_of: CatalogOf) -> None:
    one = (needs("openmpi", OPENMPI_4),)
    specs = [
        build(1000 + n, version=str(n % 7), dependencies=one if n % 2 else ()) for n in range(2 * SAMPLED + 1)
    ]
    found = entries(catalog_of([*PROVIDERS, *specs]), "zlib")
    assert found["version"] == "7 values or more"
    assert found["^openmpi"].startswith("1 value or more, in ")
    assert found["^openmpi"].endswith(f"% of {2 * SAMPLED + 1:,} builds")


def test_no_builds(catalog_of: CatalogOf) -> None:
    found = entries(catalog_of([build()]), "zlib@9")
    assert list(found) == [column.heading for column in COLUMNS]
    assert set(found.values()) == {""}


def test_automatic_columns_are_those_of_the_table(engine: Engine) -> None:
    result = engine.select(Selection("", package="hdf5"))
    differ = [column.heading for column in fold(result.attributes, result.rows).columns]
    assert [name for name in automatic_columns(result) if name in differ] == differ
    assert set(automatic_columns(result)) - {*differ} <= {"mpi", "zlib-api"}


# The dialog


class Box:
    """The dialog over a browser, and what it said."""

    def __init__(self, browser: Browser, screen: ColumnsScreen) -> None:
        self.browser = browser
        self.screen = screen
        self.said: list[Sequence[str] | None] = []

    async def press(self, *keys: str) -> None:
        await self.browser.press(*keys)

    async def go_to(self, heading: str) -> None:
        self.screen.text_lines.move_to(self.screen.choice.headings.index(heading))
        await self.browser.settle()

    @property
    def lines(self) -> list[str]:
        return self.browser.pane("lines")[1:]

    @property
    def title(self) -> str:
        return next(line for line in self.browser.text.splitlines() if " Columns  " in line)


@asynccontextmanager
async def choosing(
    *locations: str, chosen: Sequence[str] | None = None, size: tuple[int, int] = WIDE, query: str = ""
) -> AsyncIterator[Box]:
    """The dialog for the builds of a query."""
    async with browsing(*locations, size=size) as browser:
        result = browser.screen.view.engine.select(Selection(query, exact=True))
        box = Box(browser, ColumnsScreen(result, chosen))
        post = browser.app.post_message

        def noted(message: Message) -> bool:
            if isinstance(message, ColumnsChosen):
                box.said.append(message.columns)
            return post(message)

        browser.app.post_message = noted  # type: ignore[method-assign]
        browser.app.push_screen(box.screen)
        await browser.settle()
        yield box
        browser.app.post_message = post  # type: ignore[method-assign]


async def test_the_shown_columns_are_marked_and_stand_first() -> None:
    async with choosing(query="hdf5") as box:
        automatic = box.screen.automatic
        assert "automatic" in box.title
        marked = [line.split()[1] for line in box.lines if line.startswith(" ■")]
        assert tuple(marked) == automatic
        assert all(line.startswith(" ■") for line in box.lines[: len(marked)])
        await box.press("escape")
        assert box.said == []


@pytest.mark.parametrize("key", ["escape", "q", "enter"])
async def test_a_choice_is_said_once_when_the_box_closes(key: str) -> None:
    async with choosing(query="hdf5") as box:
        first, second, *rest = box.screen.automatic
        await box.press("J")
        assert "chosen" in box.title
        await box.go_to("namespace")
        await box.press("space")
        assert box.said == []
        await box.press(key)
        assert box.said == [(second, first, *rest, "namespace")]
        assert box.browser.app.screen is box.browser.screen


async def test_the_cursor_stays_on_the_column_that_moves() -> None:
    async with choosing(chosen=("version", "os", "target"), query="hdf5") as box:
        await box.go_to("target")
        await box.press("K", "less_than_sign")
        assert (box.screen.current, box.screen.text_lines.cursor) == ("target", 0)
        assert box.screen.chosen == ("target", "version", "os")
        await box.press("greater_than_sign")
        assert box.screen.chosen == ("version", "target", "os")


async def test_reset_and_back() -> None:
    async with choosing(chosen=("os", "nosuch"), query="hdf5") as box:
        assert ABSENT in next(line for line in box.lines if "nosuch" in line)
        await box.press("r")
        assert "automatic" in box.title
        assert box.screen.choice.columns == box.screen.automatic
        await box.press("escape")
        assert box.said == [None]


async def test_a_choice_as_before_is_not_said() -> None:
    async with choosing(chosen=("os", "version"), query="hdf5") as box:
        await box.press("J", "K", "space", "space", "escape")
        assert box.said == []


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_every_column_is_reached_on_any_screen(size: tuple[int, int]) -> None:
    async with choosing(size=size) as box:
        last = box.screen.choice.headings[-1]
        await box.press("G")
        assert any(line.split()[1] == last for line in box.lines)
        await box.press("space", "escape")
        assert box.said and last in (box.said[0] or ())


async def test_builds_without_dependencies() -> None:
    async with choosing(query="py-wheel") as box:
        assert box.lines


async def test_one_build(tmp_path: Path) -> None:
    async with choosing(mirror(tmp_path / "m", record(1)), query="") as box:
        assert box.screen.automatic == ()
        await box.press("space", "escape")
        assert box.said == [(COLUMNS[0].heading,)]
