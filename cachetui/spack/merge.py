"""Merge configuration as Spack does: what is higher comes first and wins."""

from __future__ import annotations

from collections.abc import Hashable
from enum import Enum

from cachetui.spack.marked import Text, Tree


class Manner(Enum):
    """How a value goes together with that of lower scopes, by the end of its key."""

    MERGE = ""
    OVERRIDE = ":"
    PREPEND = "+"
    APPEND = "-"


def split_key(key: Text) -> tuple[Text, Manner]:
    """The name that a key stands for, and its manner, as in `mirrors::`, `a+:` and `a-:`."""
    # Specs are keys too, and may end in such a character: `hdf5@1.14:`.
    if len(key) > 1 and "@" not in key:
        for manner in (Manner.OVERRIDE, Manner.PREPEND, Manner.APPEND):
            if key.endswith(manner.value):
                return Text(key[:-1], key.file, key.line), manner
    return key, Manner.MERGE


def merge(low: Tree, high: Tree, manner: Manner = Manner.MERGE) -> Tree:
    """Both together; neither is changed."""
    if isinstance(low, dict) and isinstance(high, dict):
        return _merge_mappings(low, high)
    if isinstance(low, list) and isinstance(high, list):
        return _merge_lists(low, high, manner)
    if isinstance(low, Text) and isinstance(high, Text) and manner is Manner.PREPEND:
        return Text(high + low, high.file, high.line)
    if isinstance(low, Text) and isinstance(high, Text) and manner is Manner.APPEND:
        return Text(low + high, high.file, high.line)
    return plain(high)


def plain(tree: Tree) -> Tree:
    """A tree whose keys are the names that they stand for."""
    if isinstance(tree, dict):
        return {split_key(key)[0]: plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [plain(value) for value in tree]
    return tree


def _merge_mappings(low: dict[Text, Tree], high: dict[Text, Tree]) -> dict[Text, Tree]:
    merged: dict[Text, Tree] = {}
    for key, value in high.items():
        name, manner = split_key(key)
        if name in low and manner is not Manner.OVERRIDE:
            merged[name] = merge(low[name], value, manner)
        else:
            merged[name] = plain(value)
    return {**merged, **{key: value for key, value in low.items() if key not in merged}}


def _merge_lists(low: list[Tree], high: list[Tree], manner: Manner) -> list[Tree]:
    known = {_key(value) for value in high}
    others = [value for value in low if _key(value) not in known]
    above = [plain(value) for value in high]
    return others + above if manner is Manner.APPEND else above + others


def _key(tree: Tree) -> Hashable:
    """Equal for equal trees."""
    if isinstance(tree, dict):
        return frozenset((str(key), _key(value)) for key, value in tree.items())
    if isinstance(tree, list):
        return tuple(_key(value) for value in tree)
    return tree
