"""The scopes of Spack's configuration; their order depends on its version.

up to 0.23   environment > user > site > system > defaults, each below its own folder for the platform
1.0          environment > user > site > system > defaults, each above what it includes
since 1.1    environment > spack, which includes user > site > system > defaults
"""

from __future__ import annotations

import os
import re

from cachetui.spack.includes import Include, included
from cachetui.spack.installation import Installation
from cachetui.spack.layers import Layer, file_layer, folder_layer
from cachetui.spack.machine import Machine
from cachetui.spack.variables import PLATFORM, Paths
from cachetui.text import redacted

STANDARD = ("user", "site", "system")
MAX_DEPTH = 30
"""Levels of nested includes."""

MAX_LAYERS = 1000


def find_layers(machine: Machine, spack: Installation, paths: Paths) -> list[Layer]:
    """Find all existing scopes, highest first."""
    walk = _Walk(machine, paths, includes=spack.release >= (1, 0))
    walk.environment()
    for name, folder in _order(machine, spack, paths):
        walk.folder(name, folder)
    return walk.layers


def _order(machine: Machine, spack: Installation, paths: Paths) -> list[tuple[str, str]]:
    """The built-in scopes of Spack, highest first."""
    defaults = ("defaults", spack.below("etc", "spack", "defaults"))
    standard = _standard(machine, spack, paths)
    if spack.release < (1, 0):
        return [pair for name, folder in (*standard, defaults) for pair in _with_platform(name, folder)]
    renamed = _named_in_defaults(machine, paths, defaults[1])
    if renamed:
        standard = [(name, renamed.get(name, folder)) for name, folder in standard]
    if renamed or spack.release < (1, 1):
        return [*standard, defaults]
    top = ("spack", spack.below("etc", "spack"))
    if spack.root and "include" in folder_layer(machine, *top).sections:
        return [top, defaults]
    return [top, *standard, defaults]


def _standard(machine: Machine, spack: Installation, paths: Paths) -> list[tuple[str, str]]:
    site = ("etc", "spack", "site") if spack.release >= (1, 1) else ("etc", "spack")
    found = [
        ("user", paths.user_scope()),
        ("site", spack.below(*site)),
        ("system", paths.system_scope()),
    ]
    local = machine.variable("SPACK_DISABLE_LOCAL_CONFIG") is None
    return [pair for pair in found if local or pair[0] == "site"]


def _with_platform(name: str, folder: str) -> list[tuple[str, str]]:
    return [(f"{name}/{PLATFORM}", os.path.join(folder, PLATFORM) if folder else ""), (name, folder)]


def _named_in_defaults(machine: Machine, paths: Paths, folder: str) -> dict[str, str]:
    """The standard scopes that the include.yaml of the defaults moves, as development versions of 1.1 did."""
    if not folder:
        return {}
    layer = folder_layer(machine, "defaults", folder)
    entries = included(machine, paths, layer)
    return {entry.name: entry.path for entry in entries if entry.name in STANDARD}


class _Walk:
    """Collects layers, highest first; what a layer includes follows directly below it."""

    def __init__(self, machine: Machine, paths: Paths, includes: bool) -> None:
        self.layers: list[Layer] = []
        self._machine = machine
        self._paths = paths
        self._includes = includes
        self._names: set[str] = set()
        self._only_defaults = False
        """Whether an `include::` above has removed all scopes but the defaults."""

    def environment(self) -> None:
        """Add the active environment; it may include others in every version."""
        named = self._machine.variable("SPACK_ENV")
        if not named:
            return
        folder = self._machine.absolute(named)
        file = os.path.join(folder, "spack.yaml")
        if self._machine.is_file(file):
            self._add(file_layer(self._machine, f"env:{folder}", file), ())
        else:
            self._machine.note("SPACK_ENV", f"there is no spack.yaml in {folder}")

    def folder(self, name: str, folder: str) -> None:
        """Add a built-in scope if it exists."""
        if folder and self._machine.is_folder(folder) and self._is_wanted(name, name):
            self._add(folder_layer(self._machine, name, folder), ())

    def _is_wanted(self, name: str, origin: str) -> bool:
        """Whether a scope counts: it is not overridden, and no higher scope has its name."""
        if self._only_defaults and re.split("[/:]", origin)[0] != "defaults":
            return False
        return name not in self._names

    def _add(self, layer: Layer, above: tuple[str, ...]) -> None:
        self.layers.append(layer)
        self._names.add(layer.name)
        if not self._includes and (above or not layer.name.startswith("env:")):
            return
        trail = (*above, os.path.realpath(layer.path))
        for include in included(self._machine, self._paths, layer):
            self._include(include, layer, trail)
        section = layer.sections.get("include")
        if section is not None and section.overrides:
            self._only_defaults = True

    def _include(self, include: Include, layer: Layer, trail: tuple[str, ...]) -> None:
        name = include.name or _name_below(layer, include.path)
        if not self._is_wanted(name, layer.name):
            return
        exists = self._machine.is_folder(include.path)
        if not exists and not self._machine.is_file(include.path):
            if not include.optional:
                self._machine.note(include.place, f"included, but missing: {redacted(include.path)}")
        elif os.path.realpath(include.path) in trail:
            self._machine.note(include.place, f"circular include: {redacted(include.path)}")
        elif len(trail) > MAX_DEPTH or len(self.layers) >= MAX_LAYERS:
            self._machine.note(include.place, "too many includes")
        else:
            read = folder_layer if exists else file_layer
            self._add(read(self._machine, name, include.path), trail)


def _name_below(layer: Layer, path: str) -> str:
    """Name an included scope that has no name as Spack does: by its includer and path."""
    folder = layer.path if not layer.path.endswith((".yaml", ".yml")) else os.path.dirname(layer.path)
    inside = path.startswith(folder.rstrip("/") + "/")
    return f"{layer.name}:{os.path.relpath(path, folder) if inside else path}"
