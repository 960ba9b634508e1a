"""Chosen facet values as spec syntax in the query."""

from __future__ import annotations

import re

from msgspec.structs import replace

from cachetui.errors import QuerySyntaxError
from cachetui.search.engine import Engine
from cachetui.search.reading import split_words
from cachetui.search.selection import Selection, query_text

_UP_TO_BELOW = re.compile(r"""(?:[^'"^]|'[^']*'|"[^"]*")*""")


def with_choices_written(engine: Engine, selection: Selection) -> Selection:
    """The choices as spec syntax of the text, where that finds what they find; the others stay choices."""
    for facet in dict.fromkeys(choice.facet for choice in selection.choices):
        written = (_with_facet_written(selection, facet, text) for text in _texts(selection, facet))
        selection = next((each for each in written if _finds_the_same(engine, each, selection)), selection)
    return selection


def _finds_the_same(engine: Engine, written: Selection, selection: Selection) -> bool:
    """Not so if the query has no room for it, one of two Spacks refuses it, or it means more in Spack."""
    try:
        return engine.select(written).rows == engine.select(selection).rows
    except QuerySyntaxError:
        return False


def _texts(selection: Selection, facet: str) -> list[str]:
    """The ways to write the choices of a facet."""
    given = [choice for choice in selection.choices if choice.facet == facet]
    text = query_text(facet, [choice.value for choice in given])
    if not text or any(choice.excluded for choice in given):
        return []
    # To Spack 1.x `%gcc` may also be a library that is linked.
    return [text, f"%c={text[1:]}", f"%cxx={text[1:]}"] if facet == "compiler" else [text]


def _with_facet_written(selection: Selection, facet: str, text: str) -> Selection:
    words = split_words(selection.text).end
    below = _UP_TO_BELOW.match(selection.text, words)
    root_end = below.end() if below else words
    # An attribute after `%` or `^` would belong to the dependency; `%` after `^` too.
    before, after = ("", text) if facet == "compiler" else (text, "")
    parts = (
        selection.text[:words],
        before,
        selection.text[words:root_end],
        after,
        selection.text[root_end:],
    )
    whole = " ".join(filter(None, map(str.strip, parts)))
    return replace(selection, text=whole, choices=tuple(c for c in selection.choices if c.facet != facet))
