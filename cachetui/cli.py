"""The command line: each command asks the core, and this module alone prints."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import click

from cachetui import __version__
from cachetui.errors import (
    CachetuiError,
    HashError,
    OutputError,
    QuerySyntaxError,
    SortError,
    UnknownHashError,
)

if TYPE_CHECKING:
    from cachetui.refresh import Opened, Progress
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
_QUERY = click.option(
    "-q", "--query", default="", metavar="SPEC", help="Only builds that satisfy this spec, as Spack reads it."
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
@_NO_MOUSE
def browse(locations: tuple[str, ...], no_mouse: bool) -> int:
    """Open the browser."""
    from cachetui.tui import terminal

    refusal = terminal.refusal()
    if refusal:
        return _fail(refusal, WRONG_USAGE)
    from cachetui.config import load_config
    from cachetui.tui import run_browser

    config = load_config()
    return run_browser(locations or ("sample",), config, mouse=config.mouse and not no_mouse)


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
    from cachetui.install import COPY_FORMS
    from cachetui.search import check_query
    from cachetui.tui import Picking, pick_builds, terminal

    check_query(query)
    specs = _only_build(locations, query) if only else []
    if not specs:
        refusal = terminal.refusal()
        if refusal:
            return _fail(refusal, WRONG_USAGE)
        config = load_config()
        mouse = config.mouse and not no_mouse
        specs = pick_builds(locations or ("sample",), config, Picking(query, multi), mouse)
    if not specs:
        return INTERRUPTED
    render = next(each.render for each in COPY_FORMS if each.name == _PRINTED.get(form, form))
    _write([render(specs)])
    return FOUND


def _only_build(locations: tuple[str, ...], query: str) -> list[Spec]:
    """The build that satisfies a spec, if it is just one."""
    from cachetui.search import Engine, Selection

    opened = _open(locations, verbose=False)
    rows = Engine(opened.catalog).select(Selection(query, exact=True)).rows
    return [opened.catalog.spec(rows[0])] if len(rows) == 1 else []


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
        _tell(_nothing_found(engine, result))
    if count:
        _write([str(len(result.rows))])
    else:
        rows = sorted_rows(opened.catalog, result.rows, sort)[:limit]
        _write(LIST_FORMATS[form](opened.catalog, rows))
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
        _tell(_nothing_found(engine, result))
    elif not found:
        _tell(f"no package{' with such builds' if query else ''} is called anything like {search}")
    _write(PACKAGE_FORMATS[form](found[:limit]))
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
    _write((show_json if form == "json" else show_text)(opened.catalog, row, tree))
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
    _write(f"{name:10}{_printable(str(path))}" for name, path in places.items())
    return FOUND


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))


def run(arguments: list[str]) -> int:
    """Run the command line; every error of input becomes one line on stderr and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = cli(arguments, prog_name="cachetui", standalone_mode=False)
        return code if isinstance(code, int) else FOUND
    except click.ClickException as error:
        return _fail(error.format_message(), WRONG_USAGE)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except QuerySyntaxError as error:
        return _fail(f"{error}\n  {_printable(error.text)}\n  {error.underline()}", WRONG_USAGE)
    except UnknownHashError as error:
        return _fail(str(error), NOTHING_FOUND)
    except (HashError, SortError) as error:
        return _fail(str(error), WRONG_USAGE)
    except CachetuiError as error:
        return _fail(str(error), NOT_READ)
    except OSError as error:
        _discard_output()  # the help, which click writes, may be what could not be written
        reason = error.strerror or str(error)
        return _fail(f"{error.filename}: {reason}" if error.filename else reason, NOT_READ)


def _write(lines: Iterable[str]) -> None:
    """Lines of data on stdout. Raises OutputError."""
    if sys.stdout is None:
        raise OutputError("standard output is closed")
    with suppress(ValueError):  # not in the main thread
        # Only from here on: the browser talks to programs that may stop reading.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        sys.stdout.writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()
    except OSError as error:
        _discard_output()
        raise OutputError(f"standard output: {error.strerror or error}") from error


def _discard_output() -> None:
    """Lead stdout nowhere, so that what it still holds does not fail again when Python ends."""
    with suppress(OSError, AttributeError):  # it may be no file, or closed
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _tell(message: str) -> None:
    """Say something on stderr, where there is one."""
    with suppress(OSError):
        for line in f"cachetui: {message}".split("\n"):
            click.echo(_printable(line), err=True)


def _fail(message: str, code: int) -> int:
    _tell(message)
    return code


def _printable(text: str) -> str:
    """The text with U+FFFD for each character that a terminal might obey."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def _open(locations: tuple[str, ...], verbose: bool) -> Opened:
    """Open the catalog; what a person should know goes to stderr."""
    from cachetui.refresh import open_catalog

    progress = _ProgressLine()
    try:
        opened = open_catalog(locations or ("sample",), progress.show)
    finally:
        progress.clear()
    click.get_current_context().call_on_close(opened.catalog.close)
    if not locations:
        _tell(SAMPLE_NOTE)
    named = opened.problems if verbose else ()
    for line in (*opened.failures, *opened.notes, *named):
        _tell(line)
    more = opened.skipped - len(named)
    if named and more:
        _tell(f"{more:,} more records were skipped")
    elif more:
        _tell(f"{'1 record was' if more == 1 else f'{more:,} records were'} skipped; -v says which")
    return opened


def _tell_reading(result: Result, verbose: bool) -> None:
    """Say which records are left out because their Spack would refuse the spec; if asked, how it was read."""
    for reading in result.readings:
        if reading.refusal or (verbose and reading.text()):
            records = f"{reading.records:,} {'build' if reading.records == 1 else 'builds'}"
            _tell(f"{reading.dialect.value} ({records}): {reading.text()}")


def _nothing_found(engine: Engine, result: Result) -> str:
    if not result.total:
        return "there are no builds here"
    name = result.words
    if not name or engine.catalog.package_rows(name) or name in engine.evaluator.virtuals:
        return "no build satisfies this spec; -v says how it was read"
    alike = ", ".join(package.name for package in engine.rank(name)[:3])
    return f"no build of a package named {name}{f'; there is {alike}' if alike else ''}"


def _code(opened: Opened, found: bool) -> int:
    if opened.failures:
        return NOT_READ
    return FOUND if found else NOTHING_FOUND


class _ProgressLine:
    """One line on a terminal that is written over; nothing elsewhere."""

    def __init__(self) -> None:
        self._shown = False
        terminal = sys.stderr is not None and sys.stderr.isatty()
        self._enabled = terminal and os.environ.get("TERM") != "dumb"

    def show(self, progress: Progress) -> None:
        """Write how far the reading is."""
        if self._enabled:
            percent = 100 * progress.done // max(progress.total, 1)
            click.echo(f"\r{progress.source[:40]}: {progress.specs:,} specs, {percent}% ", err=True, nl=False)
            self._shown = True

    def clear(self) -> None:
        """Leave no trace of the line."""
        if self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)
