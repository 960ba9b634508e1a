"""The command line: each command asks the core."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from cachetui import __version__
from cachetui.console import ProgressLine, discard_output, printable, tell, underlined, write
from cachetui.errors import (
    CachetuiError,
    HashError,
    QuerySyntaxError,
    SortError,
    TerminalError,
    UnknownHashError,
)

if TYPE_CHECKING:
    from cachetui.refresh import Opened
    from cachetui.search import Engine, Result
    from cachetui.spec import Spec

FOUND, NOTHING_FOUND, WRONG_USAGE, NOT_READ, INTERRUPTED = 0, 1, 2, 3, 130
"""The exit codes."""

SAMPLE_NOTE = (
    "this is the embedded sample; name a mirror or its pages to open a real build cache: cachetui PATH"
)


def _not_empty(context: click.Context, argument: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """An empty text would be the current folder; it comes from a shell variable that is not set."""
    if "" in value:
        raise click.BadParameter("a location is empty")
    return value


_LOCATIONS = click.argument("locations", nargs=-1, metavar="[LOCATION]...", callback=_not_empty)


def _once(context: click.Context, argument: click.Parameter, value: tuple[str, ...]) -> str:
    if len(value) > 1:
        raise click.BadParameter("is given twice; write one spec")
    return value[0] if value else ""


_QUERY = click.option(
    "-q",
    "--query",
    multiple=True,
    callback=_once,
    metavar="SPEC",
    help="Only builds that satisfy this spec, as Spack reads it.",
)
_NO_MOUSE = click.option(
    "--no-mouse", is_flag=True, help="Leave the mouse to the terminal, for selecting text."
)
_LIMIT = click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most N lines.")
_VERBOSE = click.option(
    "-v", "--verbose", is_flag=True, help="Say how the spec was read, and name every record that was skipped."
)


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
    cachetui [LOCATION]...   opens the browser; without a location, on an embedded sample.
    A LOCATION is a mirror (build_cache/index.json), an index file, pages of
    cache.spack.io (_cache/, a tag, a package, one specs.md), or `sample`.
    """


@cli.command(short_help="Open the browser (also without the word browse).")
@_LOCATIONS
@_QUERY
@_NO_MOUSE
def browse(locations: tuple[str, ...], query: str, no_mouse: bool) -> int:
    """Open the browser."""
    from cachetui.browsing import browse as open_browser

    return open_browser(locations, query, not no_mouse)


_PRINTED = {"install": "spack install line"}
"""Words of --print that are not the names of copy forms."""


@cli.command(short_help="Browse, then print the build that was picked.")
@_LOCATIONS
@_QUERY
@click.option(
    "--print",
    "form",
    type=click.Choice(["hash", "/hash", "name/hash", "spec", "install"]),
    default="hash",
    help="What to print of it.",
)
@click.option("-1", "--only", is_flag=True, help="If just one build satisfies the spec, do not browse.")
@click.option("--multi", is_flag=True, help="Take all builds that are marked with Space.")
@_NO_MOUSE
def pick(locations: tuple[str, ...], query: str, form: str, only: bool, multi: bool, no_mouse: bool) -> int:
    """Browse until Enter picks a build, and print it: spack install $(cachetui pick --print /hash)."""
    from cachetui.config import load_config
    from cachetui.search import check_query
    from cachetui.tui import Beginning, pick_builds, terminal

    check_query(query)
    if only:
        found, code = _found(locations, query)
        if len(found) < 2:
            return _print_picked(found, form) or code
    refusal = terminal.refusal()
    if refusal:
        raise TerminalError(refusal)
    config = load_config()
    mouse = config.mouse and not no_mouse
    beginning = Beginning(query, picks=True, multi=multi)
    picked, code = pick_builds(locations or ("sample",), config, beginning, mouse)
    return _print_picked(picked, form) if picked else code or INTERRUPTED


def _print_picked(specs: Sequence[Spec], form: str) -> int:
    from cachetui.install import COPY_FORMS

    render = next(each.render for each in COPY_FORMS if each.name == _PRINTED.get(form, form))
    write([render(specs)] if specs else [])
    return FOUND


def _found(locations: tuple[str, ...], query: str) -> tuple[list[Spec], int]:
    """(up to two of the builds that satisfy a spec, the exit code)."""
    from cachetui.search import Engine, Selection

    opened = _open(locations, verbose=False)
    engine = Engine(opened.catalog)
    result = engine.select(Selection(query, exact=True))
    _tell_reading(result, verbose=False)
    if not result.rows:
        tell(_nothing_found(engine, result))
    return [opened.catalog.spec(row) for row in result.rows[:2]], _code(opened, bool(result.rows))


@cli.command("list", short_help="List builds.")
@_LOCATIONS
@_QUERY
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "hashes", "specs"]),
    default="table",
    help="How to write them.",
)
@click.option("--count", is_flag=True, help="Print only how many there are.")
@_LIMIT
@click.option("--sort", default="", metavar="COLUMN", help="Sort by a column; -COLUMN from the other end.")
@_VERBOSE
def list_builds(
    locations: tuple[str, ...],
    query: str,
    form: str,
    count: bool,
    limit: int | None,
    sort: str,
    verbose: bool,
) -> int:
    """List the builds of the locations (the embedded sample if there is none)."""
    from cachetui.listing import LIST_FORMATS, check_sort, sorted_rows
    from cachetui.search import Engine, Selection, check_query

    check_sort(sort)
    check_query(query)
    opened = _open(locations, verbose)
    engine = Engine(opened.catalog)
    result = engine.select(Selection(text=query, exact=True))
    _tell_reading(result, verbose)
    if not result.rows:
        tell(_nothing_found(engine, result))
    if count:
        write([str(len(result.rows))])
    else:
        rows = sorted_rows(opened.catalog, result.rows, sort)[:limit]
        write(LIST_FORMATS[form](opened.catalog, rows))
    return _code(opened, bool(result.rows))


@cli.command(short_help="List packages, ranked as in the browser.")
@_LOCATIONS
@click.option(
    "-s",
    "--search",
    default="",
    metavar="TEXT",
    help="Part of a name, as you would type it into the browser.",
)
@_QUERY
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "names"]),
    default="table",
    help="How to write them.",
)
@_LIMIT
@_VERBOSE
def packages(
    locations: tuple[str, ...], search: str, query: str, form: str, limit: int | None, verbose: bool
) -> int:
    """List the packages of the locations, best match first."""
    from cachetui.config import load_config
    from cachetui.listing import PACKAGE_FORMATS
    from cachetui.search import Engine, Selection, check_query

    check_query(query)
    opened = _open(locations, verbose)
    engine = Engine(opened.catalog, load_config().aliases)
    result = engine.select(Selection(text=query, exact=True))
    _tell_reading(result, verbose)
    found = engine.rank(search, result.rows)
    if not result.rows:
        tell(_nothing_found(engine, result))
    elif not found:
        tell(f"no package{' with such builds' if query else ''} is called anything like {search}")
    write(PACKAGE_FORMATS[form](found[:limit]))
    return _code(opened, bool(found))


@cli.command(short_help="Show one build.")
@click.argument("dag_hash", metavar="HASH")
@_LOCATIONS
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to write it."
)
@click.option("--tree", is_flag=True, help="With the tree of its dependencies.")
@_VERBOSE
def show(dag_hash: str, locations: tuple[str, ...], form: str, tree: bool, verbose: bool) -> int:
    """Show the build whose hash begins with HASH (also /HASH and name/HASH)."""
    from cachetui.listing import show_json, show_text

    opened = _open(locations, verbose)
    row = opened.catalog.row_of(dag_hash)
    write((show_json if form == "json" else show_text)(opened.catalog, row, tree))
    return _code(opened, True)


@cli.command("paths", short_help="Where config, catalogs and styles lie.")
def show_paths() -> int:
    """Print where things lie, a name and a path on each line."""
    from cachetui import paths
    from cachetui.config import config_file

    places = {
        "config": config_file(),
        "catalogs": paths.catalog_dir(),
        "styles": paths.styles_dir(),
        "sample": paths.sample_dir(),
    }
    write(f"{name:10}{printable(str(path))}" for name, path in places.items())
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
        tell(error.format_message())
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
        tell(f"{error.filename}: {reason}" if error.filename else reason)
        return NOT_READ
    tell(underlined(error) if isinstance(error, QuerySyntaxError) else str(error))
    if isinstance(error, UnknownHashError):
        return NOTHING_FOUND
    wrong_usage = isinstance(error, QuerySyntaxError | HashError | SortError | TerminalError)
    return WRONG_USAGE if wrong_usage else NOT_READ


def _open(locations: tuple[str, ...], verbose: bool) -> Opened:
    """Open the catalog; what a person should know goes to stderr."""
    from cachetui.refresh import open_catalog

    progress = ProgressLine()
    try:
        opened = open_catalog(locations or ("sample",), progress.show)
    finally:
        progress.clear()
    click.get_current_context().call_on_close(opened.catalog.close)
    if not locations:
        tell(SAMPLE_NOTE)
    named = opened.problems if verbose else ()
    for line in (*opened.failures, *opened.notes, *named):
        tell(line)
    more = opened.skipped - len(named)
    if named and more:
        tell(f"{more:,} more records were skipped")
    elif more:
        tell(f"{'1 record was' if more == 1 else f'{more:,} records were'} skipped; -v says which")
    return opened


def _tell_reading(result: Result, verbose: bool) -> None:
    """Say how the spec was read: if asked, if two Spacks read it differently, or what is not looked at."""
    from cachetui.search import read_alike

    differently = not read_alike(result.readings)
    for reading in result.readings:
        if differently or reading.notes or (verbose and reading.text()):
            records = f"{reading.records:,} {'build' if reading.records == 1 else 'builds'}"
            tell(f"{reading.dialect.value} ({records}): {reading.text()}")


def _nothing_found(engine: Engine, result: Result) -> str:
    if not result.total:
        return "there are no builds here"
    name = result.words
    if not name or engine.catalog.package_rows(name) or name in engine.evaluator.virtuals:
        unmet = ", ".join(result.lacking)
        return f"no build has {unmet}" if unmet else "no build satisfies all of this spec"
    alike = ", ".join(package.name for package in engine.rank(name)[:3])
    return f"no build of a package named {name}{f'; there is {alike}' if alike else ''}"


def _code(opened: Opened, found: bool) -> int:
    if opened.failures:
        return NOT_READ
    return FOUND if found else NOTHING_FOUND
