"""The arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click


def _not_empty(context: click.Context, argument: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """An empty text would be the current folder; it comes from a shell variable that is not set."""
    if "" in value:
        raise click.BadParameter("a location is empty")
    return value


LOCATIONS = click.argument("locations", nargs=-1, metavar="[LOCATION]...", callback=_not_empty)


def _once(context: click.Context, argument: click.Parameter, value: tuple[str, ...]) -> str:
    if len(value) > 1:
        raise click.BadParameter("is given twice; write one spec")
    return value[0] if value else ""


QUERY = click.option(
    "-q",
    "--query",
    multiple=True,
    callback=_once,
    metavar="SPEC",
    help="Only builds that satisfy this spec, as Spack reads it.",
)
NO_MOUSE = click.option(
    "--no-mouse", is_flag=True, help="Leave the mouse to the terminal, for selecting text."
)
LIMIT = click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most N lines.")


def _seconds(context: click.Context, argument: click.Parameter, value: str | None) -> float | None:
    from cachetui.config import seconds

    try:
        return None if value is None else seconds(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


VERBOSE = click.option(
    "-v", "--verbose", is_flag=True, help="Say how the spec was read, and name every record that was skipped."
)

_OFFLINE = click.option("--offline", is_flag=True, help="Ask nothing of the network; open what is kept.")
_MAX_AGE = click.option(
    "--max-age",
    callback=_seconds,
    metavar="AGE",
    help="Ask a mirror again if its last answer is older: 90s, 10m (the default), 12h, 7d, 0.",
)


def asks_mirrors(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options on what mirrors are asked, and hand it the policy that they make."""

    @_OFFLINE
    @_MAX_AGE
    @wraps(command)
    def with_policy(*, offline: bool, max_age: float | None, **given: Any) -> int:
        from cachetui.config import load_config
        from cachetui.refresh import Policy

        return command(policy=Policy.of(load_config(), offline, max_age), **given)

    return with_policy
