"""What was closed or replaced is let go of: people leave a browser open for days."""

from __future__ import annotations

import gc

import pytest
from textual.strip import Strip

from tests.tui.driver import browsing

WARM = 2
"""Rounds until the lines of the main screen are remembered."""


def painted_lines() -> int:
    """The lines that are held anywhere."""
    gc.collect()
    return sum(isinstance(each, Strip) for each in gc.get_objects())


@pytest.mark.parametrize("keys", [("f1",), ("m",), ("d",), ("number_sign",)], ids="".join)
async def test_a_closed_screen_leaves_no_painted_lines(keys: tuple[str, ...]) -> None:
    async with browsing() as browser:
        await browser.query("hdf5")
        await browser.press("enter")
        held = []
        for _ in range(WARM + 2):
            await browser.press(*keys, "escape")
            held.append(painted_lines())
        assert held[-1] <= held[WARM - 1]
