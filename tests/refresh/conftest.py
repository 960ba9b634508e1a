"""A machine for each test, and a network that retries without waiting."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachetui.fetch import Network
from cachetui.refresh import public_directory, updating
from tests.refresh.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Nothing of the machine's own Spack is seen."""
    return World(tmp_path, monkeypatch)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tries, one after the other."""
    for module in (updating, public_directory):
        monkeypatch.setattr(module, "network_of", lambda config: Network(tries=2, first_wait=0.0))
