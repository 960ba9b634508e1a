"""Previous catalogs of the same locations, kept to say what changed since.

Before a catalog is replaced, its file gets a second name in another folder, which costs no copy. Kept
are the last one of each of DAYS days and of each of WEEKS weeks, the newest ones first, while they are no
more than MOST_FILES and their sizes no more than MOST_BYTES; the rest is removed, and so is what exceeds
MOST_BYTES_IN_ALL, and what belongs to a catalog that is gone. Where a file system has no
hard links, none is kept. Catalogs that miss a mirror are not kept: all its builds would seem to have gone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG

import msgspec
from msgspec import Struct

from cachetui import paths
from cachetui.catalog import Catalog
from cachetui.errors import CatalogError
from cachetui.files import distrust_of, is_own, make_folder
from cachetui.refresh.opened import Opened

DAYS, WEEKS = 4, 4
MOST_FILES, MOST_BYTES = 8, 256_000_000
MOST_BYTES_IN_ALL = 1_000_000_000
"""The previous catalogs of all locations together; the oldest ones go first."""

_DAY = 86400
_NAME_TIME = 12
"""Digits of the time in a name, so that names sort by it."""


class Generation(Struct, frozen=True):
    """A previous catalog.

    Args:
        time: when it was compiled, in seconds; it was shown from then until the next one's time.
    """

    path: Path
    time: float
    size: int


def kept_generations(catalog: Path) -> list[Generation]:
    """The previous catalogs that were kept, the newest first; nothing is opened."""
    if catalog.parent != paths.catalog_dir():
        return []  # a file of the user's own
    found = _files(f"{catalog.stem}.*{catalog.suffix}")
    return sorted(found, key=lambda generation: -generation.time)


def _files(pattern: str) -> Iterator[Generation]:
    with suppress(OSError):
        for path in paths.previous_dir().glob(pattern):
            with suppress(OSError):  # another process has removed it
                stat = path.lstat()
                if S_ISREG(stat.st_mode) and not distrust_of(stat):
                    yield Generation(path, stat.st_mtime, stat.st_size)


def forgotten_generations() -> list[Generation]:
    """Those whose catalog is gone, and the oldest ones of all that are too much together."""
    forgotten, room = [], MOST_BYTES_IN_ALL
    now = {file.stem for file in paths.catalog_dir().glob("*.sqlite")}
    for generation in sorted(_files("*.sqlite"), key=lambda generation: -generation.time):
        room -= generation.size
        if room < 0 or generation.path.name.partition(".")[0] not in now:
            forgotten.append(generation)
    return forgotten


def why_none_is_kept(catalog: Path) -> str:
    """Why there is no previous catalog."""
    with suppress(OSError):
        if catalog.parent != paths.catalog_dir():
            return "no previous catalog is kept of one that is named by its file"
        size = catalog.stat().st_size
        if size > MOST_BYTES:
            return (
                f"no previous catalog of these locations is kept: it takes {size // 1_000_000:,} MB,"
                f" more than the {MOST_BYTES // 1_000_000:,} MB for previous ones"
            )
    return "no previous catalog of these locations is kept yet: it is kept when the next one replaces it"


def generation_at(catalog: Path, time: float) -> Generation | None:
    """The catalog that was shown at a time, else the oldest one that was kept; None if there is none.

    The catalog itself, if it is as old as that.
    """
    try:
        stat = catalog.stat()
    except OSError:
        return None
    current = Generation(catalog, stat.st_mtime, stat.st_size)
    if current.time <= time:
        return current
    older = kept_generations(catalog)
    return next((each for each in older if each.time <= time), older[-1] if older else None)


@contextmanager
def keeping_previous(catalog: Path) -> Iterator[None]:
    """Keep the catalog that is replaced inside; after an error it is not replaced."""
    kept = _keep(catalog)
    try:
        yield
    except BaseException:
        if kept is not None:
            with suppress(OSError):
                kept.unlink()
        raise
    sweep(catalog)


def _keep(catalog: Path) -> Path | None:
    """Give a catalog another name; None if it is not to be kept, or cannot be."""
    try:
        if not is_own(catalog) or not _is_complete(catalog):
            return None
        found = catalog.stat()
        time = found.st_mtime
        if found.st_size > MOST_BYTES:
            return None
        folder = paths.previous_dir()
        make_folder(folder)
        kept = folder / f"{catalog.stem}.{int(time):0{_NAME_TIME}}{catalog.suffix}"
        os.link(catalog, kept, follow_symlinks=False)
    except OSError:  # the same one was kept before; or there are no links, or no more room
        return None
    return kept


def _is_complete(catalog: Path) -> bool:
    """Whether a catalog can be opened, and holds the builds of all its mirrors."""
    try:
        opened = Catalog(catalog)
    except (CatalogError, OSError):
        return False
    try:
        return not Opened.of(opened).failures
    except (KeyError, msgspec.DecodeError):
        return False
    finally:
        opened.close()


def sweep(catalog: Path) -> None:
    """Remove the previous catalogs that are not to be kept any longer, of other locations too."""
    newest = kept_generations(catalog)
    # Those of another schema cannot be compared any more.
    readable = [each for each in newest if _is_complete(each.path)]
    _remove(set(newest) - set(kept_of(readable)))
    with suppress(OSError):
        last = catalog.stat().st_mtime - (WEEKS + 1) * 7 * _DAY
        others = set(_files(f"*{catalog.suffix}")) - set(newest)
        _remove(each for each in others if each.time < last)


def _remove(some: Iterable[Generation]) -> None:
    for generation in some:
        with suppress(OSError):
            generation.path.unlink()


def kept_of(newest_first: Sequence[Generation]) -> list[Generation]:
    """Those that are to be kept: of each of the last days and weeks the last one, while there is room."""
    kept: list[Generation] = []
    room = MOST_BYTES
    for generation in _spread(newest_first):
        room -= generation.size
        if len(kept) == MOST_FILES or room < 0:
            break
        kept.append(generation)
    return kept


def _spread(newest_first: Sequence[Generation]) -> Iterator[Generation]:
    days: set[int] = set()
    weeks: set[int] = set()
    for generation in newest_first:
        day, week = int(generation.time // _DAY), int(generation.time // (7 * _DAY))
        is_last_of_day = day not in days and len(days) < DAYS
        is_last_of_week = week not in weeks and len(weeks) < WEEKS
        days.add(day)
        weeks.add(week)
        if is_last_of_day or is_last_of_week:
            yield generation
