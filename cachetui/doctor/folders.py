"""Checks of our folders: owner, mode, space, file system, leftovers."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cachetui.code_cache import user_folder
from cachetui.doctor.finding import Finding, Subject, ok, warning, wrong
from cachetui.files import folder_distrust
from cachetui.refresh import leftovers
from cachetui.text import clean, counted

LITTLE_SPACE = 500_000_000
"""Bytes that a big catalog, its index and the files of a compile may need."""

NETWORK_TYPES = frozenset(
    ("nfs", "nfs4", "lustre", "gpfs", "beegfs", "cifs", "smb3", "ceph", "fuse.sshfs", "panfs", "afs")
)


def check_folders(subject: Subject) -> Iterator[Finding]:
    """Look at the folders for the cache, for what is remembered, and for settings."""
    for name, folder in (
        ("cache", Path(user_folder("cache"))),
        ("state", Path(user_folder("state"))),
        ("config", Path(user_folder("config"))),
    ):
        shown = f"{name} {clean(str(folder))}"
        if reason := folder_distrust(folder):
            remedy = "chmod go-w" if "may write" in reason else "remove or rename"
            yield wrong(f"{shown}: {reason}, so it is not used", f"{remedy} {clean(str(folder))}")
        elif not os.path.lexists(folder):
            yield from _of_missing(shown, folder)
        else:
            yield from _of_folder(shown, folder)


def _of_missing(shown: str, folder: Path) -> Iterator[Finding]:
    above = next(parent for parent in folder.parents if os.path.lexists(parent))
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
        yield ok(f"{shown}: not there yet")
    else:
        yield warning(f"{shown}: cannot be created", f"make {clean(str(above))} writable, or set XDG_*_HOME")


def _of_folder(shown: str, folder: Path) -> Iterator[Finding]:
    if not folder.is_dir():
        yield wrong(f"{shown}: not a folder", f"remove {clean(str(folder))}")
        return
    mode = stat.S_IMODE(folder.stat().st_mode)
    if not os.access(folder, os.W_OK | os.X_OK):
        yield warning(f"{shown}: cannot be written (mode {mode:o})", "nothing is kept for the next start")
    free = shutil.disk_usage(folder).free
    kind = _type_of(folder)
    text = f"{shown}: mode {mode:o}, {_size(folder) / 1e6:,.1f} MB used, {free / 1e6:,.0f} MB free, {kind}"
    if free < LITTLE_SPACE:
        yield warning(text, "make room, or set XDG_CACHE_HOME to a folder with more")
    elif kind in NETWORK_TYPES:
        yield warning(text, "starts are faster with XDG_CACHE_HOME on a disk of this machine")
    else:
        yield ok(text)


def _size(folder: Path) -> int:
    size = 0
    for where, _, files in os.walk(folder):  # follows no links
        for name in files:
            with suppress(OSError):
                size += os.lstat(os.path.join(where, name)).st_size
    return size


def _type_of(folder: Path) -> str:
    """The type of the file system; Linux only."""
    kind, longest = "a file system of unknown type", -1
    with suppress(OSError):
        for line in Path("/proc/self/mounts").read_text(errors="replace").splitlines():
            _, mount, name, *_ = line.split(" ")
            mount = mount.replace("\\040", " ")
            if len(mount) > longest and folder.resolve().is_relative_to(mount):
                kind, longest = clean(name), len(mount)
    return kind


def check_leftovers(subject: Subject) -> Iterator[Finding]:
    """Count what the next sweep removes."""
    found = leftovers()
    size = sum(each.found.st_size for each in found)
    if found:
        yield ok(f"{counted(len(found), 'file')} of {size / 1e6:,.1f} MB, which the next sweep removes")
    else:
        yield ok("none")
