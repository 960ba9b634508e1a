"""The root causes in few lines: what many nodes share once, what follows from another cause not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from msgspec import Struct

from cachetui.graph.causes import Cause
from cachetui.graph.changed import UNLISTED, Change, Values

_SPREAD = ("compiler", "platform", "os", "target", "namespace")
"""What usually differs in many nodes alike; dependencies do, too."""

_BRINGS_DEPENDENCIES = frozenset({"version", "external", "compiler", "platform", "variants", "flags"})
"""If a node differs in one of these, its other dependencies follow from that."""

_COMES_WITH = {"gcc-runtime": "gcc", "intel-oneapi-runtime": "intel-oneapi-compilers"}
"""The runtime of a compiler has its version."""


class Reason(Struct, frozen=True):
    """One line of the summary.

    Args:
        what: as in a change.
        names: the packages that differ in it themselves; the builds that are compared stand first.
        is_root: whether the builds themselves are among them.
        above: the other packages that inherit it.
        below: the package below which it differs, if that is not everywhere.
    """

    what: str
    values: Values
    names: tuple[str, ...]
    is_root: bool
    above: tuple[str, ...]
    below: str = ""

    @property
    def is_shared(self) -> bool:
        """Whether it is a thing that nodes share, such as a compiler: it is named without a package."""
        return _is_shared(self.what)

    @property
    def is_unlisted(self) -> bool:
        """Whether it is nothing that an index lists: the values are hashes."""
        return self.what == UNLISTED


def summary(causes: Iterable[Cause]) -> list[Reason]:
    """Few reasons for all causes: of the builds themselves first, then what explains most."""
    causes = list(causes)
    reasons: list[Reason] = []
    for cause in causes:
        for change in _telling(cause, causes):
            place = next((i for i, each in enumerate(reasons) if _is_same(each, cause, change)), None)
            if place is None:
                names = (cause.name,)
                reasons.append(
                    Reason(change.what, change.values, names, cause.is_root, cause.above, cause.below)
                )
            else:
                reasons[place] = _merged(reasons[place], cause, change.values)
    return sorted(reasons, key=lambda r: (not r.is_root, -len(r.names) - len(r.above)))


def _is_shared(what: str) -> bool:
    return what in _SPREAD or what == "package hash" or what.startswith("^")


def _telling(cause: Cause, causes: Sequence[Cause]) -> Iterator[Change]:
    """The changes of a node that do not follow from others."""
    changed = {change.what for change in cause.changes}
    if _comes_with_compiler(cause, causes):
        changed.add("compiler")
    for change in cause.changes:
        if change.what == "package hash":
            follows = bool(changed & {"version", "external"})
        elif change.what == "variants":
            follows = "version" in changed and not _same_variants(change.values)
        elif change.what == "patches":
            follows = "version" in changed
        elif change.what == "external":
            follows = "version" in changed and "" not in change.values
        elif change.what == "version":
            follows = _comes_with_compiler(cause, causes)
        else:
            follows = change.what.startswith("^") and bool(changed & _BRINGS_DEPENDENCIES)
        if not follows:
            yield change


def _same_variants(values: Values) -> bool:
    """Whether builds differ in the value of one variant: another version may have other variants."""
    builds = [{word.lstrip("+~").partition("=")[0]: word for word in (text or "").split()} for text in values]
    return any(
        one[name] != other[name]
        for one, other in combinations(builds, 2)
        for name in one.keys() & other.keys()
    )


def _comes_with_compiler(cause: Cause, causes: Sequence[Cause]) -> bool:
    """Whether a node is the runtime of a compiler that differs, too."""
    compiler = _COMES_WITH.get(cause.name)
    return compiler is not None and any(
        change.what == "compiler" or (each.name == compiler and change.what == "version")
        for each in causes
        for change in each.changes
    )


def _is_same(reason: Reason, cause: Cause, change: Change) -> bool:
    """Whether a change of another node is the same reason: nodes that a build does not have fit any value."""
    if reason.what != change.what or not _is_shared(change.what) or reason.below != cause.below:
        return False
    if change.what == "package hash":
        return True
    pairs = zip(reason.values, change.values, strict=True)
    return all(None in pair or pair[0] == pair[1] for pair in pairs)


def _merged(reason: Reason, cause: Cause, values: Values) -> Reason:
    names = (*reason.names, cause.name)
    above = sorted({*reason.above, *cause.above} - {*names})
    if reason.what == "package hash":
        merged: Values = tuple(None for _ in values)
    else:
        merged = tuple(b if a is None else a for a, b in zip(reason.values, values, strict=True))
    return Reason(reason.what, merged, names, reason.is_root or cause.is_root, tuple(above), reason.below)
