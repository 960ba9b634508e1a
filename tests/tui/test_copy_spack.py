"""The copy menu writes install lines for the Spack of this machine, or for one that is chosen there."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachetui.install import NEWEST, RELEASES
from tests.builders.mirrors import mirror
from tests.tui.driver import browsing


@pytest.mark.parametrize("presses", range(len(RELEASES) + 1))
async def test_v_goes_through_the_releases(tmp_path: Path, presses: int) -> None:
    async with browsing(mirror(tmp_path / "m", 1), environ={}) as browser:
        await browser.query("*")
        await browser.press("enter", "Y", *["v"] * presses)
        major, minor = RELEASES[presses % len(RELEASES)]
        assert f"(install lines for Spack {major}.{minor})" in browser.text
        await browser.press("i")
        if (major, minor) >= (1, 0):
            assert browser.copied.splitlines()[0] == f"spack mirror add m {tmp_path}/m"
        else:
            spack = f"Spack {major}.{minor}"
            assert browser.copied.startswith(f"# its record has format 5, which {spack} does not read")


async def test_without_a_spack_the_lines_are_for_the_newest(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", 1), environ={}) as browser:
        await browser.query("*")
        await browser.press("enter", "Y")
        assert f"(install lines for {NEWEST.name})" in browser.text
