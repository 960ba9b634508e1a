"""Writes choices of facet values into the query, as spec syntax."""

from __future__ import annotations

import re

from msgspec.structs import replace

from cachetui.errors import QuerySyntaxError
from cachetui.search.engine import Engine
from cachetui.search.reading import split_words
from cachetui.search.selection import Selection, query_text

_BEFORE_CARET = re.compile(r"""(?:[^'"^]|'[^']*'|"[^"]*")*""")


def with_choices_written(engine: Engine, selection: Selection) -> Selection:
    """Move choices into the text where spec syntax finds the same builds; the others stay choices."""
    for facet in dict.fromkeys(choice.facet for choice in selection.choices):
        written = (_with_facet_written(selection, facet, text) for text in _texts(selection, facet))
        selection = next((each for each in written if _finds_the_same(engine, each, selection)), selection)
    return selection


def _finds_the_same(engine: Engine, written: Selection, selection: Selection) -> bool:
    """Whether both find the same builds: spec syntax may mean more, clash with the query, or be rejected."""
    try:
        return engine.select(written).rows == engine.select(selection).rows
    except QuerySyntaxError:
        return False


def _texts(selection: Selection, facet: str) -> list[str]:
    """The ways to write the choices of a facet, best first."""
    given = [choice for choice in selection.choices if choice.facet == facet]
    text = query_text(facet, [choice.value for choice in given])
    if not text or any(choice.excluded for choice in given):
        return []
    # In Spack 1.x `%gcc` also matches a link dependency on gcc.
    return [text, f"%c={text[1:]}", f"%cxx={text[1:]}"] if facet == "compiler" else [text]


def _with_facet_written(selection: Selection, facet: str, text: str) -> Selection:
    words = split_words(selection.text).end
    below = _BEFORE_CARET.match(selection.text, words)
    root_end = below.end() if below else words
    # An attribute after `%` or `^` would belong to that dependency, and so would `%` after `^`.
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
