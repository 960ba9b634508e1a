"""Why a selection has no build: its terms, each with the builds that it has alone and that the rest has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from msgspec import Struct
from msgspec.structs import replace

from cachetui.errors import QuerySyntaxError
from cachetui.query import LONGEST
from cachetui.search.engine import Engine
from cachetui.search.reading import split_words
from cachetui.search.selection import Selection, choices_text

MOST = 20
"""Terms that are counted: a query of hundreds, which was pasted by mistake, would take seconds."""

WORK = 600
"""Terms that are evaluated for that: each count evaluates all others."""

_TERM = re.compile(
    r"""
    (?:
        \^[^\^]*                                    # a dependency with all of its attributes
      | %(?:[^\s^%"'~+]|"[^"]*"|'[^']*')+           # a compiler
      | (?:\+\+|~~|--|\+|~)[\w.\-]+                 # a boolean variant
      | /[a-z2-7]+                                  # a hash
      | @(?:[^\s^%"'~+/]|\s*,\s*)+                  # versions
      | [\w.\-]+\s*:?==?\s*(?:"[^"]*"|'[^']*'|\S+)  # a value
      | \S+
    )
    """,
    re.VERBOSE,
)


class Term(Struct, frozen=True):
    """A part of a selection.

    Args:
        alone: the builds of the packages that the words name which have it.
        without: the builds that the selection has without it.
        rest: the selection without it.
    """

    text: str
    alone: int
    without: int
    rest: Selection


def terms_of(engine: Engine, selection: Selection) -> list[Term]:
    """The first terms of a selection: those of its query, and each selected facet."""
    found: list[Term] = []
    if len(selection.text) > LONGEST:
        return found
    parts = list(_parts(*_as_spec(engine, selection)))
    for text, alone, rest in parts[: max(WORK // max(len(parts), 1), 2)][:MOST]:
        with suppress(QuerySyntaxError):
            found.append(Term(text, len(engine.select(alone).rows), len(engine.select(rest).rows), rest))
    return found


def _as_spec(engine: Engine, selection: Selection) -> tuple[Selection, Sequence[str]]:
    """The selection with its plain words as spec syntax, and the words at its end that have no other form."""
    with suppress(QuerySyntaxError):
        plain = engine.select(selection).plain
        if plain is not None:
            choices = (*selection.choices, *plain.choices)
            return replace(selection, text=plain.text, choices=choices), plain.kept
    return selection, ()


def _parts(selection: Selection, kept: Sequence[str]) -> Iterator[tuple[str, Selection, Selection]]:
    """(text, the term alone, the selection without it)."""
    text = selection.text
    end = len(text) - sum(len(each) + 1 for each in kept)
    typed = split_words(text[:end])
    bare = replace(selection, choices=(), among=frozenset(), package=None)
    if typed.words:
        rest = replace(selection, text=text[typed.end :].strip(), package=None)
        yield typed.words, replace(bare, text=typed.words), rest
    spans = [match.span() for match in _TERM.finditer(text, typed.end, end)]
    for each in kept:
        spans.append((end, end + len(each) + 1))
        end += len(each) + 1
    for start, after in spans:
        term = text[start:after].strip()
        rest_text = f"{text[:start].rstrip()} {text[after:].lstrip()}".strip()
        yield term, replace(bare, text=f"{typed.words} {term}".strip()), replace(selection, text=rest_text)
    for facet in dict.fromkeys(choice.facet for choice in selection.choices):
        chosen = tuple(choice for choice in selection.choices if choice.facet == facet)
        alone = replace(bare, text=typed.words, choices=chosen)
        yield " ".join(choices_text(chosen)), alone, selection.without_choices(facet)
    if selection.among:
        alone = replace(selection, text="", choices=(), package=None)
        yield "marked builds", alone, replace(selection, among=frozenset())
