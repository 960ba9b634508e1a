"""Whole screens as text, so that a change of the layout is seen in review.

Write them anew with `CACHETUI_WRITE_SNAPSHOTS=1 pytest tests/tui/test_snapshots.py`, and read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.tui.driver import WIDE, browsing

FOLDER = Path(__file__).parent / "snapshots"

SCREENS: dict[str, tuple[tuple[int, int], Sequence[str]]] = {
    "start": (WIDE, []),
    "one-package": (WIDE, [*"hdf5", "enter"]),
    "one-package-80x24": ((80, 24), [*"hdf5", "enter"]),
    "one-package-60x20": ((60, 20), [*"hdf5", "enter"]),
    "one-package-200x60": ((200, 60), [*"hdf5", "enter", "enter"]),
    "plain-words": (WIDE, [*"hdf5 with mpi gcc 13"]),
    "open-build": (WIDE, [*"hdf5", "enter", "down", "enter", "right"]),
    "no-result": ((80, 24), [*"hdf5 +foo @1.14", "enter"]),
    "columns": ((80, 24), [*"hdf5", "enter", "c"]),
    "commands": ((80, 24), ["ctrl+p", *"copy"]),
    "help": ((80, 24), ["f1"]),
    "filters-80x24": ((80, 24), ["escape", "f", "down", "space", "f"]),
}
"""Name to the size of the terminal and the keys that lead there."""


@pytest.mark.parametrize("name", SCREENS)
async def test_screen(name: str) -> None:
    size, keys = SCREENS[name]
    async with browsing(size=size, is_typing=True) as browser:
        await browser.press(*keys)
        shown = browser.text + "\n"
    file = FOLDER / f"{name}.txt"
    if os.environ.get("CACHETUI_WRITE_SNAPSHOTS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8")


def test_every_snapshot_is_compared() -> None:
    assert {file.stem for file in FOLDER.glob("*.txt")} == set(SCREENS)
