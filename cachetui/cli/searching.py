"""What a spec (`-q`), a text as typed in the browser (`-s`) and filters find together; how they were read."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from cachetui.cli.console import note
from cachetui.cli.notes import print_reading
from cachetui.errors import QuerySyntaxError
from cachetui.text import clean, one_line

if TYPE_CHECKING:
    from pyroaring import BitMap

    from cachetui.cli.options import Filters
    from cachetui.host import Host
    from cachetui.refresh import Opened
    from cachetui.search import Choice, Engine, Result


def note_unused_host(filters: Filters, by: str = "") -> None:
    """Say that a host alone filters nothing.

    Args:
        by: the facet that is counted by, if any.
    """
    used = by == "runs" or any(each.startswith(("runs=", "runs!=")) for each in filters.conditions)
    if filters.host is not None and not used:
        note("--host alone filters nothing; add --runs-here or --no-runs-here")


def engine_of(opened: Opened, host: Host | None = None) -> Engine:
    """The engine that answers over an opened catalog, for a host; None: that of the configuration."""
    from cachetui.cli.options import settings
    from cachetui.here import attributes_here
    from cachetui.search import Engine

    config = settings()
    return Engine(opened.catalog, config.aliases, here=attributes_here(config, host))


def choices_of(engine: Engine, filters: Filters) -> tuple[Choice, ...]:
    """The choices that the options ask for; prints which values no build has. Raises FilterError."""
    from cachetui.search import choice_of
    from cachetui.spec import INSTALLED

    choices = [choice_of(text, engine.attributes) for text in filters.conditions]
    for choice in choices:
        if not engine.attributes.index(choice.facet).rows(choice.value):
            note(f"no build has {choice.facet}={clean(choice.value)}")
    if any(choice.facet == INSTALLED for choice in choices):
        from cachetui.here import check_installed, installed_notes

        check_installed()
        for line in installed_notes():
            note(line)
    return tuple(choices)


def search_builds(
    engine: Engine, query: str, search: str, choices: tuple[Choice, ...] = (), verbose: bool = False
) -> BitMap:
    """The builds that satisfy a spec and are found by a text; says how these were read, and why none is."""
    from cachetui.render import nothing_found, search_found_nothing
    from cachetui.search import Selection

    of_spec = engine.select(Selection(query, exact=True, choices=choices))
    if query or not search:
        print_reading(of_spec, verbose)
        if not of_spec.rows or not search:
            if not of_spec.rows:
                note(nothing_found(engine, of_spec))
            return of_spec.rows
    result = engine.select(Selection().with_text(one_line(search)))
    print_reading(result, verbose)
    _print_words(result)
    rows = result.rows & of_spec.rows
    if not result.rows:
        note(search_found_nothing(result))
    elif not rows:
        note("no build that the text finds satisfies the spec")
    return rows


def print_search(engine: Engine, search: str) -> None:
    """Print how the plain words of a text were read."""
    from cachetui.search import Selection

    with suppress(QuerySyntaxError):  # a name that no package has
        _print_words(engine.select(Selection().with_text(one_line(search))))


def _print_words(result: Result) -> None:
    if result.plain is not None:
        more = "".join(f", {text}" for text in result.plain.said)
        note(f"read as: {result.written}{more}")
    for line in result.notes:
        note(line)
