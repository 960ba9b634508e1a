"""Programs that serve a test: found, started, waited for and stopped."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.tools import need

PATIENCE = 20.0
"""Seconds after which a program that is not ready fails the test."""

Found = TypeVar("Found")


def located(tool: str) -> str:
    """The path of a program; without it the test is skipped or fails, as `need` says."""
    # Debian keeps servers in folders that are on the PATH of root only.
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin"])
    path = shutil.which(tool, path=places)
    if path is None:
        need(tool)
    return path or tool


@contextmanager
def running(command: Sequence[str], log: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program as long as the context; its output goes to a file."""
    with (
        log.open("wb") as said,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, **options
        ) as process,
    ):
        try:
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen[Any]) -> None:
    """Terminate a program and wait for its end."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(condition: Callable[[], Found | None], process: subprocess.Popen[bytes], log: Path) -> Found:
    """Wait for the result of the condition; fail with the log if the program ends or takes too long."""
    deadline = time.monotonic() + PATIENCE
    while (found := condition()) is None:
        try:
            process.wait(0.01)
        except subprocess.TimeoutExpired:
            if time.monotonic() < deadline:
                continue
        raise AssertionError(f"{process.args!r} did not get ready:\n{log.read_text(errors='replace')}")
    return found
