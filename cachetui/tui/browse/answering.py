"""A selection to its result, also while the query cannot be read: then as much of it as can."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import suppress

from msgspec import Struct
from msgspec.structs import replace

from cachetui.errors import QuerySyntaxError
from cachetui.search import Engine, Result, Selection, split_words


class Answer(Struct, frozen=True, eq=False):
    """A result, and what is wrong with the query it is not the result of.

    Args:
        error: why the query cannot be read; None: it can.
        is_unfinished: only its end, which is being typed, cannot be read yet.
    """

    result: Result
    error: QuerySyntaxError | None = None
    is_unfinished: bool = False


def answer(engine: Engine, selection: Selection, last: Result | None, is_typing: bool) -> Answer:
    """Answer a selection.

    Args:
        last: the result that is shown; its query stands in for one that cannot be read.
        is_typing: the end of the query may still change.
    """
    try:
        return Answer(engine.select(selection))
    except QuerySyntaxError as error:
        finished = _without_unfinished(engine, selection) if is_typing else None
        if finished is not None:
            return Answer(finished, error, is_unfinished=True)
        return Answer(_last_readable(engine, selection, last), error)


def _without_unfinished(engine: Engine, selection: Selection) -> Result | None:
    """The result without what is being typed at the end of the query, if the rest can be read."""
    from cachetui.search import without_unfinished  # only typing needs it

    text = without_unfinished(selection.text)
    if text is not None:
        with suppress(QuerySyntaxError):
            return engine.select(replace(selection, text=text))
    return None


def _last_readable(engine: Engine, selection: Selection, last: Result | None) -> Result:
    """The result with the last query that could be read in place of the one that cannot."""
    if last is not None:
        package = last.package if selection.package is None else selection.package
        with suppress(QuerySyntaxError):  # the Spack of another catalog may refuse that one, too
            return engine.select(replace(selection, text=last.selection.text, package=package))
    return engine.select(replace(selection, text=""))


def command_line(engine: Engine, selection: Selection, locations: Sequence[str]) -> tuple[str, str]:
    """The command line that shows a selection, and what of it a spec cannot say (empty: nothing)."""
    from cachetui.search import choices_text, with_choices_written

    written = with_choices_written(engine, selection)
    text = spec_text(engine, written)
    words = ["cachetui", *locations, *(["-q", text] if text else [])]
    left_out = choices_text(written.choices)
    return shlex.join(words), f"without {', '.join(left_out)}" if left_out else ""


def spec_text(engine: Engine, selection: Selection) -> str:
    """The query as pure spec syntax, with the whole name of the package that it led to."""
    text = selection.text.strip()
    if selection.exact or not selection.package:
        return text
    typed = split_words(text)
    is_name = typed.words == selection.package
    return text if is_name else f"{selection.package} {text[typed.end :].strip()}".strip()


def why_not_written(selection: Selection, written: Selection, error: QuerySyntaxError | None) -> str:
    """Why the choices of a selection cannot be written into its query; empty if they can.

    Args:
        written: the selection with as many choices written as can be.
        error: why the query cannot be read; None: it can.
    """
    if not selection.choices:
        return "no facet value is selected"
    if error is not None:
        return "the query cannot be read: nothing is written into it"
    return "exclusions cannot be written as a spec" if written.text == selection.text else ""
