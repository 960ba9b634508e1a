"""Files on this machine: compared, replaced in one step, and not believed if others can write them."""

from __future__ import annotations

import errno
import os
import stat
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, cast

from cachetui.errors import SourceError
from cachetui.text import clean

PRIVATE = 0o600
"""The mode of a file that other users must not read: a URL in it may hold a signature."""

LARGEST_KEPT = 64 << 20
"""Bytes of a file that this program keeps beside indexes and catalogs; they have a few kB, lists a few MB."""

_PIECE = 1 << 20

_NOTHING_THERE = (errno.ENOENT, errno.ENOTDIR, errno.EBADF, errno.ELOOP)

ABANDONED_SECONDS = 3600.0
"""Seconds without a write after which the writer of a temporary file is gone."""


def file_fingerprint(file: Path) -> str:
    """Return name, size and modification time (ns) of a file. Raises SourceError."""
    try:
        stat = file.stat()
    except OSError as error:
        raise unreadable(file, error) from error
    return f"{clean(file.name)} {stat.st_size} {stat.st_mtime_ns}"


def kind_of(path: Path, follow: bool = True) -> int:
    """Return the kind of what is at a path, as `stat.S_IFREG`; 0 if nothing is there. Raises OSError."""
    try:
        return stat.S_IFMT(os.stat(path, follow_symlinks=follow).st_mode)
    except ValueError:  # no path can have this name
        return 0
    except OSError as error:
        if error.errno in _NOTHING_THERE:
            return 0
        raise


def unreadable(file: Path, error: OSError) -> SourceError:
    """Return an OSError as `path: Permission denied`; transient, as the file may become readable."""
    return SourceError(clean(str(file)), error.strerror or str(error), transient=True)


def unexpected_content(expected: str, start: bytes) -> str:
    """Return why the first bytes of a file are not those of, say, "an index"."""
    if not start:
        return "the file is empty"
    if start.startswith(b"<"):
        return f"a web page, not {expected}; is there a login or a proxy in between?"
    return f"not {expected}: it begins with {clean(start[:20].decode(errors='replace'))!r}"


def distrust_of(found: os.stat_result) -> str:
    """Why another user may have written a file or folder; empty if none can have, other than root."""
    if found.st_uid not in (os.geteuid(), 0):
        return f"it belongs to another user (number {found.st_uid})"
    others = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if not others or stat.S_ISLNK(found.st_mode):  # the mode of a link means nothing
        return ""
    if stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX:
        return ""
    if others == stat.S_IWGRP and _is_private_group(found.st_gid):
        return ""
    return "other users may write to it"


@lru_cache(maxsize=4)
def _is_private_group(gid: int) -> bool:
    """Whether a group is that of this user alone, as many sites give one to each, with a umask of 002."""
    import grp
    import pwd

    with suppress(KeyError):
        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(gid)
        return user.pw_gid == gid and group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}
    return False


def folder_distrust(folder: Path) -> str:
    """Why another user may have written into a folder; empty if none can have, or if it does not exist.

    A link to it is followed if it belongs to this user or to root.
    """
    try:
        found = os.lstat(folder)
        reason = distrust_of(found)
        return reason or (distrust_of(os.stat(folder)) if stat.S_ISLNK(found.st_mode) else "")
    except (OSError, ValueError):
        return ""  # whoever uses it reports why


def make_folder(folder: Path) -> None:
    """Create a folder, and those above it, for this user alone; one that exists must be trusted.

    Raises:
        OSError: it cannot be created, or another user may write into it.
    """
    try:
        os.mkdir(folder, 0o700)
    except FileNotFoundError:
        _make_parents(folder.parent)
        with suppress(FileExistsError):
            os.mkdir(folder, 0o700)
    except FileExistsError:
        pass
    if reason := folder_distrust(folder):
        raise PermissionError(errno.EPERM, reason, str(folder))


def _make_parents(folder: Path) -> None:
    if not folder.is_dir() and folder != folder.parent:
        _make_parents(folder.parent)
        with suppress(FileExistsError):
            os.mkdir(folder, 0o700)


_OPEN_FLAGS = {
    "rb": os.O_RDONLY,
    "ab": os.O_WRONLY | os.O_APPEND,
    "wb": os.O_WRONLY,
    "r+b": os.O_RDWR,
    "xb": os.O_WRONLY | os.O_CREAT | os.O_EXCL,
}


def open_own(file: Path, mode: str = "rb") -> BinaryIO:
    """Open a regular file that no other user can have written; a link is not followed, a pipe not waited for.

    What lies in the folders of this program is opened by this, so that nobody else can put something
    there to be believed, or lead what is written elsewhere.

    Args:
        mode: `rb`; `ab`, `wb` or `r+b` for a file that exists; `xb` creates one, readable by this user alone.

    Raises:
        OSError: there is none, or it is not trusted.
    """
    handle = os.open(file, _OPEN_FLAGS[mode] | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, PRIVATE)
    try:
        found = os.fstat(handle)
        reason = distrust_of(found) if stat.S_ISREG(found.st_mode) else "not a file"
        if reason:
            raise PermissionError(errno.EPERM, reason, str(file))
        if mode == "wb":
            os.ftruncate(handle, 0)  # not O_TRUNC: only once it is known whose file it is
        return cast("BinaryIO", os.fdopen(handle, "wb" if mode == "xb" else mode))
    except BaseException:
        os.close(handle)
        raise


def read_own(file: Path) -> bytes:
    """Return the content of a file that no other user can have written; see `open_own`. Raises OSError.

    Of one that is longer than any that is kept, the beginning is returned: it is damaged.
    """
    with open_own(file) as stream:
        content = stream.read(_PIECE)
        return content if len(content) < _PIECE else content + stream.read(LARGEST_KEPT)


def _open_mine(file: Path) -> BinaryIO:
    """Open a file that was just created, which the umask may let others write. Raises OSError."""
    handle = os.open(file, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    stream = os.fdopen(handle, "wb")
    if os.fstat(handle).st_uid != os.geteuid():
        stream.close()
        raise PermissionError(errno.EPERM, "it was replaced by another user", str(file))
    return stream


def is_own(file: Path) -> bool:
    """Whether there is a regular file that no other user can have written."""
    try:
        found = os.lstat(file)
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(found.st_mode) and not distrust_of(found)


@contextmanager
def replacing(file: Path, mode: int = PRIVATE, durable: bool = False) -> Iterator[Path]:
    """Provide an empty file to write; it replaces `file` in the end, or is removed after an error.

    Readers, also on other machines, find the old content or all of the new one. Raises OSError.

    Args:
        mode: of the new file, less the umask; a private one is only written into a trusted folder.
        durable: the same holds after a power failure.
    """
    aside = new_file(file, mode)
    with unfinished(aside):
        if mode != PRIVATE and folder_distrust(file.parent):
            with _written_elsewhere(aside) as elsewhere:
                yield elsewhere
        else:
            yield aside
        if durable:
            _flush_to_disk(aside)
        os.replace(aside, file)


REMOVING = 0.05
"""Seconds in which what is half written is removed while a user waits."""

_unfinished: set[Path] = set()
"""The files of `unfinished`."""


@contextmanager
def unfinished(file: Path) -> Iterator[None]:
    """Have a file, or an empty folder, removed after what is done inside, or by `remove_unfinished`."""
    _unfinished.add(file)
    try:
        yield
    finally:
        _remove([file])
        _unfinished.discard(file)


def remove_unfinished(seconds: float = REMOVING) -> None:
    """Remove what is half written, at the end of a program that does not wait for those who write it."""
    # In a thread: the disk may not answer. What is not removed now is swept later.
    removing = threading.Thread(target=_remove, args=(list(_unfinished),), name="remove", daemon=True)
    removing.start()
    removing.join(seconds)


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        with suppress(OSError):
            file.rmdir() if file.is_dir() else file.unlink()


@contextmanager
def _written_elsewhere(file: Path) -> Iterator[Path]:
    """Provide a file in a private folder and copy it: in the folder of `file`, others could put links."""
    import shutil
    import tempfile

    with _open_mine(file) as target, tempfile.TemporaryDirectory(prefix="cachetui-") as folder:
        written = Path(folder) / file.name
        written.touch(PRIVATE)
        yield written
        with written.open("rb") as source:
            shutil.copyfileobj(source, target)


def replace_file(file: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Write a file in one step; see `replacing`. Raises OSError."""
    with replacing(file, mode) as aside, _open_mine(aside) as stream:
        stream.write(content)


def new_file(file: Path, mode: int = PRIVATE) -> Path:
    """Create an empty file beside `file` that no other process has, and the folder.

    Its name cannot be guessed, and a file or link of that name is not used. Raises OSError.

    Args:
        mode: less the umask; a private file is only created in a trusted folder.
    """
    if mode == PRIVATE:
        make_folder(file.parent)
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned(file.parent.glob(f".{file.name}.*"))
    # Not by `tempfile`: its files have mode 600 whatever the umask is, and it is slow to import.
    aside = file.with_name(f".{file.name}.{os.urandom(8).hex()}")
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    os.close(os.open(aside, flags, mode))
    return aside


def remove_abandoned(files: Iterable[Path]) -> None:
    """Remove the temporary files of processes that were killed, as far as that is possible."""
    with suppress(OSError):  # of the folder, which may be looked through meanwhile
        for file in files:
            with suppress(OSError):
                if time.time() - file.lstat().st_mtime > ABANDONED_SECONDS:
                    file.unlink()


def _flush_to_disk(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
