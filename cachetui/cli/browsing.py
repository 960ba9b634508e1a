"""The commands that open the browser: `browse` and `pick`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from cachetui.cli.console import note, write
from cachetui.cli.exit_codes import FOUND, INTERRUPTED, NOTHING_FOUND, code_of_result
from cachetui.cli.notes import open_catalog_with_notes
from cachetui.cli.options import (
    ASCII,
    LOCATIONS,
    NO_MOUSE,
    QUERY,
    SEARCH,
    Filters,
    OneCommand,
    filter_options,
    network_options,
    waiting_options,
)
from cachetui.cli.searching import choices_of, engine_of, search_builds

if TYPE_CHECKING:
    from cachetui.install import CachedBuild, TargetSpack
    from cachetui.refresh import Policy


@click.command(cls=OneCommand, short_help="Open the browser (the default command).")
@LOCATIONS
@QUERY
@SEARCH
@filter_options
@NO_MOUSE
@ASCII
@network_options
def browse(
    locations: tuple[str, ...],
    query: str,
    search: str,
    filters: Filters,
    no_mouse: bool,
    ascii: bool,
    policy: Policy,
) -> int:
    """Open the browser."""
    from cachetui.tui import StartOptions, run_browser

    _check_one(query, search)
    options = StartOptions(
        query, ascii=ascii, search=search, policy=policy, where=filters.conditions, host=filters.host
    )
    return run_browser(locations, options, not no_mouse)


def _check_one(query: str, search: str) -> None:
    if query and search:
        raise click.UsageError("give -q SPEC or -s TEXT: the browser has one query")


_FORM_NAMES = {"install": "spack install line"}
"""Choices of --print that differ from the names of copy forms."""


def _release(context: click.Context, argument: click.Parameter, value: str | None) -> tuple[int, int] | None:
    from cachetui.install import release_of

    release = None if value is None else release_of(value)
    if value is not None and release is None:
        raise click.BadParameter(f"{value!r} is not a version of Spack")
    return release


@click.command(cls=OneCommand, short_help="Browse, and print the build you pick.")
@LOCATIONS
@QUERY
@SEARCH
@click.option(
    "--print",
    "form",
    type=click.Choice(["hash", "/hash", "name/hash", "spec", "install"]),
    default="hash",
    help="What to print.",
)
@click.option(
    "--spack",
    "release",
    metavar="VERSION",
    callback=_release,
    help="Print install lines for this Spack, such as 0.23; else for that of this machine.",
)
@click.option("-1", "--only", is_flag=True, help="Print the only match without opening the browser.")
@click.option("--multi", is_flag=True, help="Print all builds marked with Space.")
@filter_options
@NO_MOUSE
@ASCII
@waiting_options
def pick(
    locations: tuple[str, ...],
    query: str,
    search: str,
    filters: Filters,
    form: str,
    release: tuple[int, int] | None,
    only: bool,
    multi: bool,
    no_mouse: bool,
    ascii: bool,
    policy: Policy,
) -> int:
    """Browse until Enter picks a build, and print it: spack install $(cachetui pick --print /hash)."""
    from cachetui.search import check_query
    from cachetui.tui import StartOptions, pick_builds

    check_query(query)
    _check_one(query, search)
    if only:
        found, code = _matching(locations, query, search, filters, policy)
        if len(found) < 2:
            return _print_builds(found, form, release) or code
    options = StartOptions(
        query,
        multi=multi,
        ascii=ascii,
        search=search,
        policy=policy,
        where=filters.conditions,
        host=filters.host,
    )
    picked, code = pick_builds(locations, options, not no_mouse)
    return _print_builds(picked, form, release) if picked else code or INTERRUPTED


def _print_builds(builds: Sequence[CachedBuild], form: str, release: tuple[int, int] | None) -> int:
    from cachetui.install import COPY_FORMS, NEWEST

    chosen = next(each for each in COPY_FORMS if each.name == _FORM_NAMES.get(form, form))
    spack = _target(release) if chosen.installs else NEWEST
    refused = chosen.refused(builds)
    for line in refused:
        note(line)
    write([chosen.render(builds, spack)] if len(builds) > len(refused) else [])
    return NOTHING_FOUND if refused else FOUND


def _target(release: tuple[int, int] | None) -> TargetSpack:
    from msgspec.structs import replace

    from cachetui.install import spack_here

    here = spack_here()
    return here if release is None else replace(here, release=release)


def _matching(
    locations: tuple[str, ...], query: str, search: str, filters: Filters, policy: Policy
) -> tuple[Sequence[CachedBuild], int]:
    """(up to two of the builds that satisfy a spec or are found by a text, the exit code)."""
    from cachetui.install import cached_builds

    opened = open_catalog_with_notes(locations, False, policy)
    engine = engine_of(opened, filters.host)
    rows = search_builds(engine, query, search, choices_of(engine, filters))
    return cached_builds(opened.catalog, rows[:2]), code_of_result(opened, bool(rows))
