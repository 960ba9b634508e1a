"""The screens of mirrors and of public build caches: what they show, and how others are opened from them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cachetui.config import PublicPlaces
from cachetui.refresh import Policy
from cachetui.tui import StartOptions
from cachetui.tui.dialogs.choosing import ChoosingScreen
from cachetui.tui.widgets.text_lines import TextLines
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


def unwrapped(browser: Browser, name: str) -> str:
    """The text of a part of the box without any blanks."""
    return "".join("".join(browser.pane(name)).split())


def packages(browser: Browser) -> set[str]:
    return {package.name for package in browser.result.packages}


async def go_to(browser: Browser, location: str) -> None:
    """Put the cursor of the list on a location."""
    screen = browser.app.screen
    assert isinstance(screen, ChoosingScreen)
    while screen.target != location:
        await browser.press("down")


async def test_a_line_for_each_mirror_in_columns(configured: Path, tmp_path: Path) -> None:
    async with browsing(str(tmp_path / "one")) as browser:
        await browser.press("m")
        heading, *lines = browser.pane("lines")
        assert heading.split()[:6] == ["name", "state", "builds", "age", "layout", "scope"]
        cells = [line.split()[:7] for line in lines]
        assert cells[0] == ["□", "first", "●", "on", "this", "machine", "1"]
        assert cells[2][:4] == ["□", "gone", "✕", "failed"]
        assert cells[3][:4] == ["sources", "○", "source", "only"]
        assert len(lines) == 5  # the location that is open is the last
        assert heading.index("state") == lines[0].index("●") == lines[2].index("✕") == lines[3].index("○")
        assert "1 of 5 failed" in browser.text
        await browser.press("escape")
        assert packages(browser) == {"one"}


async def test_what_is_known_of_the_mirror_under_the_cursor(configured: Path, tmp_path: Path) -> None:
    async with browsing(str(tmp_path / "one")) as browser:
        await browser.press("m")
        for place, (name, line, advice) in enumerate(
            (
                ("first", 2, "Enter opens it."),
                ("second", 3, "Enter opens it."),
                ("gone", 4, "Check that the path can be read here. Enter tries again."),
                ("sources", 5, "It holds only sources; Spack looks for no builds in it."),
            )
        ):
            assert browser.app.screen.query_one(TextLines).cursor == place
            shown = unwrapped(browser, "details")
            assert shown.startswith(name) and f"{configured}:{line},scopeuser" in shown
            assert shown.endswith(advice.replace(" ", ""))
            await browser.press("down")
        await browser.press("g", "down", "down")
        assert "failed:nosuchfileorfolder" in unwrapped(browser, "details")
        assert f"url{tmp_path}/gone" in unwrapped(browser, "details")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20), (40, 12)])
async def test_mirrors_fit_any_screen(configured: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    configured.write_text(configured.read_text() + "\n  odd: [1, 2]\n")
    async with browsing(str(tmp_path / "one"), size=size) as browser:
        await browser.press("m", "down", "down")
        heading, *lines = browser.pane("lines")
        assert "name" in heading and "state" in heading
        assert ("builds" in heading) is (size[0] >= 60)
        assert any("✕ failed" in line for line in lines)
        assert "failed:nosuch" in unwrapped(browser, "details")
        if size[1] >= 24:
            assert "1 setting could not be used" in browser.text
        assert ("url" in heading) is (size[0] >= 80)
        await browser.press("end")
        assert browser.pane("lines")[-1].split()[1] == "one"


async def test_another_size_divides_the_room_again(configured: Path, tmp_path: Path) -> None:
    async with browsing(str(tmp_path / "one")) as browser:
        await browser.press("m", "down")
        await browser.resize(60, 20)
        assert "url" not in browser.pane("lines")[0]
        assert unwrapped(browser, "details").startswith("second")
        await browser.resize(120, 40)
        assert "url" in browser.pane("lines")[0]
        assert unwrapped(browser, "details").startswith("second")


async def test_without_a_mirror_the_public_caches_are_named(tmp_path: Path) -> None:
    async with browsing() as browser:
        await browser.press("m")
        assert "no mirror is configured in Spack here" in browser.text
        assert "no Spack installation found" in browser.text


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
        assert " second    1 build of 1 package" in browser.title
        assert (browser.query_bar.text, browser.focus) == ("", "query")


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
        assert browser.text.count("■") == 2
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


async def test_r_in_the_list_checks_for_updates(configured: Path, tmp_path: Path) -> None:
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
            await browser.press("/", "e", "4", "s")
            assert "v1.0/hep" not in browser.text and "1 of 3   / e4s" in browser.text
            await browser.press("q")
            assert "no name contains this" in browser.text
            await browser.press("backspace", "enter")
            await browser.until(lambda: packages(browser) == {"public"})
            await browser.settle()
            assert "develop/e4s" in browser.title
            (spec,) = [browser.catalog.spec(row) for row in browser.result.rows]
            assert [(p.mirror, p.tag, p.stack) for p in spec.places] == [("develop/e4s", "develop", "e4s")]


async def test_esc_ends_the_filter_before_it_closes(tmp_path: Path) -> None:
    with faulty({"/list.json": Content(json.dumps(DIRECTORY).encode())}) as server:
        public = PublicPlaces(f"{server.url}/list.json", {"s3://bucket": server.url}, server.url + "/{name}")
        options = StartOptions(policy=Policy(public=public))
        async with browsing(mirror(tmp_path / "m", record(1)), options=options) as browser:
            await browser.press("m", "p", "/", "h", "p", "escape")
            assert "3 of 3" in browser.text and "develop/e4s" in browser.text
            await browser.press("q", "q")
            assert browser.app.screen is browser.screen


async def test_without_the_list_the_reason_is_shown(tmp_path: Path) -> None:
    with faulty({}) as server:
        policy = Policy(public=PublicPlaces(f"{server.url}/list.json"))
        async with browsing(
            mirror(tmp_path / "m", record(1)), options=StartOptions(policy=policy)
        ) as browser:
            await browser.press("m", "p")
            assert "404 Not Found" in browser.text
            await browser.press("escape", "escape")
            assert browser.focus == "packages"
