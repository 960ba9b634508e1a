"""What is new slides in while somebody browses: cursor, marks and query stay, nothing is lost by failures."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cachetui.catalog import Catalog
from cachetui.errors import SourceError
from cachetui.refresh import Asking, OnProgress, Opened, Policy, Progress, open_catalog
from cachetui.tui import StartOptions, clipboard, refreshing
from cachetui.tui.dialogs.copy_menu import CopyMenu
from cachetui.tui.requests import OpenLocations
from tests.builders.damage import executed
from tests.builders.mirrors import Record, index, mirror, record
from tests.conftest import dag_hash
from tests.servers.faults import Behaviour, Content, Status, faulty
from tests.tui.driver import Browser, browsing, started

ASKING = StartOptions(policy=Policy(max_age=0.0))
"""Every start asks the mirrors."""


def rewrite(location: str, *records: Record) -> None:
    mirror(Path(location), *records)


def builds(*numbers: int) -> list[Record]:
    """Builds of which each looks like no other."""
    return [record(number, f"package-{number:03}", version=f"1.{number}") for number in numbers]


def hash_under_cursor(browser: Browser) -> str:
    (row,) = browser.table.highlighted
    return browser.catalog.dag_hash(row)


@asynccontextmanager
async def browsing_while(location: str, held: Held) -> AsyncIterator[Browser]:
    """A browser that has opened what is at hand, and looks for news until it is let go on."""
    async with started(location) as browser:
        await browser.until(lambda: held.waiting.is_set() and browser.screen.result is not None)
        await browser.until(lambda: bool(browser.screen.bars.activity))
        screen = browser.screen
        yield browser
        held.go_on.set()
    screen.view.catalog.close()


class Held:
    """A refresh that waits after its first progress until it is let go on.

    Attributes:
        last_step: it looks no more at whether it was cancelled.
        opened: what came of it.
    """

    def __init__(self) -> None:
        self.waiting = threading.Event()
        self.go_on = threading.Event()
        self.last_step = False
        self.opened: Opened | None = None

    def open_catalog(
        self, locations: Sequence[str], on_progress: OnProgress, policy: Policy, asking: Asking
    ) -> Opened:
        """See `refresh.open_catalog`."""
        on_progress(Progress("m", 0, 1, 4, "downloading"))
        self.waiting.set()
        assert self.go_on.wait(30)
        if not self.last_step:
            on_progress(Progress("m", 0, 2, 4, "downloading"))
        self.opened = open_catalog(locations, policy=policy)
        return self.opened


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    refresh = Held()
    monkeypatch.setattr(refreshing, "open_catalog", refresh.open_catalog)
    yield refresh
    refresh.go_on.set()


async def test_the_cursor_stays_on_its_hash(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", *builds(2, 4, 6, 8))
    async with browsing(location) as browser:
        await browser.press("tab", "tab", "down", "down")
        assert hash_under_cursor(browser) == dag_hash(6)
        rewrite(location, *builds(1, 3, 5, 6, 7))
        await browser.press("r")
        assert hash_under_cursor(browser) == dag_hash(6)
        assert browser.detail.rows == browser.table.highlighted
        assert dag_hash(6) in "\n".join(browser.pane("detail"))
        assert "5 builds" in browser.title
        assert "updated: 5 builds, +1" in browser.status


async def test_marks_the_query_and_the_pane_stay(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", *builds(2, 4, 6, 8))
    async with browsing(location) as browser:
        await browser.query("@1.4:1.8")
        await browser.press("enter", "space", "space")
        assert browser.focus == "table"
        marked = {browser.catalog.dag_hash(row) for row in browser.table.marked}
        rewrite(location, *builds(1, 3, 4, 5, 6, 7, 8))
        await browser.press("r")
        assert {browser.catalog.dag_hash(row) for row in browser.table.marked} == marked
        assert (browser.query_bar.text, browser.focus, len(browser.result.rows)) == ("@1.4:1.8", "table", 5)


async def test_a_build_that_is_gone_leaves_the_cursor_in_the_table(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", *builds(2, 4))
    async with browsing(location) as browser:
        await browser.press("tab", "tab", "down", "space")
        rewrite(location, *builds(2))
        await browser.press("r")
        assert hash_under_cursor(browser) == dag_hash(2)
        assert browser.table.marked == set()
        assert "-1" in browser.status


async def test_a_refresh_without_changes_says_so(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *builds(1))) as browser:
        catalog = browser.catalog
        await browser.press("r")
        assert browser.status == " up to date"
        assert browser.catalog is catalog


async def test_a_source_that_fails_is_not_called_up_to_date(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *builds(1)), str(tmp_path / "missing")) as browser:
        await browser.press("r")
        assert "1 of 2 mirrors failed ! details" in browser.title
        assert browser.status == ""


async def test_a_start_shows_the_old_catalog_while_it_looks(tmp_path: Path, held: Held) -> None:
    location = mirror(tmp_path / "m", *builds(1))
    open_catalog([location]).catalog.close()
    rewrite(location, *builds(1, 2))
    async with browsing_while(location, held) as browser:
        assert browser.result.total == 1
        assert f"downloading m {'▇' * 3}{'▁' * 9}   F1" in browser.title
        held.go_on.set()
        await browser.until(lambda: browser.result.total == 2)
        await browser.settle()
        assert "downloading" not in browser.title


async def test_an_open_menu_copies_the_build_it_was_opened_for(tmp_path: Path, held: Held) -> None:
    location = mirror(tmp_path / "m", *builds(2))
    open_catalog([location]).catalog.close()
    rewrite(location, *builds(1, 2))
    async with browsing_while(location, held) as browser:
        browser.burst("tab", "tab", "Y")
        await browser.until(lambda: isinstance(browser.app.screen, CopyMenu))
        held.go_on.set()
        await browser.until(lambda: browser.result.total == 2)
        await browser.press("enter")
        assert browser.sent == [clipboard.osc52(dag_hash(2))]


async def test_esc_stops_looking(tmp_path: Path, held: Held) -> None:
    location = mirror(tmp_path / "m", *builds(1))
    open_catalog([location]).catalog.close()
    rewrite(location, *builds(1, 2))
    async with browsing_while(location, held) as browser:
        browser.burst("escape")  # from the query to the panes
        await browser.until(lambda: not browser.screen.is_typing)
        assert browser.screen.is_refreshing
        browser.burst("escape")
        await browser.until(lambda: "stopped" in browser.status)
        held.go_on.set()
        await browser.settle()
        assert browser.result.total == 1
        assert "downloading" not in browser.title


async def test_a_refresh_that_was_cancelled_too_late_does_not_replace_another_catalog(
    tmp_path: Path, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Catalog] = []
    close = Catalog.close

    def closing(catalog: Catalog) -> None:
        closed.append(catalog)
        close(catalog)

    monkeypatch.setattr(Catalog, "close", closing)
    location, other = mirror(tmp_path / "m", *builds(1)), mirror(tmp_path / "other", *builds(7, 8, 9))
    open_catalog([location]).catalog.close()
    rewrite(location, *builds(1, 2))
    held.last_step = True
    async with browsing_while(location, held) as browser:
        browser.app.post_message(OpenLocations([other]))
        await browser.until(lambda: browser.screen.result is not None and browser.result.total == 3)
        held.go_on.set()
        await browser.until(lambda: held.opened is not None)
        assert held.opened is not None
        late = held.opened.catalog
        await browser.until(lambda: late in closed or browser.catalog is late)
        await browser.settle()
        assert (late in closed, browser.result.total) == (True, 3)
        assert {browser.catalog.dag_hash(row) for row in range(3)} == set(map(dag_hash, (7, 8, 9)))


async def test_mirrors_are_asked_in_the_background_when_it_is_time(tmp_path: Path) -> None:
    table: dict[str, Behaviour] = {"/m/build_cache/index.json": Content(index(*builds(1)), '"a"')}
    with faulty(table) as server:
        location = f"{server.url}/m"
        open_catalog([location]).catalog.close()
        server.table["/m/build_cache/index.json"] = Content(index(*builds(1, 2)), '"b"')
        asked = len(server.requests)
        async with browsing(location) as browser:
            assert browser.result.total == 1
            assert len(server.requests) == asked
        async with browsing(location, options=ASKING) as browser:
            await browser.until(lambda: browser.result.total == 2)
            await browser.settle()


async def test_a_mirror_that_fails_leaves_what_is_shown(tmp_path: Path) -> None:
    table: dict[str, Behaviour] = {"/m/build_cache/index.json": Content(index(*builds(1)), '"a"')}
    with faulty(table) as server:
        location = f"{server.url}/m"
        open_catalog([location]).catalog.close()
        server.table["/m/build_cache/index.json"] = Status(401, b"")
        async with browsing(location) as browser:
            await browser.press("r")
            assert browser.result.total == 1
            assert "401" in browser.status
            await browser.press("!")
            assert "give credentials" in browser.text


async def test_a_location_that_is_gone_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> Opened:
        raise SourceError("m", "it is gone")

    monkeypatch.setattr(refreshing, "open_catalog", gone)
    async with browsing(mirror(tmp_path / "m", *builds(1))) as browser:
        await browser.press("r")
        assert browser.status == " m: it is gone"
        assert browser.result.total == 1


async def test_damage_that_a_refresh_finds_is_said_and_the_new_catalog_is_shown(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", record(1))
    async with browsing(location) as browser:
        before = browser.catalog
        executed("UPDATE chunk SET data = x'42' WHERE name = 'by_hash'")(before.path)
        await browser.press("r")
        await browser.until(lambda: browser.catalog is not before)
        await browser.settle()
        assert "the catalog was damaged and is compiled again" in browser.status
        assert "▲ a catalog was damaged" in browser.title
        await browser.query(f"zlib/{dag_hash(1)[:5]}")
        assert len(browser.result.rows) == 1
        await browser.press("escape", "r")
        await browser.until(lambda: not browser.screen.is_refreshing)
        assert "▲ a catalog was damaged" in browser.title and browser.app.failure is None
