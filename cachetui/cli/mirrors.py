"""The commands about mirrors and what is stored of them: `refresh`, `mirrors` and `paths`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cachetui.cli.console import note, write
from cachetui.cli.exit_codes import FOUND, NOT_READ, NOTHING_FOUND
from cachetui.cli.notes import open_catalog_with_notes, with_progress
from cachetui.cli.options import LOCATIONS, VERBOSE, OneCommand, format_option, network_options
from cachetui.text import clean

if TYPE_CHECKING:
    from cachetui.refresh import Policy


@click.command(cls=OneCommand, short_help="Download and compile now.")
@LOCATIONS
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Compile into FILE, for all users of a site: set `catalog: FILE` in the system's configuration.",
)
@click.option("--force", is_flag=True, help="Download, read and compile again what seems unchanged, too.")
@VERBOSE
@network_options
def refresh(
    locations: tuple[str, ...], output: Path | None, force: bool, verbose: bool, policy: Policy
) -> int:
    """Check all mirrors for updates, compile the catalog, and print its path."""
    from msgspec.structs import replace

    policy = replace(policy, force=True, afresh=force, catalog="", wait=None)
    opened = open_catalog_with_notes(locations, verbose, policy, output)
    catalog = opened.catalog
    note(f"{len(catalog.listed):,} builds of {catalog.listed_packages:,} packages in {catalog.meta['title']}")
    if not catalog.path.exists():  # compiled in a temporary folder, as the notes say
        return NOT_READ
    write([clean(str(catalog.path))])
    return NOT_READ if opened.failures or opened.stale else FOUND


def _mirror_formats() -> Iterable[str]:
    from cachetui.render import MIRROR_FORMATS

    return MIRROR_FORMATS


@click.command(cls=OneCommand, short_help="List mirrors: where each is configured, its state and age.")
@LOCATIONS
@format_option(_mirror_formats)
@click.option("--public", is_flag=True, help="List the public build caches that can be opened by name.")
@network_options
def mirrors(locations: tuple[str, ...], form: str, public: bool, policy: Policy) -> int:
    """List the mirrors in Spack's configuration, and LOCATIONs; no mirror is contacted."""
    from cachetui import paths
    from cachetui.locate import mirrors_report
    from cachetui.refresh import list_public
    from cachetui.render import MIRROR_FORMATS, PUBLIC_FORMATS

    if public:
        listed, message = with_progress(partial(list_public, policy))
        if message:
            note(message)
        write(PUBLIC_FORMATS[form](listed))
        return FOUND if listed else NOTHING_FOUND
    report = mirrors_report(locations, policy.public, policy.max_age)
    write(MIRROR_FORMATS[form](report))
    for line in (
        *paths.distrust_notes(),
        *(report.notes if form == "table" else ()),
    ):  # JSON holds the latter
        note(line)
    if report.failures:
        return NOT_READ
    if not report.mirrors:
        note("no mirror is configured in Spack here; --public lists the public build caches")
        return NOTHING_FOUND
    return FOUND


@click.command(
    "paths", cls=OneCommand, short_help="Print where configuration, catalogs, downloads and state are stored."
)
def show_paths() -> int:
    """Print a name and a path on each line."""
    from cachetui import paths
    from cachetui.config import config_file, site_config_file

    places = {
        "config": config_file(),
        "site": site_config_file(),
        "catalogs": paths.catalog_dir(),
        "previous": paths.previous_dir(),
        "downloads": paths.downloads_dir(),
        "state": paths.state_dir(),
        "styles": paths.styles_dir(),
        "sample": paths.sample_dir(),
    }
    write(f"{name:10}{clean(str(path))}" for name, path in places.items())
    for line in paths.distrust_notes():
        note(line)
    return FOUND
