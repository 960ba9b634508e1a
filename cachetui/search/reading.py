"""How a query is read: fuzzy words that name packages, then spec syntax in the dialect of each Spack."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from cachetui.errors import QuerySyntaxError
from cachetui.query import Dialect, parse
from cachetui.search.selection import Choice, choices_text

_WORD = re.compile(r"\s*([A-Za-z0-9_][A-Za-z0-9_.\-]*)")
_KEY_FOLLOWS = re.compile(r":?=")


class Typed(Struct, frozen=True):
    """A query in its two parts.

    Args:
        words: the leading words, separated by one blank.
        spec: the text with blanks in place of the words, so that positions of errors stay right.
        end: the position after the words.
    """

    words: str
    spec: str
    end: int


def split_words(text: str) -> Typed:
    """Split a query into leading words and spec syntax."""
    words: list[str] = []
    position = 0
    glued = False
    while not glued and (found := _WORD.match(text, position)):
        if _KEY_FOLLOWS.match(text, found.end()):
            break
        words.append(found[1])
        position = found.end()
        glued = position < len(text) and not text[position].isspace()
    return Typed(" ".join(words), " " * position + text[position:], position)


class Reading(Struct, frozen=True):
    """How one Spack reads spec syntax.

    Args:
        name: the package or virtual that the query names.
        named: the same as text.
        demands: the other parts of the query.
        unmet: the demands that no record of this Spack meets.
        notes: the parts that are ignored.
        records: the number of listed records that this Spack wrote.
        refusal: why this Spack rejects the query; empty if it does not.
    """

    dialect: Dialect
    name: str = ""
    named: str = ""
    demands: tuple[str, ...] = ()
    unmet: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    records: int = 0
    refusal: str = ""

    def text(self) -> str:
        """Say how the query is read."""
        if self.refusal:
            return f"refused: {self.refusal}"
        parts = [self.named] if self.named else []
        parts += [f"{each}{' (no build has it)' if each in self.unmet else ''}" for each in self.demands]
        return f"{' and '.join(parts)}{''.join(f' ({note})' for note in self.notes)}"


def read_alike(readings: Sequence[Reading]) -> bool:
    """Whether all Spacks read the query the same way."""
    return len({(reading.named, reading.demands, reading.refusal) for reading in readings}) < 2


def unmet_demands(readings: Sequence[Reading]) -> tuple[str, ...]:
    """The demands that no record meets, in any dialect."""
    accepted = [reading for reading in readings if not reading.refusal]
    unmet = frozenset.intersection(*(reading.unmet for reading in accepted))
    return tuple(demand for demand in accepted[0].demands if demand in unmet)


def reading_text(words: str, readings: Sequence[Reading], choices: Sequence[Choice]) -> str:
    """Say how the words, the spec syntax and the choices of a selection are read."""
    parts = [f'names like "{words}"'] if words else []
    if not read_alike(readings):
        ordered = sorted(readings, key=lambda reading: -reading.records)
        parts.append("; ".join(f"{each.dialect.value}: {each.text() or 'all'}" for each in ordered))
    elif readings:
        parts += filter(None, [replace(readings[0], unmet=frozenset(unmet_demands(readings))).text()])
    return " and ".join([*parts, *choices_text(choices)])


def check_query(text: str) -> None:
    """Raise QuerySyntaxError for spec syntax that every Spack rejects."""
    refusals: list[QuerySyntaxError] = []
    for dialect in Dialect:
        try:
            parse(text, dialect)
        except QuerySyntaxError as error:
            refusals.append(error)
    if len(refusals) == len(Dialect):
        raise refusals[-1]
