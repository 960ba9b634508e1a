"""Mirrors, folders and files for the tests of opening a catalog."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.refresh import Opened

DIGITS = "abcdefghijklmnopqrstuvwxyz234567"


def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home, a cache and a folder for temporary files, each of the test's own."""
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "TMPDIR"):
        folder = tmp_path / f"home {name}"
        folder.mkdir()
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)


def hash_of(number: int) -> str:
    return "".join(DIGITS[number >> shift & 31] for shift in range(155, -1, -5))


def mirror(folder: Path, *builds: int, extra: dict[str, object] | None = None, version: str = "8") -> str:
    """A mirror with a build of zlib for each number."""
    installs: dict[str, object] = {
        hash_of(number): {"spec": {"name": "zlib", "version": f"1.{number}", "hash": hash_of(number)}}
        for number in builds
    }
    file = folder / "build_cache" / "index.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"database": {"version": version, "installs": {**installs, **(extra or {})}}}))
    return str(folder)


def damaged(folder: Path) -> str:
    """A mirror whose index is cut in half."""
    location = mirror(folder, 1, 2, 3)
    file = folder / "build_cache" / "index.json"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    return location


def hashes(opened: Opened) -> set[str]:
    found = {opened.catalog.dag_hash(row) for row in range(len(opened.catalog))}
    opened.catalog.close()
    return found


def files(folder: Path) -> list[str]:
    """All files below a folder, hidden ones too."""
    return sorted(file.name for file in folder.rglob("*") if file.is_file())


def catalog_file() -> Path:
    (file,) = paths.catalog_dir().iterdir()
    return file


def temporary_files() -> list[str]:
    return os.listdir(os.environ["TMPDIR"])
