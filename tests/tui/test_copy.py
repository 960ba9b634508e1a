"""Marking builds and sending them towards the clipboard."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachetui.install import COPY_FORMS, CachedBuild, CopyForm, cached_builds
from cachetui.search import Engine
from cachetui.tui import clipboard
from cachetui.tui.dialogs.copied import CopiedScreen
from cachetui.tui.widgets.text_lines import TextLines
from tests.builders.mirrors import lookalikes, mirror, record
from tests.tui.driver import Browser, browsing
from tests.tui.test_fold import unfolded

HASH = "cxuri4gklmaoza5c6znuhgrbihdynh4w"


def copied(browser: Browser) -> str:
    """The text of the one sequence that was sent."""
    assert len(browser.sent) == 1
    return browser.copied


async def to_build(browser: Browser) -> None:
    """Go to a build that looks like no other."""
    await browser.query("/cxuri4g")
    await browser.press("enter")


async def test_y_sends_the_whole_hash_and_shows_it() -> None:
    async with browsing(environ={}) as browser:
        await to_build(browser)
        await browser.press("y")
        assert copied(browser) == HASH
        assert browser.status == f" copied {HASH} {clipboard.PLAIN}"


async def test_y_works_in_every_pane() -> None:
    async with browsing(environ={}) as browser:
        await to_build(browser)
        for _ in range(4):
            await browser.press("tab", "y")
        assert browser.sent == [clipboard.osc52(HASH)] * 4


async def test_y_on_lookalikes_unfolds_them_and_sends_nothing() -> None:
    async with browsing(environ={}) as browser:
        await browser.query("filelock %gcc@7.5.0")
        await browser.press("enter", "y")
        assert browser.sent == []
        assert browser.status == " 12 builds look alike: choose one, or press Y to copy all"
        assert browser.table.line_count() == 13
        await browser.press("y")
        assert browser.sent == [], "the line is still that of all of them"
        assert browser.table.line_count() == 13
        await browser.press("down", "y")
        assert copied(browser) == browser.catalog.dag_hash(browser.table.highlighted[0])


async def test_unfolded_lookalikes_have_the_room_that_the_detail_does_not_need() -> None:
    async with browsing(environ={}) as browser:
        await browser.query("filelock %gcc@7.5.0")
        await browser.press("enter", "y")
        assert len(unfolded(browser)) == 12


async def test_y_without_a_build_says_so() -> None:
    async with browsing(environ={}) as browser:
        await browser.query("filelock @99")
        await browser.press("escape", "y")
        assert (browser.sent, browser.status) == ([], " no build to copy")


async def test_Y_without_a_build_says_so() -> None:
    async with browsing(environ={}) as browser:
        await browser.query("filelock @99")
        await browser.press("escape", "Y")
        assert browser.app.screen is browser.screen
        assert browser.status == " no build to copy"


async def test_marked_builds_are_copied_together() -> None:
    async with browsing(environ={}) as browser:
        await browser.query("filelock")
        await browser.press("enter", "space", "down", "down", "down", "enter", "down", "space", "space")
        marked = [line for line in browser.pane("table") if line[1:2] == "✓"]
        assert len(marked) == 3
        assert browser.pane("table")[0].endswith("3 marked")
        await browser.press("home", "y")
        hashes = copied(browser).split("\n")
        assert len(hashes) == 3
        assert {line.split()[-1][:7] for line in marked} == {text[:7] for text in hashes}
        assert boxed(browser) == (f"Copied hash (3 builds) {clipboard.PLAIN}", hashes)


def boxed(browser: Browser) -> tuple[str, list[str]]:
    """The heading of the box over the screen, and its lines, also those below its edge."""
    box = browser.app.screen
    assert isinstance(box, CopiedScreen)
    assert f"─ {box.heading} ─" in browser.text
    lines = ["".join(text for text, _ in line) for line in box.query_one(TextLines).lines]
    assert lines[0] in browser.text
    return box.heading, [line.removeprefix(" ") for line in lines]


async def test_what_is_too_long_for_the_status_line_is_shown_whole_in_a_box() -> None:
    async with browsing(size=(80, 24), environ={}) as browser:
        await to_build(browser)
        await browser.press("Y", "p")
        heading, lines = boxed(browser)
        assert heading == f"Copied spec (1 build) {clipboard.PLAIN}"
        assert len(lines) > 1
        assert " ".join(" ".join(lines).split()) == copied(browser)


async def test_all_lines_of_a_long_text_can_be_scrolled_to() -> None:
    async with browsing(size=(80, 24), environ={}) as browser:
        await browser.query("filelock")
        await browser.press("enter", *["space"] * 12, "y")
        heading, lines = boxed(browser)
        assert heading == f"Copied hash (125 builds) {clipboard.PLAIN}"
        assert lines == copied(browser).split("\n")
        assert lines[-1] not in browser.text
        await browser.press("end")
        assert lines[-1] in browser.text


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_the_box_is_closed_and_nothing_else(key: str) -> None:
    async with browsing(environ={}) as browser:
        await to_build(browser)
        await browser.press("Y", "j")
        assert isinstance(browser.app.screen, CopiedScreen)
        await browser.press(key)
        assert not browser.app._exit
        assert (browser.focus, browser.query_bar.text) == ("table", "cxuri4g")


async def test_what_is_copied_is_where_the_key_before_led(tmp_path: Path) -> None:
    records = [record(i, version=f"1.{i}") for i in range(5)]
    async with browsing(mirror(tmp_path / "m", *records), environ={}) as browser:
        await browser.press("tab", "tab")
        browser.burst("down", "down", "y")
        await browser.settle()
        assert copied(browser) == records[2][0]


async def test_marking_lookalikes_marks_them_all_and_a_part_is_named() -> None:
    async with browsing(environ={}) as browser:
        await browser.query("filelock %gcc@7.5.0")
        await browser.press("enter", "space")
        assert browser.pane("table")[0].endswith("12 marked")
        await browser.press("enter", "down", "space")
        assert browser.pane("table")[0].endswith("11 marked")
        assert next(line for line in browser.pane("table") if "12 alike" in line).startswith(" + ")


async def test_a_second_space_takes_the_mark_off() -> None:
    async with browsing(environ={}) as browser:
        await to_build(browser)
        await browser.press("space", "space")
        assert browser.table.marked == set()
        assert "marked" not in browser.pane("table")[0]


async def test_esc_leaves_the_marks_and_C_takes_them_off_until_u() -> None:
    async with browsing(environ={}) as browser:
        await to_build(browser)
        await browser.press("space", "escape", "escape")
        assert len(browser.table.marked) == 1
        await browser.press("C")
        assert browser.table.marked == set()
        assert browser.status == " deselected 1 build; u brings them back"
        await browser.press("u")
        assert len(browser.table.marked) == 1


async def test_marks_outlive_another_query() -> None:
    async with browsing(environ={}) as browser:
        await to_build(browser)
        await browser.press("space", "g")
        await browser.query("wheel")
        await browser.press("enter", "y")
        assert copied(browser) == HASH


async def test_the_menu_lists_the_forms_and_what_they_give(engine: Engine) -> None:
    async with browsing(environ={}) as browser:
        await to_build(browser)
        await browser.press("Y")
        builds = builds_of(engine, HASH)
        assert "Copy 1 build as" in browser.text
        for form in COPY_FORMS:
            line = next(line for line in browser.text.splitlines() if f" {form.key}  {form.name}" in line)
            told = [text for text in form.render(builds).splitlines() if not text.startswith("#")]
            assert " ".join(" ".join(told).split())[:30] in line


@pytest.mark.parametrize("form", COPY_FORMS, ids=lambda form: form.name)
async def test_the_letter_of_a_form_copies_it(form: CopyForm, engine: Engine) -> None:
    async with browsing(environ={}) as browser:
        await to_build(browser)
        await browser.press("Y", form.key)
        text = form.render(builds_of(engine, HASH))
        assert copied(browser) == text
        if "\n" in text or len(text) + len(clipboard.PLAIN) + 9 > browser.app.size.width:
            assert boxed(browser)[0] == f"Copied {form.name} (1 build) {clipboard.PLAIN}"
        else:
            assert browser.app.screen is browser.screen
            assert browser.status == f" copied {text} {clipboard.PLAIN}"


def builds_of(engine: Engine, dag_hash: str) -> list[CachedBuild]:
    """The build with a hash, as copy forms take it."""
    return cached_builds(engine.catalog, [engine.catalog.row_of(dag_hash)])


async def test_enter_copies_the_form_under_the_cursor(engine: Engine) -> None:
    async with browsing(environ={}) as browser:
        await to_build(browser)
        await browser.press("Y", "down", "down", "enter")
        assert copied(browser) == f"py-filelock/{HASH}"


async def test_the_menu_takes_all_lookalikes(engine: Engine) -> None:
    async with browsing(environ={}) as browser:
        await browser.query("filelock %gcc@7.5.0")
        await browser.press("enter", "Y")
        assert "Copy 12 builds as" in browser.text
        await browser.press("h")
        assert copied(browser).split("\n") == [engine.catalog.dag_hash(row) for row in browser.result.rows]


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_the_menu_closes_without_copying(key: str) -> None:
    async with browsing(environ={}) as browser:
        await to_build(browser)
        await browser.press("Y", key)
        assert browser.app.screen is browser.screen
        assert browser.sent == []
        assert browser.focus == "table"


async def test_a_text_too_long_for_a_clipboard_is_refused(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *lookalikes(2_400)), environ={}) as browser:
        await browser.query("zlib")
        await browser.press("enter", "Y", "h")
        await browser.until(lambda: "too long for a clipboard" in browser.status)
        assert browser.sent == []


async def test_in_screen_the_sequence_is_wrapped() -> None:
    async with browsing(environ={"STY": "1.x", "TERM": "screen"}) as browser:
        await to_build(browser)
        await browser.press("y")
        assert browser.sent == [clipboard.through_screen(clipboard.osc52(HASH))]
        assert browser.status.endswith(clipboard.IN_SCREEN)


async def test_what_was_copied_is_shown_until_something_else_happens() -> None:
    async with browsing(environ={}) as browser:
        await to_build(browser)
        await browser.press("y")
        await browser.query("x")
        assert HASH not in browser.status


async def test_a_malformed_hash_is_no_build(tmp_path: Path) -> None:
    bad = ("$(reboot)", record(2)[1])
    async with browsing(mirror(tmp_path / "m", record(1), bad), environ={}) as browser:
        assert browser.result.total == 1
        assert "1 record skipped" in browser.title
