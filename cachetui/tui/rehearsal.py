"""Runs the browser without a terminal, so that all is imported that a session of it needs."""

from __future__ import annotations

import asyncio

from cachetui.config import default_config
from cachetui.sources import SAMPLE
from cachetui.tui.left_out import leave_out_palette

KEYS = (*"hdf5", "enter", "down", "d", "escape", "question_mark", "escape")
"""A query, a build, what it depends on, and help: what is imported late is imported."""


def rehearse() -> None:
    """Open the sample and press some keys."""
    asyncio.run(_rehearsed())


async def _rehearsed() -> None:
    leave_out_palette()
    from cachetui.tui.app import CachetuiApp

    app = CachetuiApp([SAMPLE], default_config())
    async with app.run_test() as pilot:
        await pilot.press(*KEYS)
        await app.workers.wait_for_complete()
