"""The command `doctor`."""

from __future__ import annotations

from collections.abc import Iterable

import click

from cachetui.cli.console import write
from cachetui.cli.exit_codes import FOUND, NOTHING_FOUND
from cachetui.cli.options import LOCATIONS, OneCommand, format_option


def _formats() -> Iterable[str]:
    from cachetui.doctor import DOCTOR_FORMATS

    return DOCTOR_FORMATS


@click.command(
    cls=OneCommand, short_help="Check configuration, mirrors, catalogs, folders, terminal and host."
)
@LOCATIONS
@format_option(_formats, "text")
@click.option("--offline", is_flag=True, help="Do not use the network.")
def doctor(locations: tuple[str, ...], form: str, offline: bool) -> int:
    """Say what is wrong and what to do about it; exit with 1 if anything is wrong."""
    from cachetui.config import default_config, load_config
    from cachetui.doctor import DOCTOR_FORMATS, Level, Subject, examine
    from cachetui.errors import ConfigError
    from cachetui.refresh import Policy

    try:
        config = load_config()
    except ConfigError:  # one of the findings
        config = default_config()
    found = list(examine(Subject(locations, Policy.of(config, offline=offline))))
    write(DOCTOR_FORMATS[form](found))
    return NOTHING_FOUND if any(finding.level is Level.WRONG for _, finding in found) else FOUND
