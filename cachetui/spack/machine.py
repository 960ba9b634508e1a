"""The variables and files that the configuration depends on, each recorded with the state it was read in."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping
from typing import TypeAlias

from cachetui.bounded import read_file
from cachetui.spack.marked import Tree
from cachetui.spack.texts import plain_text
from cachetui.text import redacted

LARGEST_FILE = 16 * 1024 * 1024
"""Bytes; a larger file is not a configuration file."""

Stamp: TypeAlias = tuple[int, int, int, int]
"""Size, modification time (ns), inode, and mode, which changes when a file becomes readable."""


def stamp_of(path: str) -> Stamp | None:
    """The stamp of a file or folder; None if it does not exist."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):  # the latter for a path with a NUL
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino, found.st_mode


def working_folder() -> str:
    """The working folder; empty if it was removed."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def today() -> str:
    """The date in the format of Spack."""
    return time.strftime("%Y-%m-%d")


class InvalidEntry(Exception):
    """Something in the configuration that is noted and skipped."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class Machine:
    """Reads variables and files for one configuration, records which, and collects notes."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.variables: dict[str, str | None] = {}
        self.stamps: dict[str, Stamp | None] = {}
        self.notes: list[str] = []
        self.failures: list[str] = []
        """Those of the notes without which answers may be wrong."""

        self.folder: str | None = None
        """The working folder, if anything depended on it."""

        self.day: str | None = None
        """The date, if anything depended on it."""

        self._environ = environ
        self._trees: dict[str, Tree] = {}

    def note(self, place: str, reason: str) -> None:
        """Note something that was skipped."""
        _add(self.notes, place, reason)

    def broken(self, place: str, reason: str) -> None:
        """Note something that cannot be read: it may configure what an answer then lacks."""
        self.note(place, reason)
        _add(self.failures, place, reason)

    def variable(self, name: str) -> str | None:
        """Get an environment variable; None if it is not set."""
        value = self.variables[name] = self._environ.get(name)
        return value

    def is_folder(self, path: str) -> bool:
        """Whether the path is a folder."""
        found = self._stamp(path)
        return found is not None and stat.S_ISDIR(found[3])

    def is_file(self, path: str) -> bool:
        """Whether the path is a regular file."""
        found = self._stamp(path)
        return found is not None and stat.S_ISREG(found[3])

    def _stamp(self, path: str) -> Stamp | None:
        if path not in self.stamps:
            self.stamps[path] = stamp_of(path)
        return self.stamps[path]

    def names(self, folder: str) -> list[str]:
        """List a folder, sorted; empty if it cannot be read."""
        self._stamp(folder)
        try:
            return sorted(os.listdir(folder))
        except (OSError, ValueError):
            return []

    def content(self, file: str) -> str | None:
        """Read a file; None if it is missing, or cannot be read, which is noted."""
        found = self._stamp(file)
        try:
            if found is None:
                _check_missing(file)
                return None
            return _text(file, found)
        except InvalidEntry as error:
            self.broken(error.place, error.reason)
            return None

    def tree(self, file: str) -> Tree:
        """Parse a YAML file; None if it is empty or missing, or cannot be read, which is noted."""
        if file not in self._trees:
            self._trees[file] = self._parsed(file)
        return self._trees[file]

    def _parsed(self, file: str) -> Tree:
        text = self.content(file)
        if text is None:
            return None
        # Imported late: it imports PyYAML.
        from cachetui.spack.yaml_tree import parse
        from cachetui.yaml_text import YamlError

        try:
            tree, repeated = parse(text, file)
        except YamlError as error:  # only its reason: the details quote the text, which may hold a secret
            self.broken(f"{file}:{error.line}", error.reason)
            return None
        for key in repeated:
            self.broken(key.place, f"{redacted(key)!r} is repeated; the last one counts")
        return tree

    def home(self, user: str = "") -> str:
        """The home folder of a user; empty if unknown."""
        home = "" if user else self.variable("HOME")
        if home:
            return home
        import pwd

        try:
            return pwd.getpwnam(user).pw_dir if user else pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            return ""

    def absolute(self, path: str, folder: str = "") -> str:
        """Resolve a path against a folder, or against the working folder."""
        if os.path.isabs(path):
            return os.path.normpath(path)
        if not os.path.isabs(folder):
            self.folder = working_folder()
            folder = os.path.join(self.folder, folder)
        return os.path.normpath(os.path.join(folder, path))

    def date(self) -> str:
        """The date in the format of Spack."""
        self.day = today()
        return self.day


def _add(lines: list[str], place: str, reason: str) -> None:
    line = plain_text(f"{place}: {reason}")
    if line not in lines:
        lines.append(line)


def _check_missing(file: str) -> None:
    """Check that a file is missing, and not only out of reach. Raises InvalidEntry."""
    try:
        os.stat(file)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return
    except OSError as error:
        raise InvalidEntry(file, error.strerror or "cannot be read") from error


def _text(file: str, stamp: Stamp) -> str:
    """Read a file. Raises InvalidEntry."""
    if not stat.S_ISREG(stamp[3]):
        raise InvalidEntry(file, "not a file")
    if stamp[0] > LARGEST_FILE:
        raise InvalidEntry(file, "too large for a configuration file")
    try:
        return read_file(file, LARGEST_FILE).decode("utf-8-sig")
    except OSError as error:
        raise InvalidEntry(file, error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InvalidEntry(f"{file}:{line}", "not UTF-8") from error
