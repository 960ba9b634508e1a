"""Which target a target demand means: names, and ranges by archspec's partial order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cachetui.caching import cached_method


class UnknownTarget(ValueError):
    """A bound of a range that neither archspec nor the catalog knows."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not a target that archspec knows")
        self.name = name


_TARGETS = re.compile(r"(?:target|arch(?:itecture)?):?=(\S+)")


def place_of_target(spec: str, name: str) -> tuple[int, int]:
    """Where a target is named in a text: (start, end)."""
    for given in _TARGETS.finditer(spec):
        if found := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", given[1]):
            start = given.start(1) + found.start()
            return start, start + len(name)
    return 0, len(spec)


class Targets:
    """The targets of a catalog.

    Args:
        names: the targets that its builds have.
        parents: what its sources say of targets that are not generic, for those that archspec does not know.
    """

    def __init__(self, names: list[str], parents: Mapping[str, tuple[str, ...]]) -> None:
        self.names = names
        self._parents = parents

    def meant_by(self, demand: str, any_by_star: bool) -> list[str]:
        """The names that a demand such as `x86_64_v3:,zen2` means. Raises UnknownTarget."""
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
        if bound not in self._known and bound not in self._parents and bound not in self.names:
            raise UnknownTarget(bound)
        return self._line(name)

    @cached_method
    def _line(self, name: str) -> frozenset[str]:
        """A target and all that it can run, by archspec or else by the parents that the catalog knows."""
        line: set[str] = set()
        pending = [name]
        while pending:
            target = pending.pop()
            if target in line:
                continue
            line.add(target)
            known = self._known.get(target)
            pending += [a.name for a in known.ancestors] if known else self._parents.get(target, ())
        return frozenset(line)

    @cached_property
    def _known(self) -> dict[str, Any]:
        """archspec's microarchitectures by name."""
        # Not needed at start, and reading its table takes as long as a query.
        import archspec.cpu

        return dict(archspec.cpu.TARGETS)
