"""What compiling leaves in the memory of a process that lives on."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from cachetui.refresh import open_catalog
from cachetui.sources.specfile import _parameters
from tests.conftest import MIRROR_023


@pytest.mark.parametrize("is_browser", [True, False])
def test_the_browser_keeps_nothing_of_what_was_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_browser: bool
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(gc, "isenabled", lambda: is_browser)
    _parameters.cache_clear()
    open_catalog([str(MIRROR_023)]).catalog.close()
    assert bool(_parameters.cache_info().currsize) is not is_browser
