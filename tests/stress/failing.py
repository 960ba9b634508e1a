"""File operations of this process that fail at the n-th call, in Python and in SQLite."""

from __future__ import annotations

import builtins
import errno
import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

WRITING = (
    "mkdir",
    "replace",
    "rename",
    "link",
    "symlink",
    "ftruncate",
    "fsync",
    "write",
    "create",
    "execute",
)
"""Operations that need room on the disk."""

FUNCTIONS = (
    *("open", "mkdir", "replace", "rename", "link", "symlink", "unlink", "rmdir", "stat", "lstat", "fstat"),
    *("ftruncate", "fsync", "listdir", "scandir", "utime", "chmod"),
)
"""Functions of `os` that may fail."""

PERMISSIONS = (
    "open",
    "create",
    "mkdir",
    "replace",
    "rename",
    "link",
    "symlink",
    "unlink",
    "listdir",
    "scandir",
)
"""Operations that permissions may forbid."""

OPERATIONS: dict[int, tuple[str, ...]] = {errno.ENOSPC: WRITING, errno.EACCES: PERMISSIONS}
"""The operations that fail with an error; all, unless they are listed here."""

_BUFFERS: dict[str, Callable[[Any], Any]] = {"r": io.BufferedReader, "+": io.BufferedRandom}


class FailingFiles:
    """Lets one call in a folder fail, or that one and all that follow.

    Args:
        folder: elsewhere everything works.
        number: of the error.
        at: the call that fails, counted from 1 among those that can fail with this error; 0: none.
        lasting: all that follow fail too.

    Attributes:
        calls: how many there were.
    """

    def __init__(self, folder: Path, number: int, at: int, lasting: bool = False) -> None:
        self.folder = str(folder)
        self.number = number
        self.at = at
        self.lasting = lasting
        self.calls = 0
        self._operations = OPERATIONS.get(number)

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Replace the functions inside."""
        with ExitStack() as patches:
            for name in FUNCTIONS:
                patches.enter_context(mock.patch.object(os, name, self._failing(name, getattr(os, name))))
            opened = self._opening(io.open)
            patches.enter_context(mock.patch.object(io, "open", opened))
            patches.enter_context(mock.patch.object(builtins, "open", opened))
            patches.enter_context(mock.patch.object(sqlite3, "connect", self._connecting(sqlite3.connect)))
            yield

    def called(self, operation: str, path: object = None) -> None:
        """Count a call; it may fail. Raises OSError."""
        if (self._operations and operation not in self._operations) or not self._is_inside(path):
            return
        self.calls += 1
        if self.at and (self.calls >= self.at if self.lasting else self.calls == self.at):
            raise OSError(self.number, os.strerror(self.number), str(path or ""))

    def _is_inside(self, path: object) -> bool:
        """Whether it is in the folder; an open file is."""
        return not isinstance(path, str | os.PathLike) or os.fspath(path).startswith(self.folder)

    def _failing(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            creates = name == "open" and len(arguments) > 1 and arguments[1] & os.O_CREAT
            self.called("create" if creates else name, arguments[0] if arguments else None)
            return function(*arguments, **named)

        return called

    def _opening(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
            if not self._is_inside(file) or "b" not in mode:
                if not isinstance(file, int):
                    self.called("open" if "r" in mode else "create", file)
                return function(file, mode, *arguments, **named)
            if not isinstance(file, int):
                self.called("open" if "r" in mode else "create", file)
            raw = _FailingFile(
                self, os.fspath(file) if not isinstance(file, int) else file, mode.replace("b", "")
            )
            return _BUFFERS["+" if "+" in mode else mode[0]](raw) if "r" in mode else io.BufferedWriter(raw)

        return opened

    def _connecting(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def connected(*arguments: Any, **named: Any) -> sqlite3.Connection:
            self._of_sqlite("open")
            operation = "query" if "mode=ro" in str(arguments[0]) else "execute"
            factory = _connection_of(self, operation)
            made: sqlite3.Connection = function(*arguments, factory=factory, **named)
            return made

        return connected

    def _of_sqlite(self, operation: str) -> None:
        try:
            self.called(operation)
        except OSError as error:
            full = self.number == errno.ENOSPC
            raise sqlite3.OperationalError(
                "database or disk is full" if full else "disk I/O error"
            ) from error


class _FailingFile(io.FileIO):
    """An open file whose operations may fail."""

    def __init__(self, files: FailingFiles, file: Any, mode: str) -> None:
        super().__init__(file, mode)
        self._files = files

    def write(self, data: Any, /) -> int:
        self._files.called("write")
        return super().write(data)

    def readinto(self, buffer: Any, /) -> int:
        self._files.called("read")
        return super().readinto(buffer)

    def readall(self) -> bytes:
        self._files.called("read")
        return super().readall()


def _connection_of(files: FailingFiles, operation: str) -> type[sqlite3.Connection]:
    class Connection(sqlite3.Connection):
        """A database whose operations may fail."""

        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            files._of_sqlite(operation)
            return super().execute(*arguments)

        def executemany(self, *arguments: Any) -> sqlite3.Cursor:
            files._of_sqlite(operation)
            return super().executemany(*arguments)

        def commit(self) -> None:
            files._of_sqlite(operation)
            super().commit()

    return Connection
