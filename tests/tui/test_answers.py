"""The answers that the README shows, by keyboard alone: nothing is cut off, and no screen is empty."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cachetui.config import Config, HostSettings
from cachetui.tui import StartOptions
from tests.conftest import DATA
from tests.tui.driver import Browser, browsing

HOLE = str(DATA / "hole-v2-spack1.2")
INSTALLED = str(DATA / "installed-spack1.2")
HOSTS = {"gpu": HostSettings("linux-rhel9-zen4", "glibc@2.34")}

pytestmark = pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])


@asynccontextmanager
async def found(size: tuple[int, int], query: str, *locations: str) -> AsyncIterator[Browser]:
    """The browser with its cursor in the table, on the first build of a query."""
    options = StartOptions(query=query)
    async with browsing(*locations, size=size, options=options, config=Config(hosts=HOSTS)) as browser:
        await browser.press("home")
        yield browser


def whole(browser: Browser) -> str:
    """The screen, of which no line is cut off and the last tells the keys."""
    text = browser.text
    assert "…" not in text, text
    assert any(words in text.splitlines()[-1] for words in ("Esc closes", "F1 help")), text
    return text


async def test_compare(size: tuple[int, int]) -> None:
    async with found(size, "hdf5+mpi") as browser:
        await browser.press("equals_sign")
        text = whole(browser)
        assert "compare  2 builds of hdf5" in text
        lines = text.splitlines()
        (cause,) = (line for line in lines if "^mpi " in line)
        assert "openmpi@5.0.10" in cause and "mpich@5.0.1" in cause and "this build" in cause
        assert lines.index(cause) < next(i for i, line in enumerate(lines) if "direct dependencies" in line)
        await browser.press("escape")
        assert browser.focus == "table"


async def test_used_by(size: tuple[int, int]) -> None:
    async with found(size, "/bdnvime") as browser:
        await browser.press("D")
        text = whole_tree(browser)
        assert "hdf5@1.14.6 /bdnvime used by 1 build" in text
        assert "● netcdf-c@4.10.0 /zb74tnn" in text
        await browser.press("down", "right")
        assert "netcdf-fortran@4.6.2 /5qo3nse" in whole_tree(browser)


def whole_tree(browser: Browser) -> str:
    """The screen of a tree, of which no node is cut off; the last of a long spec in the footer may be."""
    lines = [line for line in browser.text.splitlines() if not line.startswith("┗")]
    assert not any("…" in line for line in lines[:-3]), browser.text
    assert "Esc close" in lines[-1]
    return browser.text


async def test_complete(size: tuple[int, int]) -> None:
    async with found(size, "/7du73jo", HOLE) as browser:
        await browser.press("enter")
        assert "incomplete: zlib-ng/5ackrco has no binary" in whole(browser)
        await browser.press("d", "t")
        assert "▲ hole 1" in whole_tree(browser)
        await browser.press("end")
        assert "▲ no mirror here has a binary of it" in whole_tree(browser)
        assert "zlib-ng@2.3.2 /5ackrco" in browser.text


async def test_hosts(size: tuple[int, int]) -> None:
    async with found(size, "/dq35tq5") as browser:
        await browser.press("H")
        assert "gpu" in browser.text and "glibc 2.34" in browser.text
        await browser.press("down", "enter", "enter")
        text = whole(browser)
        assert "○ needs neoverse_v1, gpu is zen4" in text
        assert "needs glibc 2.36, gpu has 2.34" in text


async def test_installed(size: tuple[int, int]) -> None:
    async with found(size, "gdbm", INSTALLED) as browser:
        await browser.press("enter")
        assert "spack load /ybzoako" in whole(browser)


async def test_check(size: tuple[int, int], own_folder: Path) -> None:
    Path("wanted").write_text("bdnvime\nhdf5@1.14 +mpi+szip\n", encoding="utf-8")
    async with found(size, "hdf5") as browser:
        await browser.press("ctrl+o", *"wanted", "enter")
        await browser.until(lambda: "cached" in browser.text and "to build" in browser.text)
        text = whole(browser)
        assert "25 of 26 cached" in text and "needed only to build: 22 of 22 cached" in text
        assert "hdf5@1.14 +mpi+szip" in text and "does not satisfy +szip" in text


async def test_coverage(size: tuple[int, int]) -> None:
    async with found(size, "hdf5") as browser:
        await browser.press("number_sign", "right")
        text = whole(browser)
        assert "Coverage by target" in text
        assert "hdf5" in text and "neoverse_v1" in text and "x86_64_v3" in text
        await browser.press("enter")
        assert "7 of 14 builds" in browser.counts


async def test_coverage_by_long_names(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        await browser.press("number_sign")
        while "Coverage by tag" not in browser.text:
            await browser.press("b")
        assert "develop-2025-03-30" in whole(browser)


async def test_changes(size: tuple[int, int]) -> None:
    async with found(size, "hdf5") as browser:
        await browser.press("t")
        text = whole(browser)
        assert "tag develop-2025-03-30 -> develop" in text
        assert "+ came     py-filelock  124 builds" in text
        await browser.press("x")
        assert "- went     py-filelock  124 builds" in whole(browser)


async def test_install_lines(size: tuple[int, int]) -> None:
    async with found(size, "/7du73jo", HOLE) as browser:
        await browser.press("Y")
        assert "(install lines for Spack 1." in browser.text
        await browser.press("i")
        lines = browser.copied.splitlines()
        assert lines[0].startswith("# incomplete: no mirror here has a binary of zlib-ng/5ackrco")
        assert any(line.startswith("spack mirror add ") for line in lines)
        assert lines[-1] == "spack install --cache-only /7du73jonvbkviq3h3ufh4kerv3ehh7oj"
