"""What the browser remembers: kept for its owner alone, never in the way."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from cachetui.catalog import Catalog, MirrorInfo, mirrors_entry
from cachetui.catalog.compile import compile_catalog
from cachetui.tui.remembered import (
    MOST_BYTES,
    Remembered,
    kind_of,
    load_remembered,
    remember,
    remembered_file,
)
from tests.builders.homes import write_text
from tests.conftest import build

FULL = Remembered({"index": ("version", "mpi"), "pages": ()}, ("os", "target"), "nord")


def keep(remembered: Remembered) -> bool:
    return remember(lambda before: remembered)


def test_nothing_is_remembered_at_first_and_nothing_written(tmp_path: Path) -> None:
    assert load_remembered() == Remembered()
    assert remembered_file() == tmp_path / "home" / "state" / "cachetui" / "browser.json"
    assert not remembered_file().parent.exists()


def test_what_is_remembered_comes_back() -> None:
    assert keep(FULL)
    assert load_remembered() == FULL
    assert keep(Remembered())
    assert load_remembered() == Remembered()
    assert json.loads(remembered_file().read_text()) == {}


def test_no_open_facet_is_not_the_same_as_none_chosen() -> None:
    assert keep(Remembered(facets=()))
    assert load_remembered().facets == ()


def test_the_file_is_for_its_owner_alone() -> None:
    before = os.umask(0)
    try:
        assert keep(FULL)
    finally:
        os.umask(before)
    assert stat.S_IMODE(remembered_file().stat().st_mode) == 0o600
    assert os.listdir(remembered_file().parent) == ["browser.json"]


def test_columns_of_one_kind() -> None:
    chosen = Remembered().with_columns("index", ["os", "mpi"]).with_columns("pages", [])
    assert chosen.columns == {"index": ("os", "mpi"), "pages": ()}
    assert chosen.with_columns("index", None).columns == {"pages": ()}
    assert chosen.with_columns("mixed", None) == chosen


def test_two_browsers_change_different_things() -> None:
    keep(FULL)
    remember(lambda before: replace(before, theme="gruvbox"))
    remember(lambda before: before.with_columns("index", None))
    assert load_remembered() == Remembered({"pages": ()}, ("os", "target"), "gruvbox")


def test_keys_of_another_version_stay() -> None:
    write_text(remembered_file(), '{"panes": {"left": 30}, "theme": "nord", "facets": ["os"]}')
    remember(lambda before: replace(before, theme=""))
    assert json.loads(remembered_file().read_text()) == {"panes": {"left": 30}, "facets": ["os"]}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe{}",
        b'{"theme": "nord"} and more',
        b"\x00" * 100,
        b"[" * 100_000,
        b" " * (MOST_BYTES + 1),
    ],
)
def test_a_damaged_file_is_as_none_and_is_replaced(content: bytes) -> None:
    write_text(remembered_file(), "").write_bytes(content)
    assert load_remembered() == Remembered()
    assert keep(FULL)
    assert load_remembered() == FULL


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"theme": 5, "facets": ["os"]}, Remembered(facets=("os",))),
        ({"theme": "nord", "facets": "os"}, Remembered(theme="nord")),
        ({"theme": "nord", "facets": [1]}, Remembered(theme="nord")),
        ({"theme": "nord", "columns": {"index": "os"}}, Remembered(theme="nord")),
        ({"theme": "nord", "columns": []}, Remembered(theme="nord")),
        ({"theme": None, "facets": None, "columns": {"index": ["os"]}}, Remembered({"index": ("os",)})),
    ],
)
def test_a_wrong_entry_costs_no_other(content: object, found: Remembered) -> None:
    write_text(remembered_file(), json.dumps(content))
    assert load_remembered() == found


def test_a_folder_or_nothing_in_place_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    remembered_file().mkdir(parents=True)
    assert load_remembered() == Remembered()
    assert not keep(FULL)
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")
    assert load_remembered() == Remembered()
    assert not keep(FULL)


def test_a_file_that_nobody_may_read_or_write(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    assert keep(FULL)
    monkeypatch.setattr("cachetui.tui.remembered.open_own", refused)
    assert load_remembered() == Remembered()
    monkeypatch.setattr("cachetui.tui.remembered.replace_file", refused)
    assert not keep(FULL)


@pytest.mark.parametrize(
    ("layouts", "kind"),
    [
        ([], "index"),
        (["v2"], "index"),
        (["v3", "oci", "file"], "index"),
        (["pages"], "pages"),
        (["pages", "pages"], "pages"),
        (["pages", "v3"], "mixed"),
    ],
)
def test_kinds_of_catalogs(layouts: list[str], kind: str, tmp_path: Path) -> None:
    mirrors = [MirrorInfo(f"m{n}", layout=layout) for n, layout in enumerate(layouts)]
    compile_catalog([build()], tmp_path / "c.sqlite", mirrors_entry(mirrors))
    catalog = Catalog(tmp_path / "c.sqlite")
    assert kind_of(catalog) == kind
    catalog.close()
