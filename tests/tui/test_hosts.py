"""The dialog that chooses the host, and what follows from it."""

from __future__ import annotations

import pytest

from cachetui.config import Config, HostSettings
from cachetui.host import Host, read_host
from cachetui.tui import StartOptions
from tests.conftest import DATA
from tests.tui.driver import Browser, browsing

MIRROR = str(DATA / "mirror-v2-spack0.23")
HOSTS = {"gpu": HostSettings("linux-rhel9-zen4", "glibc@2.40"), "odd": HostSettings("linux-rhel9-zen99")}
SIZES = [(120, 40), (80, 24)]


def running(browser: Browser) -> int:
    """The builds that run on the host."""
    return len(browser.app.browse_screen.view.engine.attributes.index("runs").rows("yes"))  # type: ignore[union-attr]


@pytest.mark.parametrize("size", SIZES)
async def test_hosts_by_keyboard(size: tuple[int, int]) -> None:
    async with browsing(MIRROR, size=size, config=Config(hosts=HOSTS)) as browser:
        before = running(browser)
        await browser.press("H")
        text = browser.text
        assert "Which builds run on" in text
        assert "● this host" in text
        assert "gpu" in text and "linux-rhel9-zen4" in text and "glibc 2.40" in text
        assert "odd" in text and "'zen99' is not a target that archspec knows" in text
        assert "no Spack here: each as its own Spack reuses it" in text
        assert "linux-debian12-zen3" in text
        await browser.press("down", "enter")
        assert "runs on gpu (linux-rhel9-zen4, glibc 2.40)" in browser.text
        assert running(browser) > before
        await browser.press("H")
        assert "● gpu" in browser.text
        await browser.press("up", "enter")
        assert "runs on this host" in browser.text
        assert running(browser) == before


@pytest.mark.parametrize("size", SIZES)
async def test_host_that_cannot_be_chosen(size: tuple[int, int]) -> None:
    hosts = {**HOSTS, "odd": HostSettings("linux-rhel9-skylake_avx513")}
    async with browsing(MIRROR, size=size, config=Config(hosts=hosts)) as browser:
        await browser.press("H", "down", "down", "enter")
        assert "Which builds run on" in browser.text
        whole = "'skylake_avx513' is not a target that archspec knows; did you mean: skylake_avx512?"
        assert whole.rstrip("?") in " ".join(" ".join(browser.pane("details")).split())
        await browser.press("up")
        assert "skylake_avx512" not in browser.text
        await browser.press("escape")
        assert "Which builds run on" not in browser.text
        assert browser.app.host is None


async def test_architectures_of_the_catalog() -> None:
    async with browsing(MIRROR) as browser:
        await browser.press("H", "down", "enter")
        host = browser.app.host
        assert host is not None
        assert host.name == host.arch
        assert running(browser) > 0


@pytest.mark.parametrize("size", SIZES)
async def test_details_say_whether_a_build_runs(size: tuple[int, int]) -> None:
    hosts = {"gpu": HostSettings("linux-debian12-zen4"), "old": HostSettings("linux-debian12-zen2")}
    options = StartOptions("/22n3ov")
    async with browsing(MIRROR, size=size, config=Config(hosts=hosts), options=options) as browser:
        await browser.press("H", "down", "enter")
        assert "● yes, on gpu (linux-debian12-zen4, glibc 2.36)" in browser.text
        await browser.press("H", "down", "enter")
        assert "runs       ○ needs zen3, old is zen2 (and 2 nodes below)" in browser.text


async def test_host_of_the_command_line() -> None:
    options = StartOptions("/22n3ov", host=read_host("darwin-sequoia-m1"))
    async with browsing(MIRROR, options=options) as browser:
        assert "runs       ○ needs linux, the host is darwin (and 2 nodes below)" in browser.text


@pytest.mark.parametrize("size", SIZES)
async def test_wrong_host_of_the_configuration(size: tuple[int, int]) -> None:
    config = Config(host="gpuu", hosts={"gpu": HOSTS["gpu"]})
    async with browsing(MIRROR, size=size, config=config) as browser:
        assert "▲ 1 note" in browser.text
        assert "runs here" in browser.text
        here = running(browser)
        await browser.press("!")
        assert "host: 'gpuu' is not a configured host (gpu)" in browser.text
        assert "did you mean: gpu;" in browser.text
        await browser.press("escape", "H")
        assert "● this host" in browser.text
        await browser.press("down", "enter")
        assert "runs on gpu" in browser.text
        assert running(browser) > here


async def test_host_without_a_known_libc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cachetui.host.detect_host", lambda: Host("linux", "mine1", "zen3"))
    reason = "the libc of this host is unknown"
    async with browsing(MIRROR, config=Config(hosts=HOSTS), options=StartOptions("/22n3ov")) as browser:
        assert "needs glibc 2.36, the libc of this host is unknown (and 2 nodes below)" in browser.text
        await browser.press("!")
        assert reason in browser.text
        await browser.press("escape")
        attributes = browser.app.browse_screen.view.engine.attributes  # type: ignore[union-attr]
        assert attributes.is_ready("complete") and attributes.is_ready("installed")
        await browser.press("H")
        assert f"this host  {reason}" in browser.text
        await browser.press("down", "enter")
        assert "runs on gpu" in browser.text
        assert running(browser) > 0


async def test_what_is_kept_when_the_host_changes() -> None:
    async with browsing(MIRROR, config=Config(hosts=HOSTS)) as browser:
        screen = browser.app.browse_screen
        assert screen is not None
        await browser.press("/", *"gdbm", "enter", "down", "space")
        marks, row = screen.marks, screen.table.highlighted
        await browser.press("H", "down", "enter")
        assert (screen.marks, screen.table.highlighted) == (marks, row)
        assert screen.selection.text == "gdbm"
        await browser.press("H", "home", "enter")
        assert (screen.marks, screen.table.highlighted) == (marks, row)
        assert screen.selection.text == "gdbm"
