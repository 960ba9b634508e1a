"""Whole screens as text, so that a change of layout is seen in review.

They are renewed with `CACHETUI_SNAPSHOTS=renew pytest tests/tui/test_snapshots.py`: look at each change.
"""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.homes import configure_mirrors
from tests.tui.driver import browsing

FOLDER = Path(__file__).with_name("snapshots")
RENEW = "CACHETUI_SNAPSHOTS"
MIRRORS = (
    "team: https://mirror.example/team",
    "registry: oci://registry.example/spack/cache",
    "sources: {url: https://sources.example, binary: false}",
)

SCREENS = {
    "start-120x40": ((120, 40), ()),
    "start-200x60": ((200, 60), ()),
    "package-120x40": ((120, 40), tuple("hdf5")),
    "package-80x24": ((80, 24), (*"hdf5", "enter")),
    "package-60x20": ((60, 20), (*"hdf5", "enter")),
    "build-100x30": ((100, 30), (*"hdf5", "enter", "down", "enter")),
    "no-result-100x24": ((100, 24), tuple("hdf5 +mpi %llvm")),
    "plain-words-100x24": ((100, 24), tuple("hdf5 with mpi for ubuntu22")),
    "help-80x24": ((80, 24), ("f1",)),
    "mirrors-100x30": ((100, 30), ("escape", "m")),
    "columns-100x30": ((100, 30), (*"hdf5", "enter", "c")),
    "palette-80x24": ((80, 24), ("ctrl+p", *"copy")),
}


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Mirrors that Spack is configured with, in a folder whose name is of the same length on any machine."""
    with tempfile.TemporaryDirectory(prefix="spack-", dir="/tmp") as folder:
        configure_mirrors(Path(folder), monkeypatch, *MIRRORS)
        monkeypatch.setenv("SPACK_USER_CACHE_PATH", folder)
        monkeypatch.setenv("PATH", folder)  # no Spack of the machine
        monkeypatch.delenv("SPACK_DISABLE_LOCAL_CONFIG", raising=False)
        yield folder


@pytest.mark.parametrize("name", SCREENS)
async def test_the_screen_is_as_it_was_reviewed(name: str, folder: str) -> None:
    size, keys = SCREENS[name]
    async with browsing(size=size, is_typing=True) as browser:
        await browser.press(*keys)
        shown = browser.text.replace(folder, "/tmp/spack-" + "x" * (len(folder) - 11)) + "\n"
    file = FOLDER / f"{name}.txt"
    if os.environ.get(RENEW) == "renew":
        file.write_text(shown, encoding="utf-8")
    reviewed = file.read_text(encoding="utf-8").splitlines()
    changes = list(difflib.unified_diff(reviewed, shown.splitlines(), "reviewed", "shown", lineterm=""))
    assert not changes, "\n".join(
        (f"{file.name} has changed; if it is meant so, set {RENEW}=renew and look at it:", *changes)
    )


@pytest.mark.skipif(os.environ.get(RENEW) == "renew", reason="the files are being written")
def test_a_dozen_screens_are_enough() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(SCREENS)
    assert len(SCREENS) <= 12
