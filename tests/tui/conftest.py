"""A browser over the sample without a terminal, its catalog compiled once."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.catalog import Catalog
from cachetui.refresh import open_catalog
from cachetui.search import Engine
from cachetui.sources import SAMPLE
from tests.builders.homes import use_home


@pytest.fixture(scope="session")
def sample_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalog of the sample, compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("sample")))
        catalog = open_catalog([SAMPLE]).catalog
        catalog.close()
        return catalog.path


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, sample_catalog: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home of each test's own, in which the sample is compiled already."""
    others = set(threading.enumerate())
    use_home(tmp_path / "home", monkeypatch)
    paths.catalog_dir().mkdir(parents=True)
    shutil.copy(sample_catalog, paths.catalog_dir())
    yield
    # A browser that is left does not wait for its threads; what they do late belongs into this home.
    for thread in set(threading.enumerate()) - others:
        thread.join(30)
        assert not thread.is_alive(), f"{thread.name} is never let go"


@pytest.fixture
def engine(sample_catalog: Path) -> Iterator[Engine]:
    """Answers selections over the sample, apart from the browser."""
    catalog = Catalog(sample_catalog)
    yield Engine(catalog)
    catalog.close()
