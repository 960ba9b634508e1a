"""The files and folders that an `include:` adds to the configuration."""

from __future__ import annotations

import re

from msgspec import Struct

from cachetui.spack.layers import Layer
from cachetui.spack.machine import InvalidEntry, Machine
from cachetui.spack.marked import Text, Tree, parse_bool
from cachetui.spack.variables import Paths
from cachetui.text import redacted

_NOT_DISABLED = re.compile(r"""\s*(["'])SPACK_DISABLE_LOCAL_CONFIG\1\s+not\s+in\s+env\s*""")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


class Include(Struct, frozen=True):
    """A file or folder to include."""

    path: str
    place: str
    name: str = ""
    """The name of its scope; empty if the entry gives none."""

    optional: bool = False


def included(machine: Machine, paths: Paths, layer: Layer) -> list[Include]:
    """List what a layer includes, highest first; entries that cannot be used are noted."""
    section = layer.sections.get("include")
    if section is None or not isinstance(section.value, list):
        return []
    found: list[Include] = []
    for value in section.value:
        try:
            include = _entry(machine, paths, section.key, value)
        except InvalidEntry as error:
            machine.note(error.place, error.reason)
            continue
        if include is not None:
            found.append(include)
    return found


def _entry(machine: Machine, paths: Paths, section: Text, value: Tree) -> Include | None:
    """Read an entry of the list; None if its condition does not hold. Raises InvalidEntry."""
    if isinstance(value, Text):
        return _include(paths, value, value.place, {})
    if not isinstance(value, dict) or not value:
        raise InvalidEntry(section.place, "an include that names no path")
    place = next(iter(value)).place
    options = {str(key): inner for key, inner in value.items()}
    if not _applies(machine, place, options.get("when")):
        return None
    if "git" in options:
        raise InvalidEntry(place, "included from git, which is not fetched")
    variable = options.get("path_override_env_var")
    override = machine.variable(variable) if isinstance(variable, Text) else None
    path = Text(override, section.file, section.line) if override else options.get("path")
    return _include(paths, path, place, options)


def _applies(machine: Machine, place: str, when: Tree) -> bool:
    if when is None:
        return True
    if isinstance(when, Text) and _NOT_DISABLED.fullmatch(when):
        return machine.variable("SPACK_DISABLE_LOCAL_CONFIG") is None
    raise InvalidEntry(place, "included under a condition (when), which is not evaluated")


def _include(paths: Paths, path: Tree, place: str, options: dict[str, Tree]) -> Include:
    if not isinstance(path, Text) or not path:
        raise InvalidEntry(place, "an include that names no path")
    scheme = _SCHEME.match(path)
    if scheme and scheme[1].lower() != "file":
        raise InvalidEntry(place, f"{redacted(path)} is included, which is not fetched")
    local = Text(path[scheme.end() :], path.file, path.line) if scheme else path
    found = paths.path(local)
    if found.unknown:
        raise InvalidEntry(
            place, f"included from a path with {', '.join(found.unknown)}, which is not defined here"
        )
    name = options.get("name")
    return Include(
        path=found.text,
        place=place,
        name=str(name) if isinstance(name, Text) else "",
        optional=parse_bool(options.get("optional")) is True,
    )
