"""Match targets by name, or by a range in the partial order of archspec."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cachetui.caching import cached_method


class UnknownTarget(ValueError):
    """A bound of a range is unknown to archspec and to the catalog."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not a target that archspec knows")
        self.name = name


_TARGETS = re.compile(r"(?:target|arch(?:itecture)?):?=(\S+)")


def place_of_target(spec: str, name: str) -> tuple[int, int]:
    """Locate the name of a target in a query: (start, end)."""
    for given in _TARGETS.finditer(spec):
        if found := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", given[1]):
            start = given.start(1) + found.start()
            return start, start + len(name)
    return 0, len(spec)


class Targets:
    """The targets of a catalog.

    Args:
        names: the targets of its builds.
        parents: the parents of targets that archspec may not know, as the sources record them.
    """

    def __init__(self, names: list[str], parents: Mapping[str, tuple[str, ...]]) -> None:
        self.names = names
        self._parents = parents

    def matching(self, demand: str, any_by_star: bool) -> list[str]:
        """The names that match targets and ranges such as `x86_64_v3:,zen2`. Raises UnknownTarget."""
        parts = demand.split(",")
        if any_by_star and "*" in parts:
            return self.names
        return [name for name in self.names if any(self._is_in(name, part) for part in parts)]

    def _is_in(self, name: str, part: str) -> bool:
        low, colon, high = part.partition(":")
        if not colon:
            return name == part
        return (not low or low in self._with_ancestors(name, low)) and (
            not high or name in self._with_ancestors(high, high)
        )

    def _with_ancestors(self, name: str, bound: str) -> frozenset[str]:
        if bound not in self.known and bound not in self._parents and bound not in self.names:
            raise UnknownTarget(bound)
        return self._lineage(name)

    @cached_method
    def _lineage(self, name: str) -> frozenset[str]:
        """A target and its ancestors, by archspec or else by the parents in the catalog."""
        line: set[str] = set()
        pending = [name]
        while pending:
            target = pending.pop()
            if target in line:
                continue
            line.add(target)
            known = self.known.get(target)
            pending += [a.name for a in known.ancestors] if known else self._parents.get(target, ())
        return frozenset(line)

    @cached_property
    def known(self) -> dict[str, Any]:
        """archspec's microarchitectures by name."""
        # Late: reading the table of archspec takes as long as a query.
        import archspec.cpu

        return dict(archspec.cpu.TARGETS)
