"""How a typed text is read: the words that name packages, then spec syntax, once for each Spack."""

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
    """A text in its two halves.

    Args:
        words: the leading words, a blank between them.
        spec: the whole text with blanks in place of the words, so that places in it stay what they were.
        end: where the words end.
    """

    words: str
    spec: str
    end: int


def split_words(text: str) -> Typed:
    """Part the leading words from the spec syntax after them."""
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
    """How one Spack reads the spec syntax.

    Args:
        name: the package that it names exactly, or the virtual.
        named: the same in words.
        demands: what else it asks for.
        unmet: those of the demands that no record of this Spack meets.
        notes: what of it is not looked at.
        records: how many listed records are read so.
        refusal: why this Spack would not take it; empty if it does.
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
        """In words."""
        if self.refusal:
            return f"refused: {self.refusal}"
        parts = [self.named] if self.named else []
        parts += [f"{each}{' (no build has it)' if each in self.unmet else ''}" for each in self.demands]
        return f"{' and '.join(parts)}{''.join(f' ({note})' for note in self.notes)}"


def read_alike(readings: Sequence[Reading]) -> bool:
    """Whether all Spacks read a query in the same way."""
    return len({(reading.named, reading.demands, reading.refusal) for reading in readings}) < 2


def lacking(readings: Sequence[Reading]) -> tuple[str, ...]:
    """The demands that no record meets, by whichever Spack it is read."""
    taken = [reading for reading in readings if not reading.refusal]
    unmet = frozenset.intersection(*(reading.unmet for reading in taken))
    return tuple(demand for demand in taken[0].demands if demand in unmet)


def reading_text(words: str, readings: Sequence[Reading], choices: Sequence[Choice]) -> str:
    """A selection in words, so that nobody is surprised by how it was read."""
    parts = [f'names like "{words}"'] if words else []
    if not read_alike(readings):
        ordered = sorted(readings, key=lambda reading: -reading.records)
        parts.append("; ".join(f"{each.dialect.value}: {each.text() or 'all'}" for each in ordered))
    elif readings:
        parts += filter(None, [replace(readings[0], unmet=frozenset(lacking(readings))).text()])
    return " and ".join([*parts, *choices_text(choices)])


def check_query(text: str) -> None:
    """Raises QuerySyntaxError for spec syntax that no Spack would take."""
    refusals: list[QuerySyntaxError] = []
    for dialect in Dialect:
        try:
            parse(text, dialect)
        except QuerySyntaxError as error:
            refusals.append(error)
    if len(refusals) == len(Dialect):
        raise refusals[-1]
