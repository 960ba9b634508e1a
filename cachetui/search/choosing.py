"""Facet values as they stand on a command line: `FACET=VALUE`, `FACET!=VALUE`."""

from __future__ import annotations

from cachetui.errors import FilterError
from cachetui.query import LONGEST
from cachetui.search.attributes import Attributes
from cachetui.search.selection import Choice
from cachetui.text import clean


def choice_of(text: str, attributes: Attributes) -> Choice:
    """Read `FACET=VALUE` (a build must have it) or `FACET!=VALUE` (it must not have it).

    Raises:
        FilterError: it is neither of these, or there is no such facet.
    """
    if len(text) > LONGEST:
        raise FilterError(f"a condition has at most {LONGEST:,} characters, and this one has {len(text):,}")
    facet, equals, value = text.partition("=")
    excluded = facet.endswith("!")
    facet = facet.removesuffix("!").strip()
    names = ", ".join(attributes.facet_names)
    if not equals or not value:
        raise FilterError(f"{clean(text)!r} is not FACET=VALUE or FACET!=VALUE; facets: {names}")
    if facet not in attributes.facet_names:
        raise FilterError(f"{clean(facet)!r} is not a facet; there are {names}")
    return Choice(facet, value, excluded)


def where_text(choice: Choice) -> str:
    """Write a choice as `choice_of` reads it."""
    return f"{choice.facet}{'!' if choice.excluded else ''}={choice.value}"
