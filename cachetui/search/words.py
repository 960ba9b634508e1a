"""Splits a query into plain words and spec syntax, wherever each of them stands."""

from __future__ import annotations

import re

from msgspec import Struct

from cachetui.errors import QuerySyntaxError
from cachetui.search.reading import check_query

_PLAIN = re.compile(
    r"""
    (?P<word> w/o? | c\+\+\d* | \d[\w.\-]*:[\w.\-]* | :\d[\w.\-]* | [A-Za-z0-9_](?:[\w.\-]*\w)? )
    (?: @ (?P<version> [\w.=:\-]+ (?:,[\w.=:\-]+)* ) | / (?P<module> \d+ (?:\.\w+)+ ) )?
    (?= [,;.\-]* (?:\s|$) )
    """,
    re.VERBOSE | re.ASCII,
)
"""A word up to the next blank: `mpi`, `gcc@13`, `c++17`, `1.12:1.14`; as a module: `gcc/13.2.0`."""

_GLUED = re.compile(r"(?P<word>[A-Za-z0-9_][\w.\-]*)(?=[@+~%^/])", re.ASCII)
"""A word that spec syntax is glued to: `hdf5+mpi`."""

_SYNTAX = re.compile(r"""(?:'[^']*'|"[^"]*"|\[[^\]]*\]|[^\s'"\[]|['"\[])+""")
"""Spec syntax, up to the next blank outside of quotes and brackets."""

_OPEN = re.compile(r"[@%^+~,\]]$|^--?$")
"""The end of what goes on behind a blank: `% gcc`, `@1.2, 1.4`, `^[virtuals=mpi] openmpi`."""


class Word(Struct, frozen=True):
    """A plain word of a query.

    Args:
        version: what stands behind its `@`; empty without one.
        start, end: its place in the query, end exclusive.
    """

    text: str
    start: int
    end: int
    version: str = ""


class Parts(Struct, frozen=True):
    """A query in its parts.

    Args:
        leading: the number of words that stand before any spec syntax.
        syntax: the pieces of spec syntax.
    """

    words: tuple[Word, ...]
    leading: int
    syntax: tuple[str, ...]


def split_parts(text: str) -> Parts:
    """Split a query into words and spec syntax."""
    words: list[Word] = []
    syntax: list[str] = []
    leading = position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        is_open = bool(syntax) and bool(_OPEN.search(syntax[-1]))
        found = None if is_open else _PLAIN.match(text, position) or _GLUED.match(text, position)
        if found:
            given = found.groupdict()
            version = given.get("version") or given.get("module") or ""
            words.append(Word(found["word"], found.start("word"), found.end("word"), version))
            leading += not syntax
            position = found.end()
            while position < len(text) and text[position] in ",;.-":
                position += 1
            continue
        found = _SYNTAX.match(text, position)
        assert found is not None  # a character that is no blank
        if is_open:
            syntax[-1] += f" {found[0]}"
        else:
            syntax.append(found[0])
        position = found.end()
    return Parts(tuple(words), leading, tuple(syntax))


def is_searchable(text: str) -> bool:
    """Whether a text is words that may name a package, and spec syntax that some Spack reads."""
    parts = split_parts(text)
    if not parts.leading:
        return False
    try:
        check_query(" ".join((parts.words[0].text, *parts.syntax)))
    except QuerySyntaxError:
        return False
    return True
