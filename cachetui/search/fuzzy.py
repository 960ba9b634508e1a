"""Ranks package names by what was typed: literal matches first, then guesses at typos and abbreviations."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from math import log2

from cachetui.search.joined import Joined
from cachetui.search.packages import Ranking
from cachetui.search.pieces import piece

WELL_KNOWN: Mapping[str, str] = {
    "blas": "openblas",
    "bs4": "py-beautifulsoup4",
    "clang": "llvm",
    "cv2": "opencv",
    "fftw3": "fftw",
    "gfortran": "gcc",
    "gmx": "gromacs",
    "h5": "hdf5",
    "icpx": "intel-oneapi-compilers",
    "icx": "intel-oneapi-compilers",
    "ifort": "intel-oneapi-compilers-classic",
    "ifx": "intel-oneapi-compilers",
    "impi": "intel-oneapi-mpi",
    "lapack": "netlib-lapack",
    "lmp": "lammps",
    "mkl": "intel-oneapi-mkl",
    "nvcc": "cuda",
    "ompi": "openmpi",
    "pil": "py-pillow",
    "pnetcdf": "parallel-netcdf",
    "python3": "python",
    "qe": "quantum-espresso",
    "scalapack": "netlib-scalapack",
    "skimage": "py-scikit-image",
    "sklearn": "py-scikit-learn",
    "tbb": "intel-oneapi-tbb",
    "tf": "py-tensorflow",
    "torch": "py-torch",
    "yaml": "py-pyyaml",
}
"""What a package is called in the field (a command, an import, an abbreviation) -> its name in Spack."""

LANGUAGE = re.compile(r"(?:py|r|perl|ruby|lua|octave|rkt|tcl|node|go|rust)-(?=.)")
"""The leading word that says only which language a package extends; the rest of its name is the core."""

EXACT, ALIAS, DASHLESS, CORE, CORE_DASHLESS = 0.0, 0.5, 0.6, 1.0, 1.5
FIRST_WORDS, START, WORD, WORD_START = 2.0, 3.0, 4.0, 5.0
START_DASHLESS, END, INSIDE, INSIDE_DASHLESS = 5.2, 5.5, 6.0, 7.0

STRONG_TYPO, CLOSE, UNFINISHED_TYPO, WEAK_TYPO, SCATTERED = range(5)
"""Tiers of guesses, best first."""

STRONG, WEAK, WEAK_WORD = 0.8, 0.59, 0.66
"""Lowest similarity (0 to 1) of a strong typo, of a weak one, and of one word among several."""
CLOSE_SCORE = 18.0
"""Lowest alignment score per typed character that still reads as an abbreviation."""
SAME_FIRST_LETTER = 0.04
WHOLE_NAME_LEAD = 0.95

ENOUGH = 200
"""Literal matches from which no guesses are added."""
GUESS_LETTERS, DASHLESS_LETTERS, TYPO_LETTERS, UNFINISHED_LETTERS = 3, 4, 4, 5
TYPOS_KEPT, ALIGNMENTS_KEPT, SCATTERED_KEPT = 40, 120, 10
LONGEST_ALIGNED = 100

COMPARED = 16_384
"""Texts that are compared at once, while no other thread has its turn."""

Path = tuple[int, int, tuple[int, ...]]
"""An alignment so far: score, bonus of the chunk it is in, positions."""


class PackageRanker:
    """Ranks one fixed list of package names; no answer depends on an earlier one, so threads may share it.

    Args:
        popularity: number of specs of each package, in the order of the names; empty: all are equal.
        aliases: single words -> package names, over and above `WELL_KNOWN`.
    """

    def __init__(
        self,
        names: Sequence[str],
        popularity: Sequence[int] = (),
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        folded = [_fold(name) for name in names]
        fame = [log2(1 + max(0, count)) for count in popularity] or [0.0] * len(names)
        self._order = sorted(range(len(names)), key=lambda i: (-fame[i], len(folded[i]), folded[i]))
        # From here on packages are numbered in the order that breaks ties, so that a stable sort is enough.
        self._fame = [fame[i] for i in self._order]
        self._names = [folded[i] for i in self._order]
        self._cores = [LANGUAGE.sub("", name, count=1) if "-" in name else name for name in self._names]
        self._dashless = [name.replace("-", "") for name in self._names]
        self._longest = max(map(len, self._names), default=0)
        self._aliases = {_fold(word): _fold(name) for word, name in {**WELL_KNOWN, **(aliases or {})}.items()}
        self._holders: dict[str, frozenset[int]] = {}

    def rank(self, text: str) -> Ranking:
        """Order the packages by how well they answer the typed text; blank text keeps the given order."""
        terms = list(dict.fromkeys(_fold(text).split()))
        if not terms:
            return Ranking(tuple(range(len(self._names))), len(self._names))
        literal = self._literal(terms)
        letters = sum(map(len, terms))
        guesses: list[int] = []
        if GUESS_LETTERS <= letters <= 2 * self._longest and len(literal) < ENOUGH:
            guesses = self._guess(terms, frozenset(literal))
        return Ranking(tuple(self._order[i] for i in chain(literal, guesses)), len(literal))

    def is_literal(self, text: str) -> bool:
        """Whether any name holds all words of a text, or the text without its blanks."""
        terms = list(dict.fromkeys(_fold(text).split()))
        if not terms:
            return False
        piece()
        first = self._joined.holding(terms[0])
        if any(all(term in self._names[i] for term in terms[1:]) for i in first):
            return True
        return bool(self._literal(terms))

    def warm(self) -> None:
        """Import what the first guess needs (tens of milliseconds) while nobody is typing."""
        self.rank("warm-up")

    def _literal(self, terms: list[str]) -> list[int]:
        every = range(len(self._names))
        costs = self._costs(terms[0], every, self._joined.holding(terms[0]))
        for term in terms[1:]:
            holding = (i for i in costs if term in self._names[i])
            costs = {i: costs[i] + cost for i, cost in self._costs(term, costs, holding).items()}
        costs = {i: cost / len(terms) for i, cost in costs.items()}
        for i, cost in self._dashless_costs("".join(terms)):
            costs[i] = min(cost, costs.get(i, cost))
        return sorted(sorted(costs), key=costs.__getitem__)

    def _costs(self, term: str, among: Collection[int], holding: Iterable[int]) -> dict[int, float]:
        """The costs of those among some names that hold a term, or that it is an alias of."""
        piece()
        names, cores = self._names, self._cores
        costs = {i: _cost(term, names[i], cores[i]) for i in holding}
        target = self._indexes.get(self._aliases.get(term, ""))
        if target is not None and target in among:
            costs[target] = min(ALIAS, costs.get(target, ALIAS))
        return costs

    def _dashless_costs(self, text: str) -> Iterator[tuple[int, float]]:
        if text != text.strip("-") or len(text) < DASHLESS_LETTERS:
            return
        text = text.replace("-", "")
        piece()
        for i in self._joined_dashless.holding(text):
            name = self._dashless[i]
            core = self._cores[i].replace("-", "")
            if name == text:
                yield i, DASHLESS
            elif core == text:
                yield i, CORE_DASHLESS
            elif name.startswith(text) or core.startswith(text):
                yield i, START_DASHLESS
            else:
                yield i, INSIDE_DASHLESS

    def _guess(self, terms: list[str], known: frozenset[int]) -> list[int]:
        best: dict[int, tuple[int, float]] = {}
        for i, tier, score in chain(self._typos(terms, known), self._abbreviations(terms, known)):
            guess = (tier, -score)
            if i not in known and guess < best.get(i, (SCATTERED + 1, 0.0)):
                best[i] = guess
        ordered = sorted(sorted(best), key=best.__getitem__)
        better = sum(tier < SCATTERED for tier, _ in best.values())
        return ordered[: max(better, SCATTERED_KEPT)]

    def _typos(self, terms: list[str], known: frozenset[int]) -> Iterator[tuple[int, int, float]]:
        text = "-".join(terms)
        if len(text) < TYPO_LETTERS:
            return
        whole = chain(_near(text, self._names, WEAK), _near(text, self._shorter_cores, WEAK))
        by_word = ((i, WHOLE_NAME_LEAD * similarity) for i, similarity in self._near_words(terms).items())
        letters = sorted(text)
        for i, similarity in chain(whole, by_word):
            strong = similarity >= STRONG or sorted(self._cores[i]) == letters
            yield i, STRONG_TYPO if strong else WEAK_TYPO, self._favoured(i, similarity, text)
        if not known and len(text) >= UNFINISHED_LETTERS:
            starts = [core[: len(text)] for core in self._cores]
            for i, similarity in _near(text, starts, STRONG):
                yield i, UNFINISHED_TYPO, self._favoured(i, similarity, text)

    def _favoured(self, index: int, similarity: float, text: str) -> float:
        """People seldom mistype the first letter."""
        return similarity + (SAME_FIRST_LETTER if self._cores[index][:1] == text[:1] else 0.0)

    def _near_words(self, terms: list[str]) -> dict[int, float]:
        """Mean similarity of each term to the nearest word, for names that have a word near every term."""
        if len(terms) == 1:
            return self._near_word(terms[0])
        total = dict.fromkeys(range(len(self._names)), 0.0)
        for term in terms:
            near = self._near_word(term)
            near.update((i, 1.0) for i in self._joined.holding(term))
            total = {i: total[i] + similarity for i, similarity in near.items() if i in total}
        return {i: similarity / len(terms) for i, similarity in total.items()}

    def _near_word(self, term: str) -> dict[int, float]:
        words, holders = self._words
        near: dict[int, float] = {}
        for position, similarity in _near(term, words, WEAK_WORD):
            for i in holders[position]:
                near[i] = max(similarity, near.get(i, 0.0))
        return near

    def _abbreviations(self, terms: list[str], known: Container[int]) -> Iterator[tuple[int, int, float]]:
        letters = sum(map(len, terms))
        found = [i for i in self._holding(terms) if i not in known]
        found = [i for i in found if all(_scattered_in(term, self._names[i]) for term in terms)]
        for i in sorted(found)[:ALIGNMENTS_KEPT]:
            score = sum(_align(term, self._names[i])[0] for term in terms)
            tier = CLOSE if score >= CLOSE_SCORE * letters else SCATTERED
            yield i, tier, score + 2 * self._fame[i]

    def _holding(self, terms: list[str]) -> frozenset[int]:
        """Indexes of the names that have every typed character somewhere."""
        characters = set().union(*terms)
        for character in characters:
            if character not in self._holders:
                piece()
                self._holders[character] = frozenset(self._joined.holding(character))
        rarest_first = sorted((self._holders[character] for character in characters), key=len)
        return rarest_first[0].intersection(*rarest_first[1:])

    @cached_property
    def _joined(self) -> Joined:
        return Joined(self._names)

    @cached_property
    def _joined_dashless(self) -> Joined:
        return Joined(self._dashless)

    @cached_property
    def _indexes(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self._names)}

    @cached_property
    def _shorter_cores(self) -> list[str | None]:
        return [core if core != name else None for core, name in zip(self._cores, self._names, strict=True)]

    @cached_property
    def _words(self) -> tuple[list[str], list[list[int]]]:
        """Words of all cores, and for each the indexes of the names that have it."""
        holders: dict[str, list[int]] = defaultdict(list)
        for i, core in enumerate(self._cores):
            for word in core.split("-"):
                holders[word].append(i)
        return list(holders), list(holders.values())


def matched(text: str, name: str) -> tuple[int, ...]:
    """Positions in the name to highlight for the typed text, ascending; none if only a typo connects them."""
    terms, folded = _fold(text).split(), _fold(name)
    if not terms or len(folded) != len(name):
        return ()
    if not all(term in folded for term in terms) and (run := _dashless_run("".join(terms), folded)):
        return run
    positions: set[int] = set()
    for term in dict.fromkeys(terms):
        positions.update(_literal_run(term, folded) or _align(term, folded)[1])
    return tuple(sorted(positions))


def _fold(text: str) -> str:
    return text.casefold().replace("_", "-")


def _cost(term: str, name: str, core: str) -> float:
    padded, start = f"-{name}-", f"-{term}"
    if start not in padded:
        return END if name.endswith(term) else INSIDE
    if name == term:
        return EXACT
    if core == term:
        return CORE
    if name.startswith(term) or core.startswith(term):
        whole = f"{term}-"
        return FIRST_WORDS if name.startswith(whole) or core.startswith(whole) else START
    return WORD if f"{start}-" in padded else WORD_START


def _near(text: str, choices: Sequence[str | None], cutoff: float) -> Iterator[tuple[int, float]]:
    # Imported here: loading it takes longer than a whole ranking, and only typos need it.
    from rapidfuzz.distance.OSA import normalized_similarity
    from rapidfuzz.process import extract

    found: list[tuple[float, int]] = []
    for first in range(0, len(choices), COMPARED):
        piece()
        some = choices[first : first + COMPARED] if len(choices) > COMPARED else choices
        best = extract(text, some, scorer=normalized_similarity, score_cutoff=cutoff, limit=TYPOS_KEPT)
        found += [(-similarity, first + i) for _, similarity, i in best]
    return ((i, -similarity) for similarity, i in sorted(found)[:TYPOS_KEPT])


def _literal_run(term: str, name: str) -> range:
    at = f"-{name}".find(f"-{term}")
    if at < 0:
        at = name.find(term)
    return range(at, at + len(term)) if at >= 0 else range(0)


def _dashless_run(text: str, name: str) -> tuple[int, ...]:
    text = text.replace("-", "")
    kept = [position for position, character in enumerate(name) if character != "-"]
    at = name.replace("-", "").find(text)
    return tuple(kept[at : at + len(text)]) if at >= 0 else ()


def _scattered_in(term: str, name: str) -> bool:
    rest = iter(name)
    return all(character in rest for character in term)


def _align(term: str, name: str) -> tuple[int, tuple[int, ...]]:
    """Best way to find the term's characters in order in the name, as (score, positions).

    The figures are fzf's: 16 a character, 8 to 10 at a boundary, 3 to open a gap and 1 to widen it.
    """
    if len(name) > LONGEST_ALIGNED or not _scattered_in(term, name):
        return 0, ()
    bonus = [_bonus(name, position) for position in range(len(name))]
    paths: dict[int, Path] = {
        position: (16 + 2 * bonus[position], bonus[position], (position,))
        for position, character in enumerate(name)
        if character == term[0]
    }
    for typed in term[1:]:
        longer = {}
        for position, character in enumerate(name):
            if character == typed:
                steps = [_step(path, position, bonus[position]) for path in paths.values()]
                longer[position] = max(filter(None, steps), default=None)
        paths = {position: path for position, path in longer.items() if path}
    score, _, positions = max(paths.values())
    return score, positions


def _step(path: Path, position: int, bonus: int) -> Path | None:
    score, chunk, positions = path
    skipped = position - positions[-1] - 1
    if skipped < 0:
        return None
    if skipped == 0:
        return score + 16 + max(4, bonus, chunk), max(chunk, bonus), (*positions, position)
    return score + 16 + bonus - 2 - skipped, bonus, (*positions, position)


def _bonus(name: str, position: int) -> int:
    if position == 0:
        return 10
    before, here = name[position - 1], name[position]
    if before == "-" or here == "-":
        return 8
    return 7 if here.isdigit() and not before.isdigit() else 0
