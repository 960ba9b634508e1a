"""The tour of the README shows what it says."""

from __future__ import annotations

from tests.tui.driver import browsing


async def test_the_tour_of_the_readme() -> None:
    async with browsing(is_typing=True) as browser:
        await browser.press(*"hdf5 mpi")
        assert "hdf5 +mpi" in browser.reading
        assert "Tab" in browser.reading
        title, headings, *rows = browser.pane("table")
        assert "8 builds in 6 rows" in title
        assert " mpi " in headings
        assert any("same in all" in row for row in rows)

        await browser.press("enter")
        assert browser.focus == "table"
        assert "2 alike" in browser.pane("table")[2]
        assert "^mpich@5.0.1 or ^openmpi@5.0.10" in "\n".join(browser.pane("detail"))
        await browser.press("y")
        assert browser.sent == []
        await browser.press("down", "y")
        await browser.until(lambda: bool(browser.sent))
        assert "bdnvime" in browser.status

        await browser.press("enter")
        assert browser.focus == "detail"
        await browser.press("right")
        assert "[Depends on" in browser.text
        await browser.press("enter")
        assert "cmake@" in browser.pane("detail")[0]
        await browser.press("backspace")
        assert "hdf5@" in browser.pane("detail")[0]
        await browser.press("escape")
        assert "facets" in browser.shown()
        await browser.press("f", "down", "space")
        assert "6 of 14 builds" in browser.counts
        await browser.press("u", "f")
        assert "8 of 14 builds" in browser.counts
        assert browser.focus == "table"

        await browser.press("/", *"hdf5 +mpi %clang")
        assert "0 of 14 builds" in browser.counts
        assert "alone" in browser.text
        await browser.press("enter", "enter")
        assert "8 of 14 builds" in browser.counts
