"""Undoing steps, and marked builds as a collection."""

from __future__ import annotations

from tests.tui.driver import Browser, browsing


async def mark_two(browser: Browser) -> frozenset[int]:
    """Mark the builds of the first two lines of the table."""
    browser.table.move_to(0)
    await browser.press("space", "space")
    assert len(browser.table.marked) >= 2
    return frozenset(browser.table.marked)


async def to_table(browser: Browser, query: str) -> None:
    """Type a query, and go to its builds."""
    await browser.query(query)
    await browser.press("enter")
    assert browser.focus == "table"


async def test_u_undoes_selections_and_U_does_them_again() -> None:
    async with browsing() as browser:
        await to_table(browser, "filelock")
        await browser.press("f", "down", "down", "space", "f", "s")
        chosen, sorted_ = browser.screen.selection.choices, browser.screen.selection.sort
        assert (len(chosen), bool(sorted_)) == (1, True)
        await browser.press("u")
        assert (browser.screen.selection.choices, browser.screen.selection.sort) == (chosen, "")
        await browser.press("u")
        assert (browser.screen.selection.choices, browser.query_bar.text) == ((), "filelock")
        await browser.press("u")
        assert (browser.query_bar.text, len(browser.result.rows)) == ("", 793)
        await browser.press("u")
        assert browser.status == " nothing to undo"
        await browser.press("U", "U", "U")
        assert (browser.query_bar.text, browser.screen.selection.choices) == ("filelock", chosen)
        assert browser.screen.selection.sort == sorted_
        await browser.press("U")
        assert browser.status == " nothing to do again"


async def test_u_undoes_marks_and_U_does_them_again() -> None:
    async with browsing() as browser:
        await to_table(browser, "filelock")
        await browser.press("space")
        one = browser.table.marked
        await browser.press("space")
        two = browser.table.marked
        assert 0 < len(one) < len(two)
        seen = []
        for key in ("u", "u", "U", "U"):
            await browser.press(key)
            seen.append(browser.table.marked)
        assert seen == [one, frozenset(), one, two]
        assert browser.query_bar.text == "filelock"


async def test_esc_never_empties_marks() -> None:
    async with browsing() as browser:
        await to_table(browser, "filelock")
        marked = await mark_two(browser)
        await browser.press("f", "down", "down", "space", "f")
        for _ in range(6):
            await browser.press("escape")
        assert (browser.query_bar.text, browser.screen.selection.choices) == ("", ())
        assert browser.table.marked == marked
        assert browser.status == " nothing to undo; q quits"
        await browser.press("u")
        assert 0 < len(browser.table.marked) < len(marked)


async def test_v_lists_the_marked_builds_and_then_what_was_listed() -> None:
    async with browsing() as browser:
        await to_table(browser, "filelock")
        marked = await mark_two(browser)
        await to_table(browser, "autoconf")
        marked |= await mark_two(browser)
        await browser.press("v")
        assert frozenset(browser.result.rows) == marked == browser.table.marked
        assert browser.focus == "table"
        names = [found.name for found in browser.result.packages]
        assert {"py-filelock", "autoconf"} <= set(names)
        await browser.press("u")
        assert browser.query_bar.text == "autoconf"
        assert browser.result.package == "autoconf"
        await browser.press("v", "v")
        assert browser.screen.selection.among == frozenset()
        assert browser.table.marked == marked


async def test_v_without_marks_says_how_to_mark() -> None:
    async with browsing() as browser:
        await browser.press("v")
        assert browser.status == " no build is marked; Space marks one"
        assert len(browser.result.rows) == 793


async def test_C_clears_marks_and_u_brings_them_back() -> None:
    async with browsing() as browser:
        await to_table(browser, "filelock")
        marked = await mark_two(browser)
        await browser.press("C")
        assert browser.table.marked == frozenset()
        await browser.press("u")
        assert browser.table.marked == marked
        await browser.press("U")
        assert browser.table.marked == frozenset()
        await browser.press("C")
        assert browser.status == " no build is marked"


async def test_a_message_goes_away_with_the_next_key() -> None:
    async with browsing() as browser:
        await browser.query("filelock@3.12.4")
        await browser.press("escape")
        reading = browser.reading
        await browser.press("C")
        assert browser.status == browser.reading == " no build is marked"
        await browser.press("down")
        assert (browser.status, browser.reading) == ("", reading)
        assert reading.startswith(" read as: ")
