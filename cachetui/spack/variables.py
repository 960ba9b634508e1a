"""Expand the paths of Spack's configuration: its variables, environment variables, and home folders."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable

from msgspec import Struct

from cachetui.spack.installation import Installation
from cachetui.spack.machine import Machine
from cachetui.spack.marked import Text

_SPACK_VARIABLE = re.compile(r"\$(?:(\w+)\b|\{(\w+)\})")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{([^}]*)\})", re.ASCII)

PLATFORM = "linux" if sys.platform.startswith("linux") else sys.platform


class Expanded(Struct, frozen=True):
    """A text with its variables replaced.

    Args:
        unknown: the variables that were not replaced, as written.
        replaced: the names of those of the environment that were.
    """

    text: str
    unknown: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


class Paths:
    """Resolves the paths of one configuration."""

    def __init__(self, machine: Machine, spack: Installation) -> None:
        self._machine = machine
        self._spack = spack
        self._values: dict[str, Callable[[], str | None]] = {
            "spack": lambda: spack.root,
            "user": _user,
            "tempdir": self._temporary,
            "user_cache_path": self.user_cache,
            "spack_home": lambda: machine.variable("SPACK_HOME") or machine.home(),
            "spack_instance_id": self._instance,
            "platform": lambda: PLATFORM,
            "date": machine.date,
            "env": lambda: machine.variable("SPACK_ENV"),
            "spack_short_version": lambda: ".".join(spack.version.split(".")[:2]),
        }

    def expanded(self, text: str) -> Expanded:
        """Replace the variables of Spack and of the environment; unknown ones remain."""
        text = _SPACK_VARIABLE.sub(self._of_spack, text)
        unknown: list[str] = []
        replaced: list[str] = []

        def of_environment(match: re.Match[str]) -> str:
            value = self._machine.variable(match[1] or match[2] or "")
            if value is None:
                unknown.append(match[0])
            else:
                replaced.append(match[1] or match[2] or "")
            return match[0] if value is None else value

        expanded = _VARIABLE.sub(of_environment, text)
        return Expanded(expanded, tuple(unknown), tuple(replaced))

    def path(self, text: str) -> Expanded:
        """Make a path absolute: relative to the file it is written in, else to the working folder."""
        found = self.expanded(text)
        if any(self._lacks_spack(variable) for variable in found.unknown):
            return Expanded(found.text, found.unknown)
        folder = text.folder if isinstance(text, Text) else ""
        return Expanded(self._machine.absolute(self.at_home(found.text), folder), found.unknown)

    def at_home(self, path: str) -> str:
        """Replace a leading `~` or `~user`."""
        if not path.startswith("~"):
            return path
        user, slash, rest = path[1:].partition("/")
        return (self._machine.home(user) or "~" + user) + slash + rest

    def user_cache(self) -> str:
        """The folder of Spack's caches."""
        return self._folder_variable("SPACK_USER_CACHE_PATH", "~/.spack")

    def user_scope(self) -> str:
        """The folder of the user's configuration."""
        return self._folder_variable("SPACK_USER_CONFIG_PATH", "~/.spack")

    def system_scope(self) -> str:
        """The folder of the system's configuration."""
        return self._folder_variable("SPACK_SYSTEM_CONFIG_PATH", "/etc/spack")

    def _folder_variable(self, name: str, default: str) -> str:
        return self._machine.absolute(self.at_home(self._machine.variable(name) or default))

    def _of_spack(self, match: re.Match[str]) -> str:
        value = self._values.get((match[1] or match[2]).lower())
        return (value and value()) or match[0]

    def _lacks_spack(self, variable: str) -> bool:
        return not self._spack.root and variable.strip("${}").lower() == "spack"

    def _temporary(self) -> str:
        for name in ("TMPDIR", "TEMP", "TMP"):
            folder = self._machine.variable(name)
            if folder:
                return folder
        return "/tmp"

    def _instance(self) -> str:
        """Spack's instance id: a short hash of its root, for installations that share a home."""
        if not self._spack.root:
            return ""
        # Imported late: hashlib loads OpenSSL.
        from base64 import b32encode
        from hashlib import sha1

        digest = sha1(os.fsencode(self._spack.root), usedforsecurity=False).digest()
        return b32encode(digest).decode().lower()[:7]


def _user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return ""
