"""A configuration that cannot be read, or of which no mirror can: what the browser says and offers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cachetui.config import PublicPlaces
from cachetui.errors import CachetuiError, ConfigError
from cachetui.refresh import Policy
from cachetui.tui import StartOptions
from cachetui.tui.browse.screen import BrowseScreen
from cachetui.tui.dialogs.public import PublicScreen
from cachetui.tui.screens.loading import LoadingScreen
from tests.builders.homes import configure_mirrors, write_section, write_text
from tests.builders.mirrors import index, mirror, record
from tests.servers.faults import Content, faulty
from tests.tui.driver import Browser, started

BROKEN = "mirrors:\n  a: /x\n\tb: /x\n"
OFFERED = "r tries again   p lists the public caches   s opens the sample   q quits"


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirrors.yaml that is no YAML."""
    return write_text(configure_mirrors(tmp_path / "scope", monkeypatch), BROKEN)


def is_offering(browser: Browser) -> bool:
    """Whether something else is offered."""
    return isinstance(browser.app.screen, LoadingScreen) and browser.app.screen.failure is not None


async def until_opened(browser: Browser) -> None:
    await browser.until(lambda: isinstance(browser.app.screen, BrowseScreen))
    await browser.until(lambda: browser.screen.result is not None)
    await browser.settle()


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_the_reason_is_shown_and_said_again_in_the_end(
    broken: Path, size: tuple[int, int], key: str
) -> None:
    async with started(is_configured=True, size=size) as browser:
        await browser.until(lambda: is_offering(browser))
        await browser.settle()
        assert "no build cache can be opened" in browser.text and OFFERED in browser.text
        assert f"{broken}:3: not YAML" in "".join(line.strip() for line in browser.text.splitlines())
        browser.burst("escape", "enter", "x")
        await browser.settle()
        assert is_offering(browser)
        browser.burst(key)
        await browser.until(lambda: browser.app._exit)
    assert isinstance(browser.app.failure, ConfigError)
    assert str(browser.app.failure) == f"{broken}:3: not YAML"


async def test_the_sample_is_opened_by_name_alone(broken: Path) -> None:
    async with started(is_configured=True) as browser:
        await browser.until(lambda: is_offering(browser))
        browser.burst("s")
        await until_opened(browser)
        assert " sample " in browser.title and browser.app.failure is None
        assert len(browser.app.screen_stack) == 2
        browser.catalog.close()


async def test_it_can_be_corrected_meanwhile(broken: Path, tmp_path: Path) -> None:
    async with started(is_configured=True) as browser:
        await browser.until(lambda: is_offering(browser))
        write_section(broken, "mirrors", f"here: {mirror(tmp_path / 'm', record(1))}")
        browser.burst("r")
        await until_opened(browser)
        assert " here    1 build of 1 package " in browser.title
        browser.catalog.close()


async def test_a_public_cache_is_opened_in_place(broken: Path) -> None:
    table = {
        "/list.json": Content(json.dumps({"develop": [{"label": "e4s", "url": "s3://bucket/d"}]}).encode()),
        "/d/build_cache/index.json": Content(index(record(4, "public"))),
    }
    with faulty(table) as server:
        public = PublicPlaces(
            f"{server.url}/list.json", {"s3://bucket": server.url}, f"{server.url}/{{name}}"
        )
        options = StartOptions(policy=Policy(public=public))
        async with started(is_configured=True, options=options) as browser:
            await browser.until(lambda: is_offering(browser))
            browser.burst("p")
            await browser.until(lambda: isinstance(browser.app.screen, PublicScreen))
            await browser.press("escape")
            assert is_offering(browser) and OFFERED in browser.text
            browser.burst("p")
            await browser.until(lambda: "develop/e4s" in browser.text)
            await browser.settle()
            browser.burst("enter")
            await until_opened(browser)
            assert [package.name for package in browser.result.packages] == ["public"]
            assert len(browser.app.screen_stack) == 2
            browser.catalog.close()


async def test_one_that_cannot_be_opened_either_is_said_in_place(broken: Path) -> None:
    table = {"/list.json": Content(json.dumps({"develop": [{"label": "x", "url": "s3://b/d"}]}).encode())}
    with faulty(table) as server:
        public = PublicPlaces(f"{server.url}/list.json", {"s3://b": server.url}, f"{server.url}/{{name}}")
        async with started(is_configured=True, options=StartOptions(policy=Policy(public=public))) as browser:
            await browser.until(lambda: is_offering(browser))
            browser.burst("p")
            await browser.until(lambda: "develop/x" in browser.text)
            await browser.settle()
            browser.burst("enter")
            await browser.until(lambda: is_offering(browser) and "no index" in browser.text)
            assert "not YAML" in browser.text and "develop/x" in browser.text


async def test_without_any_mirror_that_can_be_read_it_is_offered_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure_mirrors(tmp_path / "scope", monkeypatch, f"gone: {tmp_path}/gone")
    async with started(is_configured=True) as browser:
        await browser.until(lambda: is_offering(browser))
        await browser.settle()
        assert "no such file or folder" in browser.text
        browser.burst("q")
        await browser.until(lambda: browser.app._exit)
    assert isinstance(browser.app.failure, CachetuiError)


@pytest.mark.parametrize("is_compiled", [False, True])
async def test_the_other_mirrors_are_shown_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: Path, is_compiled: bool
) -> None:
    system = tmp_path / "system"
    monkeypatch.setenv("SPACK_SYSTEM_CONFIG_PATH", str(system))
    write_section(system / "mirrors.yaml", "mirrors", f"good: {mirror(tmp_path / 'm', record(1))}")
    reason = f"{broken}:3: not YAML"
    for _ in range(1 + is_compiled):
        async with started(is_configured=True, size=(200, 40)) as browser:
            await until_opened(browser)
            assert " good    1 build of 1 package " in browser.title
            assert "▲ configuration not read ! details" in browser.title
            assert browser.status.strip() == reason
            await browser.press("escape", "!")
            assert browser.text.count(f"✕ {broken}:3") == 1 and "mirror failed" not in browser.text
            assert "Mirrors that are configured there are not shown" in browser.text
            browser.catalog.close()
