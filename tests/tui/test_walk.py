"""Trees over the whole screen: what a build depends on, what depends on it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.catalog.dag import Dag
from cachetui.errors import Cancelled
from cachetui.graph import OnFound
from cachetui.refresh import open_catalog
from cachetui.tui.screens.walk import WalkScreen
from cachetui.tui.walk import Direction, Walk
from cachetui.tui.widgets.tree_list import TreeList
from tests.builders.mirrors import Record, database, mirror, record
from tests.conftest import DATA, dag_hash
from tests.tui.driver import Browser, browsing
from tests.tui.test_news import rewrite

HOLE = str(DATA / "hole-v2-spack1.2")
SIZES = [(120, 40), (80, 24)]


def edges(*needs: tuple[str, int, Iterable[str]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "hash": dag_hash(number), "parameters": {"deptypes": list(deptypes)}}
        for name, number, deptypes in needs
    ]


def diamond() -> list[Record]:
    """top needs left, right and a node that is not there; both need base."""
    below = ("base", 4, ("link",))
    return [
        record(1, "top", dependencies=edges(
            ("left", 2, ("build",)), ("right", 3, ("link", "run")), ("gone", 9, ("run",))
        )),
        record(2, "left", dependencies=edges(below)),
        record(3, "right", dependencies=edges(below)),
        record(4, "base"),
    ]  # fmt: skip


def tree(browser: Browser) -> list[str]:
    """The lines of the tree, below title and heading."""
    lines = browser.pane("tree")
    return [line.strip() for line in lines[2:-2] if line.strip(" ┗━")][: len(names(browser))]


def names(browser: Browser) -> list[str]:
    """The builds of the tree in their order."""
    assert isinstance(browser.app.screen, WalkScreen)
    walk = browser.app.screen.tree_list.walk
    assert walk is not None
    return [walk.outline.node(line).name for line in range(len(walk.outline))]


async def walk(browser: Browser, query: str, key: str) -> None:
    """Open a tree of the first build that a query finds."""
    await browser.query(query)
    await browser.press("enter", key)
    assert isinstance(browser.app.screen, WalkScreen)


@pytest.mark.parametrize("size", SIZES)
async def test_d_draws_dependencies_with_states_deptypes_and_virtuals(size: tuple[int, int]) -> None:
    async with browsing(HOLE, size=size) as browser:
        await walk(browser, "hdf5@1.14.5", "d")
        title, heading = browser.pane("tree")[:2]
        assert title.startswith(" hdf5@1.14.5 /4lniym7 depends on 20 ")
        assert title.endswith(" ● cached 17  ◇ external 2  ▲ hole 1")
        assert heading.split()[:2] == ["deptypes", "[all]"]
        lines = tree(browser)
        assert lines[0] == "▾ ● hdf5@1.14.5 /4lniym7"
        assert lines[1].split() == ["├", "▾", "●", "cmake@3.31.9", "/rdcp6zy", "build"]
        await browser.press("G")
        last = tree(browser)[-1].split()
        assert last[:7] == ["└", "▲", "zlib-ng@2.3.2", "/5ackrco", "build", "link", "no"]
        assert last[7] == ("binary:" if size == SIZES[0] else "binary")
        footer = " ".join(browser.pane("tree")[-2:])
        assert footer.startswith(" ▲ no mirror here has a binary of it: ")
        assert " zlib-ng@2.3.2+compat" in footer
        assert any(line.endswith("as iconv") for line in tree(browser))
        glibc = next(line for line in tree(browser) if "glibc" in line)
        assert "◇ glibc@2.36" in glibc and "external" in glibc
        assert "F1 help" in browser.text.splitlines()[-1]


async def test_what_stops_an_install_says_so(tmp_path: Path) -> None:
    async with browsing(HOLE) as browser:
        await walk(browser, "hdf5@1.14.5", "d")
        assert tree(browser)[-1].endswith("no binary: --cache-only stops here  as zlib-api")
    async with browsing(mirror(tmp_path / "m", *diamond())) as browser:
        await walk(browser, "top", "d")
        (gone,) = (line for line in tree(browser) if "gone" in line)
        assert gone.startswith("├   ✕ gone /") and gone.endswith("not in the index: Spack 1.2 leaves it out")


async def test_a_shared_branch_stands_once_and_branches_are_folded(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *diamond())) as browser:
        await walk(browser, "top", "d")
        assert names(browser) == ["top", "gone", "left", "base", "right"]
        await browser.press("down", "down", "left")
        assert names(browser) == ["top", "gone", "left", "right"]
        assert tree(browser)[2].startswith("├ ▸ ● left")
        await browser.press("right")
        assert names(browser) == ["top", "gone", "left", "base", "right"]
        await browser.press("right")
        assert _cursor(browser) == 3
        await browser.press("left")
        assert _cursor(browser) == 2
        await browser.press("space")
        assert names(browser) == ["top", "gone", "left", "right"]
        await browser.press("space", "g", "left")
        assert names(browser) == ["top"]


def _cursor(browser: Browser) -> int:
    return browser.app.screen.query_one(TreeList).cursor


async def test_t_follows_other_deptypes_and_the_cursor_keeps_its_build(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *diamond())) as browser:
        await walk(browser, "top", "d")
        await browser.press("G", "t")
        assert "[link run]" in browser.pane("tree")[1]
        assert names(browser) == ["top", "gone", "right", "base"]
        assert _cursor(browser) == 2
        for kinds, found in (("build", ["top", "left"]), ("link", ["top", "right", "base"]), ("run", None)):
            await browser.press("t")
            assert f"[{kinds}]" in browser.pane("tree")[1]
            assert found is None or names(browser) == found
        await browser.press("t", "t")
        assert "[all]" in browser.pane("tree")[1]


async def test_enter_follows_and_backspace_returns_to_the_same_line(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *diamond())) as browser:
        await walk(browser, "top", "d")
        await browser.press("G")
        before = browser.text
        await browser.press("enter")
        assert names(browser) == ["right", "base"]
        await browser.press("down", "D")
        assert names(browser) == ["base", "left", "right"]
        await browser.press("backspace", "backspace")
        assert browser.text == before
        await browser.press("up", "up", "up", "enter")
        assert "no index here has this build" in browser.text
        assert names(browser)[0] == "top"
        await browser.press("backspace")
        assert browser.app.screen is browser.screen
        assert browser.focus == "table"


async def test_D_counts_direct_and_transitive_dependents_by_deptype(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *diamond())) as browser:
        await walk(browser, "base", "D")
        title, heading = browser.pane("tree")[:2]
        assert title.startswith(f" base@1.3 /{dag_hash(4)[:7]} used by 2 builds ")
        assert title.endswith(" transitively by 3 over link and run, by 3 over all")
        assert heading.split() == (
            ["deptypes", "[all", "2]", "link", "run", "2", "build", "0", "link", "2", "run", "0", "test", "0"]
        )
        assert names(browser) == ["base", "left", "right"]
        await browser.press("down", "right")
        assert names(browser) == ["base", "left", "top", "right"]
        assert tree(browser)[2].split()[-1] == "build"
        await browser.press("G", "right")
        assert tree(browser)[-1].endswith("shown at another line")
        await browser.press("G", "right")
        assert _cursor(browser) == 2, "it leads to the line that has the branches"


async def test_installed_builds_are_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(catalog: Catalog, hashes: object) -> BitMap:
        return BitMap([catalog.row_of(dag_hash(3))])

    monkeypatch.setattr("cachetui.search.installed_rows", installed)
    async with browsing(mirror(tmp_path / "m", *diamond())) as browser:
        await walk(browser, "top", "d")
        assert [line.split("@")[0].split()[-1] for line in tree(browser) if "■ installed" in line] == [
            "right"
        ]
        assert browser.pane("tree")[0].endswith("● cached 3  ✕ missing 1  ■ installed 1")


@pytest.mark.parametrize("size", [*SIZES, (160, 40)])
async def test_an_installed_hole_stops_no_install(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def installed(catalog: Catalog, hashes: object) -> BitMap:
        return BitMap([catalog.row_of("5ackrco")])

    monkeypatch.setattr("cachetui.search.installed_rows", installed)
    async with browsing(HOLE, size=size) as browser:
        await walk(browser, "hdf5@1.14.5", "d")
        title = browser.pane("tree")[0]
        assert title.startswith(" hdf5@1.14.5 /4lniym7 depends on 20 ")
        assert title.endswith("▲ hole 1  ■ installed 1" if size[0] > 80 else "▲ 1  ■ 1")
        await browser.press("G")
        assert tree(browser)[-1].split("link ")[-1].split() in (
            ["no", "binary", "■", "installed", "as", "zlib-api"],
            ["■", "installed", "as", "zlib-api"],
        )


async def test_o_shows_a_node_in_the_table(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *diamond())) as browser:
        await walk(browser, "top", "d")
        await browser.press("G", "o")
        assert browser.app.screen is browser.screen
        assert browser.focus == "table"
        assert browser.table.highlighted == [browser.catalog.row_of(dag_hash(3))]


async def test_a_node_without_a_binary_is_not_in_the_table() -> None:
    async with browsing(HOLE) as browser:
        await walk(browser, "hdf5@1.14.5", "d")
        await browser.press("G", "o")
        assert "the table lists builds with a binary and externals alone" in browser.text
        await browser.press("up")
        assert "F1 help" in browser.text.splitlines()[-1], "the message goes away with the next key"


async def test_y_copies_the_hash_under_the_cursor(tmp_path: Path) -> None:
    async with browsing(mirror(tmp_path / "m", *diamond())) as browser:
        await walk(browser, "top", "d")
        await browser.press("G", "y")
        await browser.until(lambda: bool(browser.sent))
        assert browser.copied == dag_hash(3)
        await browser.until(lambda: f"copied {dag_hash(3)}" in browser.text)
        assert isinstance(browser.app.screen, WalkScreen)


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_the_way_out_leads_to_where_one_was(key: str) -> None:
    async with browsing(HOLE) as browser:
        await browser.query("hdf5@1.14.5")
        await browser.press("enter", "enter")
        before = browser.text
        await browser.press("D", "d", key)
        assert browser.text == before


async def test_help_shows_the_keys_of_a_tree_first() -> None:
    async with browsing(HOLE) as browser:
        await walk(browser, "hdf5@1.14.5", "d")
        await browser.press("?")
        assert browser.app.screen.query_one("#lines").lines[0][0][0].strip() == "in a tree"  # type: ignore[attr-defined]
        await browser.press("escape")
        assert isinstance(browser.app.screen, WalkScreen)


async def test_other_catalogs_renew_the_tree(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", *diamond())
    async with browsing(location) as browser:
        await walk(browser, "top", "d")
        rewrite(location, *diamond(), record(9, "gone"))
        browser.app.look_for_updates()
        await browser.until(lambda: len(browser.catalog) == 5)
        await browser.settle()
        assert "● cached 4" in browser.pane("tree")[0]
        rewrite(location, record(4, "base"))
        browser.app.look_for_updates()
        await browser.until(lambda: len(browser.catalog) == 1)
        await browser.settle()
        assert browser.app.screen is browser.screen


async def test_another_size_changes_the_frame() -> None:
    async with browsing(HOLE) as browser:
        await walk(browser, "hdf5@1.14.5", "d")
        await browser.resize(80, 24)
        assert browser.text.startswith("━━ hdf5@1.14.5")
        await browser.resize(120, 40)
        assert browser.text.startswith("┏━ hdf5@1.14.5")


async def test_tree_of_what_is_installed_has_words_of_its_own(tmp_path: Path) -> None:
    """Nothing is said of a binary or of an install; a record of what is gone is not installed."""
    file = tmp_path / "site" / ".spack-db" / "index.json"
    file.parent.mkdir(parents=True)
    needs = edges(("cmake", 2, ("link",)), ("gone", 3, ("link",)))
    builds = dict([record(1, "hdf5", dependencies=needs), record(2, "cmake"), record(3, "gone")])
    records = {key: {"spec": each["spec"], "installed": key != dag_hash(3)} for key, each in builds.items()}
    file.write_bytes(database(records))
    async with browsing(str(tmp_path / "site")) as browser:
        await walk(browser, "hdf5", "d")
        await browser.press("G")
        text = browser.text
    assert "▲ it is not installed: gone" in text
    assert "● installed 1" in text and "▲ not installed 1" in text
    assert not any(word in text for word in ("cached", "binary", "hole"))


# what is beyond the first nodes


def chain(length: int) -> list[Record]:
    """Each needs the next one."""
    ends = [record(length, f"n{length:04}")]
    return [
        record(n, f"n{n:04}", dependencies=edges((f"n{n + 1:04}", n + 1, ("link",))))
        for n in range(1, length)
    ] + ends


class Gate:
    """Lets the background go on only once it is opened, and counts how often it asked."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        self._open = threading.Event()
        complete = Walk.complete

        def wait(walk: Walk, on_found: OnFound) -> Walk:
            self.asked += 1
            assert self._open.wait(60)
            return complete(walk, on_found)

        patch.setattr(Walk, "complete", wait)

    def open(self) -> None:
        self._open.set()


async def test_first_nodes_of_a_long_chain_are_shown_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest comes later, and changes neither the place of the cursor nor what is folded."""
    gate = Gate(monkeypatch)
    monkeypatch.setattr("cachetui.tui.walk.FIRST_NODES", 50)
    looked_at: list[int] = []
    read = Catalog.edge_numbers

    def look_at(catalog: Catalog, row: int) -> Any:
        looked_at.append(row)
        return read(catalog, row)

    async with browsing(mirror(tmp_path / "m", *chain(3000))) as browser:
        await browser.query("n0001")
        await browser.press("enter")
        monkeypatch.setattr(Catalog, "edge_numbers", look_at)
        browser.burst("d")
        await browser.until(lambda: "depends on 50 so far" in browser.text)
        assert len(looked_at) < 200
        assert "counting ..." in browser.text
        browser.burst("G", "up", "left")
        await browser.until(lambda: len(names(browser)) == 50)
        assert _cursor(browser) == 49
        gate.open()
        await browser.settle()
        assert "depends on 2,999 " in browser.text and "● cached 2,999" in browser.text
        assert len(names(browser)) == 50, "it stays folded"
        assert _cursor(browser) == 49
        await browser.press("right", "t", "t", "t", "t", "t", "t")
        assert names(browser)[-1] == "n3000"


async def test_esc_closes_a_tree_that_is_not_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    monkeypatch.setattr("cachetui.tui.walk.FIRST_NODES", 5)
    async with browsing(mirror(tmp_path / "m", *chain(30))) as browser:
        await browser.query("n0001")
        await browser.press("enter")
        browser.burst("d")
        await browser.until(lambda: gate.asked == 1)
        browser.burst("t")  # other deptypes: the walk begins anew
        await browser.until(lambda: gate.asked == 2)
        browser.burst("escape")
        await browser.until(lambda: browser.app.screen is browser.screen)
        gate.open()
        await browser.settle()
        assert browser.app.screen is browser.screen


def test_a_walk_ends_when_it_is_not_wanted_any_more(tmp_path: Path) -> None:
    opened = open_catalog([mirror(tmp_path / "m", *chain(3000))])
    catalog, asked = opened.catalog, []

    def cancel(found: int) -> None:
        asked.append(found)
        if len(asked) == 2:
            raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        Walk(catalog, catalog.row_of(dag_hash(1)), Direction.DOWN).complete(cancel)
    assert asked[1] < 3000
    catalog.close()


async def test_ancestors_that_are_not_stored_are_counted_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    monkeypatch.setattr(Dag, "is_walked", lambda *args: True)
    async with browsing(mirror(tmp_path / "m", *diamond())) as browser:
        await browser.query("base")
        await browser.press("enter")
        browser.burst("D")
        await browser.until(lambda: gate.asked == 1 and "counting ..." in browser.text)
        assert names(browser) == ["base", "left", "right"]
        gate.open()
        await browser.settle()
        assert "transitively by 3 over link and run, by 3 over all" in browser.text
