"""The palette: every command by what it does, and run in the pane that it is a command of."""

from __future__ import annotations

import pytest

from cachetui.config import Config
from cachetui.tui.commands import BROWSE_COMMANDS
from cachetui.tui.dialogs.help import HelpScreen
from cachetui.tui.dialogs.palette import NOT_HERE, OF_PANES, PaletteScreen
from tests.tui.driver import Browser, browsing


def found(browser: Browser) -> list[str]:
    """The commands that are listed."""
    assert isinstance(browser.app.screen, PaletteScreen)
    return [command.id for _, command in browser.app.screen.found]


async def to_builds(browser: Browser) -> None:
    """Show the builds of a package."""
    await browser.query("filelock")
    await browser.press("enter")


async def test_typed_words_find_a_command_of_a_pane_and_enter_runs_it_there() -> None:
    async with browsing() as browser:
        await to_builds(browser)
        await browser.press("s", "f", "ctrl+p", *"reverse order")
        before = browser.result.selection
        assert before.sort
        assert found(browser) == ["reverse"]
        await browser.press("enter")
        assert (browser.app.screen, browser.focus) == (browser.screen, "table")
        assert browser.result.selection.descending != before.descending


async def test_a_command_of_the_filters_works_on_the_filters() -> None:
    async with browsing() as browser:
        await browser.press("f", "down", "escape")
        value = browser.facets.lines[browser.facets.cursor].value
        assert value is not None
        await browser.press("ctrl+p", *"select or deselect a value", "enter")
        assert browser.focus == "facets"
        assert [choice.value for choice in browser.screen.selection.choices] == [value.value]


async def test_it_opens_while_a_query_is_typed_and_runs_a_command_of_the_screen() -> None:
    async with browsing(is_typing=True) as browser:
        await browser.press(*"filelock", "ctrl+p", *"copy the command line", "enter")
        assert browser.app.screen is browser.screen
        assert len(browser.sent) == 1
        assert (browser.query_bar.text, browser.focus) == ("filelock", "query")


async def test_a_command_that_shows_a_screen_shows_it() -> None:
    async with browsing() as browser:
        await browser.press("ctrl+p", *"help", "enter")
        assert isinstance(browser.app.screen, HelpScreen)


@pytest.mark.parametrize(
    ("pane", "first"), [("facets", "choose"), ("table", "mark"), ("detail", "next-section")]
)
async def test_commands_of_the_pane_with_the_focus_stand_first(pane: str, first: str) -> None:
    async with browsing() as browser:
        while browser.focus != pane:
            await browser.press("tab")
        await browser.press("ctrl+p")
        assert found(browser)[0] == first


async def test_words_are_found_in_any_order_and_letters_are_no_commands() -> None:
    async with browsing() as browser:
        await browser.press("ctrl+p", *"MARKED clear")
        assert found(browser) == ["clear-marks"]
        await browser.press("ctrl+u", *"qqq")
        assert found(browser) == []
        assert "no command has these words" in browser.text
        await browser.press("enter")
        assert isinstance(browser.app.screen, PaletteScreen)
        await browser.press("escape")
        assert len(browser.app.screen_stack) == 1


async def test_keys_of_ones_own_are_shown() -> None:
    async with browsing(config=Config(keys={"copy-command": "f9"})) as browser:
        await browser.press("ctrl+p", *"command line")
        assert any(line.rstrip(" │").endswith("f9") for line in browser.pane("lines"))


async def test_every_command_is_listed_with_its_keys() -> None:
    async with browsing(size=(120, 60)) as browser:
        await browser.press("ctrl+p")
        listed = [command for commands in OF_PANES.values() for command in commands]
        listed += [command for command in BROWSE_COMMANDS if command.id not in NOT_HERE]
        text_of = {command.id: command.text for command in listed}
        # What a key does in two panes is listed once.
        assert sorted(map(text_of.__getitem__, found(browser))) == sorted(set(text_of.values()))
        lines = {line.strip() for line in browser.pane("lines")}
        for command in listed:
            assert any(
                line.startswith(f"{command.text}  ") and line.endswith(f" {command.keys_text({})}")
                for line in lines
            ), command.text


@pytest.mark.parametrize("keys", [["escape"], ["x", "escape"]])
async def test_esc_closes_it_and_what_is_typed_is_text_again(keys: list[str]) -> None:
    async with browsing(is_typing=True) as browser:
        await browser.press("p", "ctrl+p", *keys, "y")
        assert (browser.query_bar.text, browser.focus) == ("py", "query")


@pytest.mark.parametrize("size", [(80, 24), (50, 16)])
async def test_keys_are_seen_on_small_screens(size: tuple[int, int]) -> None:
    async with browsing(size=size) as browser:
        await browser.press("ctrl+p", *"undo")
        assert browser.pane("lines")[0].split()[-1] == "u"
        assert "Esc closes" in browser.text
