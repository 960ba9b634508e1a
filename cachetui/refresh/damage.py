"""A catalog that is damaged is set aside, so that it is compiled again."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from cachetui import paths
from cachetui.errors import DamagedError
from cachetui.text import clean

_SUFFIX = ".damaged"


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
