"""Start the browser on a terminal; `cachetui LOCATION` comes here without loading the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from cachetui.config import Config, load_config
from cachetui.errors import CatalogError, DamagedError, TerminalError
from cachetui.install import CachedBuild
from cachetui.refresh import Policy, recover
from cachetui.search import check_query
from cachetui.tui import terminal
from cachetui.tui.left_out import leave_out_palette
from cachetui.tui.state import StartOptions

if TYPE_CHECKING:
    from cachetui.tui.app import CachetuiApp

MOST_STARTS = 5
"""How often the browser begins because a catalog is damaged: on a bad disk each may be."""


TURN = 0.0005
"""Seconds for which what runs in the background goes on while a key waits; the end waits many times."""


def run_browser(locations: Sequence[str], options: StartOptions = StartOptions(), mouse: bool = True) -> int:  # noqa: B008 - frozen
    """Browse until the user quits, and return the exit code.

    Raises:
        CachetuiError: there is no terminal, the query is no spec, or no location can be read.
    """
    return _started(locations, options, mouse).return_code or 0


def pick_builds(
    locations: Sequence[str], options: StartOptions, mouse: bool = True
) -> tuple[list[CachedBuild], int]:
    """Browse until builds are picked, and return them and the exit code; no builds if the user quits.

    Raises:
        CachetuiError: as `run_browser` does.
    """
    app = _started(locations, replace(options, picks=True), mouse)
    return app.picked, app.return_code or 0


def _started(locations: Sequence[str], options: StartOptions, mouse: bool) -> CachetuiApp:
    check_query(options.query)
    if refusal := terminal.refusal():
        raise TerminalError(refusal, tuple(locations))
    config = load_config()
    return run_app(locations, config, replace(options, policy=options.policy or Policy.of(config)), mouse)


def run_app(locations: Sequence[str], config: Config, options: StartOptions, mouse: bool) -> CachetuiApp:
    """Run the application to its end. Raises CachetuiError if no location can be read."""
    for _ in range(MOST_STARTS):
        app = _ran(locations, config, options, mouse)
        if not isinstance(app.failure, DamagedError):
            break
        recovery = recover(app.failure, options.policy.catalog if options.policy else config.catalog)
        if recovery is None:
            break
        # A screen whose data cannot be read cannot be painted: another one begins where it ended.
        search = app.text_at_end or options.search or options.query
        options = replace(options, query="", search=search, damaged=recovery.text)
        locations = app.locations
    if app.failure is None:
        return app
    if options.damaged and not isinstance(app.failure, DamagedError):
        raise CatalogError(f"{options.damaged}, which failed: {app.failure}") from app.failure
    raise app.failure


def _ran(locations: Sequence[str], config: Config, options: StartOptions, mouse: bool) -> CachetuiApp:
    sys.setswitchinterval(TURN)
    with terminal.prepared():
        leave_out_palette()
        from cachetui.tui.app import CachetuiApp

        app = CachetuiApp(locations, config, options=options)
        app.run(mouse=config.mouse and mouse)
        app.leave()
    if app.crash is not None:
        raise app.crash
    return app
