"""Where the database of an install tree is, and the folders with which Spack pads the root of one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

DATABASE_FOLDER = ".spack-db"
"""Directly below the root of an install tree."""

DATABASE = os.path.join(DATABASE_FOLDER, "index.json")

PADDING = "__spack_path_placeholder__"
"""The folder name with which Spack pads the root of an install tree; the last one may be cut."""

MAX_FOLDERS = 256
"""Padding folders to search: more than a path can hold."""


def folder_names(folder: str) -> list[str]:
    """The names in a folder, sorted; empty if it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except (OSError, ValueError):
        return []


def padded_roots(
    root: str,
    names: Callable[[str], Sequence[str]] = folder_names,
    is_file: Callable[[str], bool] = os.path.isfile,
) -> list[str]:
    """The padded roots below a root that have a database."""
    found: list[str] = []
    folders = [root]
    for folder in folders:
        if folder != root and is_file(os.path.join(folder, DATABASE)):
            found.append(folder)
        below = [os.path.join(folder, name) for name in names(folder) if is_padding(name)]
        folders += below[: MAX_FOLDERS - len(folders)]
    return found


def database_files(root: Path, names: Sequence[str] = ()) -> list[Path]:
    """The database directly below a root, else those at the padded roots below it.

    Args:
        names: what is in the root, if that is known.
    """
    file = root / DATABASE
    if (not names or DATABASE_FOLDER in names) and file.is_file():
        return [file]
    known = {str(root): names}
    roots = padded_roots(str(root), lambda folder: known.get(folder) or folder_names(folder))
    return [Path(each, DATABASE) for each in roots]


def is_database(file: Path) -> bool:
    """Whether a file is, by its place, the database of an install tree."""
    return file.parent.name == DATABASE_FOLDER


def is_padding(name: str) -> bool:
    """Whether Spack may have made a folder of this name to pad a path."""
    return bool(name) and (PADDING.startswith(name) or name == PADDING + "_")
