"""The commands that print builds and packages: `list`, `packages` and `show`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from cachetui.cli.console import note, write
from cachetui.cli.exit_codes import code_of_result
from cachetui.cli.notes import open_catalog_with_notes, print_reading
from cachetui.cli.options import (
    DEPTYPES,
    LIMIT,
    LOCATIONS,
    QUERY,
    SEARCH,
    VERBOSE,
    Filters,
    OneCommand,
    filter_options,
    format_option,
    host_options,
    waiting_options,
)
from cachetui.cli.searching import (
    choices_of,
    engine_of,
    note_unused_host,
    print_search,
    search_builds,
)
from cachetui.text import counted

if TYPE_CHECKING:
    from cachetui.catalog import Catalog
    from cachetui.host import Host
    from cachetui.install import Download
    from cachetui.refresh import Policy


MOST_LEFT_OUT = 10
"""Builds that are named without -v."""


def _list_formats() -> Iterable[str]:
    from cachetui.render import LIST_FORMATS

    return LIST_FORMATS


def _package_formats() -> Iterable[str]:
    from cachetui.render import PACKAGE_FORMATS

    return PACKAGE_FORMATS


def _show_formats() -> Iterable[str]:
    from cachetui.render import SHOW_FORMATS

    return SHOW_FORMATS


@click.command("list", cls=OneCommand, short_help="List builds.")
@LOCATIONS
@QUERY
@SEARCH
@filter_options
@format_option(_list_formats)
@click.option("--count", is_flag=True, help="Print only the number of builds.")
@LIMIT
@click.option("--sort", default="", metavar="COLUMN", help="Sort by a column; -COLUMN: in reverse.")
@VERBOSE
@waiting_options
def list_builds(
    locations: tuple[str, ...],
    query: str,
    search: str,
    filters: Filters,
    form: str,
    count: bool,
    limit: int | None,
    sort: str,
    verbose: bool,
    policy: Policy,
) -> int:
    """List the builds at the locations, by default those in Spack's mirrors."""
    from cachetui.render import LIST_FORMATS, SpecLines, check_sort, sorted_rows
    from cachetui.search import check_query

    # Before a catalog is opened, which may take a download.
    check_sort(sort)
    check_query(query)
    opened = open_catalog_with_notes(locations, verbose, policy)
    engine = engine_of(opened, filters.host)
    note_unused_host(filters)
    found = search_builds(engine, query, search, choices_of(engine, filters), verbose)
    if count:
        write([str(len(found))])
    else:
        rows = sorted_rows(engine.attributes, found, sort)[:limit]
        lines = LIST_FORMATS[form](engine.attributes, rows)
        write(lines)
        if isinstance(lines, SpecLines) and lines.left_out:
            _note_left_out(lines.left_out, verbose)
            if len(lines.left_out) == len(rows):
                return code_of_result(opened, False)
    return code_of_result(opened, bool(found))


def _note_left_out(left_out: Sequence[str], verbose: bool) -> None:
    for line in left_out if verbose else left_out[:MOST_LEFT_OUT]:
        note(line)
    if not verbose and (more := len(left_out) - MOST_LEFT_OUT) > 0:
        note(f"{counted(more, 'more build')} left out; -v says which")


def _note_names(names: Iterable[str]) -> None:
    from cachetui.spelling import is_package_name

    if left_out := sum(not is_package_name(name) for name in names):
        note(f"{counted(left_out, 'name')} left out, not spelled as Spack allows")


@click.command(cls=OneCommand, short_help="List packages, ranked as in the browser.")
@LOCATIONS
@SEARCH
@QUERY
@filter_options
@format_option(_package_formats)
@LIMIT
@VERBOSE
@waiting_options
def packages(
    locations: tuple[str, ...],
    search: str,
    query: str,
    filters: Filters,
    form: str,
    limit: int | None,
    verbose: bool,
    policy: Policy,
) -> int:
    """List the packages at the locations, best match first."""
    from cachetui.render import PACKAGE_FORMATS, no_package_found
    from cachetui.search import Selection, check_query

    check_query(query)
    opened = open_catalog_with_notes(locations, verbose, policy)
    engine = engine_of(opened, filters.host)
    note_unused_host(filters)
    result = engine.select(Selection(text=query, exact=True, choices=choices_of(engine, filters)))
    print_reading(result, verbose)
    found = engine.rank(search, result.rows)
    print_search(engine, search)
    if not found:
        note(no_package_found(engine, result, search))
    write(PACKAGE_FORMATS[form](engine.attributes, found, limit))
    if form == "names":
        _note_names(package.name for package in found[:limit])
    return code_of_result(opened, bool(found))


@click.command(cls=OneCommand, short_help="Show one build.")
@click.argument("dag_hash", metavar="HASH")
@LOCATIONS
@format_option(_show_formats, default="text")
@click.option("--tree", is_flag=True, help="Its dependency tree, with the state of each build.")
@click.option("--closure", is_flag=True, help="What an install needs (link and run): cached, hole, missing.")
@click.option("--size", is_flag=True, help="Size, date and signature of its binary, as its mirrors say.")
@click.option("--used-by", is_flag=True, help="What depends on it, directly and transitively.")
@DEPTYPES
@host_options
@VERBOSE
@waiting_options
def show(
    dag_hash: str,
    locations: tuple[str, ...],
    form: str,
    tree: bool,
    closure: bool,
    size: bool,
    used_by: bool,
    deptypes: tuple[str, ...] | None,
    host: Host | None,
    verbose: bool,
    policy: Policy,
) -> int:
    """Show the build whose hash begins with HASH (also /HASH and name/HASH)."""
    from cachetui.render import SHOW_FORMATS, Walks
    from cachetui.spack import release_here

    opened = open_catalog_with_notes(locations, verbose, policy)
    row = opened.catalog.row_of(dag_hash)
    release = release_here(os.environ) if host else None
    download = _download(opened.catalog, row, locations, policy) if size else None
    if verbose and host and release is None:
        note("no Spack found here: whether a build runs is judged as the Spack that wrote it would")
    installed = _installed() if tree or closure else frozenset()
    walks = Walks(tree, used_by, closure, deptypes, host, release, download, installed)
    write(SHOW_FORMATS[form](opened.catalog, row, walks))
    return code_of_result(opened, True)


def _installed() -> frozenset[str]:
    """The hashes that are installed here; prints what cannot be read of them."""
    from cachetui.locate import installed_here

    found = installed_here()
    for line in found.notes:
        note(line)
    return found.all


def _download(catalog: Catalog, row: int, locations: tuple[str, ...], policy: Policy) -> Download:
    """Ask the mirrors of a build for its binary."""
    from cachetui.install import find_download, wanted_builds
    from cachetui.refresh import BinaryFinder

    return find_download(wanted_builds(catalog, row), BinaryFinder(locations, policy, lambda: None))
