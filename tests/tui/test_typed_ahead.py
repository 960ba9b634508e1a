"""What is typed at once, or before there is a screen for it, does what it does when it is typed slowly."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from textual import events
from textual.geometry import Region

from cachetui.tui.key_input import MOVING_KEYS
from cachetui.tui.remembered import remembered_file
from cachetui.tui.requests import OpenLocations
from tests.builders.mirrors import mirror, record
from tests.tui.driver import Browser, browsing, started
from tests.tui.test_loading import Held, held, is_browsing
from tests.tui.test_random_keys import KEYS, TEXTS

__all__ = ["held"]

WITH_THREADS = {"r", "m", "y", "Y"}
"""What they show comes from a thread, when it is done."""

CALM_TEXTS = [text for text in TEXTS if not WITH_THREADS.intersection(text)]

SIZES = [(120, 40), (80, 24)]

typed = st.lists(
    st.one_of(st.sampled_from(sorted(set(KEYS) - WITH_THREADS)), st.sampled_from(CALM_TEXTS)),
    min_size=2,
    max_size=14,
)


def keys_of(steps: list[str]) -> list[str]:
    """Single keys: a text is typed letter by letter, and no key is held down, which skips lines."""
    keys = [key for step in steps for key in ([step] if step in KEYS else step)]
    return [
        key for last, key in zip(["", *keys], keys, strict=False) if key != last or key not in MOVING_KEYS
    ]


async def screen_after(size: tuple[int, int], keys: list[str], together: bool) -> list[str | None]:
    """What is shown in the end, and which pane has the focus: of each dialog, and of the main screen.

    A dialog is closed before what it covers is looked at: that is laid out then, and how much of it was
    before depends on how fast keys came.
    """
    remembered_file().unlink(missing_ok=True)  # what an earlier example has opened
    async with browsing(size=size, environ={}) as browser:
        if together:
            browser.burst(*keys)
            await browser.settle()
        else:
            await browser.press(*keys)
        found: list[str | None] = []
        while len(browser.app.screen_stack) > 1:
            found += [dialog_text(browser), browser.focus]
            browser.app.pop_screen()
            await browser.settle()
        return [*found, browser.text, browser.focus]


def dialog_text(browser: Browser) -> str:
    """The part of the screen that the dialog in front takes."""
    region = Region.from_union([widget.region for widget in browser.app.screen.children])
    lines = browser.strips[region.y : region.bottom]
    return "\n".join(line.crop(region.x, region.right).text for line in lines)


@pytest.mark.parametrize("size", SIZES, ids=str)
@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],  # a shorter failing example would take minutes to find
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(["slash", *"hdf5", "enter", "y"])
@example(["slash", *"hdf5", "enter", "s", "s", "j", "space", "slash", "x", "escape", "f", "j", "space"])
@example(["question_mark", "escape", "slash", "a", "escape", "tab", "question_mark", "q", "tab", "j"])
@example(["f", "x", "H", "up"])
@given(steps=typed)
def test_keys_in_one_packet_do_what_they_do_one_by_one(size: tuple[int, int], steps: list[str]) -> None:
    keys = keys_of([{"slash": "/", "question_mark": "?"}.get(step, step) for step in steps])
    slowly = asyncio.run(screen_after(size, keys, together=False))
    assert asyncio.run(screen_after(size, keys, together=True)) == slowly


async def test_what_follows_a_menu_of_the_app_goes_to_the_menu() -> None:
    async with browsing() as browser:
        await browser.query("hdf5")
        browser.burst("enter", "Y", "down", "enter")
        await browser.until(lambda: bool(browser.sent))
        await browser.settle()
        assert browser.query_bar.text == "hdf5"


async def test_a_paste_goes_where_the_keys_before_it_lead() -> None:
    async with browsing() as browser:
        driver = browser.app._driver
        assert driver is not None
        browser.burst("/", "a")
        driver.send_message(events.Paste("hdf5"))
        browser.burst("+", "m")
        await browser.settle()
        assert browser.query_bar.text == "ahdf5+m"


async def typed_while_loading(browser: Browser, held: Held) -> None:
    """Wait until a first catalog is being compiled, and type."""
    await browser.until(lambda: held.waiting.is_set() and "25%" in browser.text)
    browser.burst(*"here")
    driver = browser.app._driver
    assert driver is not None
    driver.send_message(events.Paste(" +mpi"))
    browser.burst("q")
    await browser.until(lambda: len(browser.app._key_input._typed) == len("here") + 2)


async def test_what_is_typed_while_a_catalog_is_compiled_goes_to_the_browser(
    tmp_path: Path, held: Held
) -> None:
    async with started(mirror(tmp_path / "here", record(1))) as browser:
        await typed_while_loading(browser, held)
        held.go_on.set()
        await browser.until(lambda: is_browsing(browser))
        await browser.settle()
        assert browser.query_bar.text == "here+mpiq"
        browser.catalog.close()


async def test_what_was_typed_does_not_delay_a_stop(tmp_path: Path, held: Held) -> None:
    async with started(mirror(tmp_path / "here", record(1))) as browser:
        await typed_while_loading(browser, held)
        browser.burst("ctrl+c")
        await browser.until(lambda: browser.app._exit)
        held.go_on.set()


async def test_what_was_typed_for_a_place_that_is_not_opened_is_forgotten(tmp_path: Path, held: Held) -> None:
    async with browsing() as browser:
        browser.app.post_message(OpenLocations([mirror(tmp_path / "here", record(1))]))
        await typed_while_loading(browser, held)
        browser.burst("escape")
        await browser.until(lambda: is_browsing(browser))
        held.go_on.set()
        await browser.settle()
        assert browser.query_bar.text == ""
