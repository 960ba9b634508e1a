"""The command that looks for what an environment or a list needs: `check`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from cachetui.cli.console import note, write
from cachetui.cli.exit_codes import code_of_result
from cachetui.cli.notes import open_catalog_with_notes
from cachetui.cli.options import VERBOSE, OneCommand, format_option, host_options, settings, waiting_options
from cachetui.cli.searching import engine_of
from cachetui.text import redacted

if TYPE_CHECKING:
    from cachetui.host import Host
    from cachetui.refresh import Policy
    from cachetui.sources import Wanted

_STDIN = "-"


def _formats() -> Iterable[str]:
    from cachetui.render import CHECK_FORMATS

    return CHECK_FORMATS


@click.command(
    cls=OneCommand, short_help="Check whether an environment, or a list of builds, is in the caches."
)
@click.argument("locations", nargs=-1, metavar="FILE [FILE]... [LOCATION]...")
@format_option(_formats, default="text")
@click.option("--all", "everything", is_flag=True, help="List also the dependencies that are there (text).")
@click.option("--browse", is_flag=True, help="Show the check in the browser.")
@host_options
@VERBOSE
@waiting_options
def check(
    locations: tuple[str, ...],
    form: str,
    everything: bool,
    browse: bool,
    host: Host | None,
    verbose: bool,
    policy: Policy,
) -> int:
    """Check whether all that a file asks for is in the build caches; for what is not, find the nearest build.

    \b
    A FILE is a spack.lock or the folder of an environment, a spec.json (also what
    `spack spec --json` prints), or a list of hashes and specs, one a line; - is stdin.

    The exit code is 0 if all is there, and 1 if something is missing. What counts are the roots and
    their link and run dependencies, as for spack install --cache-only; externals are expected on the
    machine. What is needed only to build is counted apart.
    """
    from cachetui.graph import NearestBuilds, check_files, surroundings_of
    from cachetui.here import host_here, installed_notes
    from cachetui.render import CHECK_FORMATS, with_nearest
    from cachetui.spack import release_here

    files, locations = _divided(locations)
    if browse:
        return _browse(files, locations, host, policy)
    wanted = [_read(each) for each in files]
    opened = open_catalog_with_notes(locations, verbose, policy)
    engine = engine_of(opened, host)
    around = surroundings_of(engine, host_here(settings(), host), release_here(os.environ))
    checked = check_files(engine, wanted, around)
    for line in (*checked.notes, *installed_notes()):
        note(line)
    nearest = NearestBuilds(engine, checked.specs, around)
    missing = list(with_nearest(nearest, checked.lacking(needed=True)))
    also = checked.lacking(needed=False) if everything or form == "json" else ()
    builds = list(with_nearest(nearest, also))
    write(CHECK_FORMATS[form](checked, missing, builds, everything))
    return code_of_result(opened, checked.is_all_there)


def _browse(files: Sequence[str], locations: tuple[str, ...], host: Host | None, policy: Policy) -> int:
    from cachetui.sources import local_path
    from cachetui.tui import StartOptions, run_browser

    if len(files) > 1 or _STDIN in files:
        raise click.UsageError("--browse shows one file, and not stdin")
    return run_browser(locations, StartOptions(policy=policy, host=host, check=local_path(files[0])))


def _divided(arguments: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """(files to check, locations): which is which is told by what they contain."""
    if "" in arguments:
        raise click.BadParameter("a file or location is empty")
    files = [each for each in arguments if _is_file_to_check(each)]
    if len(set(files)) < len(files):
        raise click.UsageError(f"{redacted(next(f for f in files if files.count(f) > 1))} is given twice")
    if not files:
        what = "a spack.lock, a spec.json, a list of hashes or specs, or - for stdin"
        first = f"{redacted(arguments[0])[:200]}: {_why_not(arguments[0])}; " if arguments else ""
        raise click.UsageError(f"{first}give {what}")
    return files, tuple(each for each in arguments if each not in files)


def _why_not(argument: str) -> str:
    from cachetui.sources import local_path

    try:
        return "not a file to check" if local_path(argument).exists() else "no such file"
    except (OSError, ValueError, RuntimeError):
        return "no such file"


def _is_file_to_check(argument: str) -> bool:
    from cachetui.sources import SAMPLE, is_wanted, local_path

    if argument == _STDIN:
        return True
    if argument == SAMPLE:
        return False
    try:
        path = local_path(argument)
        return path.exists() and is_wanted(path)
    except (OSError, ValueError, RuntimeError):
        return False  # opening it as a location says what is wrong


def _read(file: str) -> Wanted:
    from cachetui.bounded import WANTED
    from cachetui.sources import local_path, read_wanted, read_wanted_file

    if file != _STDIN:
        return read_wanted_file(local_path(file))
    if sys.stdin is None or sys.stdin.isatty():
        note("reading hashes and specs from the terminal, one a line; Ctrl+D ends the list")
    data = sys.stdin.buffer.read(WANTED + 1) if sys.stdin is not None else b""
    return read_wanted(data, "stdin")
