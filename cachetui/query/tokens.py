"""Splits a query into tokens, tried in the same order as in Spack; anything else is an error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto
from functools import cache

from msgspec import Struct

from cachetui import spelling
from cachetui.errors import QuerySyntaxError
from cachetui.query.limits import MOST_TERMS, check_length, too_many_terms
from cachetui.query.nodes import Dialect
from cachetui.spelling import DOTTED, GIT_REF, IDENTIFIER, NAME


class TokenKind(Enum):
    """The kinds of tokens."""

    EDGE_START = auto()
    EDGE_END = auto()
    DEPENDENCY = auto()
    VERSION = auto()
    BOOLEAN = auto()
    VALUE = auto()
    COMPILER = auto()
    FILE = auto()
    NAME = auto()
    HASH = auto()
    SPACE = auto()


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


QUOTED = r"""'(?:[^']|(?<=\\)')*'|"(?:[^"\\]|\\.)*\""""
VERSION = rf"=?{spelling.VERSION}\b"
VERSION_RANGE = rf"(?:{VERSION})?:(?:{VERSION}(?!\s*=))?"
VERSION_LIST = rf"(?:{VERSION_RANGE}|{VERSION})(?:\s*,\s*(?:{VERSION_RANGE}|{VERSION}))*"
VIRTUALS = rf"(?P<%s>{IDENTIFIER}(?:,{IDENTIFIER})*)=(?P<%s>{DOTTED}|{IDENTIFIER})"
FILE = r"(?:\.|/|[a-zA-Z0-9\-_]*/)[a-zA-Z0-9\-_./]*(?:\.json|\.yaml)"

_VERSIONS = rf"@(?P<versions>(?:{GIT_REF})(?:={VERSION})?|\s*{VERSION_LIST})"
_BOOLEAN = rf"(?P<sign>\+\+|~~|--|[+~\-])\s*(?P<variant>{NAME})"
_HASH = r"/(?P<digits>[a-zA-Z_0-9]+)"


def _value(operators: str, bare: str) -> str:
    return rf"(?P<key>{NAME})(?P<operator>{operators})(?P<value>[{bare}]+|{QUOTED})"


_KINDS: Mapping[Dialect, Mapping[TokenKind, str]] = {
    Dialect.SPACK_0: {
        TokenKind.EDGE_START: r"(?P<edge>\^)\[",
        TokenKind.EDGE_END: r"\]",
        TokenKind.DEPENDENCY: r"(?P<sigil>\^)",
        TokenKind.VERSION: _VERSIONS,
        TokenKind.BOOLEAN: _BOOLEAN,
        TokenKind.VALUE: _value("==?", r"a-zA-Z_0-9\-+*.,:=~/\\"),
        TokenKind.COMPILER: rf"%\s*(?P<compiler>{NAME})(?:\s*@\s*(?P<compiler_versions>{VERSION_LIST}))?",
        TokenKind.FILE: FILE,
        TokenKind.NAME: rf"(?P<name>{DOTTED}|{IDENTIFIER})",
        TokenKind.HASH: _HASH,
        TokenKind.SPACE: r"\s+",
    },
    Dialect.SPACK_1: {
        TokenKind.EDGE_START: r"(?P<edge>\^|%%?)\[",
        TokenKind.EDGE_END: rf"\](?:\s*{VIRTUALS % ('edge_virtuals', 'edge_package')})?",
        TokenKind.DEPENDENCY: rf"(?P<sigil>\^|%%?)(?:\s*{VIRTUALS % ('virtuals', 'package')})?",
        TokenKind.VERSION: _VERSIONS,
        TokenKind.BOOLEAN: _BOOLEAN,
        TokenKind.VALUE: _value(":?==?", r"a-zA-Z_0-9\-+*.,:=%^~/\\"),
        TokenKind.FILE: FILE,
        TokenKind.NAME: rf"(?P<name>{DOTTED}|{IDENTIFIER}|\*)",
        TokenKind.HASH: _HASH,
        TokenKind.SPACE: r"\s+",
    },
}
"""TokenKind to its expression, in the order in which they are tried."""


@cache
def _pattern(dialect: Dialect) -> re.Pattern[str]:
    """All kinds in one expression; made when a query is typed, as it takes some milliseconds of the start."""
    return re.compile("|".join(f"(?P<{kind.name}>{regex})" for kind, regex in _KINDS[dialect].items()))


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
