"""Facets: choosing, excluding, searching, counts, and taking it all back with Esc."""

from __future__ import annotations

import re

from cachetui.search import Choice, Engine
from tests.conftest import FACET_NAMES
from tests.tui.driver import Browser, browsing


async def go_to(browser: Browser, facet: str, value: str | None = None) -> None:
    """Put the cursor of the sidebar on a value, or on the heading of a facet."""
    if browser.focus != "facets":
        await browser.press("f")
    for index, line in enumerate(browser.facets.lines):
        if line.facet == facet and not line.note and (line.value and line.value.value) == value:
            browser.facets.move_to(index)
            await browser.settle()
            return
    raise AssertionError(f"no {facet} {value} in the sidebar")


def value_line(browser: Browser, value: str) -> str:
    """The line of a value on the screen."""
    return next(line for line in browser.pane("facets") if re.search(rf"\] {re.escape(value)} ", line + " "))


def counts(browser: Browser, facet: str) -> dict[str, int]:
    """The values of a facet with their counts, as the sidebar has them."""
    return {
        line.value.value: line.value.count
        for line in browser.facets.lines
        if line.facet == facet and line.value is not None
    }


async def test_a_chosen_value_leaves_its_builds_only(engine: Engine) -> None:
    async with browsing() as browser:
        await go_to(browser, "os", "sequoia")
        await browser.press("space")
        assert browser.result.rows == engine.catalog.facet("os").rows("sequoia")
        assert "[x] sequoia" in value_line(browser, "sequoia")
        assert browser.pane("facets")[0].endswith("1 active")


async def test_space_takes_the_choice_back() -> None:
    async with browsing() as browser:
        await go_to(browser, "os", "sequoia")
        await browser.press("space", "space")
        assert len(browser.result.rows) == 793
        assert "[ ] sequoia" in value_line(browser, "sequoia")


async def test_an_excluded_value_leaves_all_others(engine: Engine) -> None:
    async with browsing() as browser:
        await go_to(browser, "os", "ubuntu22.04")
        await browser.press("x")
        wanted = engine.catalog.listed - engine.catalog.facet("os").rows("ubuntu22.04")
        assert browser.result.rows == wanted
        assert "[-] ubuntu22.04" in value_line(browser, "ubuntu22.04")
        assert browser.reading == " read as: not os=ubuntu22.04"


async def test_values_of_one_facet_add_up_and_facets_narrow(engine: Engine) -> None:
    async with browsing() as browser:
        for facet, value in (("os", "sequoia"), ("os", "ubuntu20.04"), ("tag", "develop")):
            await go_to(browser, facet, value)
            await browser.press("space")
        rows = {
            (facet, value): engine.catalog.facet(facet).rows(value)
            for facet, value in (("os", "sequoia"), ("os", "ubuntu20.04"), ("tag", "develop"))
        }
        oses = rows["os", "sequoia"] | rows["os", "ubuntu20.04"]
        assert browser.result.rows == oses & rows["tag", "develop"]
        assert browser.reading == " read as: os sequoia or ubuntu20.04 and tag=develop"


async def test_the_counts_are_those_of_the_engine(engine: Engine) -> None:
    async with browsing() as browser:
        await browser.query("filelock")
        await browser.press("escape")
        await go_to(browser, "os", "ubuntu22.04")
        await browser.press("space")
        result = engine.select(browser.screen.selection)
        for facet in FACET_NAMES:
            wanted = {found.value: found.count for found in result.facet_counts(facet)}
            assert counts(browser, facet).items() <= wanted.items()


async def test_a_choice_does_not_reduce_the_counts_of_its_own_facet() -> None:
    async with browsing() as browser:
        before, targets = counts(browser, "os"), counts(browser, "platform")
        await go_to(browser, "os", "sequoia")
        await browser.press("space")
        after = counts(browser, "os")
        assert {value: after[value] for value in before} == before
        assert counts(browser, "platform") == {"darwin": targets["darwin"]}


async def test_chosen_values_stand_first_and_the_cursor_stays_on_them() -> None:
    async with browsing() as browser:
        await go_to(browser, "os", "ubuntu20.04")
        await browser.press("space")
        assert next(iter(counts(browser, "os"))) == "ubuntu20.04"
        current = browser.facets.current
        assert current is not None and current.value is not None
        assert current.value.value == "ubuntu20.04"


async def test_c_deselects_the_values_of_one_facet() -> None:
    async with browsing() as browser:
        for facet, value in (("os", "sequoia"), ("os", "ubuntu20.04"), ("tag", "develop")):
            await go_to(browser, facet, value)
            await browser.press("space")
        await go_to(browser, "os")
        await browser.press("c")
        assert browser.screen.selection.choices == (Choice("tag", "develop"),)


async def test_a_long_facet_says_what_it_cuts_and_enter_opens_it() -> None:
    async with browsing() as browser:
        assert len(counts(browser, "stack")) == 5
        assert any(re.fullmatch(r" stack +5 of 23", line) for line in browser.pane("facets"))
        assert "     18 more" in browser.pane("facets")
        await go_to(browser, "stack")
        await browser.press("enter")
        assert len(counts(browser, "stack")) == 23
        assert [line.note for line in browser.facets.lines if line.facet == "stack" and line.note] == []
        await browser.press("enter")
        assert len(counts(browser, "stack")) == 5


async def test_values_without_a_build_are_counted_below_the_others() -> None:
    async with browsing() as browser:
        await browser.query("/cxuri4g")
        await browser.press("escape")
        notes = {line.facet: line.note for line in browser.facets.lines if line.note}
        values = {facet: len(browser.result.facet_counts(facet)) for facet in FACET_NAMES}
        assert notes["os"] == f"{values['os'] - 1} empty"
        shown = sum(line.facet == "variant" and line.value is not None for line in browser.facets.lines)
        assert notes["variant"] == f"{values['variant'] - shown} more", (
            "of so many values not all are counted"
        )
        await browser.press("f", "c")
        await go_to(browser, "os")
        await browser.press("/")
        assert not any(line.note for line in browser.facets.lines if line.facet == "os")


async def test_a_facet_is_searched_by_typing() -> None:
    async with browsing() as browser:
        await go_to(browser, "stack")
        await browser.press("/", *"CUDA")
        assert set(counts(browser, "stack")) == {"ml-linux-x86_64-cuda", "ml-linux-aarch64-cuda"}
        assert " stack / CUDA_" in browser.pane("facets")


async def test_command_letters_are_text_while_a_facet_is_searched() -> None:
    async with browsing() as browser:
        await go_to(browser, "stack")
        await browser.press("/", *"qxcy?!")
        assert browser.facets.search.text == "qxcy?!"
        assert browser.screen.selection.choices == ()
        await browser.press(*["backspace"] * 6)
        assert len(counts(browser, "stack")) == 23


async def test_a_found_value_can_be_chosen_and_stays_chosen() -> None:
    async with browsing() as browser:
        await go_to(browser, "stack")
        await browser.press("/", *"x86_64-cuda", "down", "space", "escape")
        assert browser.screen.selection.choices == (Choice("stack", "ml-linux-x86_64-cuda"),)
        assert "[x] ml-linux-x86_64-cuda" in value_line(browser, "ml-linux-x86_64-cuda")


async def test_esc_ends_the_search_before_anything_else() -> None:
    async with browsing() as browser:
        await go_to(browser, "os", "sequoia")
        await browser.press("space")
        await go_to(browser, "stack")
        await browser.press("/", "z")
        assert counts(browser, "stack") == {}
        assert "     no value contains this" in browser.pane("facets")
        await browser.press("escape")
        assert len(counts(browser, "stack")) == 4
        assert browser.screen.selection.choices == (Choice("os", "sequoia"),)
        assert browser.focus == "facets"


async def test_enter_ends_the_search() -> None:
    async with browsing() as browser:
        await go_to(browser, "stack")
        await browser.press("/", *"cuda", "enter", "q")
        assert browser.app._exit


async def test_a_choice_stays_with_another_package(engine: Engine) -> None:
    async with browsing() as browser:
        await go_to(browser, "os", "ubuntu22.04")
        await browser.press("space", "escape" if browser.focus == "query" else "tab")
        await browser.query("wheel")
        assert browser.result.package == "py-wheel"
        wheel = engine.catalog.package_rows("py-wheel")
        os = engine.catalog.facet("os").rows("ubuntu22.04")
        assert set(browser.result.rows) == set(wheel) & set(os)
        assert browser.reading == ' read as: names like "wheel" and os=ubuntu22.04'


async def test_the_reading_names_each_part() -> None:
    async with browsing() as browser:
        await browser.query("filelock @3.12 %gcc target=x86_64_v3")
        for part in ('names like "filelock"', "@3.12", "%gcc", "target=x86_64_v3"):
            assert part in browser.reading


async def test_esc_goes_back_step_by_step_and_says_so_at_the_beginning() -> None:
    async with browsing() as browser:
        steps = [browser.screen.selection]
        await go_to(browser, "os", "ubuntu22.04")
        for keys in (("space",), ("down", "x"), ("/",)):
            await browser.press(*keys)
            steps.append(browser.screen.selection)
        steps = list(dict.fromkeys(steps))
        await browser.press("escape")  # the search of the facet
        while len(steps) > 1:
            assert browser.screen.selection == steps.pop()
            await browser.press("escape")
        assert browser.screen.selection.choices == steps.pop().choices == ()
        await browser.press("escape")
        assert browser.status == " nothing to undo; q quits"


async def test_esc_undoes_a_query_as_one_step() -> None:
    async with browsing() as browser:
        await browser.query("filelock")
        await browser.press("escape")
        assert browser.query_bar.text == "filelock"
        await browser.press("escape")
        assert browser.query_bar.text == ""
        assert len(browser.result.rows) == 793


async def test_a_query_that_was_deleted_again_is_no_step() -> None:
    async with browsing() as browser:
        await browser.query("x")
        await browser.press("backspace", "escape", "escape")
        assert browser.status == " nothing to undo; q quits"


async def test_nothing_that_matches_is_said_and_esc_goes_back() -> None:
    async with browsing() as browser:
        await browser.query("filelock @2026")
        assert browser.status.startswith(" no build matches; Esc goes back")
        assert browser.pane("detail")[0] == " no build"
        await browser.press("escape", "escape")
        assert len(browser.result.rows) == 793


async def test_a_click_on_the_value_under_the_cursor_chooses_it() -> None:
    async with browsing() as browser:
        row = next(i for i, line in enumerate(browser.pane("facets")) if "] sequoia" in line)
        await browser.click("facets", 3, row)
        await browser.click("facets", 3, row)
        assert browser.screen.selection.choices == (Choice("os", "sequoia"),)
