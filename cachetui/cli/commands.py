"""The command line: each command asks the core."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cachetui import __version__
from cachetui.cli.console import discard_output, tell, underlined, write
from cachetui.cli.notes import nothing_found, open_told, tell_reading, with_progress
from cachetui.cli.options import LIMIT, LOCATIONS, NO_MOUSE, QUERY, VERBOSE, asks_mirrors
from cachetui.errors import (
    CachetuiError,
    HashError,
    QuerySyntaxError,
    SortError,
    TerminalError,
    UnknownHashError,
)
from cachetui.text import clean, redacted, redacted_text

if TYPE_CHECKING:
    from cachetui.install import CachedBuild
    from cachetui.refresh import Opened, Policy

FOUND, NOTHING_FOUND, WRONG_USAGE, NOT_READ, INTERRUPTED = 0, 1, 2, 3, 130
"""The exit codes."""


class _Commands(click.Group):
    """A group whose unnamed command is `browse`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `browse` before locations that stand alone."""
        if not args or (args[0] not in self.commands and args[0] not in ("--help", "--version")):
            args = ["browse", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cachetui")
def cli() -> None:
    """Browse Spack build caches.

    \b
    cachetui [LOCATION]...   opens the browser; without a location, on the mirrors that Spack is
                             configured with, or on an embedded sample if there are none.
    A LOCATION is a mirror (a folder, or http[s]://, s3://, gs://, oci://), the name of one in
    Spack's mirrors.yaml, a public cache (develop, v2025.07.0/e4s), an index file, a compiled
    catalog, pages of cache.spack.io (_cache/, a tag, a package, one specs.md), or `sample`.
    """


@cli.command(short_help="Open the browser (also without the word browse).")
@LOCATIONS
@QUERY
@NO_MOUSE
@asks_mirrors
def browse(locations: tuple[str, ...], query: str, no_mouse: bool, policy: Policy) -> int:
    """Open the browser."""
    from cachetui.tui import run_browser

    return run_browser(locations, query, not no_mouse, policy)


_PRINTED = {"install": "spack install line"}
"""Words of --print that are not the names of copy forms."""


@cli.command(short_help="Browse, then print the build that was picked.")
@LOCATIONS
@QUERY
@click.option(
    "--print",
    "form",
    type=click.Choice(["hash", "/hash", "name/hash", "spec", "install"]),
    default="hash",
    help="What to print of it.",
)
@click.option("-1", "--only", is_flag=True, help="If just one build satisfies the spec, do not browse.")
@click.option("--multi", is_flag=True, help="Take all builds that are marked with Space.")
@NO_MOUSE
@asks_mirrors
def pick(
    locations: tuple[str, ...],
    query: str,
    form: str,
    only: bool,
    multi: bool,
    no_mouse: bool,
    policy: Policy,
) -> int:
    """Browse until Enter picks a build, and print it: spack install $(cachetui pick --print /hash)."""
    from cachetui.search import check_query
    from cachetui.tui import pick_builds

    check_query(query)
    if only:
        found, code = _found(locations, query, policy)
        if len(found) < 2:
            return _print_picked(found, form) or code
    picked, code = pick_builds(locations, query, multi, not no_mouse, policy)
    return _print_picked(picked, form) if picked else code or INTERRUPTED


def _print_picked(builds: Sequence[CachedBuild], form: str) -> int:
    from cachetui.install import COPY_FORMS

    render = next(each.render for each in COPY_FORMS if each.name == _PRINTED.get(form, form))
    write([render(builds)] if builds else [])
    return FOUND


def _found(locations: tuple[str, ...], query: str, policy: Policy) -> tuple[list[CachedBuild], int]:
    """(up to two of the builds that satisfy a spec, the exit code)."""
    from cachetui.install import cached_builds
    from cachetui.search import Engine, Selection

    opened = open_told(locations, False, policy)
    engine = Engine(opened.catalog)
    result = engine.select(Selection(query, exact=True))
    tell_reading(result, verbose=False)
    if not result.rows:
        tell(nothing_found(engine, result))
    return cached_builds(opened.catalog, result.rows[:2]), _code(opened, bool(result.rows))


@cli.command("list", short_help="List builds.")
@LOCATIONS
@QUERY
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "hashes", "specs"]),
    default="table",
    help="How to write them.",
)
@click.option("--count", is_flag=True, help="Print only how many there are.")
@LIMIT
@click.option("--sort", default="", metavar="COLUMN", help="Sort by a column; -COLUMN from the other end.")
@VERBOSE
@asks_mirrors
def list_builds(
    locations: tuple[str, ...],
    query: str,
    form: str,
    count: bool,
    limit: int | None,
    sort: str,
    verbose: bool,
    policy: Policy,
) -> int:
    """List the builds of the locations; without any, those of Spack's mirrors."""
    from cachetui.render import LIST_FORMATS, check_sort, sorted_rows
    from cachetui.search import Engine, Selection, check_query

    check_sort(sort)
    check_query(query)
    opened = open_told(locations, verbose, policy)
    engine = Engine(opened.catalog)
    result = engine.select(Selection(text=query, exact=True))
    tell_reading(result, verbose)
    if not result.rows:
        tell(nothing_found(engine, result))
    if count:
        write([str(len(result.rows))])
    else:
        rows = sorted_rows(opened.catalog, result.rows, sort)[:limit]
        write(LIST_FORMATS[form](opened.catalog, rows))
    return _code(opened, bool(result.rows))


@cli.command(short_help="List packages, ranked as in the browser.")
@LOCATIONS
@click.option(
    "-s",
    "--search",
    default="",
    metavar="TEXT",
    help="Part of a name, as you would type it into the browser.",
)
@QUERY
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "names"]),
    default="table",
    help="How to write them.",
)
@LIMIT
@VERBOSE
@asks_mirrors
def packages(
    locations: tuple[str, ...],
    search: str,
    query: str,
    form: str,
    limit: int | None,
    verbose: bool,
    policy: Policy,
) -> int:
    """List the packages of the locations, best match first."""
    from cachetui.config import load_config
    from cachetui.render import PACKAGE_FORMATS
    from cachetui.search import Engine, Selection, check_query

    check_query(query)
    config = load_config()
    opened = open_told(locations, verbose, policy)
    engine = Engine(opened.catalog, config.aliases)
    result = engine.select(Selection(text=query, exact=True))
    tell_reading(result, verbose)
    found = engine.rank(search, result.rows)
    if not result.rows:
        tell(nothing_found(engine, result))
    elif not found:
        tell(f"no package{' with such builds' if query else ''} is called anything like {search}")
    write(PACKAGE_FORMATS[form](found[:limit]))
    return _code(opened, bool(found))


@cli.command(short_help="Show one build.")
@click.argument("dag_hash", metavar="HASH")
@LOCATIONS
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to write it."
)
@click.option("--tree", is_flag=True, help="With the tree of its dependencies.")
@VERBOSE
@asks_mirrors
def show(
    dag_hash: str,
    locations: tuple[str, ...],
    form: str,
    tree: bool,
    verbose: bool,
    policy: Policy,
) -> int:
    """Show the build whose hash begins with HASH (also /HASH and name/HASH)."""
    from cachetui.render import show_json, show_text

    opened = open_told(locations, verbose, policy)
    row = opened.catalog.row_of(dag_hash)
    write((show_json if form == "json" else show_text)(opened.catalog, row, tree))
    return _code(opened, True)


@cli.command(short_help="Download and compile now.")
@LOCATIONS
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Compile into this file, for all users of a site: `catalog: FILE` in the system's configuration.",
)
@VERBOSE
@asks_mirrors
def refresh(locations: tuple[str, ...], output: Path | None, verbose: bool, policy: Policy) -> int:
    """Ask all mirrors for what is new, compile it, and print where the catalog lies."""
    from msgspec.structs import replace

    policy = replace(policy, force=True, catalog="")
    opened = open_told(locations, verbose, policy, output)
    catalog = opened.catalog
    tell(f"{len(catalog.listed):,} builds of {catalog.listed_packages:,} packages in {catalog.meta['title']}")
    write([clean(str(catalog.path))])
    return NOT_READ if opened.failures or opened.stale else FOUND


@cli.command(short_help="Every mirror, where it was found, its state and age.")
@LOCATIONS
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", help="How to write them."
)
@click.option("--public", is_flag=True, help="The public build caches that can be named.")
@asks_mirrors
def mirrors(locations: tuple[str, ...], form: str, public: bool, policy: Policy) -> int:
    """Tell of the mirrors that Spack is configured with, and of LOCATIONs; no mirror is asked."""
    from cachetui.locate import mirrors_report
    from cachetui.refresh import list_public
    from cachetui.render import MIRROR_FORMATS, PUBLIC_FORMATS

    if public:
        listed, note = with_progress(partial(list_public, policy))
        for line in filter(None, [note]):
            tell(line)
        write(PUBLIC_FORMATS[form](listed))
        return FOUND if listed else NOTHING_FOUND
    report = mirrors_report(locations, policy.public, policy.max_age)
    write(MIRROR_FORMATS[form](report))
    for line in report.notes if form == "table" else ():
        tell(line)
    return FOUND if report.mirrors else NOTHING_FOUND


@cli.command("paths", short_help="Where config, catalogs and styles lie.")
def show_paths() -> int:
    """Print where things lie, a name and a path on each line."""
    from cachetui import paths
    from cachetui.config import config_file, site_config_file

    places = {
        "config": config_file(),
        "site": site_config_file(),
        "catalogs": paths.catalog_dir(),
        "downloads": paths.downloads_dir(),
        "styles": paths.styles_dir(),
        "sample": paths.sample_dir(),
    }
    write(f"{name:10}{clean(str(path))}" for name, path in places.items())
    return FOUND


def run(arguments: list[str]) -> int:
    """Run the command line; every error of input becomes one line on stderr and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = cli(arguments, prog_name="cachetui", standalone_mode=False)
        return code if isinstance(code, int) else FOUND
    except click.ClickException as error:
        tell(redacted_text(error.format_message()))  # it quotes what was typed
        return WRONG_USAGE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except (CachetuiError, OSError) as error:
        return reported(error)


def reported(error: CachetuiError | OSError | KeyboardInterrupt) -> int:
    """Say in one line what went wrong; the exit code."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, OSError):
        discard_output()  # the help, which click writes, may be what could not be written
        reason = error.strerror or str(error)
        tell(f"{redacted(str(error.filename))}: {reason}" if error.filename else redacted_text(reason))
        return NOT_READ
    tell(underlined(error) if isinstance(error, QuerySyntaxError) else str(error))
    if isinstance(error, UnknownHashError):
        return NOTHING_FOUND
    wrong_usage = isinstance(error, QuerySyntaxError | HashError | SortError | TerminalError)
    return WRONG_USAGE if wrong_usage else NOT_READ


def _code(opened: Opened, found: bool) -> int:
    if opened.failures:
        return NOT_READ
    return FOUND if found else NOTHING_FOUND
