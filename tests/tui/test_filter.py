"""Facets: selecting, excluding, searching, counts, and how Esc goes back."""

from __future__ import annotations

import re

from cachetui.search import Choice, Engine
from tests.conftest import FACET_NAMES
from tests.tui.driver import Browser, browsing


async def go_to(browser: Browser, facet: str, value: str | None = None) -> None:
    """Put the cursor of the sidebar on a value, or on the heading of a facet."""
    if browser.focus != "facets":
        await browser.press("f")
    await browser.press("G")
    for index, line in enumerate(browser.facets.lines):
        if line.facet == facet and not line.note and (line.value and line.value.value) == value:
            browser.facets.move_to(index)
            await browser.settle()
            return
    raise AssertionError(f"no {facet} {value} in the sidebar")


def value_place(browser: Browser, value: str) -> int:
    """The row of a value in the sidebar."""
    lines = browser.pane("facets")
    found = (i for i, line in enumerate(lines) if re.search(rf"[□■✕] {re.escape(value)} ", line + " "))
    place = next(found, None)
    assert place is not None, f"no {value} in {lines}"
    return place


def value_line(browser: Browser, value: str) -> str:
    """The line of a value on the screen."""
    return browser.pane("facets")[value_place(browser, value)]


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
        assert "■ sequoia" in value_line(browser, "sequoia")
        assert browser.pane("facets")[0].endswith(" 1 on")


async def test_space_takes_the_choice_back() -> None:
    async with browsing() as browser:
        await go_to(browser, "os", "sequoia")
        await browser.press("space", "space")
        assert len(browser.result.rows) == 793
        assert "□ sequoia" in value_line(browser, "sequoia")


async def test_an_excluded_value_leaves_all_others(engine: Engine) -> None:
    async with browsing() as browser:
        await go_to(browser, "os", "ubuntu22.04")
        await browser.press("x")
        wanted = engine.catalog.listed - engine.catalog.facet("os").rows("ubuntu22.04")
        assert browser.result.rows == wanted
        assert "✕ ubuntu22.04" in value_line(browser, "ubuntu22.04")


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


async def test_without_a_column_of_filters_a_line_names_what_is_selected() -> None:
    async with browsing(size=(80, 24)) as browser:
        assert not browser.region("filters").area
        for key, value in (("space", "sequoia"), ("space", "ubuntu20.04"), ("x", "ubuntu22.04")):
            await go_to(browser, "os", value)
            await browser.press(key)
        await browser.press("f")
        (line,) = browser.pane("filters")
        assert line.startswith(" filters  os sequoia or ubuntu20.04 · not os=ubuntu22.04 ")
        assert line.endswith("f edit")


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


async def test_a_choice_does_not_reduce_the_counts_of_its_own_facet(engine: Engine) -> None:
    async with browsing() as browser:
        before = counts(browser, "os")
        await go_to(browser, "os", "sequoia")
        await browser.press("space")
        after = counts(browser, "os")
        assert {value: after[value] for value in before} == before
        compilers = counts(browser, "compiler")
        assert sum(compilers.values()) == before["sequoia"] == len(browser.result.rows)


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
        await go_to(browser, "stack")
        assert len(counts(browser, "stack")) == 5
        assert [line.note for line in browser.facets.lines if line.facet == "stack" and line.note] == [
            "18 more"
        ]
        await browser.press("enter")
        assert len(counts(browser, "stack")) == 23
        assert [line.note for line in browser.facets.lines if line.facet == "stack" and line.note] == []
        await browser.press("enter")
        assert len(counts(browser, "stack")) == 5
        await go_to(browser, "stack")
        for _ in range(6):
            await browser.press("down")
        await browser.press("enter")
        assert len(counts(browser, "stack")) == 23, "the line of what is cut opens the facet, too"


async def test_opened_facets_are_open_at_the_next_start() -> None:
    async with browsing() as browser:
        await go_to(browser, "stack")
        await browser.press("enter")
    async with browsing() as browser:
        await go_to(browser, "stack")
        assert len(counts(browser, "stack")) == 23


async def test_values_that_cannot_split_the_result_are_not_listed(engine: Engine) -> None:
    async with browsing() as browser:
        await browser.query("filelock")
        await browser.press("escape", "f", "G")
        listed = {line.facet for line in browser.facets.lines}
        for facet in FACET_NAMES:
            values = counts(browser, facet)
            every = browser.result.count_without(facet)
            assert [value for value, count in values.items() if count in (0, every)] == []
            splitting = [found for found in browser.result.facet_counts(facet) if 0 < found.count < every]
            assert (facet in listed) is bool(splitting)
            assert values or not splitting


async def test_one_build_has_no_values_to_select_from() -> None:
    async with browsing() as browser:
        await browser.query("cxuri4g")
        await browser.press("escape")
        assert browser.facets.lines == []
        assert not any(browser.pane("facets")[1:])


async def test_a_selected_value_stays_listed_where_all_builds_have_it() -> None:
    async with browsing() as browser:
        await browser.query("filelock")
        await browser.press("escape")
        await go_to(browser, "os", "ubuntu18.04")
        await browser.press("space", "f", "/", "end", *" %gcc@7.5.0", "enter")
        assert len(browser.result.rows) == 12
        assert "■ ubuntu18.04" in value_line(browser, "ubuntu18.04")
        assert {line.facet for line in browser.facets.lines} == {"os"}


async def test_a_facet_is_searched_by_typing() -> None:
    async with browsing() as browser:
        await go_to(browser, "stack")
        await browser.press("/", *"CUDA")
        assert set(counts(browser, "stack")) == {"ml-linux-x86_64-cuda", "ml-linux-aarch64-cuda"}
        assert any(line.startswith(" stack / CUDA_") for line in browser.pane("facets"))


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
        assert "■ ml-linux-x86_64-cuda" in value_line(browser, "ml-linux-x86_64-cuda")


async def test_esc_ends_the_search_before_anything_else() -> None:
    async with browsing() as browser:
        await go_to(browser, "os", "sequoia")
        await browser.press("space")
        await go_to(browser, "stack")
        await browser.press("/", "z")
        assert counts(browser, "stack") == {}
        assert "   no value contains this" in browser.pane("facets")
        await browser.press("escape")
        assert len(counts(browser, "stack")) == 3
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
        assert "■ ubuntu22.04" in value_line(browser, "ubuntu22.04")


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


async def test_no_result_is_said_and_esc_goes_back() -> None:
    async with browsing() as browser:
        await browser.query("filelock @2026")
        assert " no build matches" in browser.pane("no-result")
        assert browser.pane("detail")[0].startswith(" no build")
        await browser.press("escape", "escape")
        assert len(browser.result.rows) == 793


async def test_one_click_selects_a_value_and_another_one_deselects_it() -> None:
    async with browsing() as browser:
        await browser.click("facets", 4, value_place(browser, "sequoia"))
        assert browser.screen.selection.choices == (Choice("os", "sequoia"),)
        await browser.click("facets", 4, value_place(browser, "sequoia"))
        assert len(browser.result.rows) == 793


async def test_filters_begin_with_their_first_line() -> None:
    """What depends on this machine is computed later, and stands above what was the first line."""
    async with browsing() as browser:
        await browser.press("f")
        current = browser.facets.current
        assert current is not None and current.facet == "runs" and browser.facets.cursor == 0
        await browser.press("down", "f", "f")
        assert browser.facets.cursor == 1
