"""Programs that tests run: cachetui, and tools that may be missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Any

import pytest


def need(tool: str) -> None:
    """Skip the test when the tool is not on the PATH; with CACHETUI_REQUIRE_TOOLS=1 fail it instead."""
    if shutil.which(tool):
        return
    reason = f"{tool} is not on the PATH"
    if os.environ.get("CACHETUI_REQUIRE_TOOLS") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def program(*arguments: str | bytes, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs a command in a process of its own, without a terminal."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **options}
    command = [sys.executable, "-m", "cachetui", *arguments]
    return subprocess.run(command, text=True, start_new_session=True, **options)
