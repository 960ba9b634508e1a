"""Spack's order of versions, and the ranges and lists of versions that follow an `@`.

A version is split into runs of digits and runs of letters; the separators `_ . -` do not count.

    plain word < number < stable < nightly < trunk < head < master < main < develop
    1.2alpha < 1.2beta1 < 1.2rc < 1.2rc1 < 1.2 < 1.2.0 < 1.2.0a

`git.<ref>=<version>` is ordered like its `<version>`.

A range ends where Spack's next version begins: `1.14` and `:1.14` end at 1.15. A prerelease comes before
its release, so 1.15-rc1 is still within `1.14`, and 1.14-rc1 is not.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from msgspec import Struct
from msgspec.structs import force_setattr

Component = tuple[int, int, str]
"""(rank, number, word): rank 0 is a plain word, 1 a number, 2 an infinity word (number: its index)."""

VersionKey = tuple[tuple[Component, ...], tuple[int, ...]]
"""(release, prerelease); the prerelease is (3,) if final, else (0 alpha | 1 beta | 2 rc[, number])."""

Words = tuple[str, ...]
"""The infinity words of one version of Spack, lowest first."""

INFINITY_WORDS: Words = ("stable", "nightly", "trunk", "head", "master", "main", "develop")

WORDS_0_23: Words = tuple(word for word in INFINITY_WORDS if word != "nightly")
"""The infinity words before Spack 1.0, where `nightly` is a plain word."""

_PRERELEASE = {"alpha": 0, "beta": 1, "rc": 2}
FINAL = (3,)
_BELOW: VersionKey = ((), (0,))
_ABOVE: VersionKey = (((3, 0, ""),), FINAL)
_MAX_DIGITS = 1000  # int() refuses more than 4,300 digits
_SEGMENT = re.compile(r"([0-9]+)|([A-Za-z]+)")
_SUFFIX = re.compile(r"[_.\-]?(?<![A-Za-z])(alpha|beta|rc)[_.\-]?([0-9]*)$")

_GIT_PREFIX = "git."
_COMMIT = re.compile(r"[0-9A-Fa-f]{40}")
_GIT = re.compile(rf"(?:git\.[A-Za-z0-9_][A-Za-z0-9_.\-/]*|{_COMMIT.pattern})(?:=[A-Za-z0-9_.\-]+)?")
_NOT_IN_A_LIST = re.compile(r"[^A-Za-z0-9_.\-=:,/]")
_NOT_IN_A_VERSION = re.compile(r"[^A-Za-z0-9_.\-]")


class VersionSyntaxError(ValueError):
    """A text after `@` that Spack refuses; the message is one line."""


def _component(number: str, word: str, words: Words) -> Component:
    if number:
        return (1, int(number[:_MAX_DIGITS]), "")
    if word in words:
        return (2, words.index(word), "")
    return (0, 0, word)


@lru_cache(maxsize=1 << 14)
def version_key(version: str, words: Words = INFINITY_WORDS) -> VersionKey:
    """Return a key that sorts version strings in Spack's order, lowest first."""
    _, _, last = version.rpartition("=")
    suffix = _SUFFIX.search(last)
    release: str = last
    prerelease: tuple[int, ...] = FINAL
    if suffix and suffix.start() > 0:
        release = last[: suffix.start()]
        number = (int(suffix[2][:_MAX_DIGITS]),) if suffix[2] else ()
        prerelease = (_PRERELEASE[suffix[1]], *number)
    return tuple(_component(n, w, words) for n, w in _SEGMENT.findall(release)), prerelease


def _next_word(word: str) -> str:
    if not word or word[-1] == "z":
        return word + "A"
    return word[:-1] + ("a" if word[-1] == "Z" else chr(ord(word[-1]) + 1))


def _next_component(component: Component, words: Words) -> Component:
    rank, number, word = component
    if rank:
        return (rank, number + 1, "")
    word = _next_word(word)
    while word in words:
        word = _next_word(word)
    return (0, 0, word)


def _next_key(key: VersionKey, words: Words) -> VersionKey:
    """Return the key of the first version above a range that ends with this key."""
    release, prerelease = key
    if prerelease != FINAL:
        kind, *number = prerelease
        return release, (kind, number[0] + 1 if number else 0)
    *start, last = release or ((0, 0, ""),)
    return (*start, _next_component(last, words)), FINAL


@lru_cache(maxsize=4096)
def _span(low: str, high: str, words: Words = INFINITY_WORDS) -> tuple[VersionKey, VersionKey]:
    start = version_key(low, words) if low else _BELOW
    return start, _next_key(version_key(high, words), words) if high else _ABOVE


class _Compared(Struct, frozen=True, eq=False):
    """Compares by meaning, not by spelling."""

    def _meaning(self) -> object:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._meaning() == other._meaning()

    def __hash__(self) -> int:
        return hash(self._meaning())


class VersionRange(_Compared, frozen=True, eq=False):
    """The versions from `low` to `high`, those that begin with `high` included; an empty end is open."""

    low: str
    high: str
    start: VersionKey = _BELOW
    """The key of the first version within."""
    stop: VersionKey = _ABOVE
    """The key of the first version above."""

    def __post_init__(self) -> None:
        start, stop = _span(self.low, self.high)
        if stop < start:  # 2:1 is accepted, as in Spack: it is empty, but the key after 1 is that of 2
            raise VersionSyntaxError(f"{self} is an empty range")
        force_setattr(self, "start", start)
        force_setattr(self, "stop", stop)

    def _meaning(self) -> object:
        return (self.start, self.stop)

    def __str__(self) -> str:
        return self.low if self.low and self.low == self.high else f"{self.low}:{self.high}"

    @property
    def is_any(self) -> bool:
        """Whether both ends are open."""
        return not self.low and not self.high

    def overlap(self, other: VersionRange) -> VersionRange | None:
        """Return the range of the versions in both; None if there are none."""
        if self.start >= other.stop or other.start >= self.stop:
            return None
        low = (self if self.start >= other.start else other).low
        return VersionRange(low, (self if self.stop <= other.stop else other).high)

    def hull(self, other: VersionRange) -> VersionRange:
        """Return the smallest range that contains both."""
        low = (self if self.start <= other.start else other).low
        return VersionRange(low, (self if self.stop >= other.stop else other).high)


class ExactVersion(_Compared, frozen=True, eq=False):
    """Exactly one version; 1.2-3 and 1.2.3 are equal."""

    text: str
    key: VersionKey = _BELOW

    def __post_init__(self) -> None:
        force_setattr(self, "key", version_key(self.text))

    def _meaning(self) -> object:
        return self.key

    def __str__(self) -> str:
        return f"={self.text}"


class GitVersion(_Compared, frozen=True, eq=False):
    """A branch, tag or commit, and the version that it stands for; only a commit may have no prefix."""

    ref: str
    version: str = ""
    prefix: str = _GIT_PREFIX
    key: VersionKey | None = None

    def __post_init__(self) -> None:
        force_setattr(self, "key", version_key(self.version) if self.version else None)

    def _meaning(self) -> object:
        return (self.ref, self.key)

    def __str__(self) -> str:
        return f"{self.prefix}{self.ref}={self.version}" if self.version else f"{self.prefix}{self.ref}"


VersionPart = VersionRange | ExactVersion | GitVersion


def is_git_version(version: str) -> bool:
    """Whether a version names a branch, tag or commit rather than a release."""
    return version.find("=") > 0 or version.startswith(_GIT_PREFIX) or _COMMIT.fullmatch(version) is not None


def _is_unknown_git(version: str) -> bool:
    """Whether a version is a git version that names no version that it stands for."""
    return is_git_version(version) and not version.partition("=")[2]


def _git(version: str) -> GitVersion:
    ref, _, stands_for = version.partition("=")
    prefix = _GIT_PREFIX if ref.startswith(_GIT_PREFIX) else ""
    return GitVersion(ref[len(prefix) :], stands_for, prefix)


@lru_cache(maxsize=65536)
def _concrete(version: str) -> ExactVersion | GitVersion:
    """Parse the version of a record, which may be any text."""
    return _git(version) if is_git_version(version) else ExactVersion(version)


def _range_contains(part: VersionRange, item: VersionPart, words: Words) -> bool:
    if isinstance(item, VersionRange):
        return part.start <= item.start and item.stop <= part.stop
    if item.key is None:
        return part.is_any
    if words is INFINITY_WORDS:
        return part.start <= item.key < part.stop
    start, stop = _span(part.low, part.high, words)
    return start <= version_key(item.text if isinstance(item, ExactVersion) else item.version, words) < stop


def _contains(part: VersionPart, item: VersionPart, words: Words = INFINITY_WORDS) -> bool:
    """Whether the part contains every version of the item."""
    if isinstance(part, VersionRange):
        return _range_contains(part, item, words)
    if isinstance(part, GitVersion) and isinstance(item, GitVersion):
        return part.ref == item.ref and part.key in (None, item.key)
    return part == item


def _overlap(part: VersionPart, other: VersionPart) -> VersionPart | None:
    if isinstance(part, VersionRange) and isinstance(other, VersionRange):
        return part.overlap(other)
    if _contains(other, part):
        return part
    return other if _contains(part, other) else None


def _place(part: VersionPart) -> tuple[VersionKey, int, str]:
    if isinstance(part, VersionRange):
        return part.start, 0, ""
    if isinstance(part, GitVersion):
        return part.key or _ABOVE, 1, part.ref
    return part.key, 0, ""


def _merged(parts: Sequence[VersionPart]) -> tuple[VersionPart, ...]:
    """Sort the parts, merge ranges that touch, and drop parts that others contain."""
    ranges: list[VersionRange] = []
    for part in sorted((p for p in parts if isinstance(p, VersionRange)), key=lambda part: part.start):
        if ranges and part.start <= ranges[-1].stop:
            ranges[-1] = ranges[-1].hull(part)
        else:
            ranges.append(part)
    singles = dict.fromkeys(part for part in parts if not isinstance(part, VersionRange))
    wide: list[VersionPart] = [*ranges, *(part for part in singles if part.key is None)]
    kept = [part for part in singles if not any(_contains(other, part) for other in wide if other != part)]
    return tuple(sorted([*ranges, *kept], key=_place))


class VersionList(Struct, frozen=True):
    """The versions that the text after `@` selects; without parts, none.

    Args:
        parts: in any order; they are sorted, merged and stripped of parts that others contain.
    """

    parts: tuple[VersionPart, ...] = ()

    def __post_init__(self) -> None:
        force_setattr(self, "parts", _merged(self.parts))

    def __str__(self) -> str:
        return ",".join(map(str, self.parts))

    def __bool__(self) -> bool:
        return bool(self.parts)

    @property
    def is_any(self) -> bool:
        """Whether it is `:`, which contains every version."""
        return any(isinstance(part, VersionRange) and part.is_any for part in self.parts)

    def contains(self, version: str, words: Words = INFINITY_WORDS) -> bool:
        """Whether the list contains the version of a record.

        Args:
            version: as in the record, such as `1.14.6`, `develop` or `git.main=1.2`.
            words: the infinity words of the Spack whose order is meant.
        """
        concrete = _concrete(version)
        return any(_contains(part, concrete, words) for part in self.parts)

    def satisfies(self, other: VersionList) -> bool:
        """Whether the other list contains all of these versions."""
        return all(any(_contains(theirs, part) for theirs in other.parts) for part in self.parts)

    def intersects(self, other: VersionList) -> bool:
        """Whether both lists contain some version."""
        return any(_overlap(part, theirs) for part in self.parts for theirs in other.parts)

    def intersection(self, other: VersionList) -> VersionList:
        """Return the versions in both lists."""
        pairs = (_overlap(part, theirs) for part in self.parts for theirs in other.parts)
        return VersionList(tuple(part for part in pairs if part is not None))

    def union(self, other: VersionList) -> VersionList:
        """Return the versions in either list."""
        return VersionList((*self.parts, *other.parts))


def parse_versions(text: str) -> VersionList:
    """Parse the text after `@`, such as `1.2`, `=1.2`, `1.2:1.4,1.7:` or `git.main`.

    Raises:
        VersionSyntaxError: the text has another form, or one of its ranges is empty.
    """
    text = "".join(text.split())
    if not text:
        raise VersionSyntaxError("no version is given")
    if wrong := _NOT_IN_A_LIST.search(text):
        raise VersionSyntaxError(f"{wrong[0]!r} is not allowed in a version")
    items = text.split(",")
    if not all(items):
        raise VersionSyntaxError(f"{text}: a version is missing beside a comma")
    return VersionList(tuple(map(_parse_part, items)))


def _parse_part(item: str) -> VersionPart:
    if ":" in item:
        return _parse_range(item)
    version = item.removeprefix("=")
    if _GIT.fullmatch(version):
        return _git(version)
    if version.startswith(_GIT_PREFIX):
        raise VersionSyntaxError(f"{item}: a git version is git.<ref> or git.<ref>=<version>")
    _check(version, item)
    return VersionRange(version, version) if version == item else ExactVersion(version)


def _parse_range(item: str) -> VersionRange:
    if "=" in item:
        raise VersionSyntaxError(f"{item}: = is not allowed in a range")
    if item.count(":") > 1:
        raise VersionSyntaxError(f"{item}: a range has one colon")
    low, _, high = item.partition(":")
    for end in filter(None, (low, high)):
        # 1.2:git.main is no range: alone, its end is a git version
        if is_git_version(end):
            raise VersionSyntaxError(f"{item}: a git version cannot be part of a range")
        _check(end, item)
    return VersionRange(low, high)


def _check(version: str, item: str) -> None:
    if not version:
        raise VersionSyntaxError(f"{item}: a version is missing after =")
    if wrong := _NOT_IN_A_VERSION.search(version):
        raise VersionSyntaxError(f"{item}: {wrong[0]} is not allowed in a version")


class VersionTest:
    """Which versions a list contains, prepared for many versions: each takes a few comparisons.

    Args:
        words: the infinity words of the Spack whose order is meant.

    Attributes:
        spans: the keys at which its ranges begin and end, in their order.
        keys: those of its exact versions.
        refs: its git versions, by their refs.
        is_any: whether every version is within.
    """

    def __init__(self, versions: VersionList, words: Words = INFINITY_WORDS) -> None:
        self._words = words
        ranges = [part for part in versions.parts if isinstance(part, VersionRange)]
        self.spans = sorted(_span(part.low, part.high, words) for part in ranges)
        self._starts = [start for start, _ in self.spans]
        # In another order than that of `versions`, ranges may overlap.
        self._stops = list(accumulate((stop for _, stop in self.spans), max))
        self.keys = {part.key for part in versions.parts if isinstance(part, ExactVersion)}
        self.refs: dict[str, list[VersionKey | None]] = {}
        for part in versions.parts:
            if isinstance(part, GitVersion):
                self.refs.setdefault(part.ref, []).append(part.key)
        self.is_any = versions.is_any

    def contains(self, version: str) -> bool:
        """See `VersionList.contains`."""
        item = _concrete(version)
        if isinstance(item, ExactVersion):
            text = item.text
            if item.key in self.keys:
                return True
        else:
            text = item.version
            if any(key in (None, item.key) for key in self.refs.get(item.ref, ())):
                return True
            if item.key is None:
                return self.is_any
        key = version_key(text, self._words)
        place = bisect_right(self._starts, key) - 1
        return place >= 0 and key < self._stops[place]


_INFINITE = re.compile("|".join(INFINITY_WORDS))
"""Finds what is ordered in another way by another Spack."""


def positions_within(
    values: Sequence[str], versions: VersionList, words: Words = INFINITY_WORDS
) -> list[int]:
    """Return the positions of the values that a list of versions contains, lowest first.

    Args:
        values: versions of records, sorted by `version_key`.
    """
    test = VersionTest(versions, words)
    if test.refs:
        return [place for place, value in enumerate(values) if test.contains(value)]
    places: Sequence[int] = range(len(values))
    found: set[int] = set()
    if words != INFINITY_WORDS:  # some are sorted in another order
        apart = [place for place, value in enumerate(values) if _INFINITE.search(value)]
        found.update(place for place in apart if test.contains(values[place]))
        places = sorted(set(places).difference(apart)) if apart else places

    def key_of(place: int) -> VersionKey:
        return version_key(values[place])

    for start, stop in test.spans:
        first = bisect_left(places, start, key=key_of)
        some = places[first : bisect_left(places, stop, lo=first, key=key_of)]
        found.update(some if test.is_any else (p for p in some if not _is_unknown_git(values[p])))
    for key in test.keys:
        first = bisect_left(places, key, key=key_of)
        some = places[first : bisect_right(places, key, lo=first, key=key_of)]
        found.update(place for place in some if test.contains(values[place]))
    return sorted(found)
