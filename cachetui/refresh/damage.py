"""A catalog that is damaged makes way: it is compiled again, or what it was compiled from is read instead."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from cachetui import paths
from cachetui.catalog import Catalog
from cachetui.errors import DamagedError
from cachetui.sources import local_path
from cachetui.text import clean

_SUFFIX = ".damaged"

_given_up: dict[Path, DamagedError] = {}
"""Damaged catalogs that cannot be set aside; this process does not open them again."""


class Recovery(Struct, frozen=True):
    """What is done about a damaged catalog.

    Args:
        text: for the user.
        is_noted: whoever opens a catalog next gets a note that says so.
    """

    text: str
    is_noted: bool


def recover(error: DamagedError, configured: str = "") -> Recovery | None:
    """Let the same locations be opened without the catalog that an error is about.

    Args:
        configured: the catalog of the configuration, if that is what was opened.

    Returns:
        What is done; None: the catalog is a file of the user's own, which only the user can replace.
    """
    path = error.path
    if set_aside(error):
        if path.parent == paths.previous_dir():
            return Recovery(f"a previous catalog was damaged and is set aside ({clean(error.reason)})", False)
        return Recovery("the catalog was damaged and is compiled again", True)
    if _is_given_up(path, error.identity):
        return None
    if path.parent == paths.catalog_dir():  # in a folder that cannot be written
        _given_up[path] = error
        return Recovery("the catalog is damaged and cannot be replaced: it is compiled for this start", False)
    if configured and path == _path_of(configured):
        _given_up[path] = error
        return Recovery("the catalog of the configuration is damaged: the mirrors are read instead", True)
    return None


def opened_sound(path: Path) -> Catalog:
    """Open a catalog, unless this process has found it damaged. Raises CatalogError."""
    catalog = Catalog(path)
    if _is_given_up(path, catalog.identity):
        catalog.close()
        raise _given_up[path]
    return catalog


def _is_given_up(catalog: Path, identity: tuple[int, ...]) -> bool:
    return catalog in _given_up and _given_up[catalog].identity == identity


def _path_of(location: str) -> Path | None:
    with suppress(ValueError, RuntimeError):  # it was not opened either
        return local_path(location)
    return None


def set_aside(error: DamagedError) -> bool:
    """Rename the catalog that an error is about; False if it cannot be compiled again.

    Nothing is done if another process has replaced it meanwhile.
    """
    path = error.path
    if path.parent not in (paths.catalog_dir(), paths.previous_dir()):
        return False
    try:
        stat = path.stat()
    except OSError as unseen:
        return isinstance(unseen, FileNotFoundError)
    if error.identity in ((), (stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size)):
        return put_aside(path)
    return True


def put_aside(path: Path) -> bool:
    """Rename a damaged catalog; False if that cannot be done. Only the last one is kept."""
    try:
        os.replace(path, path.with_suffix(_SUFFIX))
    except OSError:
        return False
    with suppress(OSError):
        for other in path.parent.glob(f"*{_SUFFIX}"):
            if other.stem != path.stem:
                other.unlink()
    return True


def damage_note(path: Path) -> str:
    """What to say where a catalog was set aside and is compiled again; empty if none was."""
    aside = path.with_suffix(_SUFFIX)
    # Not by `Path`: it raises an error where a file cannot be looked at.
    if os.path.exists(path) or not os.path.isfile(aside):
        return ""
    return f"the catalog was damaged and is compiled again (the damaged one: {clean(str(aside))})"
