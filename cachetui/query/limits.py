"""How long a query may be: beyond that it was pasted by mistake, and would only take time."""

from __future__ import annotations

from cachetui.errors import QuerySyntaxError

LONGEST = 4096
"""Characters; 120 hashes, one a line, are not more."""

MOST_TERMS = 200
"""Names, versions, variants and so on: each is looked up, and those of dependencies are compared in pairs."""

MOST_NAMELESS = 5
"""Dependencies without a name, and without enough of a hash: each is looked for above all builds."""

ENOUGH_OF_A_HASH = 7
"""Digits, as Spack prints them."""

_INSTEAD = "`cachetui check FILE` reads lists of specs and hashes"


def check_length(text: str) -> None:
    """Raise QuerySyntaxError for a query that is too long to be one."""
    if len(text) > LONGEST:
        reason = f"a query has at most {LONGEST:,} characters, and this one has {len(text):,}; {_INSTEAD}"
        raise QuerySyntaxError(reason, text, (LONGEST, LONGEST + 1))


def too_many_terms(text: str, start: int, end: int) -> QuerySyntaxError:
    """Return the error for a query whose first term too many stands at a place."""
    return QuerySyntaxError(f"a query has at most {MOST_TERMS} terms; {_INSTEAD}", text, (start, end))
