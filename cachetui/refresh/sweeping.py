"""Remove what is not used any more from our own folders: once a day, once the start is over.

A rule names files of one folder and how long they stay after they were last written or marked as used. What
no rule names is left alone, and so are links, and folders that are links or that others may write. A file may
be in use by another process: what may be half written stays for a day, and what is open can be read on.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from cachetui import paths
from cachetui.files import distrust_of, open_own
from cachetui.refresh.generations import forgotten_generations

DAY = 86400.0
KEPT_DAYS = 60
"""Days after which a catalog or download that nobody has used is removed."""

STAMP = "swept"
"""The file whose time is that of the last sweep."""

USED = ".used"
"""The suffix of the mark of a catalog, whose own time says when it was compiled."""


class Rule(NamedTuple):
    """Files that are removed.

    Args:
        folder: relative to the cache folder; with a leading `/`, to the state folder.
        name: a regular expression for the whole name; its first group names files that are used together.
        days: since the last one of these was written or marked as used.
    """

    folder: str
    name: str
    days: int


class Leftover(NamedTuple):
    """A file that nothing uses any more, as it was seen."""

    name: str
    found: os.stat_result


RULES = (
    *(Rule(folder, r"(\..+)", 1) for folder in ("", "catalogs", "previous", "downloads", "binaries", "/")),
    Rule("upstreams", r"(\..+)", 1),
    Rule("catalogs", r"([0-9a-f]{16})\.(?:sqlite|used|refused)", KEPT_DAYS),
    *(Rule(folder, r"(.+\.damaged)", 14) for folder in ("catalogs", "previous")),
    Rule("downloads", r"([0-9a-f]{16}\.part(?:\.json)?)", 7),
    Rule("downloads", r"([0-9a-f]{16}\.(?:part|state)\.(?!json$).+)", 1),  # of older versions
    Rule("downloads", r"([0-9a-f]{16})(?:\.state|-[0-9a-f]{16}\.json)", KEPT_DAYS),
    Rule("downloads", r"(public-[0-9a-f]{8}\.json)", KEPT_DAYS),
    Rule("binaries", r"([0-9a-f]{16}\.json)", KEPT_DAYS),
    Rule("upstreams", r"(spack-[0-9a-f]{8}\.json)", KEPT_DAYS),
    Rule("judged", r"(\..+)", 1),
    Rule("judged", r"([0-9a-f]{16}(?:-[0-9a-f]{8})?\.judged)", KEPT_DAYS),
    Rule("code", r"(\..+)", 1),
    Rule("code", r"(.+\.code)", 30),  # `code_writing.keep` marks it as used; another start writes it again
    Rule("/crashes", r"(.+)", 30),
)


def tidy(used: Sequence[Path]) -> None:
    """Mark files as used, and sweep the folders, each at most once a day; what cannot be done waits.

    Where all are marked already, the folders were swept at that time.

    Args:
        used: catalogs and the states of downloads.
    """
    marked: list[float | None] = []
    for file in used:
        mark = file.with_suffix(USED) if file.suffix == ".sqlite" else file
        if file.parent in (paths.catalog_dir(), paths.downloads_dir()):
            marked.append(_touch(mark, created_with=None if mark is file else file))
    if marked and not any(marked):
        return
    stamp = paths.cache_dir() / STAMP
    # The clock of the file server counts, not that of this machine.
    if (now := _touch(stamp, created_with=stamp.parent)) is not None:
        sweep(now)


def _touch(file: Path, created_with: Path | None) -> float | None:
    """Write the time of a file if that is older than a day; return the new time, or None if it was not.

    Args:
        created_with: if this exists, the file is created where it is missing.
    """
    with suppress(OSError):
        try:
            written = os.lstat(file)
        except FileNotFoundError:
            if created_with is None or not created_with.exists():
                return None
            with suppress(FileExistsError):
                open_own(file, "xb").close()
            return os.lstat(file).st_mtime
        if not stat.S_ISREG(written.st_mode) or -DAY < time.time() - written.st_mtime < DAY:
            return None
        with open_own(file, "ab") as stream:
            os.utime(stream.fileno())
            return os.fstat(stream.fileno()).st_mtime
    return None


def sweep(now: float) -> None:
    """Remove what no process uses any more."""
    for folder, rules in _rules_of_folders():
        with suppress(OSError), _opened(folder) as handle:
            for leftover in list(_leftovers(handle, rules, now)):
                _remove(handle, leftover)
    for generation in forgotten_generations():
        with suppress(OSError), _opened(generation.path.parent) as handle:
            os.unlink(generation.path.name, dir_fd=handle)


def leftovers() -> list[Leftover]:
    """What the next sweep removes."""
    found: list[Leftover] = []
    for folder, rules in _rules_of_folders():
        with suppress(OSError), _opened(folder) as handle:
            found += _leftovers(handle, rules, time.time())
    return found


def _rules_of_folders() -> Iterator[tuple[Path, list[Rule]]]:
    for folder in dict.fromkeys(rule.folder for rule in RULES):
        base = paths.state_dir() if folder.startswith("/") else paths.cache_dir()
        yield base / folder.strip("/"), [rule for rule in RULES if rule.folder == folder]


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    """Open a folder that is no link and that no other user may write. Raises OSError."""
    # The cache or state folder itself may be a link that its user has made.
    no_link = 0 if folder in (paths.cache_dir(), paths.state_dir()) else os.O_NOFOLLOW
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | no_link)
    try:
        if distrust_of(os.fstat(handle)):
            raise PermissionError(f"{folder}: others may write to it")
        yield handle
    finally:
        os.close(handle)


def _leftovers(folder: int, rules: Sequence[Rule], now: float) -> Iterator[Leftover]:
    files = dict(_files(folder))
    for rule in rules:
        for names in _together(rule, files).values():
            # A file stays as long as one that it is used with: an index, its state.
            if now - max(files[name].st_mtime for name in names) > rule.days * DAY:
                yield from (Leftover(name, files[name]) for name in names)
    yield from _orphans(folder, files, now)


def _files(folder: int) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):  # another process has removed it
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
                    yield entry.name, found


def _together(rule: Rule, files: Mapping[str, os.stat_result]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in files:
        if match := re.fullmatch(rule.name, name):
            groups.setdefault(match[match.lastindex or 0], []).append(name)
    return groups


def _orphans(folder: int, files: Mapping[str, os.stat_result], now: float) -> Iterator[Leftover]:
    """Indexes that another one has replaced, where the process was killed before it removed them."""
    newest: dict[str, float] = {}
    indexes = [name for name in files if re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]{16}\.json", name)]
    for name in indexes:
        newest[name[:16]] = max(newest.get(name[:16], 0.0), files[name].st_mtime)
    for name in indexes:
        state = files.get(f"{name[:16]}.state")
        is_replaced = files[name].st_mtime < newest[name[:16]]
        if (
            state is not None
            and is_replaced
            and now - files[name].st_mtime > DAY
            and not _names(folder, name)
        ):
            yield Leftover(name, files[name])


def _names(folder: int, index: str) -> bool:
    """Whether the state of an index names it; so does one that cannot be read."""
    try:
        handle = os.open(f"{index[:16]}.state", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        with os.fdopen(handle, "rb") as stream:
            return index.encode() in stream.read()
    except OSError:
        return True


def _remove(folder: int, leftover: Leftover) -> None:
    """Remove a file, unless another process has just written it."""
    name, seen = leftover
    with suppress(OSError):
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if (found.st_ino, found.st_mtime_ns) == (seen.st_ino, seen.st_mtime_ns):
            os.unlink(name, dir_fd=folder)
