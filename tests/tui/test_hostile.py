"""Data that is made to deceive: nothing in it is obeyed, and no line is wider or narrower than its pane."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from tests.builders.mirrors import mirror, record
from tests.tui.driver import Browser, browsing

ESCAPES = "a\x1b[31mred\x1b]52;c;eA==\x07\x9b2J\r\n\tb\x00\x7f"
MARKUP = "[bold]b[/bold][@click=app.quit]x[/]"
BIDI = "a\u202eevil\u2066b\u200fc"
WIDE = "漢字かな漢字かな漢字かな漢字"
COMBINING = "e\u0301" * 20 + "\u200d\u0300\ufe0f"
LONG = "x" * 5_000
EMOJI = "👩‍👩‍👧‍👦🏳️‍🌈" * 10

TEXTS = [ESCAPES, MARKUP, BIDI, WIDE, COMBINING, LONG, EMOJI]
IDS = ["escapes", "markup", "bidi", "wide", "combining", "long", "emoji"]
SIZES = [(120, 40), (80, 24), (60, 20)]


def hostile_mirror(folder: Path, text: str) -> str:
    """A mirror with the text wherever a record has room for one, beside a plain build."""
    fields = {
        "version": text,
        "namespace": text,
        "arch": {"platform": text, "platform_os": text, "target": text},
        "compiler": {"name": text, "version": text},
        "parameters": {text: text, "flag": True, "cflags": [text], "many": [text, "other"]},
    }
    needy = record(1, name=f"zz{text}", needs=[3], **fields)
    twin = record(2, name=f"zz{text}", needs=[4], **fields)
    bad = (text, {"spec": {"name": text}})
    tools = [record(number, "cmake", version=text) for number in (3, 4)]
    return mirror(folder, needy, twin, record(5), *tools, bad)


def check(browser: Browser) -> None:
    """Every line of the screen fills it, and nothing in it is for the terminal to obey."""
    width, height = browser.app.size
    assert len(browser.strips) == height
    for strip in browser.strips:
        assert strip.cell_length == width
        for segment in strip:
            assert not segment.control
            odd = [c for c in segment.text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
            assert odd == []


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("text", TEXTS, ids=IDS)
async def test_every_pane_is_as_wide_as_it_is(tmp_path: Path, text: str, size: tuple[int, int]) -> None:
    async with browsing(hostile_mirror(tmp_path / "m", text), size=size, environ={}) as browser:
        check(browser)
        for keys in (("G", "enter"), ("enter",), ("down",), ("tab",), ("tab", "f"), ("space",), ("!",)):
            await browser.press(*keys)
            check(browser)
        await browser.press("escape", "escape", "escape")
        for key in ("Y", "escape", "/", "z", "z", "escape", "y", "?"):
            await browser.press(key)
            check(browser)


async def test_markup_is_shown_as_it_is(tmp_path: Path) -> None:
    async with browsing(hostile_mirror(tmp_path / "m", MARKUP), environ={}) as browser:
        assert "[bold]b[/bold]" in "".join(browser.pane("packages"))
        assert "[bold]b[/bold]" in "".join(browser.pane("facets"))
        await browser.press("G")
        assert "[bold]b[/bold]" in "".join(browser.pane("table"))
        assert MARKUP in "".join(browser.pane("detail"))


async def test_markup_in_the_copy_menu_is_shown_as_it_is_and_not_copied(tmp_path: Path) -> None:
    async with browsing(hostile_mirror(tmp_path / "m", MARKUP), environ={}) as browser:
        await browser.press("G", "Y")
        assert MARKUP in browser.text
        await browser.press("n")
        assert "is not spelled as Spack allows: only its hash is offered" in browser.status
        check(browser)


@pytest.mark.parametrize("text", ["[bold]", "[/]", "[red]x", "\\[", "\\", "[@click=app.quit]x[/]"])
async def test_what_is_typed_into_the_help_is_shown_as_it_is(text: str) -> None:
    async with browsing() as browser:
        await browser.press("?", "/", *text)
        assert f"/ {text}" in browser.text


async def test_a_title_is_taken_as_it_is(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "[bold]m\x1b[31m", record(1))) as browser:
        check(browser)
        assert "[bold]m\ufffd[31m" in browser.title


async def test_wide_characters_are_not_lost_in_the_detail(tmp_path: Path) -> None:
    text = "漢字" * 60
    location = mirror(tmp_path / "m", record(1, parameters={"flag": text}))
    async with browsing(location, size=(80, 24)) as browser:
        lines = [line for line, _ in browser.detail.lines]
        assert sum(text.count("漢") for line in lines for text, _ in line) == 60
        assert all(sum(map(cells, line)) <= browser.detail.width for line in lines)


def cells(span: tuple[str, str]) -> int:
    """How wide a span is."""
    return sum(2 if unicodedata.east_asian_width(c) == "W" else 1 for c in span[0])
