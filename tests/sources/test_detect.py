"""Detecting what is at a location: mirrors, indexes, pages, the sample, and errors for anything else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.errors import LocationError
from cachetui.sources.index.file import IndexFile
from cachetui.sources.pages.tree import PageTree
from tests.builders.mirrors import OTHER
from tests.conftest import DATA, MIRROR_023, open_sources

EMPTY = OTHER.decode()


def opened(location: Path | str) -> list[tuple[type, str]]:
    return [(type(source), source.name) for source in open_sources([str(location)])]


def refusal(location: Path | str) -> str:
    with pytest.raises(LocationError) as caught:
        open_sources([str(location)])
    assert str(caught.value).isprintable()
    return str(caught.value)


def mirror(root: Path, index: str = "index.json") -> Path:
    folder = root / "build_cache"
    folder.mkdir(parents=True)
    (folder / index).write_text(EMPTY)
    return root


@pytest.mark.parametrize("index", ["index.json", "index.json.gz"])
def test_mirror(tmp_path: Path, index: str) -> None:
    root = mirror(tmp_path / "site", index)
    for location in (root, root / "build_cache", root / "build_cache" / index, f"{root}/", f"file://{root}"):
        assert opened(location) == [(IndexFile, "site")]


def test_index_outside_a_mirror(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text(EMPTY)
    (tmp_path / "today.json").write_text(EMPTY)
    blob = tmp_path / ("0a" * 32)
    blob.write_text(EMPTY)
    assert opened(tmp_path) == [(IndexFile, tmp_path.name)]
    assert opened(tmp_path / "index.json") == [(IndexFile, tmp_path.name)]
    assert opened(tmp_path / "today.json") == [(IndexFile, "today.json")]
    assert opened(blob) == [(IndexFile, blob.name)]


def test_plain_index_has_precedence(tmp_path: Path) -> None:
    root = mirror(tmp_path / "site")
    (root / "build_cache" / "index.json.gz").write_text("older")
    (source,) = open_sources([str(root)])
    assert isinstance(source, IndexFile)
    assert source.file.name == "index.json"


def test_pages() -> None:
    for location in (DATA / "pages", DATA / "pages" / "_cache" / "develop" / "py-build"):
        assert [kind for kind, _ in opened(location)] == [PageTree]


def test_sample_has_a_mirror_and_pages() -> None:
    assert [kind for kind, _ in opened("sample")] == [IndexFile, PageTree]
    assert len(list(paths.sample_dir().iterdir())) == 2


def test_several_locations_in_their_order() -> None:
    sources = open_sources([str(DATA / "pages"), str(MIRROR_023)])
    assert [type(source) for source in sources] == [PageTree, IndexFile]


def test_error_names_the_bad_location(tmp_path: Path) -> None:
    with pytest.raises(LocationError, match="nowhere"):
        open_sources([str(MIRROR_023), str(tmp_path / "nowhere")])


def test_urls_and_homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    mirror(tmp_path / "a site")
    assert opened(f"file://{tmp_path}/a%20site") == [(IndexFile, "a site")]
    assert opened(f"FILE://localhost{tmp_path}/a%20site/") == [(IndexFile, "a site")]
    assert opened("~/a site") == [(IndexFile, "a site")]


def test_relative_location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror(tmp_path / "site")
    monkeypatch.chdir(tmp_path / "site")
    assert opened(".") == opened("build_cache") == [(IndexFile, "site")]


def test_names_are_printable(tmp_path: Path) -> None:
    root = mirror(tmp_path / "a\x1b[31m\u202eb")
    assert opened(root) == [(IndexFile, "a\ufffd[31m\ufffdb")]


def test_link_to_a_mirror(tmp_path: Path) -> None:
    root = mirror(tmp_path / "site")
    (tmp_path / "link").symlink_to(root)
    assert opened(tmp_path / "link") == [(IndexFile, "site")]


def test_empty_folder(tmp_path: Path) -> None:
    assert "the folder is empty" in refusal(tmp_path)


def test_unrelated_folder_and_file(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    assert "neither a mirror" in refusal(tmp_path)
    assert "neither an index" in refusal(tmp_path / "notes.txt")


def test_folders_named_like_an_index(tmp_path: Path) -> None:
    (tmp_path / "build_cache" / "index.json").mkdir(parents=True)
    assert "neither a mirror" in refusal(tmp_path)
    assert "the folder is empty" in refusal(tmp_path / "build_cache" / "index.json")


def test_mirror_of_layout_v3_without_an_index(tmp_path: Path) -> None:
    (tmp_path / "v3" / "manifests").mkdir(parents=True)
    assert "layout v3 without an index" in refusal(tmp_path)


def test_loops_and_dead_links(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "dead").symlink_to(tmp_path / "nowhere")
    for name in ("loop", "dead", "loop/x"):
        assert refusal(tmp_path / name).startswith(f"{tmp_path / name}: no")


@pytest.mark.parametrize(
    "location",
    ["nowhere", "a" * 5000, "x\0y", "file:///x%00y", "file://[x", "~nobody-has-this-name/x", "\x1b[31m"],
)
def test_invalid_location(location: str) -> None:
    assert refusal(location)


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not hold for root")
def test_folder_without_permission(tmp_path: Path) -> None:
    root = mirror(tmp_path / "site")
    root.chmod(0)
    try:
        assert "Permission denied" in refusal(root / "build_cache")
    finally:
        root.chmod(0o700)
    shutil.rmtree(root)
