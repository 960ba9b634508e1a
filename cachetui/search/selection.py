"""What the user has selected, as a value: the only thing that flows back from the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from cachetui.catalog import NO_COMPILER
from cachetui.query import value_text
from cachetui.version import is_git_version

YES, NO, UNKNOWN = "yes", "no", "unknown"

RUNS, COMPLETE, INSTALLED = "runs", "complete", "installed"
"""The facets that depend on this machine, or on all that a build needs; their values are those above."""

YES_WORDS = {RUNS: "runs here", COMPLETE: "complete", INSTALLED: "installed"}
"""What `yes` means in each of these facets."""

_LISTED = ("target", "version")
"""Facets for which spec syntax can list several values."""


def is_newest_first(column: str) -> bool:
    """Whether a column shows versions, of which the newest are looked for: its own or of a dependency."""
    return column == "version" or column.startswith("^")


class Choice(Struct, frozen=True):
    """A facet value that builds must have, or (excluded) must not have."""

    facet: str
    value: str
    excluded: bool = False

    def __str__(self) -> str:
        return f"{'not ' if self.excluded else ''}{self.facet} {self.value}"


def query_text(facet: str, values: Sequence[str]) -> str:
    """Write facet values, any of which may match, as spec syntax; empty if there is no syntax for that."""
    if len(values) > 1 and facet not in _LISTED:
        return ""
    value = values[0]
    if facet == "version":
        git = [each for each in values if is_git_version(each)]
        if git:
            return f"@{value}" if len(values) == 1 else ""
        return f"@{','.join(f'={each}' for each in values)}"
    if facet == "compiler":
        name, _, version = value.partition("@")
        return "" if name == NO_COMPILER else f"%{name}{f'@={version}' if version else ''}"
    if facet == "variant":
        name, equals, text = value.partition("=")
        return f"{name}={value_text(text)}" if equals else name
    return f"{facet}={value_text(','.join(values))}"


def _value_text(facet: str, values: Sequence[str], headings: Mapping[str, str]) -> str:
    """Write facet values, any of which may match: as spec syntax or in words."""
    if facet in headings and len(values) == 1:
        words = headings[facet]
        return {YES: words, NO: f"not {words}"}.get(values[0], f"{words}: {values[0]}")
    return query_text(facet, values) or f"{facet} {' or '.join(values)}"


def choices_text(choices: Iterable[Choice], headings: Mapping[str, str] = YES_WORDS) -> list[str]:
    """Write the choices of each facet, as spec syntax where possible.

    Args:
        headings: what `yes` means, by facet.
    """
    given = list(choices)
    texts: list[str] = []
    for facet in dict.fromkeys(choice.facet for choice in given):
        chosen = [c.value for c in given if c.facet == facet and not c.excluded]
        excluded = [c.value for c in given if c.facet == facet and c.excluded]
        if chosen:
            texts.append(_value_text(facet, chosen, headings))
        texts += [f"not {_value_text(facet, [value], headings)}" for value in excluded]
    return texts


class Selection(Struct, frozen=True):
    """Everything that determines which builds are shown, and in which order.

    Args:
        text: the query as typed.
        package: the package to show; empty: all matching packages; None: the best match if a name is typed,
            else all.
        choices: in the order in which they were made.
        exact: the name in `text` is a whole package name, not fuzzy text.
        sort: the heading of the column to sort by; empty: the catalog's order.
        descending: sort in descending order.
        among: the full hashes of the builds to choose from; empty: all builds.
    """

    text: str = ""
    package: str | None = ""
    choices: tuple[Choice, ...] = ()
    exact: bool = False
    sort: str = ""
    descending: bool = False
    among: frozenset[str] = frozenset()

    def with_text(self, text: str) -> Selection:
        """Replace the query, read as fuzzy text; the best match is shown."""
        return replace(self, text=text, package=None, exact=False)

    def with_package(self, package: str | None) -> Selection:
        """Show another package."""
        return replace(self, package=package)

    def sorted_by(self, column: str) -> Selection:
        """Sort by a column; the second time in the other direction, the third time not at all."""
        first = is_newest_first(column)
        if self.sort != column:
            return replace(self, sort=column, descending=first)
        if self.descending == first:
            return replace(self, descending=not first)
        return replace(self, sort="", descending=False)

    def reversed(self) -> Selection:
        """Sort in the other direction."""
        return replace(self, descending=not self.descending)

    def toggling(self, facet: str, value: str, excluded: bool = False) -> Selection:
        """Select or exclude a value, or deselect it."""
        choice = Choice(facet, value, excluded)
        rest = tuple(c for c in self.choices if (c.facet, c.value) != (facet, value))
        return replace(self, choices=rest if choice in self.choices else (*rest, choice))

    def without_choices(self, facet: str | None = None) -> Selection:
        """Clear the choices in one facet, or in all."""
        return replace(self, choices=tuple(c for c in self.choices if facet is not None and c.facet != facet))

    def has_choice(self, facet: str) -> bool:
        """Whether a value of a facet is selected or excluded."""
        return any(choice.facet == facet for choice in self.choices)

    def choice(self, facet: str, value: str) -> Choice | None:
        """The choice of a facet value, if any."""
        return next((c for c in self.choices if (c.facet, c.value) == (facet, value)), None)
