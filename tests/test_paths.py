"""Where things lie."""

from __future__ import annotations

import shutil
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
