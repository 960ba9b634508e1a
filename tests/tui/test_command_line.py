"""The command line that shows a view: it finds the same builds, or says what it leaves out."""

from __future__ import annotations

import random
import shlex
from itertools import pairwise

import pytest
from msgspec.structs import replace

from cachetui.catalog import Catalog
from cachetui.errors import QuerySyntaxError
from cachetui.search import Choice, Engine, Result, Selection, choice_of
from cachetui.sources import SAMPLE
from cachetui.tui import StartOptions
from cachetui.tui.browse.answering import command_line
from tests.conftest import MIRROR_023, Call
from tests.tui.driver import Browser, browsing

TEXTS = (
    *("", "hdf5", "py", "zlib ng", "opnmpi", "ss", "openblas", "mpi", "Hdf5 MPI", "/2pevpjg"),
    *("2pevpjgypncpxnlm6hbfk3lpfiq5o5zu", "hdf5 with mpi", "hdf5 without openmpi", "hdf5 no gcc", "no mpi"),
    *(
        "hdf5 1.14",
        "hdf5+mpi zen3",
        "hdf5 debian",
        "hdf5 linux",
        "hdf5 +mpi",
        "%gcc",
        "^zlib-ng",
        "perl %gcc",
    ),
    *(
        "hdf5@1.14:",
        "os=debian12",
        "hdf5 ^zlib-ng",
        "--mpi",
        "hdf5 cflags='-O2 -g'",
        "hdf5 %gcc ^openmpi %gcc",
    ),
)
FACETS = ("compiler", "os", "target", "version", "variant", "mirror")


def selected(engine: Engine, catalog: Catalog, chosen: random.Random) -> Selection:
    """A typed text, a package of those that match, and some facet values, as a person may select them."""
    selection = Selection().with_text(chosen.choice(TEXTS))
    result = engine.select(selection)
    selection = selection.with_package(
        chosen.choice([result.package, "", *(found.name for found in result.packages)])
    )
    for facet in chosen.choices(FACETS, k=chosen.randrange(4)):
        value = chosen.choice(list(catalog.facet(facet).values))
        selection = selection.toggling(facet, value, chosen.random() < 0.2)
    return selection


def shown_by(engine: Engine, words: list[str]) -> Result:
    """What the browser shows that is started with some words."""
    program, *rest = words
    assert program == "cachetui" and "HERE" in rest
    given = {
        option: [value for name, value in pairwise(rest) if name == option]
        for option in ("-q", "-s", "--where")
    }
    choices = tuple(choice_of(text, engine.attributes) for text in given["--where"])
    if given["-s"]:
        return engine.select(replace(Selection().with_text(*given["-s"]), choices=choices))
    text = "".join(given["-q"])
    return engine.select(Selection(text, package=None, exact=bool(text), choices=choices))


@pytest.mark.parametrize("seed", range(20))
def test_it_shows_the_same_builds_or_says_what_it_leaves_out(seed: int, real_catalog: Catalog) -> None:
    engine, chosen = Engine(real_catalog), random.Random(seed)
    for _ in range(20):
        selection = selected(engine, real_catalog, chosen)
        line, note = command_line(engine, selection, ["HERE"])
        rows, again = engine.select(selection).rows, shown_by(engine, shlex.split(line)).rows
        assert again == rows if not note else "-s" in line or rows <= again, (selection, line, note)


def test_a_query_that_cannot_be_read_has_none(real_catalog: Catalog) -> None:
    with pytest.raises(QuerySyntaxError):
        command_line(Engine(real_catalog), Selection("hdf5 &", package=None), [])


def test_a_location_is_one_word_for_the_shell(real_catalog: Catalog) -> None:
    line, _ = command_line(Engine(real_catalog), Selection(), ["/a folder/$x", "it's"])
    assert shlex.split(line) == ["cachetui", "/a folder/$x", "it's"]


def test_values_of_one_facet_that_a_spec_cannot_list_are_conditions(real_catalog: Catalog) -> None:
    choices = (Choice("compiler", "gcc@12.3.0"), Choice("compiler", "gcc@13.2.0"))
    line, note = command_line(Engine(real_catalog), Selection("", choices=choices), [])
    assert (line, note) == ("cachetui --where compiler=gcc@12.3.0 --where compiler=gcc@13.2.0", "")


# as `L` copies it


def words_of(browser: Browser) -> list[str]:
    """The words of the command line that was copied."""
    return shlex.split(browser.copied)


@pytest.mark.parametrize(
    "query",
    [
        "hdf5",
        "hdf5 with mpi for zen3",
        "hdf5@1.14: +mpi %gcc",
        "openmpi gcc 13",
        "cmake without ownlibs",
        "hdf5 cflags='-O2 -g'",
        "%gcc ^zlib-ng",
        "/2pevpjg",
    ],
)
async def test_the_copied_command_line_gives_the_same_builds(query: str) -> None:
    async with browsing(str(MIRROR_023)) as browser:
        await browser.query(query)
        await browser.press("escape", "L")
        program, location, option, text = words_of(browser)
        assert (program, location, option) == ("cachetui", str(MIRROR_023), "-q")
        rows = browser.result.rows
        again = browser.screen.view.engine.select(Selection(text, package=None, exact=True))
        assert again.rows == rows
    async with browsing(str(MIRROR_023), options=StartOptions(text)) as browser:
        assert browser.result.rows == rows


async def test_filters_are_written_into_the_copied_command_line() -> None:
    async with browsing() as browser:
        await browser.query("filelock")
        await browser.press("enter")
        await browser.press("f", "down", "down", "space", "L")
        (choice,) = browser.screen.selection.choices
        text = words_of(browser)[-1]
        assert choice.value.partition("@")[0] in text
        again = browser.screen.view.engine.select(Selection(text, package=None, exact=True))
        assert again.rows == browser.result.rows


async def test_a_view_of_everything_needs_no_query() -> None:
    async with browsing() as browser:
        await browser.press("L")
        assert words_of(browser) == ["cachetui", SAMPLE]


async def test_what_no_spec_can_say_is_a_condition(engine: Engine) -> None:
    async with browsing() as browser:
        await browser.query("filelock")
        await browser.press("enter")
        await browser.press("f", "down", "down", "x", "L")
        words = words_of(browser)
        assert words[-2:] == ["--where", "compiler!=gcc@13.2.0"]
        rows = engine.select(Selection(words[words.index("-q") + 1], package=None, exact=True)).rows
        assert browser.result.rows < rows


@pytest.mark.parametrize("query", ["hdf5 with mpi", "perl %gcc", "--mpi", "zlib ng", "/2pevpjg"])
async def test_list_of_the_command_line_finds_the_same_builds(query: str, call: Call) -> None:
    async with browsing(str(MIRROR_023)) as browser:
        await browser.query(query)
        await browser.press("escape", "L")
        words = words_of(browser)
        shown = {browser.catalog.dag_hash(row) for row in browser.result.rows}
    assert "-q" in words
    assert set(call("list", *words[1:], "--format", "hashes").lines) == shown != set()


@pytest.mark.parametrize("query", ["hdf5 &", "hdf5 +", "hdf5 +mpi ~mpi"])
async def test_of_a_query_that_cannot_be_read_nothing_is_copied(query: str) -> None:
    async with browsing() as browser:
        await browser.query(query)
        await browser.press("escape", "L")
        assert browser.status == " the query cannot be read: nothing is copied"
        assert (browser.sent, browser.app._exit) == ([], False)


async def test_that_marked_builds_alone_are_shown_is_named() -> None:
    async with browsing() as browser:
        await browser.query("filelock")
        await browser.press("enter")
        await browser.press("space", "v", "L")
        assert browser.status.endswith("; left out: which builds are marked")


@pytest.mark.parametrize("text", ["hdf5", "py"])
def test_a_secret_in_a_location_is_never_copied(text: str, engine: Engine) -> None:
    result = engine.select(Selection().with_text(text))
    selection = result.selection.with_package(result.package if text == "hdf5" else "")
    for location in ("https://me:secret@host/mirror", "https://host/mirror?sig=secret"):
        line, note = command_line(engine, selection, [location, "develop"])
        assert "secret" not in line and "host/mirror" in line and "develop" in line
        assert "what is secret in a location" in note
