"""Arguments and options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from cachetui.cli.console import COLOR_CHOICE

if TYPE_CHECKING:
    from cachetui.config import Config
    from cachetui.host import Host

SETTINGS = "cachetui.settings"
"""Where the context of a command keeps the settings."""

Command = TypeVar("Command", bound=Callable[..., Any])


def _not_empty(context: click.Context, argument: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse an empty location: it would mean the current folder, and comes from an unset shell variable."""
    if "" in value:
        raise click.BadParameter("a location is empty")
    return value


LOCATIONS = click.argument("locations", nargs=-1, metavar="[LOCATION]...", callback=_not_empty)


def _once(context: click.Context, argument: click.Parameter, value: tuple[str, ...]) -> str:
    if len(value) > 1:
        what = "text" if argument.name == "search" else "spec"
        raise click.BadParameter(f"is given twice; write one {what}")
    return value[0] if value else ""


QUERY = click.option(
    "-q",
    "--query",
    multiple=True,
    callback=_once,
    metavar="SPEC",
    help="Only builds that satisfy this spec, as Spack reads it.",
)
SEARCH = click.option(
    "-s",
    "--search",
    multiple=True,
    callback=_once,
    metavar="TEXT",
    help="What you would type in the browser: part of a name, plain words, spec syntax: hdf5 mpi gcc13.",
)
NO_MOUSE = click.option(
    "--no-mouse", is_flag=True, help="Leave the mouse to the terminal, for selecting text."
)
ASCII = click.option(
    "--ascii", is_flag=True, help="Draw lines and marks in plain ASCII, as on terminals without UTF-8."
)
LIMIT = click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most N lines.")


_HOST = click.option(
    "--host",
    is_flag=False,
    flag_value="",
    metavar="[NAME|ARCH]",
    help="The host that builds shall run on: a name in the configuration, platform-os-target, a target, or "
    "'this host'; by default the configured one, else this one.",
)
_LIBC = click.option(
    "--libc",
    metavar="NAME@VERSION[:PATH]",
    help="The libc of the host: glibc@2.34; by default that of its os.",
)


def host_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that name a host; the command gets it as `host`, None if none is asked for."""

    @_HOST
    @_LIBC
    @wraps(command)
    def with_host(*, host: str | None, libc: str | None, **given: Any) -> int:
        asked = None
        if host is not None or libc is not None:
            from cachetui.here import host_here
            from cachetui.host import read_host

            if host and ("/" in host or os.path.exists(host)) and "locations" in given:
                # `--host LOCATION` is a host by default and a location: no host has such a name.
                given["locations"] = (host, *given["locations"])
                host = ""
            config = settings()
            if host or libc:
                asked = read_host(host or config.host, libc or "", config.hosts)
            else:
                asked = host_here(config)
        return command(host=asked, **given)

    return with_host


def settings() -> Config:
    """The settings, read once for each command. Raises ConfigError."""
    from cachetui.config import load_config

    context = click.get_current_context(silent=True)
    known = {} if context is None else context.meta
    if SETTINGS not in known:
        known[SETTINGS] = load_config()
    config: Config = known[SETTINGS]
    return config


class Filters(NamedTuple):
    """What the options of `filter_options` ask for; None: nothing."""

    runs: bool | None = None
    complete: bool | None = None
    installed: bool | None = None
    where: tuple[str, ...] = ()
    host: Host | None = None

    @property
    def conditions(self) -> tuple[str, ...]:
        """All of them as FACET=VALUE or FACET!=VALUE."""
        flags = {"runs": self.runs, "complete": self.complete, "installed": self.installed}
        given = {name: wanted for name, wanted in flags.items() if wanted is not None}
        return (*(f"{name}={'yes' if wanted else 'no'}" for name, wanted in given.items()), *self.where)


_WHERE = click.option(
    "--where",
    multiple=True,
    metavar="FACET=VALUE",
    help="Only builds with this value of a facet, such as stack=e4s; several values of one facet are "
    "alternatives; FACET!=VALUE excludes.",
)
_RUNS = click.option(
    "--runs-here/--no-runs-here",
    "runs",
    default=None,
    help="Only builds that Spack would reuse on this host, or on that of --host.",
)
_COMPLETE = click.option(
    "--complete/--no-complete",
    default=None,
    help="Only builds whose link and run dependencies are all in the build cache.",
)
_INSTALLED = click.option(
    "--installed/--no-installed", default=None, help="Only builds that Spack has installed on this machine."
)


def filter_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that choose values of facets; the command gets them as `filters`."""

    @_RUNS
    @_COMPLETE
    @_INSTALLED
    @_WHERE
    @host_options
    @wraps(command)
    def with_filters(
        *,
        runs: bool | None,
        complete: bool | None,
        installed: bool | None,
        where: tuple[str, ...],
        host: Host | None,
        **given: Any,
    ) -> int:
        return command(filters=Filters(runs, complete, installed, where, host), **given)

    return with_filters


def _deptypes(context: click.Context, argument: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    from cachetui import spec

    if value is None:
        return None
    given = [part.strip() for part in value.split(",")]
    if given == ["all"]:
        return spec.DEPTYPES
    if unknown := [part for part in given if part not in spec.DEPTYPES]:
        raise click.BadParameter(f"{unknown[0]!r} is not one of all, {', '.join(spec.DEPTYPES)}")
    return spec.sort_deptypes(given)


DEPTYPES = click.option(
    "--deptypes",
    callback=_deptypes,
    metavar="all|build,link,...",
    help="The dependencies that --tree follows (default: all), and --used-by (default: link,run).",
)


def _seconds(context: click.Context, argument: click.Parameter, value: str | None) -> float | None:
    from cachetui.config import seconds

    try:
        return None if value is None else seconds(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def age_option(name: str, help: str) -> Callable[[Command], Command]:
    """An option that is a length of time, in seconds for the command; None: not given."""
    return click.option(name, callback=_seconds, metavar="AGE", help=help)


def _choose_color(context: click.Context, argument: click.Parameter, value: str) -> None:
    context.meta[COLOR_CHOICE] = value


_COLOR = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    expose_value=False,
    callback=_choose_color,
    help="Colours of text for people; auto: on a terminal, unless NO_COLOR is set.",
)
VERBOSE = click.option(
    "-v", "--verbose", is_flag=True, help="Show how the spec was read, and every record that was skipped."
)

_OFFLINE = click.option("--offline", is_flag=True, help="Do not use the network; open what is cached.")
_MAX_AGE = click.option(
    "--max-age",
    callback=_seconds,
    metavar="AGE",
    help="Check a mirror again if its last answer is older: 90s, 10m (the default), 12h, 7d, 0.",
)


def _wait(context: click.Context, argument: click.Parameter, value: str | None) -> str | None:
    from cachetui.config import waiting

    try:
        if value is not None:
            waiting(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return value


_WAIT = click.option(
    "--wait",
    callback=_wait,
    metavar="SECONDS",
    help="How long to wait for a mirror when others have answered, or its older index is here: 10s (the "
    "default), 0, all.",
)


class OneCommand(click.Command):
    """A command that finds short options at once.

    click takes each for an unknown long one first, and imports difflib to find others that are meant.
    """

    def make_parser(self, ctx: click.Context) -> click.parser._OptionParser:
        """Let the short options be found among the long ones."""
        parser = super().make_parser(ctx)
        long, short = (getattr(parser, name, {}) for name in ("_long_opt", "_short_opt"))
        long.update({name: option for name, option in short.items() if name not in long})
        return parser


class _FormatName(click.ParamType):  # type: ignore[type-arg]  # generic only in newer versions of click
    """The name of a format: like `click.Choice`, but its table is imported when it is needed."""

    name = "format"

    def __init__(self, names: Callable[[], Iterable[str]]) -> None:
        self._names = names

    @property
    def _choice(self) -> Any:
        return click.Choice(list(self._names()))

    def get_metavar(self, *given: Any, **named: Any) -> Any:
        """The names, for the help."""
        return self._choice.get_metavar(*given, **named)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The name, if it is in the table."""
        return self._choice.convert(value, param, ctx)


def format_option(names: Callable[[], Iterable[str]], default: str = "table") -> Callable[[Command], Command]:
    """Add `--format`, one of these names, and `--color`; the command gets the format as `form`."""

    def with_options(command: Command) -> Command:
        form = click.option(
            "--format", "form", type=_FormatName(names), default=default, help="Output format."
        )
        return form(_COLOR(command))

    return with_options


def network_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that say when mirrors are checked; the command gets them as a `policy`."""

    @_OFFLINE
    @_MAX_AGE
    @wraps(command)
    def with_policy(*, offline: bool, max_age: float | None, wait: str | None = None, **given: Any) -> int:
        from cachetui.config import waiting
        from cachetui.refresh import Policy

        config = settings()
        policy = Policy.of(config, offline, max_age, waiting(config.wait if wait is None else wait))
        return command(policy=policy, **given)

    return with_policy


def waiting_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add `network_options` and how long mirrors are waited for."""
    return _WAIT(network_options(command))
