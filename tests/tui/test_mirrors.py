"""The screens of mirrors and of public build caches: what they tell, and how others are opened from them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cachetui.config import PublicPlaces
from cachetui.refresh import Policy
from cachetui.tui import StartOptions
from cachetui.tui.dialogs.choosing import ChoosingScreen
from tests.builders.homes import configure_mirrors
from tests.builders.mirrors import index, mirror, record
from tests.servers.faults import Content, Stall, faulty
from tests.tui.driver import Browser, browsing

DIRECTORY = {
    "develop": [
        {"label": "root", "url": "s3://bucket/develop/blobs/sha256/ab/abcd"},
        {"label": "e4s", "url": "s3://bucket/develop/e4s/build_cache/index.json"},
    ],
    "v1.0": [{"label": "hep", "url": "s3://bucket/v1.0/hep/build_cache/index.json"}],
}


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two mirrors that Spack is configured with, one that is gone, one for sources."""
    first, second = (mirror(tmp_path / name, record(n, name)) for n, name in ((1, "one"), (2, "two")))
    return configure_mirrors(
        tmp_path / "spack",
        monkeypatch,
        f"first: {first}",
        f"second: {second}",
        f"gone: {tmp_path}/gone",
        "sources: {url: https://sources.example, binary: false}",
    )


def packages(browser: Browser) -> set[str]:
    return {package.name for package in browser.result.packages}


async def go_to(browser: Browser, location: str) -> None:
    """Put the cursor of the list on a location."""
    screen = browser.app.screen
    assert isinstance(screen, ChoosingScreen)
    while screen.target != location:
        await browser.press("down")


async def test_what_is_known_of_each_mirror(configured: Path, tmp_path: Path) -> None:
    async with browsing(str(tmp_path / "one")) as browser:
        await browser.press("m")
        for text in (
            "first   on this machine   builds 1   layout v2",
            "gone   failed",
            "sources   source only",
            "no Spack found",
        ):
            assert text in browser.text
        unwrapped = browser.text.translate(dict.fromkeys(map(ord, " │\n")))
        assert f"{configured}:2,scopeuser" in unwrapped
        assert f"{tmp_path}/gone" in unwrapped and "nosuchfileorfolder" in unwrapped
        await browser.press("escape")
        assert packages(browser) == {"one"}


async def test_list_of_mirrors_says_how_it_closes_at_80_columns(configured: Path, tmp_path: Path) -> None:
    async with browsing(str(tmp_path / "one"), size=(80, 24)) as browser:
        await browser.press("m")
        assert "Esc closes" in browser.text


async def test_a_mirror_is_opened_in_place_of_what_is_open(configured: Path, tmp_path: Path) -> None:
    async with browsing(str(tmp_path / "one")) as browser:
        await browser.query("one")
        await browser.press("enter", "m")
        await go_to(browser, "second")
        await browser.press("enter")
        await browser.until(lambda: packages(browser) == {"two"})
        await browser.settle()
        assert "second   1 build" in browser.title
        assert (browser.query_bar.text, browser.focus) == ("", "packages")


async def test_a_signed_url_is_shown_redacted_and_opened_whole(tmp_path: Path) -> None:
    with faulty({"/m/build_cache/index.json": Content(index(record(1, "one")))}) as server:
        url = f"{server.url}/m?signature=s3cr3t"
        async with browsing(url) as browser:
            assert "s3cr3t" not in browser.text
            await browser.press("m")
            assert "/m?\u2026" in browser.text and "s3cr3t" not in browser.text
            await go_to(browser, url)
            server.requests.clear()
            await browser.press("enter")
            await browser.until(lambda: browser.app.screen is browser.screen)
            assert packages(browser) == {"one"}
            assert browser.app.locations == [url]


async def test_several_are_opened_together(configured: Path, tmp_path: Path) -> None:
    async with browsing(str(tmp_path / "one")) as browser:
        await browser.press("m", "space", "space")
        assert browser.text.count("[x]") == 2
        await browser.press("enter")
        await browser.until(lambda: packages(browser) == {"one", "two"})
        await browser.settle()
        assert "first + second" in browser.title


async def test_one_that_cannot_be_opened_leaves_what_is_open(configured: Path, tmp_path: Path) -> None:
    async with browsing(str(tmp_path / "one")) as browser:
        await browser.press("m")
        await go_to(browser, "gone")
        await browser.press("enter")
        await browser.until(lambda: "no such file or folder" in browser.status)
        assert packages(browser) == {"one"}
        await browser.press("q")
        assert browser.app.failure is None


async def test_reading_another_can_be_stopped(configured: Path, tmp_path: Path) -> None:
    with faulty({}, Stall()) as server:
        configured.write_text(f"mirrors: {{slow: '{server.url}/m'}}")
        async with browsing(str(tmp_path / "one")) as browser:
            await browser.press("m")
            browser.burst("enter")
            await browser.until(lambda: "checking for updates" in browser.text)
            browser.burst("escape")
            await browser.until(lambda: "stopped; the previous catalog is unchanged" in browser.text)
            assert packages(browser) == {"one"}


async def test_r_in_the_list_looks_for_news(configured: Path, tmp_path: Path) -> None:
    async with browsing(str(tmp_path / "one")) as browser:
        file = tmp_path / "one" / "build_cache" / "index.json"
        file.write_bytes(index(record(1, "one"), record(3, "three")))
        await browser.press("m", "r")
        await browser.until(lambda: packages(browser) == {"one", "three"})
        await browser.settle()


async def test_public_caches_are_filtered_and_opened(tmp_path: Path) -> None:
    build = index(record(4, "public"))
    table = {
        "/list.json": Content(json.dumps(DIRECTORY).encode()),
        "/develop/e4s/build_cache/index.json": Content(build),
    }
    with faulty(table) as server:
        public = PublicPlaces(
            f"{server.url}/list.json", {"s3://bucket": server.url}, server.url + "/{name}", "develop|v.*"
        )
        options = StartOptions(policy=Policy(public=public))
        async with browsing(mirror(tmp_path / "m", record(1)), options=options) as browser:
            await browser.press("m", "p")
            for text in ("develop/e4s", "v1.0/hep", f"{server.url}/develop"):
                assert text in browser.text
            await browser.press("e", "4", "s")
            assert "v1.0/hep" not in browser.text
            await browser.press("x")
            assert "no name has this in it" in browser.text
            await browser.press("backspace", "enter")
            await browser.until(lambda: packages(browser) == {"public"})
            await browser.settle()
            assert "develop/e4s" in browser.title
            (spec,) = [browser.catalog.spec(row) for row in browser.result.rows]
            assert [(p.mirror, p.tag, p.stack) for p in spec.places] == [("develop/e4s", "develop", "e4s")]


async def test_without_the_list_it_is_told_why(tmp_path: Path) -> None:
    with faulty({}) as server:
        policy = Policy(public=PublicPlaces(f"{server.url}/list.json"))
        async with browsing(
            mirror(tmp_path / "m", record(1)), options=StartOptions(policy=policy)
        ) as browser:
            await browser.press("m", "p")
            assert "404 Not Found" in browser.text
            await browser.press("escape", "escape")
            assert browser.focus == "packages"
