"""Reads what is typed: the words that name packages, spec syntax, and plain words about their builds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace
from pyroaring import BitMap

from cachetui.caching import lru_cached_method
from cachetui.query import MOST_TERMS, QueryNode, check_length, too_many_terms
from cachetui.search.attributes import Attributes
from cachetui.search.evaluate import Evaluator
from cachetui.search.packages import Ranking
from cachetui.search.reading import split_words
from cachetui.search.words import Parts, Word, split_parts

if TYPE_CHECKING:
    from cachetui.query import Pasted
    from cachetui.search.fuzzy import PackageRanker
    from cachetui.search.plain import PlainReading
    from cachetui.search.vocabulary import CatalogNames, Vocabulary

_HASH = re.compile(r"[a-z2-7]{7,32}")
"""A hash, or at least as much of one as Spack prints."""

_MOST_PACKAGES = 4
"""The number of packages of a fuzzy name whose builds are asked what plain words mean."""

_SHORTEST_PART = 3
"""Letters of a part of a name to which unknown words may be added."""

_MOST_PLACES = 6
"""The number of words of which one may be the name."""

_SAME_NAME = 0.8
"""The similarity of a text and the package name that it is a typo of."""


class Typed(Struct, frozen=True):
    """What is typed, in its parts.

    Args:
        fuzzy: words that name packages; empty if `name` does, or none does.
        name: the name of one package or virtual.
        spec: spec syntax, without the name if `plain` is given.
        plain: what the other words mean; None if there are none.
        package: the package by whose builds they were read; empty: any.
        words: the place of these words, for errors.
        note: what was pasted, if it is more than a query.
        is_pasted: whether this was read from a part of what was typed.
    """

    fuzzy: str = ""
    name: str = ""
    spec: str = ""
    plain: PlainReading | None = None
    package: str = ""
    words: tuple[tuple[int, int], ...] = ()
    note: str = ""
    is_pasted: bool = False

    @property
    def is_rewritten(self) -> bool:
        """Whether `spec` is no part of what was typed, so that places in it mean nothing."""
        return self.plain is not None or bool(self.name) or self.is_pasted


class TypedReader:
    """Reads what is typed over one catalog.

    Args:
        aliases: map a nickname to the name of a package, besides the well-known ones.
    """

    def __init__(
        self, attributes: Attributes, evaluator: Evaluator, aliases: Mapping[str, str] | None
    ) -> None:
        self.catalog = attributes.catalog
        self._attributes = attributes
        self._evaluator = evaluator
        self._aliases = aliases

    @cached_property
    def ranker(self) -> PackageRanker:
        """Ranks the package names; created when the first name is typed."""
        from cachetui.search.fuzzy import PackageRanker

        return PackageRanker(self.catalog.packages, self.catalog.package_counts, self._aliases)

    def warm(self) -> None:
        """Load what the first guess and the first plain word need."""
        self.ranker.warm()
        self._whole_name("warm-up")
        everywhere = self.vocabulary("")
        self._read_plain("", "", split_parts("warm-up of ^").words, (), "")
        everywhere.near("warm-up", 1)

    @lru_cached_method(maxsize=256)
    def ranking(self, words: str) -> Ranking:
        """The packages by how well words name them."""
        return self.ranker.rank(words)

    @lru_cached_method(maxsize=256)
    def _is_literal(self, words: str) -> bool:
        return self.ranker.is_literal(words)

    @lru_cached_method(maxsize=64)
    def read(self, text: str) -> Typed:
        """Read a query; the best match of a fuzzy name says what plain words mean."""
        return self.read_for((text, ""))

    @lru_cached_method(maxsize=64)
    def read_for(self, asked: tuple[str, str]) -> Typed:
        """Read a query for a package that is shown, if it is one of those that its name may mean."""
        text, package = asked
        check_length(text)
        if not text.strip():
            return self._read_query(text, package)
        from cachetui.query import Pasted, cleaned  # not before something is typed

        pasted = cleaned(text)
        if pasted == Pasted(text):
            return self._read_query(text, package)
        if pasted.dag_hash:
            return self._with_hash(text, pasted)
        note = f"read {pasted.note}" if pasted.note else ""
        if not pasted.text and pasted.note:
            note += ", which names no spec"
        return replace(self._read_query(pasted.text, package), note=note, is_pasted=True)

    def _with_hash(self, text: str, pasted: Pasted) -> Typed:
        """The build whose hash was pasted, else those of its package and version."""
        for digits in dict.fromkeys((pasted.dag_hash, pasted.dag_hash[:7])):
            rows = self.catalog.rows_with_prefix(digits)
            names = {self.catalog.column("package")[row] for row in rows}
            if pasted.name in names:
                part = "" if digits == pasted.dag_hash else f"; no hash is {pasted.dag_hash}, one begins so"
                spec = f"{pasted.name} /{digits}"
                return Typed(spec=spec, note=f"read {pasted.note}{part}", is_pasted=True)
        if pasted.dag_hash.isalpha() and text.split()[0] == pasted.dag_hash:
            reading = self._read_query(text, "")  # a word before a spec: `fortran hdf5@1.14`
            if reading.plain is not None and _is_whole(reading):
                return reading
        versioned = re.match(r"[^\s%^+~/]*", pasted.text)
        shown = versioned[0] if versioned and versioned[0] else pasted.text
        note = f"read {pasted.note}: no build has the hash {pasted.dag_hash}; builds of {shown}"
        return replace(self._read_query(shown, ""), note=note, is_pasted=True)

    def _read_query(self, text: str, package: str) -> Typed:
        typed = split_words(text)
        parts = split_parts(text)
        words = parts.words
        if len(words) > MOST_TERMS:
            raise too_many_terms(text, words[MOST_TERMS].start, words[MOST_TERMS].end)
        has_more = len(words) > parts.leading or [word.text for word in words] != [
            word.rstrip(".-") for word in typed.words.split()
        ]
        if not has_more:
            if self._is_spec_name(typed.words):
                return Typed(spec=text)
            if self._is_hash(typed.words):
                return Typed(spec=f"{typed.spec} /{typed.words}")
            if len(words) < 2:
                return Typed(typed.words, spec=typed.spec)
        found = None
        for each in self._readings(parts, package):
            if _is_whole(each):
                return each
            found = min(found or each, each, key=_gaps)
        if not has_more and (found is None or self._is_fuzzy(typed.words, found)):
            return Typed(typed.words, spec=typed.spec)
        return found or Typed(typed.words, spec=typed.spec)

    def _is_fuzzy(self, words: str, otherwise: Typed) -> bool:
        """Whether words that are not all understood had better be taken for the name of a package."""
        meant = otherwise.name or self._whole_name(otherwise.fuzzy)
        if self._is_literal(words) or self._is_typo(words, meant):
            return True
        is_short = len(otherwise.fuzzy) < _SHORTEST_PART
        return not meant and (is_short or bool(self.ranking(words).order))

    # the words that name packages

    def _readings(self, parts: Parts, package: str) -> Iterator[Typed]:
        """Ways to read a query, the most likely first: so many words are the name, the rest says more."""
        texts = [word.text for word in parts.words]
        leading = texts[: parts.leading]
        whole, longest = self._name_lengths(leading)
        is_sure = False
        for reading in self._with_name(parts, whole, package):
            if longest < len(texts) or reading.plain is None or reading.plain.says_something:
                yield reading
            is_sure = reading.plain is not None and not reading.plain.missing
        if longest == len(texts):
            yield from self._with_name(parts, longest, package)
        if not is_sure:
            yield from self._with_name_behind(parts)
        yield from self._with_name(parts, longest if longest != whole else 0, package)
        if leading and self._is_typo(leading[0]):
            yield from filter(_is_whole, self._with_name(parts, 1, package))
        if leading and len(texts) > len(leading):
            yield from self._with_name(parts, len(leading), package)
        elif texts and not leading:
            yield self._read_plain("", "", parts.words, parts.syntax, "")

    def _with_name_behind(self, parts: Parts) -> Iterator[Typed]:
        """The readings by a package whose name does not come first: `static boost`, `%gcc hdf5`."""
        for place, word in enumerate(parts.words[:_MOST_PLACES]):
            if (place or not parts.leading) and self.catalog.package_rows(word.text):
                rest = (*parts.words[:place], *parts.words[place + 1 :])
                syntax = (f"@{word.version}", *parts.syntax) if word.version else parts.syntax
                found = self._read_plain("", word.text, rest, syntax, word.text)
                if _is_whole(found) or not parts.leading:
                    yield found

    def _name_lengths(self, words: Sequence[str]) -> tuple[int, int]:
        """The numbers of leading words that are called like a package, and that a name holds; 0 if none."""
        lengths = range(len(words), 0, -1)
        whole = next((n for n in lengths if self._whole_name(" ".join(words[:n]))), 0)
        longest = next((n for n in lengths if self._is_literal(" ".join(words[:n]))), 0)
        return whole, longest

    def _with_name(self, parts: Parts, length: int, package: str) -> Iterator[Typed]:
        """The ways to read the words after so many words of a name, by the packages that it may mean."""
        if not length:
            return
        name = " ".join(word.text for word in parts.words[:length])
        last, rest = parts.words[length - 1], parts.words[length:]
        # A version that is glued to the name is the package's.
        syntax = (f"@{last.version}", *parts.syntax) if last.version else parts.syntax
        if length == 1 and self._is_spec_name(name):
            yield self._read_plain("", name, rest, syntax, name.rpartition(".")[2])
            return
        ranking = self.ranking(name)
        order = ranking.order[: ranking.guesses] or ranking.order[:1]
        meant = [self.catalog.packages[i] for i in order]
        if not meant:
            yield self._read_plain(name, "", rest, syntax, "")
        best = [each for each in meant if each != package][:_MOST_PACKAGES]
        for each in ([package] if package in meant else []) + best:
            yield self._read_plain(name, "", rest, syntax, each)

    def _read_plain(
        self, fuzzy: str, name: str, words: Sequence[Word], syntax: Sequence[str], package: str
    ) -> Typed:
        from cachetui.search.plain import read_plain

        plain = read_plain(words, syntax, self.vocabulary(package), self.vocabulary(""))
        places = tuple((word.start, word.end) for word in words)
        return Typed(fuzzy, name, plain.spec, plain if words else None, package, places)

    def _whole_name(self, words: str) -> str:
        """The package or virtual that words name whole: `netcdf fortran`, `numpy`; empty if none."""
        if self._is_spec_name(words):
            return words
        return self._keys.get(_key(words), "")

    @cached_property
    def _keys(self) -> dict[str, str]:
        """Names of packages by what they are called: without dashes, without the language, by nickname."""
        from cachetui.search.fuzzy import LANGUAGE, WELL_KNOWN

        names = self.catalog.packages
        cores = {_key(LANGUAGE.sub("", name, count=1)): name for name in reversed(names)}
        aliases = {**WELL_KNOWN, **(self._aliases or {})}
        known = {_key(word): name for word, name in aliases.items() if self.catalog.package_rows(name)}
        return {**cores, **known, **{_key(name): name for name in names}}

    def _is_spec_name(self, words: str) -> bool:
        """Whether words are the name of one package or virtual."""
        namespace, _, name = words.rpartition(".")
        if self.catalog.package_rows(name):
            return not namespace or bool(self.catalog.facet("namespace").rows(namespace))
        return self._evaluator.is_virtual(words) and bool(self._evaluator.named(QueryNode(words)))

    def _is_hash(self, word: str) -> bool:
        """Whether a word is a hash of this catalog and no package has a similar name."""
        return (
            bool(_HASH.fullmatch(word))
            and not self.ranking(word).guesses
            and bool(self.catalog.rows_with_prefix(word))
        )

    def _is_typo(self, words: str, known: str = "") -> bool:
        """Whether the best guess at a name, other than a known one, is spelled much like the words."""
        from rapidfuzz.distance.OSA import normalized_similarity

        from cachetui.search.fuzzy import LANGUAGE

        order = self.ranking(words).order
        if not order:
            return False
        name = self.catalog.packages[order[0]]
        if name == known:
            return False
        cores = (_key(name), _key(LANGUAGE.sub("", name, count=1)))
        return any(normalized_similarity(_key(words), core) >= _SAME_NAME for core in cores)

    # what the other words mean

    @lru_cached_method(maxsize=32)
    def vocabulary(self, package: str) -> Vocabulary:
        """What words mean for the builds of a package, of the providers of a virtual, or of all."""
        from cachetui.search.vocabulary import Vocabulary

        rows = self.catalog.listed
        if package:
            rows = rows & self._evaluator.named(QueryNode(package))
        name = package if self.catalog.package_rows(package) else ""
        return Vocabulary(self._attributes, self._names, BitMap(rows), name)

    @cached_property
    def _names(self) -> CatalogNames:
        from cachetui.search.vocabulary import CatalogNames

        return CatalogNames(self.catalog, self._evaluator, self._aliases)


def _key(words: str) -> str:
    return words.casefold().replace("-", "").replace("_", "").replace(" ", "")


def _gaps(typed: Typed) -> tuple[int, int]:
    """How much of a query is not understood."""
    return (len(typed.plain.offers), len(typed.plain.missing)) if typed.plain else (0, 0)


def _is_whole(typed: Typed) -> bool:
    return _gaps(typed) == (0, 0)
