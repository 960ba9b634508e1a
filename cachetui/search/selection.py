"""What a person has chosen, as a value: the one thing that flows back from the screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from cachetui.catalog import NO_COMPILER
from cachetui.query import value_text
from cachetui.version import is_git_version

_LISTED = ("target", "version")
"""Facets of which spec syntax can name several values."""


class Choice(Struct, frozen=True):
    """A facet value that builds must have, or (excluded) must not have."""

    facet: str
    value: str
    excluded: bool = False

    def __str__(self) -> str:
        return f"{'not ' if self.excluded else ''}{self.facet} {self.value}"


def query_text(facet: str, values: Sequence[str]) -> str:
    """Facet values (any of them) as spec syntax that means the same; empty if there is none."""
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


def choices_text(choices: Iterable[Choice]) -> list[str]:
    """Choices facet by facet, as spec syntax where there is one: any of the chosen, none of the excluded."""
    given = list(choices)
    texts: list[str] = []
    for facet in dict.fromkeys(choice.facet for choice in given):
        chosen = [c.value for c in given if c.facet == facet and not c.excluded]
        excluded = [c.value for c in given if c.facet == facet and c.excluded]
        if chosen:
            texts.append(query_text(facet, chosen) or f"{facet} {' or '.join(chosen)}")
        texts += [f"not {query_text(facet, [value]) or f'{facet} {value}'}" for value in excluded]
    return texts


class Selection(Struct, frozen=True):
    """Everything that decides which builds are shown, and in which order.

    Args:
        text: the query as typed.
        package: the package whose builds are shown; empty for those of all packages that match; None for the
            best match where a name is typed, else all.
        choices: in the order in which they were made.
        exact: the name in `text` is a whole package name, not fuzzy text.
        sort: a column to sort by; empty for the catalog's own order.
        descending: sort from the highest value.
    """

    text: str = ""
    package: str | None = ""
    choices: tuple[Choice, ...] = ()
    exact: bool = False
    sort: str = ""
    descending: bool = False

    def with_text(self, text: str) -> Selection:
        """The same choices under another query, as the query bar reads it; the best match is shown."""
        return replace(self, text=text, package=None, exact=False)

    def with_package(self, package: str | None) -> Selection:
        """The builds of another package."""
        return replace(self, package=package)

    def sorted_by(self, column: str) -> Selection:
        """Sorted by a column; the second time from the other end, the third time not at all."""
        if self.sort != column:
            return replace(self, sort=column, descending=False)
        if not self.descending:
            return replace(self, descending=True)
        return replace(self, sort="", descending=False)

    def toggling(self, facet: str, value: str, excluded: bool = False) -> Selection:
        """With a value chosen (or excluded), or without it if it was."""
        choice = Choice(facet, value, excluded)
        rest = tuple(c for c in self.choices if (c.facet, c.value) != (facet, value))
        return replace(self, choices=rest if choice in self.choices else (*rest, choice))

    def without_choices(self, facet: str | None = None) -> Selection:
        """Without the choices of one facet, or of all."""
        return replace(self, choices=tuple(c for c in self.choices if facet is not None and c.facet != facet))

    def choice(self, facet: str, value: str) -> Choice | None:
        """The choice made about a facet value, if any."""
        return next((c for c in self.choices if (c.facet, c.value) == (facet, value)), None)
