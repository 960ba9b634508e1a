"""Find Spack itself, and its version, without running it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from cachetui.spack.machine import Machine

_NEWEST = (99, 0)

_VERSIONS = (
    re.compile(r"""^__version__\s*=\s*["']([^"'\n]{1,99})["']""", re.MULTILINE),
    re.compile(r"""^spack_version\s*=\s*(?:Version\()?["'](\d[^"'\n]{0,99})["']""", re.MULTILINE),
    re.compile(r"""^spack_version_info\s*=\s*\(([^)]{1,99})\)""", re.MULTILINE),
)


class Installation(Struct, frozen=True):
    """A Spack installation on this machine; both fields are empty if there is none."""

    root: str = ""
    version: str = ""

    @property
    def release(self) -> tuple[int, int]:
        """The major and minor version; newer than any release if unknown."""
        match = re.match(r"(\d{1,6})\.(\d{1,6})", self.version)
        return (int(match[1]), int(match[2])) if match else _NEWEST

    def below(self, *parts: str) -> str:
        """A path below its root; empty if there is no Spack."""
        return os.path.join(self.root, *parts) if self.root else ""


def find_spack(machine: Machine) -> Installation:
    """Find the Spack that SPACK_ROOT names, else the first on PATH."""
    root = _named(machine) or next(_on_path(machine), "")
    return Installation(root, _version(machine, root)) if root else Installation()


def release_here(environ: Mapping[str, str]) -> tuple[int, int] | None:
    """The major and minor version of the Spack on this machine; None if there is none."""
    spack = find_spack(Machine(environ))
    return spack.release if spack.root else None


def _named(machine: Machine) -> str:
    named = machine.variable("SPACK_ROOT")
    if not named:
        return ""
    root = machine.absolute(named)
    if _is_spack(machine, root):
        return root
    machine.note("SPACK_ROOT", f"there is no Spack in {root}")
    return ""


def _on_path(machine: Machine) -> Iterator[str]:
    for folder in (machine.variable("PATH") or "").split(os.pathsep):
        if not folder:
            continue
        command = machine.absolute(os.path.join(folder, "spack"))
        if machine.is_file(command) and os.access(command, os.X_OK):
            root = os.path.dirname(os.path.dirname(os.path.realpath(command)))
            if _is_spack(machine, root):
                yield root


def _is_spack(machine: Machine, root: str) -> bool:
    return machine.is_folder(os.path.join(root, "lib", "spack", "spack"))


def _version(machine: Machine, root: str) -> str:
    text = machine.content(os.path.join(root, "lib", "spack", "spack", "__init__.py")) or ""
    for pattern in _VERSIONS:
        match = pattern.search(text)
        if match:
            parts = [part.strip(" \t\n'\"") for part in match[1].split(",")]
            return ".".join(part for part in parts if part)
    return ""
