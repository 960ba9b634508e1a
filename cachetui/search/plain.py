"""Reads plain words as spec syntax, by what the builds of a package have: `hdf5 mpi` as `hdf5 +mpi`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from cachetui.search.offers import Offer
from cachetui.search.selection import Choice
from cachetui.search.vocabulary import LIKE_VERSION, VERSION, Meaning, Vocabulary, key_of, with_version
from cachetui.search.words import Word

# fmt: off
SKIPPED = frozenset((
    "with", "w/", "for", "on", "and", "using", "under", "the", "a", "an", "in", "of", "by", "to", "from",
    "via", "at", "as", "plus", "that", "which", "is", "has", "have", "having", "built", "compiled",
))
"""Words that say nothing."""

NEGATIONS = frozenset(("without", "w/o", "no", "not", "non", "minus", "except", "excluding"))
"""Words that turn the next one round."""

_OR = frozenset(("or", "nor"))
_LABELS = frozenset((
    "support", "supports", "supported", "enabled", "version", "versions", "compiler", "target", "os",
    "system", "build", "builds", "stack", "tag", "mirror", "variant", "any", "all", "some", "library",
    "libraries", "lib", "libs", "mode", "package", "packages", "cpu", "arch", "architecture", "only",
))
"""Words that say nothing, unless a build has a variant or dependency of that name."""
# fmt: on

_LONGEST_PHRASE = 3
_MOST_WORDS = 40
_SHORTEST_WORD = 2
"""Letters of a word that means something which no build of the package has."""
_OFFERED_WORDS, _OFFERS = 3, 4
_GLUED_VERSION = re.compile(r"(.*[A-Za-z])[-_]?(\d+(?:\.\d+)*)", re.ASCII)
_ROOT_END = re.compile(r"""(?:'[^']*'|"[^"]*"|[^'"%^])*""")
_BEFORE_CARET = re.compile(r"""(?:'[^']*'|"[^"]*"|\[[^\]]*\]|[^'"^\[])*""")


class PlainReading(Struct, frozen=True):
    """What plain words say, as far as each form can say it.

    Args:
        spec: spec syntax, that of the query included, without the name.
        choices: facet values, where there is no syntax or several values are meant.
        left_out: specs; the builds that satisfy any of them are left out.
        kept: the typed words that `left_out` stands for, which have no other form.
        said: the excluded values, as text.
        missing: what no build of the package has, as text.
        ambiguous: what is understood, and what else it may mean, as text.
        offers: the words that are not understood.
    """

    spec: str = ""
    choices: tuple[Choice, ...] = ()
    left_out: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    ambiguous: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    offers: tuple[Offer, ...] = ()

    @property
    def says_something(self) -> bool:
        """Whether any of the words, or the syntax of the query, asks for something."""
        return bool(self.spec or self.choices or self.left_out or self.missing or self.offers)


def read_plain(
    words: Sequence[Word], syntax: Sequence[str], here: Vocabulary, everywhere: Vocabulary
) -> PlainReading:
    """Read words by what the builds of one package have, else by what any build of the catalog has.

    Args:
        syntax: the spec syntax that stands among the words.
    """
    reader = _Reader(words[:_MOST_WORDS], here, everywhere)
    reader.read()
    offers = (*reader.offers, *(Offer(word.text, word.start, word.end) for word in words[_MOST_WORDS:]))
    choices = [*_chosen(reader.meanings), *reader.excluded]
    return PlainReading(
        _spec_text(syntax, reader.meanings),
        tuple(dict.fromkeys(choices)),
        tuple(reader.left_out),
        tuple(reader.kept),
        tuple(reader.said),
        tuple(dict.fromkeys(reader.missing)),
        tuple(reader.ambiguous),
        offers,
    )


class _Reader:
    """Reads the words of one query, from left to right."""

    def __init__(self, words: Sequence[Word], here: Vocabulary, everywhere: Vocabulary) -> None:
        self.words = words
        self.here = here
        self.everywhere = everywhere
        self.place = 0
        self.is_negated = self.was_negated = False
        self.meanings: list[Meaning] = []
        self.excluded: list[Choice] = []
        self.left_out: list[str] = []
        self.kept: list[str] = []
        self.said: list[str] = []
        self.missing: list[str] = []
        self.ambiguous: list[tuple[str, str, tuple[str, ...]]] = []
        self.offers: list[Offer] = []

    def read(self) -> None:
        """Read all words."""
        while self.place < len(self.words):
            word = self.words[self.place].text.casefold()
            if word in _OR:
                self.is_negated = self.was_negated
                self.place += 1
            elif word in NEGATIONS:
                self.is_negated = True
                self.place += 1
            elif word in SKIPPED:
                self.place += 1
            else:
                self._read_phrase()
                self.was_negated, self.is_negated = self.is_negated, False

    def _read_phrase(self) -> None:
        first = self.words[self.place]
        found = self._found()
        if found is not None:
            meaning, length, is_here = found
            self.place += length
            self._take(self._in_version(meaning, self.words[self.place - 1]), first, is_here)
            return
        self.place += 1
        version = LIKE_VERSION.fullmatch(first.text)
        glued = _GLUED_VERSION.fullmatch(first.text)
        if version:
            self._take(Meaning("version", f"@{version[1]}"), first, False)
        elif glued and (versioned := self._versioned(glued[1])):
            self._take(with_version(versioned, glued[2]), first, False)
        elif name := self.everywhere.node_named(first.text):
            self._take(Meaning("dependency", f"^{name}"), first, False)
        elif values := self.here.values_named(first.text):
            self.offers.append(Offer(first.text, first.start, first.end, values[:_OFFERS]))
        elif first.text.casefold() not in _LABELS:
            near = self.here.near(first.text, _OFFERS) if len(self.offers) < _OFFERED_WORDS else ()
            self.offers.append(Offer(first.text, first.start, first.end, tuple(near)))

    def _found(self) -> tuple[Meaning, int, bool] | None:
        """(what the next words mean, their number, whether a build of the package has it)."""
        phrases = [phrase for phrase in map(self._phrase, range(_LONGEST_PHRASE, 0, -1)) if phrase]
        for phrase in phrases:
            if meaning := self.here.find(phrase):
                return meaning, phrase.count(" ") + 1, True
        for phrase in phrases:
            if len(phrase) < _SHORTEST_WORD or LIKE_VERSION.fullmatch(phrase):
                continue  # not typed yet, or of the package, which has no such version
            meaning = self.here.expected(phrase, self.everywhere) or self.everywhere.find(phrase)
            if meaning and not self.here.is_setting(phrase) and not self._is_guess(meaning, phrase):
                return meaning, phrase.count(" ") + 1, False
        return None

    def _is_guess(self, meaning: Meaning, phrase: str) -> bool:
        """Whether a word is only the value of a variant that the package does not have."""
        name, equals, value = meaning.spec.partition("=")
        is_value = bool(equals) and meaning.kind.startswith("variant") and key_of(value) == key_of(phrase)
        return is_value and not self.here.is_setting(name)

    def _phrase(self, length: int) -> str:
        """So many of the next words; empty if there are not as many, or one of them stands for itself."""
        words = self.words[self.place : self.place + length]
        texts = [word.text for word in words]
        if len(words) < length or any(word.version for word in words[:-1]):
            return ""
        alone = {*SKIPPED, *NEGATIONS, *_OR} - {"on"}
        return "" if length > 1 and any(text.casefold() in alone for text in texts) else " ".join(texts)

    def _versioned(self, name: str) -> Meaning | None:
        """A compiler or dependency that may be asked for in a version."""
        for vocabulary in (self.here, self.everywhere):
            meaning = vocabulary.find(name)
            if meaning and meaning.kind in ("compiler", "dependency"):
                return meaning
        return None

    def _in_version(self, meaning: Meaning, last: Word) -> Meaning:
        """Take the version that belongs to a compiler or dependency: behind its `@`, or the next word."""
        takes = meaning.kind in ("compiler", "dependency") and "@" not in meaning.spec
        if last.version:
            if takes:
                return with_version(meaning, last.version)
            self.meanings.append(Meaning("version", f"@{last.version}"))
            return meaning
        place = self.place
        if takes and place < len(self.words) and self.words[place].text.casefold() == "version":
            place += 1
        version = self.words[place].text if takes and place < len(self.words) else ""
        if not VERSION.fullmatch(version) or not self._belongs(meaning, version):
            return meaning
        self.place = place + 1
        return with_version(meaning, version)

    def _belongs(self, meaning: Meaning, version: str) -> bool:
        """Whether a version that follows a compiler or dependency is one of it, not of the package."""
        if meaning.kind == "dependency":
            return self.everywhere.has_version(meaning.spec[1:], version)
        named = self.everywhere.find(f"{meaning.spec[1:]}{version}") if meaning.spec else None
        is_known = named is not None and named.kind == "compiler"
        return is_known or self.here.find(version) is None

    def _take(self, meaning: Meaning, first: Word, is_here: bool) -> None:
        end = self.words[self.place - 1].end
        if not is_here:
            self.missing.append(meaning.text)
        if meaning.others:
            self.ambiguous.append((first.text, meaning.text, meaning.others))
        if not self.is_negated:
            self.meanings.append(meaning)
        elif meaning.negation:
            self.meanings.append(Meaning(meaning.kind, meaning.negation))
        elif meaning.excluded or meaning.kind not in ("dependency", "hash"):
            self.excluded += meaning.excluded
            self.said.append(f"not {meaning.spec or meaning.text}")
        else:
            self.left_out.append(meaning.spec)
            words = (word.text for word in self.words if first.start <= word.start < end)
            self.kept.append(f"without {' '.join(words)}")


# what is written


def _chosen(meanings: Iterable[Meaning]) -> list[Choice]:
    """The facet values of what has no syntax, or is said several times of what a build has one of."""
    by_kind = _by_kind(meanings)
    return [
        choice
        for found in by_kind.values()
        if _is_choice(found)
        for meaning in found
        for choice in meaning.choices
    ]


def _by_kind(meanings: Iterable[Meaning]) -> dict[str, list[Meaning]]:
    by_kind: dict[str, list[Meaning]] = {}
    for meaning in meanings:
        found = by_kind.setdefault(meaning.kind, [])
        if meaning not in found:
            found.append(meaning)
    return by_kind


def _is_choice(found: Sequence[Meaning]) -> bool:
    return all(each.choices for each in found) and (len(found) > 1 or not found[0].spec)


def _spec_text(syntax: Sequence[str], meanings: Iterable[Meaning]) -> str:
    """The syntax of the query and that of the words, in an order in which each belongs to the root."""
    by_kind = {kind: found for kind, found in _by_kind(meanings).items() if not _is_choice(found)}
    compilers = [each.spec for each in by_kind.pop("compiler", [])]
    below = [each.spec for each in by_kind.pop("dependency", [])]
    version = _joined("@", by_kind.pop("version", []))
    switches: list[str] = []
    values: list[str] = []
    for kind, found in by_kind.items():
        sign = f"{found[0].spec.partition('=')[0]}="
        if "=" in found[0].spec and (kind == "target" or kind.startswith("variant")):
            values.append(_joined(sign, found))
        else:
            (values if "=" in found[0].spec else switches).extend(each.spec for each in found)
    typed = " ".join(syntax)
    root_end = _ROOT_END.match(typed)
    caret = _BEFORE_CARET.match(typed)
    root = root_end.end() if root_end else 0
    first_caret = max(root, caret.end() if caret else 0)
    parts = (
        version,
        typed[:root],
        *switches,
        *values,
        typed[root:first_caret],
        *compilers,
        typed[first_caret:],
        *below,
    )
    return " ".join(filter(None, map(str.strip, parts)))


def _joined(sign: str, found: Sequence[Meaning]) -> str:
    """Several values behind one sign: `@1.12,1.14`, `languages=c,fortran`."""
    return sign + ",".join(each.spec.removeprefix(sign) for each in found) if found else ""
