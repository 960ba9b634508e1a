"""Any keys in any order: nothing crashes, and the screen shows the answer to its selection."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cachetui.catalog import Catalog
from cachetui.config import Config
from cachetui.errors import QuerySyntaxError
from cachetui.here import attributes_here
from cachetui.search import Engine
from cachetui.tui.commands import SECTIONS
from tests.tui.driver import Browser, browsing

LEAVING = {"q", "ctrl+c", "ctrl+q", "ctrl+z"}
NAMES = {"slash": "/", "question_mark": "?", "exclamation_mark": "!"}
KEYS = sorted(
    {
        NAMES.get(key, key)
        for _, commands in SECTIONS
        for command in commands
        for key in command.keys.split(",")
    }
    - LEAVING
)
TEXTS = ["filelock", "py", "hdf5", "@3.12", " %gcc", " +mpi", "^", "/cx", "漢", "[/]", "zzzz"]
SIZES = [(120, 40), (99, 30), (80, 24), (60, 20), (20, 5)]

steps = st.lists(st.one_of(st.sampled_from(KEYS), st.sampled_from(TEXTS)), min_size=5, max_size=30)


@pytest.mark.parametrize("size", SIZES, ids=str)
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(typed=steps)
def test_no_keys_crash_and_the_result_is_the_answer(
    size: tuple[int, int], typed: list[str], sample_catalog: Path
) -> None:
    asyncio.run(type_and_compare(size, typed, sample_catalog))


async def type_and_compare(size: tuple[int, int], typed: list[str], sample_catalog: Path) -> None:
    """Type keys and texts, then compare what is shown with what the engine says."""
    async with browsing(size=size, environ={}) as browser:
        for step in typed:
            # `q` would leave, but no text here has it.
            await browser.press(*([step] if step in KEYS else step))
        compare(browser, sample_catalog)


def compare(browser: Browser, sample_catalog: Path) -> None:
    """The result on the screen is the engine's, unless the query cannot be read."""
    catalog = Catalog(sample_catalog)
    try:
        wanted = Engine(catalog, here=attributes_here(Config())).select(browser.screen.selection)
    except QuerySyntaxError:
        return
    finally:
        catalog.close()
    assert browser.result.rows == wanted.rows
    assert list(browser.result.packages) == list(wanted.packages)
    assert browser.packages.result is browser.table.result is browser.result
