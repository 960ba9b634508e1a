"""Spack's order of versions.

A version is cut into runs of digits and runs of letters; the separators `_ . -` do not count.

    plain word < number < stable < nightly < trunk < head < master < main < develop
    1.2alpha < 1.2beta1 < 1.2rc < 1.2rc1 < 1.2 < 1.2.0 < 1.2.0a

`git.<ref>=<version>` is ordered as its `<version>`.
"""

from __future__ import annotations

import re
from functools import lru_cache

Component = tuple[int, int, str]
"""(rank, number, word): rank 0 is a plain word, 1 a number, 2 an infinity word (number = its place)."""

VersionKey = tuple[tuple[Component, ...], tuple[int, ...]]
"""(release, prerelease); the prerelease is (3,) when final, else (0 alpha | 1 beta | 2 rc[, number])."""

INFINITY_WORDS = ("stable", "nightly", "trunk", "head", "master", "main", "develop")

_INFINITY = {word: place for place, word in enumerate(INFINITY_WORDS)}
_PRERELEASE = {"alpha": 0, "beta": 1, "rc": 2}
FINAL = (3,)
_MAX_DIGITS = 1000  # Python refuses to read longer numbers than 4,300 digits
_SEGMENT = re.compile(r"([0-9]+)|([A-Za-z]+)")
_SUFFIX = re.compile(r"[_.\-]?(?<![A-Za-z])(alpha|beta|rc)[_.\-]?([0-9]*)$")


def _component(number: str, word: str) -> Component:
    if number:
        return (1, int(number[:_MAX_DIGITS]), "")
    if word in _INFINITY:
        return (2, _INFINITY[word], "")
    return (0, 0, word)


@lru_cache(maxsize=65536)
def version_key(version: str) -> VersionKey:
    """A key that sorts version strings as Spack sorts versions, lowest first."""
    _, _, last = version.rpartition("=")
    suffix = _SUFFIX.search(last)
    release: str = last
    prerelease: tuple[int, ...] = FINAL
    if suffix and suffix.start() > 0:
        release = last[: suffix.start()]
        number = (int(suffix[2][:_MAX_DIGITS]),) if suffix[2] else ()
        prerelease = (_PRERELEASE[suffix[1]], *number)
    return tuple(_component(n, w) for n, w in _SEGMENT.findall(release)), prerelease
