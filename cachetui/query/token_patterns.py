"""How tokens are written, in the order in which Spack tries them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cachetui import spelling
from cachetui.query.nodes import Dialect
from cachetui.query.token_kinds import TokenKind
from cachetui.spelling import DOTTED, GIT_REF, IDENTIFIER, NAME

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

PATTERNS = {
    dialect: re.compile("|".join(f"(?P<{kind.name}>{regex})" for kind, regex in kinds.items()))
    for dialect, kinds in _KINDS.items()
}
"""All kinds in one expression."""
