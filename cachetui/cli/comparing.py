"""The command that compares builds: `diff`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from cachetui.cli.changing import Compared, comparing_options, print_changes
from cachetui.cli.console import note, write
from cachetui.cli.exit_codes import code_of_result
from cachetui.cli.notes import open_catalog_with_notes
from cachetui.cli.options import VERBOSE, OneCommand, format_option, host_options, settings, waiting_options
from cachetui.text import redacted

if TYPE_CHECKING:
    from cachetui.host import Host
    from cachetui.refresh import Policy

_LIKE_HASH = re.compile(r"(?:[\w.\-]+)?/?[a-z2-7]{1,32}", re.ASCII)

_FEWEST = 2


def _formats() -> Iterable[str]:
    from cachetui.render import DIFF_FORMATS

    return DIFF_FORMATS


@click.command("diff", cls=OneCommand, short_help="Compare builds: why do their hashes differ?")
@click.argument("arguments", nargs=-1, metavar="[HASH]... [LOCATION]...")
@comparing_options
@format_option(_formats, default="text")
@click.option("--all", "everything", is_flag=True, help="Show also what is equal (text).")
@host_options
@VERBOSE
@waiting_options
def diff(
    arguments: tuple[str, ...],
    compared: Compared,
    form: str,
    everything: bool,
    host: Host | None,
    verbose: bool,
    policy: Policy,
) -> int:
    """Compare 2 to 8 builds, given by their hashes (also /HASH and name/HASH).

    The root causes stand first: what differs in itself, and how much inherits it. `--format spack`
    prints what `spack diff --json` prints for two builds. --host says of each whether it runs there.
    The exit code is 0, also if nothing differs.

    With --tags, --mirrors, --views, --stacks or --since no hash is given: which packages and builds came,
    went, or changed version?
    """
    from cachetui.render import DIFF_FORMATS, RunningOn, left_out
    from cachetui.spack import release_here

    if compared.is_given:
        return print_changes(compared, arguments, form, verbose, policy)
    hashes, locations = _divided(arguments)
    _check_number(len(hashes), locations, form)
    opened = open_catalog_with_notes(locations, verbose, policy)
    rows = [opened.catalog.row_of(each) for each in hashes]
    running = RunningOn(host, release_here(os.environ)) if host else None
    write(DIFF_FORMATS[form](opened.catalog, rows, everything, running))
    for line in left_out(opened.catalog, rows) if form == "spack" else ():
        note(line)
    return code_of_result(opened, True)


def _check_number(number: int, locations: Sequence[str], form: str) -> None:
    from cachetui.graph import MOST_COMPARED

    if not _FEWEST <= number <= MOST_COMPARED:
        taken = f"; taken as locations: {', '.join(map(redacted, locations))}" if locations else ""
        raise click.UsageError(f"compare {_FEWEST} to {MOST_COMPARED} builds: {number} given{taken}")
    if form == "spack" and number != _FEWEST:
        raise click.UsageError("--format spack compares 2 builds, as spack diff does")


def _divided(arguments: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """(hashes, locations): what stands before the first location."""
    number = min(1, len(arguments))
    while number < len(arguments) and _is_hash(arguments[number]):
        number += 1
    locations = tuple(arguments[number:])
    if "" in locations:
        raise click.BadParameter("a location is empty")
    return list(arguments[:number]), locations


def _is_hash(text: str) -> bool:
    """Whether a text looks like a hash and is no location: `develop` is both."""
    from cachetui.errors import CachetuiError, UnknownLocationError
    from cachetui.locate import LocationResolver

    if not _LIKE_HASH.fullmatch(text):
        return False
    try:
        LocationResolver(settings().public).resolve(text)
    except UnknownLocationError:
        return True
    except CachetuiError:
        return False  # opening it says what is wrong
    return False
