"""Compiling leaves no memory behind in a process that goes on."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from cachetui.refresh import open_catalog
from cachetui.sources.specfile import _parameters
from tests.conftest import MIRROR_023


@pytest.mark.parametrize("is_browser", [True, False])
def test_browser_keeps_no_parsed_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_browser: bool
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(gc, "isenabled", lambda: is_browser)
    _parameters.cache_clear()
    open_catalog([str(MIRROR_023)]).catalog.close()
    assert bool(_parameters.cache_info().currsize) is not is_browser
