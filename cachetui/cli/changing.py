"""What changed: the options of `diff` that compare tags, mirrors, views or a previous catalog."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cachetui.cli.console import note, write
from cachetui.cli.exit_codes import NOTHING_FOUND, code_of_result
from cachetui.cli.notes import open_catalog_with_notes
from cachetui.cli.options import age_option
from cachetui.text import age_text, clean, counted

if TYPE_CHECKING:
    from cachetui.catalog import Catalog
    from cachetui.graph import Builds
    from cachetui.refresh import Opened, Policy

SIDES = {"tags": "tag", "mirrors": "mirror", "views": "view", "stacks": "stack"}
"""Option to the facet whose values it compares."""


class Compared(NamedTuple):
    """The sets of builds that the options of `diff` name.

    Args:
        facet: `tag`, `mirror`, `view` or `stack`; empty: none was given.
        since: the age of a previous catalog, in seconds; None: none was given.
    """

    facet: str = ""
    names: tuple[str, str] = ("", "")
    since: float | None = None

    @property
    def is_given(self) -> bool:
        """Whether any of the options was given."""
        return bool(self.facet) or self.since is not None


def comparing_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that name two sets of builds; the command gets them as `compared`."""

    @wraps(command)
    def with_compared(*, since: float | None, **given: Any) -> int:
        pairs = [(facet, pair) for option, facet in SIDES.items() if (pair := given.pop(option))]
        if len(pairs) + (since is not None) > 1:
            names = ", ".join(f"--{option}" for option in SIDES)
            raise click.UsageError(f"give one of {names} and --since")
        facet, pair = pairs[0] if pairs else ("", ("", ""))
        return command(compared=Compared(facet, pair, since), **given)

    for option, facet in reversed(SIDES.items()):
        add = click.option(f"--{option}", nargs=2, metavar="A B", help=f"What changed from {facet} A to B.")
        with_compared = add(with_compared)
    return age_option("--since", "What changed since then: 12h, 7d; previous catalogs are kept for it.")(
        with_compared
    )


def print_changes(
    compared: Compared, locations: tuple[str, ...], form: str, verbose: bool, policy: Policy
) -> int:
    """Print which packages and builds came, went, or changed version."""
    from cachetui.graph import Changes
    from cachetui.render import CHANGES_FORMATS

    if "" in locations:
        raise click.BadParameter("a location is empty")
    if form not in CHANGES_FORMATS:
        raise click.UsageError(f"--format {form} is for two builds; there are {', '.join(CHANGES_FORMATS)}")
    opened = open_catalog_with_notes(locations, verbose, policy)
    sides = _values(opened, compared) if compared.since is None else _since(opened, compared.since)
    if sides is None:
        return NOTHING_FOUND
    write(CHANGES_FORMATS[form](Changes(*sides)))
    return code_of_result(opened, True)


def _values(opened: Opened, compared: Compared) -> tuple[Builds, Builds]:
    before, after = (_with_value(opened.catalog, compared.facet, name) for name in compared.names)
    return before, after


def _with_value(catalog: Catalog, facet: str, name: str) -> Builds:
    from cachetui.graph import builds_with

    known = catalog.facet(facet).values
    if name not in known:
        some = ", ".join(map(clean, known[:_MOST_NAMED])) or "none at all"
        more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
        raise click.UsageError(f"no build has the {facet} {clean(name)!r}; there are {some}{more}")
    return builds_with(catalog, facet, name)


_MOST_NAMED = 20
"""Tags, mirrors or views that a message names."""


def _since(opened: Opened, age: float) -> tuple[Builds, Builds] | None:
    from cachetui.catalog import Catalog
    from cachetui.graph import builds_of
    from cachetui.refresh import generation_at, why_none_is_kept

    now = time.time()
    found = generation_at(opened.catalog.path, now - age)
    if found is None:
        note(why_none_is_kept(opened.catalog.path))
        return None
    if found.time > now - age:
        note(f"the oldest catalog that is kept is {age_text(now - found.time)} old")
    previous = Catalog(found.path)
    click.get_current_context().call_on_close(previous.close)
    label = f"{counted(len(previous.listed), 'build')} {age_text(now - found.time)} ago"
    return builds_of(previous, label), builds_of(opened.catalog, counted(len(opened.catalog.listed), "build"))
