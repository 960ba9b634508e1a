"""One folder or file of configuration and its sections."""

from __future__ import annotations

import os
from collections.abc import Mapping

from msgspec import Struct

from cachetui.spack.machine import Machine
from cachetui.spack.marked import Text, Tree
from cachetui.spack.merge import MergeMode, merge, split_key

SECTIONS = ("mirrors", "config", "upstreams", "include")


class Section(Struct, frozen=True):
    """A section as written; the colon of an override is part of its key."""

    key: Text
    value: Tree

    @property
    def overrides(self) -> bool:
        """Whether it replaces this section of all lower scopes."""
        return split_key(self.key)[1] is MergeMode.OVERRIDE


class Layer(Struct, frozen=True):
    """An existing scope with its sections."""

    name: str
    path: str
    sections: Mapping[str, Section]


def folder_layer(machine: Machine, name: str, folder: str) -> Layer:
    """Read a folder that holds a file for each section."""
    sections: dict[str, Section] = {}
    for section in SECTIONS:
        file = os.path.join(folder, f"{section}.yaml")
        tree = machine.tree(file)
        if tree is None or tree == {}:
            continue
        if not isinstance(tree, dict) or all(split_key(key)[0] != section for key in tree):
            # As that of another program, such as Stackinator; Spack refuses it too.
            machine.broken(
                f"{file}:1", f"not a {section}.yaml of Spack: it has no {section!r} at the top level"
            )
            continue
        found = _sections(machine, tree)
        if section in found:
            sections[section] = found[section]
    return Layer(name, folder, sections)


def file_layer(machine: Machine, name: str, file: str) -> Layer:
    """Read a file that holds all sections, at the top level or below `spack:` as in an environment."""
    tree = machine.tree(file)
    if tree is None:
        return Layer(name, file, {})
    if not isinstance(tree, dict):
        machine.broken(f"{file}:1", "not a mapping of sections")
        return Layer(name, file, {})
    inner = next((value for key, value in tree.items() if split_key(key)[0] in ("spack", "env")), None)
    return Layer(name, file, _sections(machine, inner if isinstance(inner, dict) else tree))


def _sections(machine: Machine, tree: dict[Text, Tree]) -> dict[str, Section]:
    found: dict[str, Section] = {}
    for key, value in tree.items():
        name, mode = split_key(key)
        if name not in SECTIONS:
            continue
        kind = list if name == "include" else dict
        if value is None:
            # An empty section removes nothing from lower scopes, unless it is an override.
            if mode is MergeMode.OVERRIDE:
                found[str(name)] = Section(key, kind())
        elif isinstance(value, kind):
            found[str(name)] = Section(key, value)
        else:
            machine.broken(key.place, f"{str(name)!r} is not a {'list' if kind is list else 'mapping'}")
    return found


def merged_section(layers: list[Layer], name: str) -> dict[Text, Tree]:
    """Merge a section of all layers, given highest first."""
    merged: Tree = {}
    for layer in reversed(layers):
        section = layer.sections.get(name)
        if section is not None:
            merged = merge(merged, {section.key: section.value})
    content = next(iter(merged.values()), None) if isinstance(merged, dict) else None
    return content if isinstance(content, dict) else {}
