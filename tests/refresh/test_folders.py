"""Open a catalog whose folder cannot be written."""

from __future__ import annotations

import os
import resource
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.errors import CachetuiError, CatalogError
from cachetui.refresh import Opened, open_catalog
from tests.builders.homes import temporary_files
from tests.builders.mirrors import mirror
from tests.conftest import dag_hash
from tests.refresh.files import files, hashes

pytestmark = pytest.mark.usefixtures("home")


def check_temporary(opened: Opened, reason: str) -> None:
    """The catalog works, its file is gone, and the note says why."""
    assert opened.compiled
    (note,) = opened.notes
    assert reason in note
    assert note.endswith("working from a temporary catalog, the next start compiles again")
    assert not opened.catalog.path.exists()
    assert temporary_files() == []
    assert opened.catalog.packages == ["zlib"]
    assert hashes(opened) == {dag_hash(1)}


def test_cache_folder_cannot_be_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    check_temporary(open_catalog([mirror(tmp_path / "m", 1)]), "cannot be written (Not a directory)")
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
@pytest.mark.parametrize("mode", [0o500, 0o000])
def test_cache_folder_without_permission(tmp_path: Path, mode: int) -> None:
    paths.catalog_dir().mkdir(parents=True)
    paths.catalog_dir().chmod(mode)
    check_temporary(open_catalog([mirror(tmp_path / "m", 1)]), "Permission denied")
    paths.catalog_dir().chmod(0o700)
    assert files(paths.cache_dir()) == []


@pytest.fixture
def full() -> Iterator[None]:
    """Files larger than 20 kB cannot be written, as on a full disk."""
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, ignored)


def test_full_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: None) -> None:
    class Roomy(tempfile.TemporaryDirectory[str]):
        def __enter__(self) -> str:
            hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            return super().__enter__()

    monkeypatch.setattr(tempfile, "TemporaryDirectory", Roomy)
    check_temporary(open_catalog([mirror(tmp_path / "m", 1)]), "cannot be written (")
    assert files(paths.cache_dir()) == []


def test_no_space_anywhere_is_an_error(tmp_path: Path, full: None) -> None:
    location = mirror(tmp_path / "m", 1)
    with pytest.raises(CatalogError, match="nor in a temporary folder: ") as caught:
        open_catalog([location])
    assert str(caught.value).count("cannot be written (") == 2
    assert files(paths.cache_dir()) == temporary_files() == []


def test_missing_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(CachetuiError, match="nor in a temporary folder: "):
        open_catalog([mirror(tmp_path / "m", 1)])
