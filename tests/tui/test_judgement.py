"""What this machine says about builds: shown at once from the last start, and always looked at again."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec import structs
from pyroaring import BitMap
from textual.widget import Widget

import cachetui.host
from cachetui import paths
from cachetui.config import Config, HostSettings
from cachetui.errors import HostError, SourceError
from cachetui.here import Here
from cachetui.host import Host
from cachetui.refresh import open_catalog
from cachetui.refresh.sweeping import leftovers
from cachetui.render import Fact
from cachetui.tui import StartOptions
from cachetui.tui.browse.preparing import Preparing
from cachetui.tui.browse.screen import BrowseScreen
from cachetui.tui.judgement import FORMAT, MOST_FILES, Judgement, Kept, Said, _file_of, _store, read_kept
from cachetui.tui.screens.compare import CompareScreen
from cachetui.tui.screens.walk import WalkScreen
from cachetui.tui.tasks import Task
from cachetui.tui.widgets.spec_detail import Section
from tests.conftest import DATA, HOST
from tests.tui.driver import WIDE, Browser, browsing, started

MIRROR = str(DATA / "mirror-v2-spack0.23")
RUNNING = str(DATA / "mirror-v2-spack1.2")
"""Builds that run with a newer libc."""


@pytest.fixture
def first_pictures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the main screen shows before anything about this machine is computed, of each start."""
    pictures: list[str] = []
    prepare = BrowseScreen._prepare

    def note(screen: BrowseScreen) -> None:
        pictures.append("\n".join(strip.text for strip in screen._compositor.render_strips()))
        prepare(screen)

    monkeypatch.setattr(BrowseScreen, "_prepare", note)
    return pictures


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> list[Kept]:
    """What is stored for the next start."""
    written: list[Kept] = []

    def note(file: Path, kept: Kept) -> None:
        written.append(kept)
        _store(file, kept)

    monkeypatch.setattr("cachetui.tui.judgement._store", note)
    return written


def the_file() -> Path:
    """The only file of what was computed."""
    (file,) = paths.judged_dir().iterdir()
    return file


async def settled(
    size: tuple[int, int] = WIDE,
    config: Config | None = None,
    options: StartOptions = StartOptions(),  # noqa: B008
) -> str:
    """What a start shows in the end."""
    async with browsing(MIRROR, size=size, config=config, options=options, is_typing=True) as browser:
        return browser.text


def without_frames(text: str) -> list[str]:
    """The lines of a screen as both kinds of pictures have them."""
    return [line.rstrip() for line in text.splitlines()]


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_the_first_picture_has_what_the_last_start_computed(
    size: tuple[int, int], first_pictures: list[str], stored: list[Kept]
) -> None:
    await settled(size=size)  # compiles
    whole = await settled(size=size)
    assert "runs here" in whole and ("●" in whole or "○" in whole)
    again = await settled(size=size)
    assert again == whole
    assert without_frames(first_pictures[-1]) == without_frames(whole)
    assert len(stored) == 1, "the same is not written again"
    assert (os.stat(the_file()).st_mode & 0o777, os.stat(the_file().parent).st_mode & 0o777) == (0o600, 0o700)


async def test_the_first_start_lacks_it(first_pictures: list[str]) -> None:
    await settled()
    assert "runs here" not in first_pictures[0]


async def test_another_machine_takes_its_place(
    first_pictures: list[str], stored: list[Kept], monkeypatch: pytest.MonkeyPatch
) -> None:
    await settled()
    before = await settled()
    other = structs.replace(HOST, target="zen2", os="rhel9", libc_version="2.34")
    monkeypatch.setattr("cachetui.host.detect_host", lambda: other)
    after = await settled()
    assert without_frames(first_pictures[-2]) == without_frames(before), "as the last start had it"
    assert after != before
    assert len(stored) == 2
    again = await settled()
    assert without_frames(first_pictures[-1]) == without_frames(again) == without_frames(after)


async def test_what_was_chosen_by_it_is_answered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    options = StartOptions(where=("runs=yes",))
    running = await settled(options=options)
    assert await settled(options=options) == running
    monkeypatch.setattr("cachetui.host.detect_host", lambda: Host("darwin", "sequoia", "m1", name=HOST.name))
    async with browsing(MIRROR, options=options, is_typing=True) as browser:
        assert browser.result.rows == browser.result.attributes.index("runs").rows("yes")
        assert browser.text != running


async def test_a_host_that_is_not_known_any_more(
    first_pictures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await settled()

    def unknown() -> Host:
        raise HostError("there is no such host")

    await settled()
    assert "runs here" in first_pictures[-1]
    monkeypatch.setattr("cachetui.host.detect_host", unknown)
    async with browsing(MIRROR, is_typing=True) as browser:
        assert "●" not in "".join(browser.pane("table"))
        assert not browser.result.is_ready("runs")


async def test_a_host_that_is_not_known_any_more_but_was_chosen_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cachetui.host.detect_host", lambda: structs.replace(HOST, libc_version="2.41"))
    config, options = Config(host="linux-debian12-zen4"), StartOptions(where=("runs=yes",))
    async with browsing(RUNNING, config=config, options=options, is_typing=True) as browser:
        named = browser.result.rows
    read_host = cachetui.host.read_host

    def unknown(name: str, *others: Any) -> Host:
        if name:
            raise HostError("there is no such host")
        return read_host(name, *others)

    monkeypatch.setattr("cachetui.host.read_host", unknown)
    async with browsing(RUNNING, config=config, options=options, is_typing=True) as browser:
        assert browser.app.failure is None
        assert "there is no such host; showing what runs on this host" in browser.status
        assert len(browser.result.rows) == 32 != len(named)
        assert browser.result.rows == browser.result.attributes.index("runs").rows("yes")


@pytest.mark.parametrize("changed", ["settings", "catalog", "node", "program"])
async def test_what_is_about_something_else_is_not_shown(
    changed: str, first_pictures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await settled()
    config = Config()
    if changed == "settings":
        config = Config(hosts={"gpu": HostSettings("linux-rhel9-zen4", "glibc@2.40")}, host="gpu")
    elif changed == "catalog":
        (catalog,) = (file for file in paths.catalog_dir().glob("*.sqlite") if _is_of_mirror(file))
        os.utime(catalog, (1, 1))
    elif changed == "node":
        machine = os.uname()
        other = os.uname_result((machine.sysname, "another", *machine[2:]))
        monkeypatch.setattr(os, "uname", lambda: other)
    else:
        monkeypatch.setattr("cachetui.tui.judgement.__version__", "another")
    await settled(config=config)
    assert "runs " not in first_pictures[-1]


def _is_of_mirror(catalog: Path) -> bool:
    return read_kept(catalog, Config()) is not None


def flip(file: Path, place: int) -> None:
    """Change one byte."""
    content = bytearray(file.read_bytes())
    content[place] ^= 0x40
    file.write_bytes(content)


def link(file: Path) -> None:
    """Put a link in its place."""
    file.rename(file.with_name("aside"))
    file.symlink_to("aside")


def pipe(file: Path) -> None:
    """Put a pipe in its place."""
    file.unlink()
    os.mkfifo(file)


def folder(file: Path) -> None:
    """Put a folder in its place."""
    file.unlink()
    file.mkdir()


HARMS: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "cut": lambda file: os.truncate(file, file.stat().st_size - 1),
    "other": lambda file: file.write_bytes(b"{}"),
    "format": lambda file: flip(file, 0),
    "checksum": lambda file: flip(file, len(FORMAT)),
    "content": lambda file: flip(file, len(FORMAT) + 5),
    "end": lambda file: flip(file, -1),
    "writable": lambda file: file.chmod(0o666),
    "link": link,
    "pipe": pipe,
    "folder": folder,
}


@pytest.mark.parametrize("harm", HARMS)
async def test_a_file_that_is_wrong_is_not_believed(harm: str, first_pictures: list[str]) -> None:
    whole = await settled()
    HARMS[harm](the_file())
    assert await settled() == whole
    assert "runs here" not in first_pictures[-1]


async def test_rows_that_the_catalog_does_not_have_are_left_out(first_pictures: list[str]) -> None:
    async with browsing(MIRROR, is_typing=True) as browser:
        catalog, whole = browser.catalog.path, browser.text
    kept, file = read_kept(catalog, Config()), the_file()
    assert kept is not None
    many = BitMap(range(1_000_000)).serialize()
    sets = {name: {"yes": many, "perhaps": many} for name in kept.sets}
    _store(file, structs.replace(kept, sets=sets, builds=(999_999,), said=Said()))
    assert await settled() == whole
    _store(file, structs.replace(kept, sets={"runs": {"yes": b"no bitmap"}}))
    assert await settled() == whole
    _store(file, structs.replace(kept, sets={}))
    assert await settled() == whole


async def test_a_start_with_a_query_keeps_what_an_ordinary_one_shows(
    first_pictures: list[str], stored: list[Kept]
) -> None:
    await settled()
    ordinary = await settled()
    await settled(options=StartOptions("gdbm"))
    assert len(stored) == 1
    assert await settled() == ordinary
    assert without_frames(first_pictures[-1]) == without_frames(ordinary)


async def test_without_a_cache_folder_it_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cachetui.tui.judgement.replace_file", full)
    whole = await settled()
    assert "runs here" in whole
    assert await settled() == whole


class Held:
    """A computation that waits until it is let go on."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.waiting = 0

    def detect_host(self) -> Host:
        """See `host.detect_host`: another machine than before."""
        self.waiting += 1
        assert self.go_on.wait(30)
        return HOST


@pytest.fixture
async def held(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Held]:
    """What an earlier start has computed does not hold any more, which comes out when it is let go on."""
    monkeypatch.setattr("cachetui.host.detect_host", lambda: structs.replace(HOST, libc_version="2.41"))
    async with browsing(RUNNING, is_typing=True) as browser:
        assert browser.result.attributes.index("runs").rows("yes")
    held = Held()
    monkeypatch.setattr("cachetui.host.detect_host", held.detect_host)
    yield held
    held.go_on.set()


@asynccontextmanager
async def browsing_while(held: Held) -> AsyncIterator[Browser]:
    """A browser that shows what an earlier start has computed."""
    async with started(RUNNING) as browser:
        await browser.until(lambda: bool(held.waiting) and browser.screen.result is not None)
        screen = browser.screen
        assert screen.view.judgement.is_kept
        yield browser
    screen.view.catalog.close()


async def until_handled(browser: Browser) -> None:
    """Wait until the messages so far are handled."""
    await browser.until(lambda: not any(node.message_queue_size for node in browser._nodes()))


async def until_judged(browser: Browser, held: Held) -> None:
    """Wait until the outcome of another machine is shown."""
    held.go_on.set()
    await browser.until(lambda: browser.screen.view.judgement.is_computed)
    await browser.settle()
    assert not browser.screen.view.judgement.is_kept
    assert not browser.result.attributes.index("runs").rows("yes")


async def test_a_refresh_without_news_hides_nothing(held: Held) -> None:
    async with browsing_while(held) as browser:
        screen = browser.screen
        screen.renew(browser.app._view(open_catalog([RUNNING])), "")
        assert screen.view.judgement.is_kept, "it is the same catalog"
        await until_judged(browser, held)


async def test_what_was_opened_meanwhile_stays(held: Held) -> None:
    async with browsing_while(held) as browser:
        screen = browser.screen
        listed = list(browser.catalog.listed)
        first = listed[0]
        row = listed[-1]
        screen.go_to_build(browser.catalog.dag_hash(row))
        await until_handled(browser)
        screen.open_build.open(Section.DEPENDENCIES)
        screen.open_build.follow(first)
        screen.marks = screen.marks.toggled([browser.catalog.dag_hash(row)])
        await until_handled(browser)
        before = screen.state, screen.pane, browser.detail.cursor
        await until_judged(browser, held)
        assert browser.detail.rows == [first]
        assert (screen.state, screen.pane, browser.detail.cursor) == before
        assert screen.open_build.go_back()
        assert browser.detail.rows == [row]


async def test_a_tree_stays_where_one_is_in_it(held: Held) -> None:
    async with browsing_while(held) as browser:
        browser.screen.go_to_build(browser.catalog.dag_hash(list(browser.catalog.listed)[-1]))
        browser.screen.action_walk("DOWN")
        await browser.until(lambda: isinstance(browser.app.screen, WalkScreen) and bool(browser.app.focused))
        screen = browser.app.screen
        assert isinstance(screen, WalkScreen)
        first = screen.tree_list.walk
        assert first is not None
        screen._go(next(iter(browser.catalog.listed)), first.direction)
        walk = screen.tree_list.walk
        assert walk is not first
        await until_judged(browser, held)
        assert screen.tree_list.walk is walk
        screen.action_return()
        assert screen.tree_list.walk is first, "back to the first tree"


async def test_a_comparison_tells_what_holds_now(held: Held) -> None:
    async with browsing_while(held) as browser:
        browser.screen.marks = browser.screen.marks.toggled(
            browser.catalog.dag_hash(row) for row in list(browser.catalog.listed)[:3]
        )
        browser.screen.action_compare()
        await browser.until(lambda: isinstance(browser.app.screen, CompareScreen))
        await until_judged(browser, held)
        screen = browser.app.screen
        assert isinstance(screen, CompareScreen)
        told = screen.comparison_list.rows
        assert screen._view is browser.screen.view
        screen._show()
        assert screen.comparison_list.rows == told


class Closable:
    """A catalog that tells whether it was closed."""

    is_closed = False

    def close(self) -> None:
        """See `Catalog.close`."""
        self.is_closed = True


def test_a_catalog_is_closed_once_all_that_read_it_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [Task[Any]("prepare", str), Task[Any]("prepare", str)]
    started_tasks = iter(tasks)
    monkeypatch.setattr("cachetui.tui.browse.preparing.run_task", lambda *given: next(started_tasks))
    preparing, catalog = Preparing(Widget()), Closable()
    for _ in tasks:  # for one host, then for another
        preparing.start(SimpleNamespace(catalog=catalog))  # type: ignore[arg-type]
    preparing.leave(catalog)  # type: ignore[arg-type]
    for task in reversed(tasks):
        assert not catalog.is_closed
        task.is_finished = True
        preparing.close_unread()
    assert catalog.is_closed


async def test_a_machine_that_cannot_be_read_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    await settled()

    def unreadable(here: Here) -> None:
        raise SourceError("upstreams", "no such device")

    monkeypatch.setattr(Here, "read", unreadable)
    async with browsing(MIRROR, is_typing=True) as browser:
        assert "no such device" in browser.status
        assert not browser.screen.view.judgement.is_kept
        assert not browser.result.is_ready("runs")


class Raced(Judgement):
    """Another thread asks about other builds whenever this one has stored what it found."""

    @property
    def _said(self) -> dict[tuple[int, ...], Said]:
        return {(-1,): Said()}

    @_said.setter
    def _said(self, said: dict[tuple[int, ...], Said]) -> None:
        pass


async def test_two_threads_may_ask() -> None:
    async with browsing(MIRROR, is_typing=True) as browser:
        row = next(iter(browser.catalog.listed))
        judgement = Raced(browser.catalog, Config())
        assert judgement.compute(browser.result.attributes)
        assert judgement.said_of([row]) == browser.screen.view.judgement.said_of([row])


def test_names_that_are_no_text_are_not_kept(tmp_path: Path) -> None:
    catalog = tmp_path / os.fsdecode(b"\xff") / "catalog.sqlite"
    file = _file_of(catalog, Config(), None)
    _store(file, Kept("", {}, said=Said(facts=(Fact("installed", ((("\udcff", ""),),)),))))
    assert read_kept(catalog, Config()) is None
    _store(file, Kept("key", {}))
    assert read_kept(catalog, Config()) == Kept("key", {})


def be_node(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Be another machine with the same home."""
    machine = os.uname()
    node = os.uname_result((machine.sysname, name, *machine[2:]))
    monkeypatch.setattr(os, "uname", lambda: node)


@pytest.mark.parametrize("differ_in", ["node", "settings", "chosen host"])
async def test_two_machines_with_one_home_keep_a_file_each(
    differ_in: str, first_pictures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for turn in (0, 1, 0, 1):
        config, options = Config(), StartOptions()
        if differ_in == "node":
            be_node(monkeypatch, f"login{turn}")
        elif differ_in == "settings":
            config = Config(hosts={"gpu": HostSettings("linux-rhel9-zen4", "glibc@2.40")}, host="gpu" * turn)
        elif turn:
            options = StartOptions(host=HOST)
        await settled(config=config, options=options)
    assert ["runs " in picture for picture in first_pictures[-2:]] == [True, True]


def test_of_one_catalog_few_files_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files: list[Path] = []
    for number in range(2 * MOST_FILES):
        be_node(monkeypatch, f"node{number}")
        files.append(_file_of(tmp_path / "a", Config(), None))
        _store(files[-1], Kept(str(number), {}))
        os.utime(files[-1], (number, number))
    other = _file_of(tmp_path / "b", Config(), None)
    _store(other, Kept("b", {}))
    assert set(paths.judged_dir().iterdir()) == {*files[-MOST_FILES:], other}


def test_what_is_kept_is_swept(tmp_path: Path) -> None:
    file = _file_of(tmp_path / "a", Config(), None)
    _store(file, Kept("", {}))
    assert not leftovers()
    os.utime(file, (1, 1))
    assert [leftover.name for leftover in leftovers()] == [file.name]
