"""Programs that some tests need and not every machine has."""

from __future__ import annotations

import os
import shutil

import pytest


def need(tool: str) -> None:
    """Skip the test when the tool is not on the PATH; with CACHETUI_REQUIRE_TOOLS=1 fail it instead."""
    if shutil.which(tool):
        return
    reason = f"{tool} is not on the PATH"
    if os.environ.get("CACHETUI_REQUIRE_TOOLS") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
