"""What the tests of opening a catalog look at: the builds that were opened, and files."""

from __future__ import annotations

from pathlib import Path

from cachetui import paths
from cachetui.refresh import Opened


def hashes(opened: Opened) -> set[str]:
    found = {opened.catalog.dag_hash(row) for row in range(len(opened.catalog))}
    opened.catalog.close()
    return found


def files(folder: Path) -> list[str]:
    """All files below a folder, hidden ones too."""
    return sorted(file.name for file in folder.rglob("*") if file.is_file())


def catalog_file() -> Path:
    (file,) = paths.catalog_dir().glob("*.sqlite")
    return file
