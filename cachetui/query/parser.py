"""Reads what is typed into the query bar: words for package names, then terms about the builds.

    query    = { word | term }
    word     = [A-Za-z0-9_] { [A-Za-z0-9_.-] }
    term     = version | compiler | boolean | value | hash
    version  = "@" [ "=" ] number                   @1.14  @=1.14.6
    compiler = "%" word [ version ]                 %gcc  %gcc@13.2.0
    boolean  = ( "+" | "~" | " -" ) word            +mpi  ~mpi  -mpi
    value    = word "=" ( bare | quoted )           target=x86_64_v3  cflags="-O3 -g"  languages=c,c++
    hash     = "/" [a-z2-7]{1,32}                   /3ocg37b
    quoted   = "'" { any } "'" | '"' { any } '"'

Terms may follow a word without a space: `hdf5@1.14+mpi%gcc`.
"""

from __future__ import annotations

import re

from cachetui.errors import QuerySyntaxError
from cachetui.query.nodes import BooleanTerm, CompilerTerm, HashTerm, Query, Term, ValueTerm, VersionTerm

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.\-]*"
_VERSION = r"=?[A-Za-z0-9_][A-Za-z0-9_.\-]*(?:=[A-Za-z0-9_][A-Za-z0-9_.\-]*)?"
_TOKENS = re.compile(
    rf"""
      (?P<space>\s+)
    | (?P<key>{_NAME})=(?:'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>[A-Za-z0-9_.\-+*,:=%^~/\\]+))
    | (?P<compiler>%\s*(?P<compiler_name>{_NAME})(?:@(?P<compiler_version>{_VERSION}))?)
    | (?P<version>@\s*(?P<number>{_VERSION}))
    | (?P<boolean>(?:[+~]|(?<!\S)-)\s*(?P<variant>{_NAME}))
    | (?P<hash>/(?P<digits>[A-Za-z0-9]+))
    | (?P<word>{_NAME})
    """,
    re.VERBOSE,
)
_HASH = re.compile(r"[a-z2-7]{1,32}")
_RANGED = ("target", "version", "arch")
_LACKS = {
    "@": "a version is missing after @",
    "%": "a compiler is missing after %, as in %gcc",
    "+": "a variant is missing after +, as in +mpi",
    "~": "a variant is missing after ~, as in ~mpi",
    "-": "a variant is missing after -",
    "/": "a hash is missing after /",
    "=": "a value is missing after =",
    "'": "the quote is not closed",
    '"': "the quote is not closed",
}
_NOT_UNDERSTOOD = {
    "^": "dependencies (^) are not understood here",
    ":": "ranges are not understood here; name one version",
    ",": "lists are not understood here; name one value",
    "[": "edge attributes are not understood here",
}
_REFUSED = {
    ":": _NOT_UNDERSTOOD[":"],
    "=": "only one = is understood here",
    "*": "* is not understood here; name one value",
}


def parse(text: str) -> Query:
    """A query. Raises QuerySyntaxError at the first character that cannot be read."""
    words: list[str] = []
    terms: list[Term] = []
    position = 0
    while position < len(text):
        token = _TOKENS.match(text, position)
        if token is None:
            raise _unreadable(text, position)
        if token["word"]:
            words.append(token["word"])
        elif not token["space"]:
            terms.append(_term(token))
        position = token.end()
    return Query(" ".join(words), tuple(terms))


def _term(token: re.Match[str]) -> Term:
    if token["key"]:
        group = next(name for name in ("single", "double", "bare") if token[name] is not None)
        value = token[group]
        _refuse(token, group, ":" if token["key"] in _RANGED else "")
        if token["key"] == "compiler":
            name, _, version = value.partition("@")
            return CompilerTerm(name, _version(version) if version else None)
        return ValueTerm(token["key"], value)
    if token["compiler"]:
        number = token["compiler_version"]
        return CompilerTerm(token["compiler_name"], _version(number) if number else None)
    if token["version"]:
        return _version(token["number"])
    if token["boolean"]:
        return BooleanTerm(token["variant"], token["boolean"].startswith("+"))
    digits = token["digits"].lower()
    if not _HASH.fullmatch(digits):
        raise QuerySyntaxError("a hash is up to 32 characters of a-z2-7", token.string, *token.span("digits"))
    return HashTerm(digits)


def _refuse(token: re.Match[str], group: str, ranges: str) -> None:
    """Refuse what would be read as a plain value and then match nothing: ranges, `*`, `==`."""
    value = token[group]
    place = value.find(ranges) if ranges else -1
    if group == "bare" and place < 0:
        place = 0 if value.startswith(("=", "*")) else -1
    if place >= 0:
        start = token.start(group) + place
        raise QuerySyntaxError(_REFUSED[value[place]], token.string, start, start + 1)


def _version(text: str) -> VersionTerm:
    return VersionTerm(text.removeprefix("="), exact=text.startswith("="))


def _unreadable(text: str, position: int) -> QuerySyntaxError:
    if text[position : position + 2] in ("='", '="'):
        position += 1
    character = text[position]
    reason = _NOT_UNDERSTOOD.get(character) or _LACKS.get(character) or "not understood"
    return QuerySyntaxError(reason, text, position, position + 1)
