"""A selection to its result, also while the query cannot be read: then as much of it as can."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import suppress

from msgspec import Struct
from msgspec.structs import replace

from cachetui.errors import HostError, QuerySyntaxError
from cachetui.search import Engine, Result, Selection, split_words
from cachetui.text import clean, redacted


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
    except HostError as error:  # of `runs=yes`
        unread = QuerySyntaxError(str(error), selection.text)
        here = {attribute.name for attribute in engine.attributes.here}
        others = tuple(choice for choice in selection.choices if choice.facet not in here)
        return Answer(_last_readable(engine, replace(selection, choices=others), last), unread)


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
        with suppress(QuerySyntaxError, HostError):  # the Spack of another catalog may refuse that one, too
            return engine.select(replace(selection, text=last.selection.text, package=package))
    return engine.select(replace(selection, text=""))


def command_line(engine: Engine, selection: Selection, locations: Sequence[str]) -> tuple[str, str]:
    """The command line that shows a selection, and what of it a spec cannot say (empty: nothing).

    Raises QuerySyntaxError.
    """
    from cachetui.search import where_text, with_choices_written

    result = engine.select(selection)
    unsaid = ["which builds are marked"] if selection.among else []
    if any(redacted(location) != clean(location) for location in locations):
        unsaid.append("what is secret in a location")
    locations = list(map(redacted, locations))
    if result.words and not result.package:  # names that are alike, which no spec can say
        others = ["that all matches are shown"] if len(result.packages) > 1 else []
        left_out = [*unsaid, *others]
        words = ["-s", selection.text.strip()]
        words += [word for choice in selection.choices for word in ("--where", where_text(choice))]
        return _line("browse", locations, words), f"left out: {', '.join(left_out)}" if left_out else ""
    text = result.written or _as_spec(engine, result.selection)
    if selection.package and not selection.exact and result.words != selection.package:
        text = f"{selection.package} {text[split_words(text).end :].strip()}".strip()
    choices = (*selection.choices, *(result.plain.choices if result.plain else ()))
    exact = Selection(text, package=None, exact=True, choices=choices)
    written = with_choices_written(engine, exact)
    left_out = [*(result.plain.kept if result.plain else ()), *unsaid]
    words = ["-q", written.text] if written.text else []
    words += [word for choice in written.choices for word in ("--where", where_text(choice))]
    return _line("", locations, words), f"left out: {', '.join(left_out)}" if left_out else ""


def _line(command: str, locations: Sequence[str], options: Sequence[str]) -> str:
    """A command line, in which no location is taken for an option."""
    if any(location.startswith("-") for location in locations):
        return shlex.join(["cachetui", command or "browse", *options, "--", *locations])
    return shlex.join([*filter(None, ("cachetui", command)), *locations, *options])


def _as_spec(engine: Engine, selection: Selection) -> str:
    """The query, with its slash if it is a hash that was typed without."""
    text = selection.text.strip()
    if selection.exact:
        return text
    typed = engine.typed.read_for((selection.text, selection.package or ""))
    return text if typed.fuzzy or typed.is_rewritten else typed.spec.strip()


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
    if written.text != selection.text:
        return ""
    if any(choice.excluded for choice in selection.choices):
        return "exclusions cannot be written as a spec"
    return "no spec finds just the builds of these filters"
