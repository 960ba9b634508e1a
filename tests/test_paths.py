"""Where things lie."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.errors import CachetuiError

ROOT = Path(__file__).parent.parent


def test_xdg_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert paths.config_dir() == tmp_path / "config" / "cachetui"
    assert paths.cache_dir() == tmp_path / "cache" / "cachetui"
    assert paths.catalog_dir() == tmp_path / "cache" / "cachetui" / "catalogs"
    assert list(tmp_path.iterdir()) == [], "asking makes no folder"


def test_home_without_xdg_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tmp_path in paths.config_dir().parents
    assert tmp_path in paths.cache_dir().parents


def test_styles_beside_the_package_in_a_checkout() -> None:
    assert paths.styles_dir() == ROOT / "styles"


def test_sample_is_a_mirror_and_pages() -> None:
    assert {folder.name for folder in paths.sample_dir().iterdir()} == {"sample-mirror", "sample-pages"}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package folder with nothing in it or beside it."""
    folder = tmp_path / "site" / "cachetui"
    folder.mkdir(parents=True)
    monkeypatch.setattr(paths, "__file__", str(folder / "paths.py"))
    return folder


def test_styles_inside_an_installed_package(package: Path) -> None:
    shutil.copytree(ROOT / "styles", package / "styles")
    (package.parent / "styles").mkdir()
    (package.parent / "styles" / "app.tcss").touch()
    assert paths.styles_dir() == package / "styles"


def test_other_folder_named_styles(package: Path) -> None:
    (package.parent / "styles").mkdir()
    with pytest.raises(CachetuiError, match="install again"):
        paths.styles_dir()


def test_missing_styles(package: Path) -> None:
    with pytest.raises(CachetuiError, match="style sheets are missing"):
        paths.styles_dir()


# folders that another user may have written


@pytest.fixture
def looking() -> Iterator[None]:
    """Whatever is found of the folders is forgotten before and after the test."""
    paths.look_again()
    yield
    paths.look_again()


@pytest.mark.usefixtures("home", "looking")
def test_a_folder_that_others_may_write_is_replaced_for_this_run() -> None:
    assert paths.distrust_notes() == []
    paths.look_again()
    folder = paths.cache_dir()
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    paths.look_again()
    assert paths.config_dir().name == paths.state_dir().name == "cachetui"
    assert paths.cache_dir() == paths.cache_dir() != folder
    assert paths.temporary_dir() in paths.catalog_dir().parents
    assert paths.temporary_dir().stat().st_mode & 0o777 == 0o700
    (note,) = paths.distrust_notes()
    assert note == (
        f"{folder}: other users may write to it, so a temporary folder is used for this run;"
        f" to mend it: chmod go-w {folder}"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
@pytest.mark.usefixtures("home", "looking")
def test_a_folder_of_another_user_is_replaced_for_this_run() -> None:
    places = (paths.cache_dir, paths.config_dir, paths.state_dir)
    for folder in [place() for place in places]:
        folder.mkdir(parents=True)
        os.chown(folder, 12345, -1)
    paths.look_again()
    assert len({place() for place in places}) == 3
    assert all(place().parent == paths.temporary_dir() for place in places)
    assert [note.count("it belongs to another user") for note in paths.distrust_notes()] == [1, 1, 1]


@pytest.mark.usefixtures("home", "looking")
def test_one_file_operation_for_each_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []
    lstat = os.lstat

    def noting(path: Path) -> os.stat_result:
        looked.append(path)
        return lstat(path)

    monkeypatch.setattr(os, "lstat", noting)
    for _ in range(3):
        paths.distrust_notes(), paths.catalog_dir(), paths.downloads_dir()
    assert len(looked) == 3
