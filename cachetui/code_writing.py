"""Writes the file of code: what a process has imported, added to what earlier ones have."""

from __future__ import annotations

import marshal
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from importlib.machinery import ExtensionFileLoader, PathFinder, SourceFileLoader
from itertools import compress
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cachetui import code_cache
from cachetui.code_cache import (
    EXTENSION,
    FORMAT,
    LARGEST,
    MODULE,
    MOST_STAMPS,
    OFF,
    PACKAGE,
    SITE_NAMES,
    STANDARD_LIBRARY,
    CodeFile,
    CodeLoader,
    NotUsed,
    checksum,
    last_change,
    state,
)
from cachetui.errors import CachetuiError, CodeError
from cachetui.files import PRIVATE, read_own, replace_file, replacing
from cachetui.text import clean

if TYPE_CHECKING:
    from cachetui.code_cache import Module, Part, Stamp

SETTLING_SECONDS = 2
"""Seconds without a change after which an installation is over: times of folders count seconds."""

SKEW_SECONDS = 3600
"""How far the clock of a file server may be ahead; a folder of a later time was not changed just now."""

READABLE = 0o644
"""The mode of the file for all users."""

THREADS = 12
"""How many files are read at once where a user waits."""

FAILURES = (
    CachetuiError,
    NotUsed,
    OSError,
    ValueError,
    EOFError,
    SyntaxError,
    ImportError,
    RuntimeError,
    MemoryError,
)
"""What goes wrong with files and modules, and where no thread can be started."""

Item = TypeVar("Item")
Value = TypeVar("Value")

_writing = threading.Lock()


class Source(NamedTuple):
    """The file that a module was imported from."""

    kind: int
    path: str


Known = tuple["Module", bytes]
"""A module that is as it was, with its marshalled code."""

Pause = Callable[[], object]
"""Called after each module; lets others go on."""

NOTHING: Mapping[str, Known] = MappingProxyType({})


def _go_on() -> None:
    """Nobody waits."""


def keep(is_wanted: bool, pause: Pause = _go_on) -> None:
    """Write the user's file if there is none, or if it lacks what this process has imported; never fails.

    Looks whether files were edited in place since, once a minute at most, and then writes another one.
    A file for all users is left alone, and so is a user that has it.

    Args:
        is_wanted: false turns the cache off.
    """
    path = code_cache.user_file()
    if not state.is_possible or not path or not _writing.acquire(blocking=False):
        return
    try:
        if not is_wanted:
            _turn_off(Path(path))
        elif state.file is None:
            write(Path(path), PRIVATE, pause)
            state.file = code_cache.opened(path, is_site=False)
        elif state.file.path == path:
            _renew(state.file, pause)
    except FAILURES:
        pass  # the next start is as slow as this one
    finally:
        _writing.release()


def _turn_off(path: Path) -> None:
    with suppress(OSError):
        if read_own(path) == OFF:
            return
    replace_file(path, OFF)


def _renew(file: CodeFile, pause: Pause) -> None:
    is_complete = (
        not (file.damaged or code_cache.has_noted())
        and imported().keys() <= file.modules.keys()
        and file.others.issuperset(state.missed)
    )
    if is_complete and code_cache.is_verified(file):
        return
    whole = {name: module for name, module in file.modules.items() if name not in file.damaged}
    are_as_they_were = _each(_is_as_it_was, list(whole.values()), pause)
    kept = dict(compress(whole.items(), are_as_they_were))
    if is_complete and len(kept) == len(file.modules):
        # By the clock of this machine, which it is compared with: that of the file server may be another.
        file.verified = time.time()
        os.utime(file.path, (file.verified, file.verified))
    else:
        contents = {name: (module, file.content(name)) for name, module in kept.items()}
        known = {name: (module, code) for name, (module, code) in contents.items() if code is not None}
        write(Path(file.path), PRIVATE, pause, known)


def _each(work: Callable[[Item], Value], items: Sequence[Item], pause: Pause) -> list[Value]:
    """Do some work for each item: one after the other with pauses, else many at once.

    At the end of a command a user waits, mostly for a file system that can answer many questions at once.
    """
    if pause is not _go_on:
        return [work(item) for item in items if not pause()]
    done: dict[int, Value] = {}
    failed: list[Exception] = []

    def do(first: int) -> None:
        try:
            for at in range(first, len(items), THREADS):
                done[at] = work(items[at])
        except FAILURES as error:
            failed.append(error)

    threads = [threading.Thread(target=do, args=(first,)) for first in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return [done[at] for at in range(len(items))]


def _is_as_it_was(module: Module) -> bool:
    try:
        found = os.stat(module[1])
    except OSError:
        return False
    return (found.st_mtime_ns, found.st_size) == module[5:]


def imported() -> dict[str, Source]:
    """The modules of this installation that were imported since the start, by name."""
    folders = [folder for folder in sys.path if os.path.basename(folder) in SITE_NAMES]
    roots = (*folders, STANDARD_LIBRARY, os.path.join(STANDARD_LIBRARY, "lib-dynload"))
    found: dict[str, Source] = {}
    for name, module in list(sys.modules.items()):
        if name not in state.early and (source := _source(name, module, roots)):
            found[name] = source
    return found


def _source(name: str, module: ModuleType, roots: Collection[str]) -> Source | None:
    """Where a module comes from; None if Python would not find it there by itself, or not by a file."""
    spec = getattr(module, "__spec__", None)
    if spec is None or spec.name != name or not spec.origin:
        return None
    if type(spec.loader) is ExtensionFileLoader:
        kind = EXTENSION
        place = os.path.join(os.path.dirname(spec.origin), os.path.basename(spec.origin).partition(".")[0])
    elif type(spec.loader) in (SourceFileLoader, CodeLoader):
        kind = MODULE if spec.submodule_search_locations is None else PACKAGE
        place = spec.origin.removesuffix(".py" if kind == MODULE else "/__init__.py")
    else:
        return None
    relative = name.replace(".", "/")
    return Source(kind, spec.origin) if any(place == f"{root}/{relative}" for root in roots) else None


def write(path: Path, mode: int, pause: Pause = _go_on, known: Mapping[str, Known] = NOTHING) -> None:
    """Write a file of what was imported, and of what is known already.

    Raises:
        CodeError: the installation can have no file or is changing just now, or no file is used at the path.
        OSError: the file cannot be written.
    """
    check_place(path, is_site=mode == READABLE)
    with replacing(path, mode) as aside:  # first: where it cannot be written, nothing is read in vain
        aside.write_bytes(_gathered(pause, known))


def check_place(path: Path, is_site: bool) -> None:
    """Check that a file would be used. Raises CodeError, OSError."""
    with suppress(FileNotFoundError):
        if reason := code_cache.folder_distrust(os.lstat(path.parent), is_site):
            raise CodeError(f"{clean(str(path))}: {reason}")
        if stat.S_ISDIR(os.lstat(path).st_mode):
            raise CodeError(f"{clean(str(path))}: a folder is in its place")


def obstacle() -> str:
    """Why no file can be written for this user; empty if nothing is known."""
    path = code_cache.user_file()
    if not path:
        return "there is no home folder"
    try:
        check_place(Path(path), is_site=False)
        _stamps(imported().values())
    except CodeError as error:
        return str(error)
    except OSError as error:
        return f"{path}: {error.strerror}"
    existing = next(folder for folder in Path(path).parents if os.path.exists(folder))
    return "" if os.access(existing, os.W_OK) else f"{existing}: it cannot be written"


def _gathered(pause: Pause, known: Mapping[str, Known]) -> bytes:
    sources = {**{name: Source(*module[:2]) for name, (module, _) in known.items()}, **imported()}
    stamps = _stamps(sources.values())
    if known and state.file is not None and stamps != state.file.stamps:
        known, sources = NOTHING, imported()  # packages of other versions may have the same times and sizes
    index: dict[str, Module] = {}
    contents: list[bytes] = []
    offset = 0
    new = [name for name in sources if name not in known]
    read = _each(lambda name: _read(name, sources[name]), new, pause)
    present = {name: (module[5:], content) for name, (module, content) in known.items()}
    present |= {name: each for name, each in zip(new, read, strict=True) if each is not None}
    for name, (changed, content) in present.items():
        index[name] = (*sources[name], offset, len(content), checksum(content), *changed)
        contents.append(content)
        offset += len(content)
    compiled = state.compiled.content() if state.compiled is not None else b""
    contents.append(compiled)
    part = (offset, len(compiled), checksum(compiled))
    if stamps != _stamps(sources.values()):
        raise CodeError("the installation is changing just now; try again")
    if (size := offset + len(compiled)) > LARGEST:
        raise CodeError(f"the code would take {size / 1e6:,.0f} MB")
    return _assembled(stamps, index, part, contents)


def _missing(stamps: list[Stamp]) -> tuple[frozenset[str], frozenset[str]]:
    """The modules that were looked for in vain: those that are not installed, and all that have no file."""
    known = state.file.others if state.file is not None else frozenset()
    names = {*state.missed, *known} - imported().keys()
    if any(folder not in dict(stamps) for folder in _folders()):
        return frozenset(), frozenset(names)  # one could appear unnoticed
    absent = {name for name in names if "." not in name and name not in sys.modules}
    return frozenset(name for name in absent if PathFinder.find_spec(name) is None), frozenset(names)


def _assembled(stamps: list[Stamp], index: dict[str, Module], compiled: Part, contents: list[bytes]) -> bytes:
    """The file as `code_cache.opened` reads it; offsets of modules are from the end of the index."""
    listed = marshal.dumps((state.identity, stamps, index, compiled, *_missing(stamps)))
    sizes = len(listed).to_bytes(8, "little") + sum(map(len, contents)).to_bytes(8, "little")
    return b"".join((FORMAT, sizes, checksum(listed), listed, *contents))


def _folders() -> list[str]:
    """The folders that are searched, but for those of the standard library."""
    return [folder for folder in sys.path if not _is_of_standard_library(folder)]


def _stamps(sources: Collection[Source]) -> list[Stamp]:
    """The folders in which a module could appear that would be found first, and those that all came from."""
    folders = _folders()
    if len(folders) > MOST_STAMPS:  # what is searched last matters least
        used = [f for f in folders if any(source.path.startswith(f"{f}/") for source in sources)]
        folders = folders[: folders.index(used[-1]) + 1] if used else []
    if len(folders) > MOST_STAMPS:
        raise CodeError(f"modules are searched in {len(folders)} folders, more than {MOST_STAMPS}")
    stamps = [(folder, last_change(folder)) for folder in folders]
    if any(-SKEW_SECONDS < time.time() - second < SETTLING_SECONDS for _, second in stamps):
        raise CodeError("the installation has just changed; try again")
    return stamps


def _is_of_standard_library(folder: str) -> bool:
    parent, name = os.path.split(STANDARD_LIBRARY)
    zipped = os.path.join(parent, f"{name.replace('.', '')}.zip")
    return folder in (STANDARD_LIBRARY, os.path.join(STANDARD_LIBRARY, "lib-dynload"), zipped)


def _read(name: str, source: Source) -> tuple[tuple[int, int], bytes] | None:
    """Time and size of the file of a module, and its marshalled code, empty for one in C."""
    found = os.stat(source.path)  # before it is read: what is edited meanwhile is noticed later
    changed = (found.st_mtime_ns, found.st_size)
    if source.kind == EXTENSION:
        return changed, b""
    code = SourceFileLoader(name, source.path).get_code(name)
    return None if code is None else (changed, marshal.dumps(code))
