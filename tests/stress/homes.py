"""Homes for the parts: a cache that is outdated, what its catalog holds, and which files are in it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from cachetui.refresh import Opened, Policy, open_cached, open_catalog
from tests.builders.homes import MACHINE_VARIABLES, home_variables

ASKING = Policy(max_age=0.0)
"""Asks every mirror."""

MARKS = re.compile(r".*\.(used|refused|damaged)|swept")
"""Names of what the program keeps for a while beside its catalogs, and sweeps by its own rules."""

_NUMBERS = re.compile(r"[0-9a-f]{8,}")


@contextmanager
def living_in(home: Path) -> Iterator[Path]:
    """Make a folder the home of this process, and the place of its temporary files."""
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    environ = {name: value for name, value in os.environ.items() if name not in MACHINE_VARIABLES}
    with (
        mock.patch.dict(
            os.environ, {**environ, **home_variables(home), "TMPDIR": str(temporary)}, clear=True
        ),
        mock.patch.object(tempfile, "tempdir", str(temporary)),
    ):
        yield home


def hashes_of(opened: Opened) -> frozenset[str]:
    """The hashes of an open catalog, which is closed."""
    try:
        return frozenset(map(opened.catalog.dag_hash, opened.catalog.listed))
    finally:
        opened.catalog.close()


def answer(*locations: str) -> frozenset[str]:
    """What is found when all mirrors are asked. Raises CachetuiError."""
    return hashes_of(open_catalog(locations, policy=ASKING))


def cached_answer(*locations: str) -> frozenset[str] | None:
    """What a start shows at once; None if there is nothing."""
    opened = open_cached(locations, Policy(offline=True))
    return None if opened is None else hashes_of(opened)


def kinds_of_files(home: Path) -> list[str]:
    """The files of a home, without the checksums and times in their names, and without marks."""
    files = (file for file in home.rglob("*") if not file.is_dir() and not MARKS.fullmatch(file.name))
    return sorted(_NUMBERS.sub("N", str(file.relative_to(home))) for file in files)


def aged(home: Path, seconds: float) -> None:
    """Let all files of a home be so much older."""
    for file in home.rglob("*"):
        if file.is_file() and not file.is_symlink():
            time = file.stat().st_mtime - seconds
            os.utime(file, (time, time))


def copied(home: Path, to: Path) -> Path:
    """A copy of a home in place of another one."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(home, to)
    return to
