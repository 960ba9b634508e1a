"""Splits a query into tokens, tried in the same order as in Spack; anything else is an error."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from cachetui.errors import QuerySyntaxError
from cachetui.query.limits import MOST_TERMS, check_length, too_many_terms
from cachetui.query.nodes import Dialect
from cachetui.query.token_kinds import TokenKind


class Token(Struct, frozen=True):
    """A token and where it stands.

    Args:
        parts: the named pieces of it.
        start, end: its place in the text, end exclusive.
    """

    kind: TokenKind
    text: str
    parts: Mapping[str, str | None]
    start: int
    end: int


def _pattern(dialect: Dialect) -> re.Pattern[str]:
    # Late: where the code cache does not have them, compiling them takes some milliseconds of the start.
    from cachetui.query.token_patterns import PATTERNS

    return PATTERNS[dialect]


_EXPECTED = {
    "@": "a version is expected after @, as in @1.14 or @1.12:",
    "%": "a compiler or package is expected after %, as in %gcc",
    "^": "a dependency is expected after ^, as in ^zlib",
    "+": "a variant is expected after +, as in +mpi",
    "~": "a variant is expected after ~, as in ~mpi",
    "-": "a variant is expected after -, as in -mpi",
    "/": "a hash is expected after /",
    "=": "a key before = and a value after it are expected, without blanks around =",
    ":": "ranges follow @ or target=, without blanks around :",
    "*": "* stands for any value, as in mpi=*",
    "[": "edge attributes follow ^ or %, as in ^[virtuals=mpi] openmpi",
    "]": "edge attributes begin with ^[",
    "'": "only values are quoted, as in cflags='-O3 -g'",
    '"': "only values are quoted, as in cflags='-O3 -g'",
}


MOST_UNDERLINED = 40
"""Characters that fit no token after which the rest is not looked at: each of them costs a look ahead."""


def tokenize(text: str, dialect: Dialect) -> list[Token]:
    """Split a text into tokens, without blanks. Raises QuerySyntaxError for characters that fit none."""
    check_length(text)
    tokens: list[Token] = []
    bad: list[tuple[int, int]] = []
    position = 0
    while position < len(text) and len(bad) < MOST_UNDERLINED:
        found = _pattern(dialect).match(text, position)
        if found is None:
            bad.append((position, position + 1))
            position += 1
            continue
        kind = TokenKind[str(found.lastgroup)]
        if kind is not TokenKind.SPACE:
            if len(tokens) == MOST_TERMS and not bad:
                raise too_many_terms(text, found.start(), found.end())
            tokens.append(Token(kind, found[0], found.groupdict(), found.start(), found.end()))
        position = found.end()
    if bad:
        raise QuerySyntaxError(_expected(text, bad[0][0], tokens), text, *bad)
    return tokens


def _expected(text: str, place: int, tokens: list[Token]) -> str:
    """Say what is expected in place of a character that fits no token."""
    before = next((token.kind for token in tokens if token.end == place), None)
    if text[place] == "=" and before is TokenKind.BOOLEAN:
        return "a variant is +mpi or mpi=true, not both"
    if text[place] == "=" and before is TokenKind.NAME:
        quoted = text[place + 1 : place + 2] in ("'", '"')
        return "the quote is not closed" if quoted else "a value is expected right after ="
    return _EXPECTED.get(text[place], f"{text[place]!r} is not understood")
