"""The detail panel: one build in sections, look-alikes by what sets them apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachetui.install import COPY_FORMS, cached_builds
from cachetui.search import Engine
from cachetui.spec import variant_text
from cachetui.tui.browse.panes import BOXES_FROM
from cachetui.tui.widgets.spec_detail import FORMS, Section
from tests.builders.mirrors import lookalikes, mirror, record
from tests.conftest import DATA, MIRROR_12, dag_hash
from tests.tui.driver import Browser, browsing


def told(browser: Browser) -> str:
    """All that the panel says, below its heading, on one line."""
    lines = ["".join(text for text, _ in line) for line, _ in browser.detail.lines]
    return " ".join(" ".join(lines).split())


async def to_table(browser: Browser, query: str) -> None:
    """Type a query and go to the builds."""
    await browser.query(query)
    await browser.press("enter")


async def test_a_build_is_shown_in_full(engine: Engine) -> None:
    async with browsing() as browser:
        await to_table(browser, "/cxuri4g")
        spec = engine.catalog.spec(engine.catalog.row_of("cxuri4g"))
        assert browser.pane("detail")[0].startswith(" py-filelock@3.29.1 /cxuri4g ")
        facts = [spec.dag_hash, f"{spec.platform}-{spec.os}-{spec.target}", "from sample-mirror"]
        facts += [variant_text(name, value) for name, value in spec.variants]
        assert [fact for fact in facts if fact not in told(browser)] == []
        assert told(browser).count(spec.version) == 0, (
            "each fact stands once, and the version is in the title"
        )


async def test_dependencies_are_named_with_version_hash_and_deptypes() -> None:
    async with browsing() as browser:
        await to_table(browser, "/cxuri4g")
        assert "depends on python@3.14.5 python-venv@1.0 py-hatch-vcs@0.5.0" in told(browser)
        await browser.press("enter", "right")
        assert "[Depends on 6]" in browser.pane("detail")[0]
        assert "py-hatch-vcs@0.5.0 /knnieix build" in told(browser)
        assert "python@3.14.5 /ct75gmt build run" in told(browser)


async def test_lookalikes_from_pages_say_that_pages_list_no_dependencies() -> None:
    async with browsing() as browser:
        await to_table(browser, "filelock %gcc@7.5.0")
        assert browser.pane("detail")[0].startswith(" py-filelock@3.12.4  12 look-alikes")
        assert told(browser).startswith("differ in dependencies, which pages do not list")


async def test_lookalikes_from_an_index_name_what_they_differ_in(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *lookalikes(3))) as browser:
        await to_table(browser, "zlib")
        assert told(browser).startswith("differ in ^cmake (3 builds) compiler gcc@13.2.0 arch ")


async def test_lookalikes_name_the_versions_they_differ_in(tmp_path: Path) -> None:
    versions = ["3.9", "3.31", "3.31"]
    tools = [record(50 + i, "cmake", version=version) for i, version in enumerate(versions)]
    builds = [record(i, needs=[50 + i]) for i in range(3)]
    async with browsing(mirror(tmp_path / "m", *tools, *builds, record(3))) as browser:
        await to_table(browser, "zlib")
        assert told(browser).startswith("differ in ^cmake@3.9 or ^cmake@3.31 (in 3 of 4)")


@pytest.mark.parametrize("with_mirror", [False, True])
async def test_lookalikes_of_unknown_dependencies_say_what_would_help(with_mirror: bool) -> None:
    locations = [str(DATA / "pages"), *([str(MIRROR_12)] if with_mirror else [])]
    async with browsing(*locations) as browser:
        await to_table(browser, "filelock %gcc@7.5.0")
        assert "which pages do not list" in told(browser)
        assert ("open the index of the mirror too" in told(browser)) is not with_mirror
        assert (f"none of these hashes is in {MIRROR_12.name}" in told(browser)) is with_mirror


async def test_lookalikes_with_equal_dependencies_say_so(tmp_path: Path) -> None:
    records = [record(9, "cmake"), *(record(i, needs=[9]) for i in range(3))]
    async with browsing(mirror(tmp_path / "m", *records)) as browser:
        await to_table(browser, "zlib")
        assert "their dependencies are the same builds" in told(browser)


async def test_the_hashes_of_lookalikes_are_listed(engine: Engine) -> None:
    async with browsing() as browser:
        await to_table(browser, "filelock %gcc@7.5.0")
        for row in browser.result.rows:
            assert engine.catalog.dag_hash(row) in told(browser)


async def test_more_hashes_than_are_listed_are_counted(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *lookalikes(250))) as browser:
        await to_table(browser, "zlib")
        assert told(browser).endswith("50 more; Enter in the table lists all")


async def test_the_panel_scrolls_and_says_what_is_below() -> None:
    async with browsing(size=(120, BOXES_FROM)) as browser:
        await to_table(browser, "filelock %gcc@7.5.0")
        await browser.press("tab")
        assert browser.focus == "detail"
        first = browser.pane("detail")
        below = len(browser.detail.lines) - browser.detail.page
        assert f" {below} more below " in browser.text
        await browser.press("down")
        assert browser.pane("detail")[1:-1] == first[2:-1] + browser.pane("detail")[-2:-1]
        assert f" {below - 1} more below " in browser.text
        await browser.press("G")
        assert "more below" not in browser.text
        await browser.press("down", "pagedown")
        last = "".join(text for text, _ in browser.detail.lines[-1][0]).rstrip()
        assert browser.pane("detail")[browser.detail.page] == last
        await browser.press("g")
        assert browser.pane("detail") == first


async def test_another_build_is_shown_from_its_beginning() -> None:
    async with browsing(size=(80, 24)) as browser:
        await to_table(browser, "filelock")
        await browser.press("down", "tab", "G")
        assert browser.detail.top > 0
        await browser.press("shift+tab", "down")
        assert browser.detail.top == 0


async def test_another_width_wraps_again() -> None:
    async with browsing(size=(160, 40)) as browser:
        await to_table(browser, "/cxuri4g")
        wide, text = len(browser.detail.lines), told(browser).replace(" ", "")
        await browser.resize(100, 40)
        assert len(browser.detail.lines) > wide
        assert told(browser).replace(" ", "") == text
        assert max(len(line) for line in browser.pane("detail")) <= browser.detail.size.width
        await browser.resize(160, 40)
        assert len(browser.detail.lines) == wide


# A build that is open


async def test_enter_opens_a_build_over_the_table_and_esc_closes_it() -> None:
    async with browsing() as browser:
        await to_table(browser, "/cxuri4g")
        beside = browser.region("detail")
        await browser.press("enter")
        assert browser.shown() == {"packages", "facets", "detail"}
        assert browser.focus == "detail"
        assert browser.region("detail").height > beside.height
        await browser.press("escape")
        assert (browser.focus, browser.region("detail")) == ("table", beside)


async def test_arrows_walk_all_sections_in_a_circle() -> None:
    async with browsing() as browser:
        await to_table(browser, "/cxuri4g")
        await browser.press("enter")
        first = browser.pane("detail")
        walked = []
        for _ in Section:
            walked.append(browser.pane("detail")[0].partition("[")[2].partition("]")[0])
            await browser.press("right")
        assert walked == ["Spec", "Depends on 6", "Used by 0", "Where", "Install"]
        assert browser.pane("detail") == first
        await browser.press("left")
        assert browser.detail.current_section is Section.INSTALL


async def test_the_section_that_is_shown_is_named_where_there_is_no_room_for_all() -> None:
    async with browsing(size=(60, 24)) as browser:
        await to_table(browser, "/cxuri4g")
        await browser.press("enter", "right")
        assert browser.pane("detail")[0].endswith(" [Depends on]")


async def test_dependencies_are_followed_and_backspace_returns_step_by_step(tmp_path: Path) -> None:
    records = [record(1, needs=[2]), record(2, "cmake", needs=[3]), record(3, "cmake", version="3.9")]
    async with browsing(mirror(tmp_path / "m", *records)) as browser:
        await to_table(browser, "zlib")
        await browser.press("enter", "right")
        steps = []
        for _ in range(2):
            steps.append(browser.pane("detail"))
            await browser.press("enter")
            assert "[Depends on" in browser.pane("detail")[0], "the section stays"
        assert f" cmake@3.9 /{dag_hash(3)[:7]} " in browser.pane("detail")[0]
        await browser.press("y")
        assert dag_hash(3) in browser.status, "what is copied is the build that is shown"
        while steps:
            await browser.press("backspace")
            assert browser.pane("detail") == steps.pop()
        await browser.press("backspace")
        assert browser.focus == "table"


async def test_a_dependency_that_no_mirror_has_leads_nowhere(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", record(1, needs=[2]))) as browser:
        await to_table(browser, "zlib")
        await browser.press("enter", "right")
        before = browser.pane("detail")
        assert f"cmake /{dag_hash(2)[:7]} build" in told(browser)
        assert told(browser).endswith("not in any open mirror")
        await browser.press("enter")
        assert browser.pane("detail") == before


async def test_a_section_lists_what_depends_on_a_build_and_enter_follows(tmp_path: Path) -> None:
    users = [record(n, f"user{n}", needs=[9]) for n in range(3)]
    async with browsing(mirror(tmp_path / "m", record(9, "cmake"), *users)) as browser:
        await to_table(browser, "cmake")
        await browser.press("enter", "right", "right")
        assert "[Used by 3]" in browser.pane("detail")[0]
        assert [line.split()[0] for line in browser.pane("detail")[1:4]] == [f"user{n}@1.3" for n in range(3)]
        await browser.press("down", "enter")
        assert browser.pane("detail")[0].startswith(f" user1@1.3 /{dag_hash(1)[:7]} ")


async def test_d_on_lookalikes_unfolds_them(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *lookalikes(3))) as browser:
        await to_table(browser, "zlib")
        await browser.press("d")
        assert (browser.focus, browser.table.line_count()) == ("table", 4)
        assert browser.status == " these builds look alike: choose one"


async def test_an_entry_of_several_lines_keeps_its_indentation(engine: Engine) -> None:
    async with browsing() as browser:
        await to_table(browser, "/cxuri4g")
        await browser.press("enter", "left")
        builds = cached_builds(engine.catalog, [engine.catalog.row_of("cxuri4g")])
        entry = next(form for form in COPY_FORMS if "yaml" in form.name).render(builds).splitlines()
        entry = entry[entry.index("spack:") :]
        shown = [line[FORMS + 2 :] for line in browser.pane("detail")[1:] if line]
        assert len(entry) > 2
        assert shown[-len(entry) :] == entry
