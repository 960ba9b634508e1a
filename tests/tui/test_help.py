"""The help and the problems screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachetui.config import Config
from cachetui.tui.commands import SECTIONS
from cachetui.tui.widgets.text_lines import TextLines
from tests.builders.mirrors import mirror, record
from tests.tui.driver import Browser, browsing


def listed(browser: Browser) -> list[str]:
    """All lines of the dialog, also those below its edge."""
    lines = browser.app.screen.query_one(TextLines).lines
    return ["".join(text for text, _ in line) for line in lines]


async def test_every_command_is_listed_with_its_keys() -> None:
    async with browsing() as browser:
        await browser.press("?")
        lines = listed(browser)
        for title, commands in SECTIONS:
            assert f" {title}" in lines
            for command in commands:
                line = next(line for line in lines if f"[{command.id}]" in line)
                assert command.keys_text({}) in line and command.text in line


async def test_own_keys_are_listed_and_work() -> None:
    async with browsing(config=Config(keys={"help": "f2", "copy-hash": "c"})) as browser:
        await browser.press("f2")
        (line,) = [line for line in listed(browser) if "[copy-hash]" in line]
        assert line.split()[0] == "c"


async def test_a_key_of_ones_own_leaves_the_default_to_text() -> None:
    async with browsing(config=Config(keys={"quit": "f10"})) as browser:
        await browser.press("q")
        assert not browser.app._exit
        await browser.press("f10")
        assert browser.app._exit


@pytest.mark.parametrize("text", ["hash", "q", "jk", "?", "SORT", "suspend"])
async def test_typing_filters(text: str) -> None:
    async with browsing() as browser:
        await browser.press("?", *text)
        assert f"Keys  {text}" in browser.text
        entries = [line for line in listed(browser) if line.startswith("  ")]
        assert all(text.lower() in line.lower() for line in entries)


async def test_backspace_takes_back_a_character_of_the_filter() -> None:
    async with browsing() as browser:
        await browser.press("?")
        everything = listed(browser)
        await browser.press("z", "z", "backspace", "backspace")
        assert listed(browser) == everything


async def test_a_section_without_a_match_is_left_out() -> None:
    async with browsing() as browser:
        await browser.press("?", *"suspend")
        assert [line for line in listed(browser) if not line.startswith("  ")] == [" everywhere"]


async def test_arrows_scroll_while_the_filter_is_typed() -> None:
    async with browsing(size=(80, 24)) as browser:
        await browser.press("?", "end")
        assert listed(browser)[-1].strip() in browser.text


async def test_esc_closes_the_help_and_gives_the_keys_back() -> None:
    async with browsing() as browser:
        await browser.press("tab", "tab", "?", "escape")
        assert browser.app.screen is browser.screen
        assert browser.focus == "table"
        assert "793 builds" in browser.text


async def test_ctrl_c_leaves_from_a_dialog() -> None:
    async with browsing() as browser:
        await browser.press("?")
        browser.burst("ctrl+c")
        await browser.until(lambda: browser.app._exit)


async def test_the_problems_screen_says_that_everything_was_read() -> None:
    async with browsing() as browser:
        await browser.press("!")
        assert "every record was read" in browser.text
        await browser.press("q")
        assert browser.app.screen is browser.screen


async def test_failed_mirrors_and_skipped_records_are_listed(tmp_path: Path) -> None:
    bad = ("x" * 32, {"spec": {"version": "1"}})
    good = mirror(tmp_path / "good", record(1), bad)
    async with browsing(good, str(tmp_path / "gone")) as browser:
        assert "1 source failed" in browser.status
        await browser.press("!")
        shown = listed(browser)
        place = shown.index(f"   ✕ {tmp_path}/gone  ")
        assert shown[:2] == [" 1 mirror failed", shown[place]]
        assert "no such file or folder" in shown[place + 1]
        assert " 1 record skipped" in shown
        assert "     the spec has no name: xxxxxxx" in shown


async def test_problems_beyond_those_kept_are_counted(tmp_path: Path) -> None:
    bad = [(record(i)[0], {"spec": {"version": "1"}}) for i in range(1, 150)]
    async with browsing(mirror(tmp_path / "m", record(500), *bad)) as browser:
        await browser.press("!", "end")
        assert listed(browser)[-1] == "   and 49 more records"
        assert f"     the spec has no name: {', '.join(h[:7] for h, _ in bad[:3])} and 97 more" in listed(
            browser
        )


async def test_the_problems_screen_has_the_whole_reading() -> None:
    async with browsing(size=(80, 24)) as browser:
        await browser.query("filelock +a +b +c +d +e +f +g target=x86_64_v3 os=ubuntu22.04")
        assert browser.reading.endswith("…  ! all")
        await browser.press("escape", "!")
        shown = " ".join(" ".join(listed(browser)).split())
        assert 'The query names like "filelock" and +a (no build has it)' in shown
        assert "and os=ubuntu22.04" in shown
