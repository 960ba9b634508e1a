"""The command `coverage`: packages by the values of a facet, for a terminal or a web page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from cachetui.cli.console import note, write
from cachetui.cli.exit_codes import code_of_result
from cachetui.cli.notes import open_catalog_with_notes
from cachetui.cli.options import (
    LIMIT,
    LOCATIONS,
    QUERY,
    SEARCH,
    VERBOSE,
    Filters,
    OneCommand,
    filter_options,
    format_option,
    waiting_options,
)
from cachetui.cli.searching import choices_of, engine_of, note_unused_host, search_builds

if TYPE_CHECKING:
    from cachetui.refresh import Policy
    from cachetui.search import Attributes


def _formats() -> Iterable[str]:
    from cachetui.render import COVERAGE_FORMATS

    return COVERAGE_FORMATS


@click.command(cls=OneCommand, short_help="Count the builds of packages by target, os, compiler or stack.")
@LOCATIONS
@QUERY
@SEARCH
@filter_options
@click.option("--by", default="target", metavar="FACET", help="target, os, compiler, stack, version, ...")
@click.option("--gaps-first", is_flag=True, help="Packages with the fewest values first, not by name.")
@format_option(_formats)
@LIMIT
@VERBOSE
@waiting_options
def coverage(
    locations: tuple[str, ...],
    query: str,
    search: str,
    filters: Filters,
    by: str,
    gaps_first: bool,
    form: str,
    limit: int | None,
    verbose: bool,
    policy: Policy,
) -> int:
    """Count the builds of each package by the values of a facet: what is there, and what is missing."""
    from cachetui.render import COVERAGE_FORMATS
    from cachetui.search import Coverage, check_query

    check_query(query)
    opened = open_catalog_with_notes(locations, verbose, policy)
    engine = engine_of(opened, filters.host)
    note_unused_host(filters, by)
    _check_facet(engine.attributes, by)
    found = search_builds(engine, query, search, choices_of(engine, filters), verbose)
    table = Coverage(engine.attributes, found, by, gaps_first)
    if found and not table.values:
        note(f"no build has a {by}")
    write(COVERAGE_FORMATS[form](table, limit))
    return code_of_result(opened, bool(found))


def _check_facet(attributes: Attributes, name: str) -> None:
    if name not in attributes.facet_names:
        known = ", ".join(attributes.facet_names)
        raise click.UsageError(f"--by: there is no facet {name!r}; there are {known}")
