"""Start the browser on a terminal; `cachetui LOCATION` comes here without loading the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from cachetui.config import Config, load_config
from cachetui.errors import TerminalError
from cachetui.install import CachedBuild
from cachetui.refresh import Policy
from cachetui.search import check_query
from cachetui.tui import terminal
from cachetui.tui.state import StartOptions

if TYPE_CHECKING:
    from cachetui.tui.app import CachetuiApp


def run_browser(
    locations: Sequence[str],
    query: str = "",
    mouse: bool = True,
    policy: Policy | None = None,
    ascii: bool = False,
    search: str = "",
    where: tuple[str, ...] = (),
) -> int:
    """Browse until the user quits, and return the exit code.

    Args:
        policy: when mirrors are asked for updates; None: as configured.
        ascii: draw lines and marks in plain ASCII, whatever the terminal says of itself.
        search: a text as it is typed, in place of a query.
        where: conditions on facets, each FACET=VALUE or FACET!=VALUE.

    Raises:
        CachetuiError: there is no terminal, the query is no spec, or no location can be read.
    """
    app = _started(locations, StartOptions(query, ascii=ascii, search=search, where=where), mouse, policy)
    return app.return_code or 0


def pick_builds(
    locations: Sequence[str],
    query: str,
    multi: bool,
    mouse: bool,
    policy: Policy,
    ascii: bool = False,
    search: str = "",
    where: tuple[str, ...] = (),
) -> tuple[list[CachedBuild], int]:
    """Browse until builds are picked, and return them and the exit code; no builds if the user quits.

    Args:
        search: a text as it is typed in the browser, in place of a query.
        where: conditions on facets.

    Raises:
        CachetuiError: as `run_browser` does.
    """
    options = StartOptions(query, picks=True, multi=multi, ascii=ascii, search=search, where=where)
    app = _started(locations, options, mouse, policy)
    return app.picked, app.return_code or 0


def _started(
    locations: Sequence[str], options: StartOptions, mouse: bool, policy: Policy | None
) -> CachetuiApp:
    check_query(options.query)
    if refusal := terminal.refusal():
        raise TerminalError(refusal, tuple(locations))
    config = load_config()
    options = replace(options, policy=policy or Policy.of(config))
    return run_app(locations, config, options, config.mouse and mouse)


def run_app(locations: Sequence[str], config: Config, options: StartOptions, mouse: bool) -> CachetuiApp:
    """Run the application to its end. Raises CachetuiError if no location can be read."""
    with terminal.prepared():
        from cachetui.tui.app import CachetuiApp

        app = CachetuiApp(locations, config, options=options)
        app.run(mouse=mouse)
    if app.failure is not None:
        raise app.failure
    return app
