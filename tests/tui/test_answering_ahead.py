"""Names among very many packages are looked for in the background, and keys go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from cachetui.errors import Cancelled
from cachetui.refresh import open_catalog
from cachetui.search.fuzzy import PackageRanker
from cachetui.search.packages import Ranking
from cachetui.search.pieces import piece
from cachetui.sources import SAMPLE
from cachetui.tui.browse.panes import Pane
from cachetui.tui.requests import Rejudge
from tests.tui.driver import browsing


class Slow:
    """Ranks a text only once it is let go; fails where that holds up the event loop."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.begun: list[str] = []
        self.given_up: list[str] = []
        self.may_hold_up_keys = False
        self._free = threading.Event()
        self._loop = threading.get_ident()
        rank = PackageRanker.rank

        def wait(ranker: PackageRanker, text: str) -> Ranking:
            if threading.get_ident() == self._loop:
                assert self.may_hold_up_keys, "the event loop ranks names"
                return rank(ranker, text)
            self.begun.append(text)
            while not self._free.wait(0.001):
                try:
                    piece()
                except Cancelled:
                    self.given_up.append(text)
                    raise
            return rank(ranker, text)

        patch.setattr(PackageRanker, "rank", wait)
        patch.setattr("cachetui.tui.browse.answering_ahead.MANY_PACKAGES", 0)

    def let_go(self) -> None:
        self._free.set()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    slow = Slow(monkeypatch)
    yield slow
    slow.let_go()


@pytest.fixture(autouse=True)
def unwarmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is loaded while nobody types ranks a name, too."""
    monkeypatch.setattr("cachetui.search.typed.TypedReader.warm", lambda reader: None)


async def test_keys_go_on_and_the_newest_text_wins(slow: Slow) -> None:
    async with browsing() as browser:
        every = len(browser.result.packages)
        browser.burst("/", "h", "d", "f", "x")
        await browser.until(lambda: "hdfx" in slow.begun)
        assert browser.query_bar.text == "hdfx"
        assert len(browser.result.packages) == every, "the last answer stays"
        browser.burst("backspace", "5")
        await browser.until(lambda: "hdf5" in slow.begun and "hdfx" in slow.given_up)
        slow.let_go()
        await browser.settle()
        assert browser.result.selection.text == "hdf5"
        assert browser.result.packages[0].name == "hdf5"


async def test_an_emptied_query_waits_for_nothing(slow: Slow) -> None:
    async with browsing() as browser:
        every = len(browser.result.packages)
        browser.burst("/", "h", "d", "f")
        await browser.until(lambda: bool(slow.begun))
        browser.burst("ctrl+u")
        await browser.until(lambda: bool(slow.given_up))
        await browser.settle()
        assert (browser.result.selection.text, len(browser.result.packages)) == ("", every)


async def test_enter_goes_to_the_table_once_there_is_an_answer(slow: Slow) -> None:
    async with browsing() as browser:
        browser.burst("/", "h", "d", "f", "5", "enter")
        await browser.until(lambda: "hdf5" in slow.begun or "hdf5" in browser.query_bar.text)
        assert browser.screen.is_typing
        slow.let_go()
        await browser.settle()
        assert browser.screen.pane is Pane.TABLE and not browser.screen.is_typing
        assert browser.result.package == "hdf5"


async def test_enter_waits_for_the_answer_of_a_renewed_judgement(slow: Slow) -> None:
    async with browsing() as browser:
        browser.burst("/", "h", "d", "f", "5", "enter")
        await browser.until(lambda: "hdf5" in slow.begun and browser.screen.answers.is_submitted)
        view = browser.screen.view
        browser.app.post_message(Rejudge())
        await browser.until(lambda: browser.screen.view is not view and "hdf5" in slow.given_up)
        assert browser.screen.is_typing
        slow.let_go()
        await browser.settle()
        assert browser.screen.pane is Pane.TABLE and not browser.screen.is_typing
        assert browser.result.package == "hdf5"
        assert browser.result.attributes is browser.screen.view.engine.attributes


async def test_enter_waits_for_the_answer_over_a_renewed_catalog(slow: Slow) -> None:
    async with browsing() as browser:
        browser.burst("/", "h", "d", "f", "5", "enter")
        await browser.until(lambda: "hdf5" in slow.begun and browser.screen.answers.is_submitted)
        slow.may_hold_up_keys = True
        browser.screen.view = browser.app._view(open_catalog([SAMPLE]))
        slow.let_go()
        await browser.settle()
        assert browser.screen.pane is Pane.TABLE and not browser.screen.is_typing


async def test_enter_does_nothing_to_what_is_opened_instead(slow: Slow) -> None:
    async with browsing() as browser:
        browser.burst("/", "h", "d", "f", "5", "enter")
        await browser.until(lambda: "hdf5" in slow.begun and browser.screen.answers.is_submitted)
        browser.screen.open(browser.app._view(open_catalog([SAMPLE])))
        slow.let_go()
        await browser.settle()
        assert browser.screen.is_typing and not browser.query_bar.text


async def test_escape_and_quit_work_meanwhile(slow: Slow) -> None:
    async with browsing() as browser:
        browser.burst("/", "h", "d", "f")
        await browser.until(lambda: bool(slow.begun))
        browser.burst("escape")
        await browser.until(lambda: not browser.screen.is_typing)
        browser.burst("q")
        await browser.until(lambda: browser.app._exit)
