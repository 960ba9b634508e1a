"""A network that does not wait before it tries again."""

from __future__ import annotations

import pytest

from cachetui.fetch import Network
from cachetui.refresh import public_directory, updating


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tries, one after the other."""
    for module in (updating, public_directory):
        monkeypatch.setattr(module, "network_of", lambda config: Network(tries=2, first_wait=0.0))
