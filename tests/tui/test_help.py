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


def words(lines: list[str]) -> str:
    """All words of some lines, however they are wrapped."""
    return " ".join(" ".join(lines).split())


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_every_command_is_listed_with_its_keys(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        await browser.press("?")
        lines = listed(browser)
        for title, commands in SECTIONS:
            assert f" {title}" in lines
            keys = [command.keys_text({}) for command in commands]
            assert all(any(f"  {key} " in f"{line} " for line in lines) for key in keys)
        # An explanation stands in one of two columns: its words come in their order.
        shown = words(lines).split()
        for command in (command for _, commands in SECTIONS for command in commands):
            rest = iter(shown)
            assert all(word in rest for word in command.text.split()), command.text


async def test_every_command_has_a_name_for_keys_of_ones_own() -> None:
    async with browsing() as browser:
        await browser.press("?", "]", "]")
        assert "[ Command names ]" in browser.text and "config.yaml" in words(listed(browser))
        for command in (command for _, commands in SECTIONS for command in commands):
            line = next(line for line in listed(browser) if line.split()[:1] == [command.id])
            assert command.keys_text({}) in line


@pytest.mark.parametrize(
    ("keys", "first"),
    [
        ((), "everywhere"),
        (("f",), "in the filters"),
        (("tab", "tab"), "in the table of builds"),
    ],
)
async def test_keys_of_the_focused_pane_stand_first(keys: tuple[str, ...], first: str) -> None:
    async with browsing() as browser:
        await browser.press(*keys, "?")
        titles = [line.strip() for line in listed(browser) if line[:2] != "  " and line.strip()]
        assert titles[0] == first
        assert titles[: 3 if first != "everywhere" else 2][-2:] == ["everywhere", "in every list"]


async def test_keys_of_the_query_bar_stand_first_while_a_query_is_typed() -> None:
    async with browsing() as browser:
        await browser.press("/", "f1")
        assert listed(browser)[0] == " in the query bar"


async def test_keys_of_the_pane_and_those_of_everywhere_are_seen_at_80_columns() -> None:
    async with browsing(size=(80, 24)) as browser:
        await browser.press("tab", "tab", "?")
        assert "[ Keys ]" in browser.text and "Esc closes" in browser.text
        lines = listed(browser)
        assert all(line.rstrip() in browser.text for line in lines[: lines.index(" everywhere") + 1])
        await browser.press("pagedown")
        assert "in every list" in browser.text


async def test_pages_are_turned_in_a_circle() -> None:
    async with browsing() as browser:
        await browser.press("?")
        for key, page in (
            ("tab", "[ Query language ]"),
            ("]", "[ Command names ]"),
            ("tab", "[ Keys ]"),
            ("[", "[ Command names ]"),
            ("shift+tab", "[ Query language ]"),
        ):
            await browser.press(key)
            assert page in browser.text


async def test_an_example_is_written_into_the_query() -> None:
    async with browsing() as browser:
        await browser.press("?", "tab", "enter")
        assert browser.app.screen is browser.screen
        assert (browser.query_bar.text, browser.query_bar.has_focus) == ("hdf5 with mpi for zen3", True)
        assert browser.result.package == "hdf5"
        await browser.press("escape", "?", "tab", "down", "down", "enter")
        assert browser.query_bar.text == "openmpi gcc 13 rhel8"
        await browser.press(".")
        assert browser.query_bar.text == "openmpi gcc 13 rhel8."


async def test_the_line_of_a_long_explanation_leads_to_its_example_too() -> None:
    async with browsing(size=(60, 20)) as browser:
        await browser.press("?", "tab", "down", "enter")
        assert browser.query_bar.text == "hdf5 with mpi for zen3"


async def test_own_keys_are_listed_and_work() -> None:
    async with browsing(config=Config(keys={"help": "f2", "copy-hash": "c"})) as browser:
        await browser.press("f2", "[")
        (line,) = [line for line in listed(browser) if line.split()[:1] == ["copy-hash"]]
        assert line.split()[1] == "c"
        await browser.press("f2")
        assert browser.app.screen is browser.screen


async def test_a_key_of_ones_own_leaves_the_default_to_text() -> None:
    async with browsing(config=Config(keys={"quit": "f10"})) as browser:
        await browser.press("q")
        assert not browser.app._exit
        await browser.press("f10")
        assert browser.app._exit


@pytest.mark.parametrize("text", ["hash", "q", "jk", "?", "SORT", "suspend"])
async def test_typing_after_a_slash_filters_all_pages(text: str) -> None:
    async with browsing() as browser:
        await browser.press("?", "/", *text, "enter")
        assert f"   / {text}" in browser.text
        await browser.press("shift+tab")
        commands = {command.id: command for _, commands in SECTIONS for command in commands}
        shown = [line.split()[0] for line in listed(browser) if line.split()[0] in commands]
        assert shown == [
            name
            for name, command in commands.items()
            if text.lower() in f"{name} {command.keys_text({})} {command.text}".lower()
        ]


@pytest.mark.parametrize("key", ["q", "?", "escape", "f1"])
async def test_keys_that_close_the_help(key: str) -> None:
    async with browsing() as browser:
        await browser.press("?", "down", key)
        assert browser.app.screen is browser.screen and not browser.app._exit


async def test_esc_ends_the_filter_first() -> None:
    async with browsing() as browser:
        await browser.press("?")
        everything = listed(browser)
        await browser.press("/", "q", "?", "escape")
        assert listed(browser) == everything
        await browser.press("escape")
        assert browser.app.screen is browser.screen


async def test_backspace_deletes_a_character_of_the_filter() -> None:
    async with browsing() as browser:
        await browser.press("?")
        everything = listed(browser)
        await browser.press("/", "z", "z", "backspace", "backspace")
        assert listed(browser) == everything


async def test_a_filter_may_leave_nothing() -> None:
    async with browsing() as browser:
        await browser.press("?", "]", "/", *"qqqq", "enter")
        assert "no match" in browser.text


async def test_a_section_without_a_match_is_left_out() -> None:
    async with browsing() as browser:
        await browser.press("?", "/", *"shell")
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


async def test_ctrl_c_quits_from_a_dialog() -> None:
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
        await browser.press("escape", "!")
        shown = " ".join(" ".join(listed(browser)).split())
        assert 'The query names like "filelock" and +a (no build has it)' in shown
        assert "and os=ubuntu22.04" in shown
