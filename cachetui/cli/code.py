"""The command `code-cache`."""

from __future__ import annotations

import os
import pkgutil
from importlib import import_module
from pathlib import Path

import click

from cachetui import code_cache
from cachetui.cli.console import note, write
from cachetui.cli.exit_codes import FOUND
from cachetui.cli.options import OneCommand
from cachetui.errors import CachetuiError
from cachetui.files import PRIVATE
from cachetui.text import clean

READABLE = 0o644
"""The mode of the file for all users."""


@click.command(
    "code-cache", cls=OneCommand, short_help="Show, write or remove the file that makes starts fast."
)
@click.option("--write", "writes", is_flag=True, help="Write the file now, with all that is ever imported.")
@click.option("--remove", "removes", is_flag=True, help="Remove the file.")
@click.option("--site", is_flag=True, help="The file for all users, in the folder of the package.")
def code_cache_command(writes: bool, removes: bool, site: bool) -> int:
    """Show, write or remove the file that the program's own code is read from.

    Each user's is written by itself after a first start. An administrator writes one for all users after an
    installation or upgrade: `cachetui code-cache --write --site`.
    """
    if writes and removes:
        raise click.UsageError("--write and --remove exclude each other")
    state = code_cache.state
    if writes and not state.is_possible:
        raise CachetuiError(f"there is no code cache: {state.reason}")
    path = code_cache.site_file() if site else code_cache.user_file()
    if writes:
        _write(path, READABLE if site else PRIVATE)
    elif removes:
        Path(path).unlink(missing_ok=True)
        state.is_possible = False  # nothing is written at the end
        note(f"removed {clean(path)}")
    else:
        write([_state()])
    return FOUND


def _write(path: str, mode: int) -> None:
    from cachetui.code_writing import check_place
    from cachetui.code_writing import write as write_code

    check_place(Path(path), is_site=mode == READABLE)  # first: to import everything takes a while
    code_cache.state.is_possible = False  # nothing else is written meanwhile
    import_everything()
    write_code(Path(path), mode)
    try:
        written = code_cache.opened(path, is_site=mode == READABLE)
    except code_cache.NotUsed as odd:
        raise CachetuiError(f"{odd}, so it is not used") from None
    size = os.stat(path).st_size / 1e6
    note(f"written: {len(written.modules)} modules, {size:.1f} MB, to {clean(path)}")


def import_everything() -> None:
    """Import all modules of the program, and what it imports late in a session of the browser."""
    import cachetui
    from cachetui.tui import rehearse

    for module in pkgutil.walk_packages(cachetui.__path__, "cachetui."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    rehearse()


def _state() -> str:
    file = code_cache.state.file
    if file is not None:
        return f"used: {len(file.modules)} modules from {clean(file.path)}"
    if reason := code_cache.state.reason:
        return f"not used: {clean(reason)}"
    from cachetui.code_writing import obstacle

    reason = obstacle()
    return f"not used: {clean(reason) or 'there is no file yet; it is written after this command'}"
