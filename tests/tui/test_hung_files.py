"""A file system that hangs holds up no key: what has to be read is read in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cachetui.spack import remembered_config
from cachetui.tui.dialogs.check_file import CheckFileScreen
from cachetui.tui.dialogs.copy_menu import CopyMenu
from cachetui.tui.dialogs.hosts import HostsScreen
from cachetui.tui.dialogs.mirrors import MirrorsScreen
from cachetui.tui.remembered import load_remembered, remember
from cachetui.tui.spack_looking import LOOKING
from cachetui.tui.widgets.spec_detail import Section
from tests.builders.mirrors import mirror
from tests.conftest import dag_hash
from tests.tui.driver import browsing, started


class Hung:
    """Replaces functions by such that wait in another thread until `let_go`, and fail on the event loop."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._free = threading.Event()
        self._loop = threading.get_ident()
        self.calls = 0

    def __call__(self, target: str, answer: Callable[..., Any]) -> None:
        def wait(*args: Any, **named: Any) -> Any:
            assert threading.get_ident() != self._loop, f"{target} is called on the event loop"
            self.calls += 1
            self._free.wait()
            return answer(*args, **named)

        self._patch.setattr(target, wait)

    def let_go(self) -> None:
        self._free.set()


@pytest.fixture
def hung(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hung]:
    hung = Hung(monkeypatch)
    yield hung
    hung.let_go()


def hang_spack(hung: Hung) -> None:
    from cachetui.install import here

    here._last.clear()
    hung("cachetui.install.here.remembered_config", remembered_config)


async def test_hashes_are_copied_while_spack_is_looked_for(tmp_path: Path, hung: Hung) -> None:
    async with browsing(mirror(tmp_path / "m", 1), environ={}) as browser:
        await browser.query("*")
        await browser.press("enter")
        hang_spack(hung)
        browser.burst("Y")
        await browser.until(lambda: isinstance(browser.app.screen, CopyMenu) and LOOKING in browser.text)
        browser.burst("i")  # an install line, for a Spack that is not known
        await browser.until(lambda: browser.app.screen is browser.screen and hung.calls > 0)
        assert not browser.sent
        browser.burst("y")
        await browser.until(lambda: bool(browser.sent))
        assert browser.copied == dag_hash(1)
        hung.let_go()
        await browser.settle()
        assert browser.copied == dag_hash(1), "what was copied last stays"


async def test_the_copy_menu_says_what_spack_it_is_for_once_it_is_found(tmp_path: Path, hung: Hung) -> None:
    async with browsing(mirror(tmp_path / "m", 1), environ={}) as browser:
        await browser.query("*")
        await browser.press("enter")
        hang_spack(hung)
        browser.burst("Y")
        await browser.until(lambda: LOOKING in browser.text)
        hung.let_go()
        await browser.settle()
        assert "install lines for Spack" in browser.text and LOOKING not in browser.text


async def test_install_lines_of_the_details_come_later(tmp_path: Path, hung: Hung) -> None:
    async with browsing(mirror(tmp_path / "m", 1), environ={}) as browser:
        await browser.query("*")
        await browser.press("enter", "enter")
        hang_spack(hung)
        browser.screen.detail.show_section(Section.INSTALL)
        await browser.until(lambda: LOOKING in browser.text)
        hung.let_go()
        await browser.settle()
        assert "spack mirror add" in browser.text


async def test_mirrors_of_a_spack_that_hangs(hung: Hung) -> None:
    from cachetui.locate import mirrors_report

    async with browsing() as browser:
        hung("cachetui.tui.dialogs.mirrors.mirrors_report", mirrors_report)
        browser.burst("m")
        await browser.until(lambda: "reading Spack's configuration" in browser.text)
        browser.burst("escape")
        await browser.until(lambda: browser.app.screen is browser.screen)
        hung.let_go()
        await browser.press("m")
        assert isinstance(browser.app.screen, MirrorsScreen)
        assert "no mirror is configured in Spack" in browser.text


async def test_hosts_are_offered_while_spack_is_looked_for(hung: Hung) -> None:
    from cachetui.spack import release_here

    hung("cachetui.spack.release_here", release_here)
    async with started() as browser:
        await browser.until(lambda: hung.calls > 0 and browser.app.browse_screen is not None)
        await browser.app.action_show("hosts.HostsScreen")
        await browser.until(lambda: isinstance(browser.app.screen, HostsScreen) and "libc" in browser.text)
        browser.burst("escape")
        await browser.until(lambda: browser.app.screen is browser.screen)
        hung.let_go()
        await browser.settle()


async def test_a_path_on_a_disk_that_hangs(tmp_path: Path, hung: Hung) -> None:
    from cachetui.tui.dialogs import check_file

    async with browsing() as browser:
        await browser.press("ctrl+o")
        hung("cachetui.tui.dialogs.check_file._offers", check_file._offers)
        hung("cachetui.tui.dialogs.check_file._what_is_meant", check_file._what_is_meant)
        browser.burst(*"/gone/x", "tab", "enter")
        await browser.until(lambda: "/gone/x" in browser.text)
        browser.burst("escape")
        await browser.until(lambda: not isinstance(browser.app.screen, CheckFileScreen))


async def test_a_choice_is_remembered_once_the_disk_answers(hung: Hung) -> None:
    async with browsing() as browser:
        hung("cachetui.tui.remembering.remember", remember)
        browser.app.remembering.remember(lambda before: before.with_columns("index", ["a"]))
        browser.app.remembering.remember(lambda before: before.with_columns("index", ["b"]))
        await browser.until(lambda: hung.calls > 0)
        browser.burst("/", "x")
        await browser.until(lambda: browser.screen.query_bar.text == "x")
        hung.let_go()
        await browser.settle()
        assert load_remembered().columns == {"index": ("b",)}


async def test_a_last_choice_is_written_after_the_end() -> None:
    async with browsing() as browser:
        browser.app.remembering._changes.append(lambda before: before.with_columns("index", ["c"]))
    browser.app.leave()
    assert load_remembered().columns == {"index": ("c",)}
