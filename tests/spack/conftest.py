"""A machine for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders.homes import FakeMachine


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    """A machine without Spack."""
    return FakeMachine(tmp_path)
