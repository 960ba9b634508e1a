"""Merge configuration as Spack does: the higher scope comes first and wins."""

from __future__ import annotations

from collections.abc import Hashable
from enum import Enum

from cachetui.spack.marked import Text, Tree


class MergeMode(Enum):
    """How a value is merged with that of lower scopes, by the suffix of its key."""

    MERGE = ""
    OVERRIDE = ":"
    PREPEND = "+"
    APPEND = "-"


def split_key(key: Text) -> tuple[Text, MergeMode]:
    """Split a key into its name and its suffix, as in `mirrors::`, `a+:` and `a-:`."""
    # A spec may be a key and end in the same character: `hdf5@1.14:`.
    if len(key) > 1 and "@" not in key:
        for mode in (MergeMode.OVERRIDE, MergeMode.PREPEND, MergeMode.APPEND):
            if key.endswith(mode.value):
                return Text(key[:-1], key.file, key.line), mode
    return key, MergeMode.MERGE


def merge(low: Tree, high: Tree, mode: MergeMode = MergeMode.MERGE) -> Tree:
    """Merge two trees; neither is changed."""
    if isinstance(low, dict) and isinstance(high, dict):
        return _merge_mappings(low, high)
    if isinstance(low, list) and isinstance(high, list):
        return _merge_lists(low, high, mode)
    if isinstance(low, Text) and isinstance(high, Text) and mode is MergeMode.PREPEND:
        return Text(high + low, high.file, high.line)
    if isinstance(low, Text) and isinstance(high, Text) and mode is MergeMode.APPEND:
        return Text(low + high, high.file, high.line)
    return without_suffixes(high)


def without_suffixes(tree: Tree) -> Tree:
    """Replace all keys of a tree by their names."""
    if isinstance(tree, dict):
        return {split_key(key)[0]: without_suffixes(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [without_suffixes(value) for value in tree]
    return tree


def _merge_mappings(low: dict[Text, Tree], high: dict[Text, Tree]) -> dict[Text, Tree]:
    merged: dict[Text, Tree] = {}
    for key, value in high.items():
        name, mode = split_key(key)
        if name in low and mode is not MergeMode.OVERRIDE:
            merged[name] = merge(low[name], value, mode)
        else:
            merged[name] = without_suffixes(value)
    return {**merged, **{key: value for key, value in low.items() if key not in merged}}


def _merge_lists(low: list[Tree], high: list[Tree], mode: MergeMode) -> list[Tree]:
    known = {_key(value) for value in high}
    others = [value for value in low if _key(value) not in known]
    above = [without_suffixes(value) for value in high]
    return others + above if mode is MergeMode.APPEND else above + others


def _key(tree: Tree) -> Hashable:
    """A hashable value that is equal for equal trees."""
    if isinstance(tree, dict):
        return frozenset((str(key), _key(value)) for key, value in tree.items())
    if isinstance(tree, list):
        return tuple(_key(value) for value in tree)
    return tree
