"""The group of all commands, and how their errors become messages and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from cachetui import __version__
from cachetui.cli.browsing import browse, pick
from cachetui.cli.checking import check
from cachetui.cli.code import code_cache_command
from cachetui.cli.comparing import diff
from cachetui.cli.console import discard_output, note, times_written, underlined
from cachetui.cli.covering import coverage
from cachetui.cli.examining import doctor
from cachetui.cli.exit_codes import FOUND, INTERRUPTED, NOT_READ, WRONG_USAGE, code_of_error
from cachetui.cli.listing import list_builds, packages, show
from cachetui.cli.mirrors import mirrors, refresh, show_paths
from cachetui.cli.notes import with_line_meant
from cachetui.errors import (
    CachetuiError,
    CatalogError,
    DamagedError,
    HashError,
    LocationError,
    QuerySyntaxError,
    TerminalError,
)
from cachetui.text import redacted, redacted_text


class _Commands(click.Group):
    """A group whose default command is `browse`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert `browse` before arguments that begin with no command."""
        if not args or (args[0] not in self.commands and args[0] not in ("--help", "--version")):
            args = ["browse", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cachetui")
def cli() -> None:
    """Browse Spack build caches.

    \b
    cachetui [LOCATION]...   opens the browser: by default on the mirrors that Spack is
                             configured with, or on an embedded sample if there are none.
    A LOCATION is a mirror (a folder, or http[s]://, s3://, gs://, oci://), the name of one in
    Spack's mirrors.yaml, a public cache (develop, v2025.07.0/e4s), an index file, a compiled
    catalog, pages of cache.spack.io (_cache/, a tag, a package, one specs.md), an install tree
    (opt/spack), `installed` (all that Spack has installed here), or `sample`.
    """


for command in (
    browse,
    pick,
    list_builds,
    packages,
    coverage,
    show,
    check,
    diff,
    refresh,
    mirrors,
    doctor,
    code_cache_command,
    show_paths,
):
    cli.add_command(command)


def run(arguments: list[str]) -> int:
    """Run the command line; an expected error becomes one message on stderr and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A character that the terminal's encoding lacks must not end the program.
            stream.reconfigure(errors="replace")
    try:
        return _run_again_if_damaged(arguments)
    except click.ClickException as error:
        note(redacted_text(error.format_message()))  # it quotes what was typed
        return WRONG_USAGE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except (CachetuiError, OSError) as error:
        return report_error(error, arguments)


def _run_again_if_damaged(arguments: list[str]) -> int:
    """Run a command; if the catalog turns out to be damaged, once more, without it.

    Not if something was written: it would be written twice.
    """
    before = times_written()
    try:
        return _run_once(arguments)
    except DamagedError as error:
        from cachetui.config import load_config
        from cachetui.refresh import recover

        recovery = recover(error, load_config().catalog)
        if recovery is None:
            raise
        if times_written() > before:
            advice = "what was printed is not complete; run the command again"
            raise CatalogError(f"{error.path}: damaged ({error.reason}); {advice}") from error
        if not recovery.is_noted:
            note(recovery.text)
    try:
        return _run_once(arguments)
    except (CachetuiError, OSError):
        if recovery.is_noted:  # by the one who opened a catalog
            note(recovery.text)
        raise


def _run_once(arguments: list[str]) -> int:
    code = cli(arguments, prog_name="cachetui", standalone_mode=False, obj=tuple(arguments))
    return code if isinstance(code, int) else FOUND


def report_error(error: CachetuiError | OSError | KeyboardInterrupt, arguments: Sequence[str] = ()) -> int:
    """Print an error on stderr, with the command line that was probably meant; return the exit code."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, OSError):
        discard_output()  # click writes the help itself: that may be what could not be written
        reason = error.strerror or str(error)
        note(f"{redacted(str(error.filename))}: {reason}" if error.filename else redacted_text(reason))
        return NOT_READ
    if isinstance(error, LocationError | HashError | TerminalError):
        note(with_line_meant(error, arguments))
    else:
        note(underlined(error) if isinstance(error, QuerySyntaxError) else str(error))
    for other in error.others:
        note(str(other))
    return code_of_error(error)
